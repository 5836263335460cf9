"""The reports, unattended, with miniatures: each is compared with its last run, and fails beyond its thresholds."""

from __future__ import annotations

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


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def test_retrieval_quality_is_compared_with_the_run_before_and_a_floor_fails_it(index: str, output: Path) -> None:
    parameters = {**TINY, "index": index}
    first = report.run("retrieval-quality", output, parameters=parameters)
    second = report.run("retrieval-quality", output, parameters=parameters)
    with pytest.raises(ThresholdError) as caught:
        report.run("retrieval-quality", output, parameters={**parameters, "least_ndcg": 1.0})

    figures = first.recorded.metrics
    assert figures["queries"] == 6
    assert all(0 <= float(figures[f"{way} {name}"]) <= 1 for way in WAYS for name in ("nDCG@10", "R@10"))
    assert figures["best nDCG@10"] == max(figures[f"{way} nDCG@10"] for way in WAYS)
    assert "no earlier run of this kind" in first.recorded.highlights[-1]
    assert f"the run of {first.recorded.provenance['recorded at']}" in second.recorded.highlights[-1]
    assert second.recorded.metrics["lexical nDCG@10"] == pytest.approx(figures["lexical nDCG@10"], abs=1e-6)
    assert "best nDCG@10 is " in caught.value.message
    assert ", below 1." in caught.value.message
    assert report.read(output / "retrieval-quality.ipynb").metrics["queries"] == 6
    assert "CROSSED" in (output / "retrieval-quality.html").read_text("utf-8")
    assert [past.failed for past in report.history("retrieval-quality", output)] == [False, False, True]


def test_a_drop_is_accepted_when_told_so(index: str, tmp_path: Path) -> None:
    outcome = report.run(
        "retrieval-quality", tmp_path, parameters={**TINY, "index": index, "least_ndcg": 1.0, "accept": True}
    )

    assert outcome.recorded.failure is None
    assert "CROSSED" in outcome.page.read_text("utf-8")


def test_retrieval_quality_runs_under_plain_papermill_and_fails_with_status_1(index: str, output: Path) -> None:
    executed = output / "by-papermill.ipynb"
    values = {**TINY, "index": index, "least_ndcg": "1.0", "history": str(output)}
    options = [word for name, value in values.items() for word in ("-p", name, value)]
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", str(report.find_notebook("retrieval-quality"))]

    done = subprocess.run([*command, str(executed), *options], capture_output=True, text=True, timeout=300)

    assert done.returncode == 1
    assert "ThresholdError: " in done.stderr
    assert "best nDCG@10 is " in (report.read(executed).failure or "")
    assert report.read(executed).metrics["queries"] == 6


def test_a_sound_index_holds_every_limit_and_is_compared_with_itself(index: str, output: Path) -> None:
    first = report.run("index-health", output, parameters=TINY)
    second = report.run("index-health", output, parameters=TINY)

    figures = first.recorded.metrics
    assert figures["documents"] == figures["documents read"] == 12
    assert {figures[name] for name in ("without a vector", "drifted facts", "duplicates", "zero vectors")} == {0}
    assert float(figures["lowest cosine"]) > 0.999
    assert figures["embedded again"] == 12
    assert figures["index type"] == "flat"
    assert f"the run of {first.recorded.provenance['recorded at']}" in second.recorded.highlights[-1]


def test_every_fault_of_an_index_is_found_and_named(index: str, tmp_path: Path) -> None:
    with pytest.raises(ThresholdError) as caught:
        report.run("index-health", tmp_path, parameters={**TINY, "faults": True})

    for sentence in (
        "without a vector is 1, above 0",
        "drifted facts is 1, above 0",
        "duplicates is 1, above 0",
        "lowest cosine is ",
    ):
        assert sentence in caught.value.message
    recorded = report.read(tmp_path / "index-health.ipynb")
    assert recorded.metrics["documents"] == 14
    assert recorded.metrics["written past the package"] == 1
    assert "an-earlier-one" in recorded.highlights[0]


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
        ("retrieval-quality", "most_drop", 2, "takes a number from 0 to 1"),
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
