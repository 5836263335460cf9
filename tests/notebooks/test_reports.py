"""The reports, unattended, with miniatures: each is compared with its last run, and fails beyond its thresholds."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

import jina_notebook as jn
from jina_notebook import report
from jina_notebook.errors import ReportError, ThresholdError
from jina_notebook.testing import tiny_names
from tests.conftest import delete_indices

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(600)]

TINY = {"weights": "tiny", "size": "tiny"}
WAYS = ("lexical", "vector", "hybrid", "hybrid + rerank")


@pytest.fixture(scope="module")
def index(elasticsearch_url: str) -> Iterator[str]:
    """A name on the suite's server, which the notebooks find by the environment."""
    name = f"test-reports-{uuid.uuid4().hex[:8]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ELASTICSEARCH_URL", elasticsearch_url)
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield name
    delete_indices(elasticsearch_url, name)


def _papermill(output: Path, values: dict[str, object]) -> subprocess.CompletedProcess[str]:
    options = [word for name, value in values.items() for word in ("-p", name, str(value))]
    source = str(report.find_notebook("retrieval-quality"))
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", source, str(output), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def test_retrieval_quality_is_compared_with_its_last_good_run_and_fails_below_a_floor(index: str, output: Path) -> None:
    parameters = {**TINY, "index": index}
    first = report.run("retrieval-quality", output, parameters=parameters)
    crossed = _papermill(output / "by-papermill.ipynb", {**parameters, "least_ndcg": 1.0, "history": output})
    accepted = report.run("retrieval-quality", output, parameters={**parameters, "least_ndcg": 1.0, "accept": True})

    figures = first.recorded.metrics
    assert figures["queries"] == 6
    assert all(0 <= float(figures[f"{way} {name}"]) <= 1 for way in WAYS for name in ("nDCG@10", "R@10"))
    assert figures["best nDCG@10"] == max(figures[f"{way} nDCG@10"] for way in WAYS)
    assert "no earlier run of this kind" in first.recorded.highlights[-1]

    assert crossed.returncode == 1
    assert re.search(r"ThresholdError: 1 threshold was crossed .*best nDCG@10 is 0\.\d+, below 1\.", crossed.stderr)
    recorded = report.read(output / "by-papermill.ipynb")
    assert "below 1." in (recorded.failure or "")
    assert recorded.metrics["queries"] == 6
    one_query = 1 / 6  # equal scores may change places
    assert recorded.metrics["lexical nDCG@10"] == pytest.approx(figures["lexical nDCG@10"], abs=one_query)

    assert "CROSSED" in accepted.page.read_text("utf-8")
    for run in (recorded, accepted.recorded):  # the one that failed is no measure for the one after it
        assert f"the run of {first.recorded.provenance['recorded at']}" in run.highlights[-1]
    assert [past.failed for past in report.history("retrieval-quality", output)] == [False, True, False]


def test_a_sound_index_holds_every_limit_and_every_fault_of_a_broken_one_is_named(index: str, output: Path) -> None:
    sound = report.run("index-health", output, parameters=TINY)
    with pytest.raises(ThresholdError) as caught:
        report.run("index-health", output, parameters={**TINY, "faults": True})

    figures = sound.recorded.metrics
    assert figures["documents"] == figures["documents read"] == 12
    assert {figures[name] for name in ("without a vector", "drifted facts", "duplicates", "zero vectors")} == {0}
    assert float(figures["lowest cosine"]) > 0.999
    assert figures["embedded again"] == 12
    assert figures["index type"] == "flat"
    assert caught.value.message.startswith("index-health.ipynb: 4 thresholds were crossed since the run of ")
    for name, limit in (("without a vector", "above 0"), ("drifted facts", "above 0"), ("duplicates", "above 0")):
        assert f"{name} is 1, {limit}" in caught.value.message
    assert re.search(r"lowest cosine is -?0\.\d+, below 0\.98", caught.value.message)
    broken = report.read(output / "index-health.ipynb")
    assert broken.metrics["documents"] == 14
    assert broken.metrics["written past the package"] == 2  # the one without a vector, and the one that was changed
    assert "an-earlier-one" in broken.highlights[0]
    assert "an-earlier-one" in (output / "index-health.html").read_text("utf-8")


def test_an_index_of_ones_own_is_examined_and_stays(elasticsearch_url: str, index: str, tmp_path: Path) -> None:
    own = f"{index}-own"
    connection = jn.connect(elasticsearch_url, name=own)
    chosen = jn.choose_weights("jina-embeddings-v3", weights="tiny")
    documents = [{"_id": str(i), "text": f"text number {i}"} for i in range(5)]
    jn.index(documents, own, model=jn.load(chosen.name, path=chosen.path), connection=connection)
    connection.client.indices.refresh(index=own)

    outcome = report.run("index-health", tmp_path, parameters={**TINY, "index": own})

    assert outcome.recorded.metrics["documents"] == 5
    assert outcome.recorded.provenance["models"][0]["name"] == "jina-embeddings-v3"
    assert connection.client.indices.exists(index=own)
    connection.close()


def test_an_index_of_another_tool_is_said_to_be_one(elasticsearch_url: str, index: str, tmp_path: Path) -> None:
    connection = jn.connect(elasticsearch_url, name=index)
    connection.client.indices.create(index=f"{index}-other")
    connection.close()

    with pytest.raises(ReportError, match="was not made by this package"):
        report.run("index-health", tmp_path, parameters={**TINY, "index": f"{index}-other"})


def test_the_whole_catalogue_is_measured_and_compared(output: Path) -> None:
    first = report.run("catalogue-benchmark", output, parameters=TINY)
    parameters = {**TINY, "models": "jina-embeddings-v3,jina-reranker-v2-base-multilingual"}
    second = report.run("catalogue-benchmark", output, parameters=parameters)

    figures = first.recorded.metrics
    assert figures["models"] == len(jn.models())
    assert figures["left out"] == 0
    for name in tiny_names():
        assert float(figures[f"{name} tokens/s"]) > 0
        assert float(figures[f"{name} load s"]) > 0
    judged = {card.name for card in jn.models() if card.kind not in {"reader", "vision-language"}}
    assert {name.removesuffix(" nDCG@10") for name in figures if name.endswith(" nDCG@10")} == judged
    assert second.recorded.metrics["models"] == 2
    assert f"the run of {first.recorded.provenance['recorded at']}" in second.recorded.highlights[-1]
    again = second.recorded.metrics["jina-embeddings-v3 nDCG@10"]
    assert again == pytest.approx(figures["jina-embeddings-v3 nDCG@10"], abs=1e-6)


@pytest.mark.parametrize(
    ("notebook", "name", "value", "sentence"),
    [
        ("retrieval-quality", "corpus", "suport", "did you mean support?"),
        ("index-health", "index", "My Docs", "'My Docs' is no name for an index"),
        ("catalogue-benchmark", "models", "jina-embeddings-v9", "jina-embeddings-v9"),
    ],
)
def test_a_wrong_parameter_fails_before_anything_is_done(
    tmp_path: Path, notebook: str, name: str, value: object, sentence: str
) -> None:
    with pytest.raises(ReportError, match="failed at ") as caught:
        report.run(notebook, tmp_path, parameters={name: value})

    assert sentence in caught.value.message
    assert report.read(tmp_path / f"{notebook}.ipynb").metrics == {}
