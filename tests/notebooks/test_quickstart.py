"""The quickstart, unattended, on the real server: what it records, what it keeps, and how it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

import jina_notebook as jn
from jina_notebook import report
from tests.conftest import delete_indices

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(900)]

WAYS = ("lexical", "vector", "hybrid", "hybrid + rerank")


@pytest.fixture(scope="module")
def index(machine: str) -> Iterator[str]:
    name = f"test-quickstart-{uuid.uuid4().hex[:8]}"
    yield name
    delete_indices(machine, name)


@pytest.fixture(scope="module")
def first(index: str, tmp_path_factory: pytest.TempPathFactory) -> report.Outcome:
    """A run that keeps its index."""
    folder = tmp_path_factory.mktemp("first")
    return report.run("quickstart", folder, parameters={"index": index, "k": 3, "rerank_top": 10})


def _exists(url: str, index: str) -> bool:
    with urllib.request.urlopen(f"{url}/_cat/indices/{index}*?format=json") as answer:  # noqa: S310
        return bool(json.load(answer))


def _papermill(output: Path, *parameters: str) -> subprocess.CompletedProcess[str]:
    papermill = [sys.executable, "-m", "papermill", "--no-progress-bar"]
    command = [*papermill, str(report.find_notebook("quickstart")), str(output), *parameters]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_the_whole_corpus_is_indexed_and_every_query_counts(first: report.Outcome) -> None:
    metrics = first.recorded.metrics

    assert metrics["documents"] == metrics["indexed"] == 342
    assert metrics["skipped"] == 0
    assert metrics["queries"] == 60
    assert first.recorded.failure is None


def test_meaning_beats_words_and_reranking_beats_both(first: report.Outcome) -> None:
    found = {way: float(first.recorded.metrics[f"{way} nDCG@10"]) for way in WAYS}

    assert all(0.2 < value < 0.95 for value in found.values())
    assert found["lexical"] + 0.02 < found["vector"]
    assert found["lexical"] < found["hybrid"] < found["hybrid + rerank"]


def test_what_the_run_was_made_with_is_recorded(first: report.Outcome, index: str) -> None:
    provenance = first.recorded.provenance
    card = jn.models()["offline-minilm"]

    assert [(model["name"], model["revision"]) for model in provenance["models"]] == [(card.name, card.revision)] * 2
    assert all(model["stand-in"] and model["device"] for model in provenance["models"])
    assert len(provenance["notes"]) == 2
    assert provenance["parameters"]["index"] == index
    assert provenance["parameters"]["k"] == 3
    assert provenance["elasticsearch"]["version"].startswith("9.")
    (described,) = provenance["indices"]
    assert described["documents"] == 342
    assert described["vectors"]["vector"]["dims"] == 384
    assert described["meta"]["jina_notebook"]["model"] == card.name


def test_the_stand_in_is_named_where_its_results_show(first: report.Outcome) -> None:
    (hits,) = first.recorded.highlights
    assert "a stand-in: not a Jina model" in hits
    assert "not a Jina model" in first.page.read_text("utf-8")


def test_the_page_shows_the_figure_and_asks_nothing_of_the_network(first: report.Outcome) -> None:
    page = first.page.read_text("utf-8")

    assert "data:image/png;base64," in page
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!data:|#)[^\"]*\"", page) == []


def test_the_executed_file_holds_no_widget_state_and_names_no_folder_of_this_machine(first: report.Outcome) -> None:
    executed = nbformat.read(first.notebook, as_version=4)
    shown = json.dumps([cell.get("outputs", []) for cell in executed.cells])

    assert "widgets" not in executed.metadata
    assert str(Path.home()) + "/" not in shown
    assert str(Path(jn.__file__).parent) not in shown


def test_a_second_run_embeds_nothing_again_and_cleans_up_when_told(
    first: report.Outcome, machine: str, index: str, tmp_path: Path
) -> None:
    assert _exists(machine, index)

    parameters = ("-p", "index", index, "-p", "rerank_top", "10", "-p", "keep_index", "False")
    done = _papermill(tmp_path / "again.ipynb", *parameters)

    assert done.returncode == 0, done.stderr
    again = report.read(tmp_path / "again.ipynb").metrics
    assert again["indexed"] == 0
    assert again["skipped"] == again["documents"] == 342
    for way in WAYS:
        # Equal scores may change places once the server has merged segments: worth two queries, no more.
        assert again[f"{way} nDCG@10"] == pytest.approx(first.recorded.metrics[f"{way} nDCG@10"], abs=2 / 60)
    assert not _exists(machine, index)


def test_miniatures_run_from_top_to_bottom(machine: str, tmp_path: Path) -> None:
    parameters = {"weights": "tiny", "reranker_weights": "tiny", "index": f"test-tiny-{uuid.uuid4().hex[:8]}"}

    outcome = report.run("quickstart", tmp_path, parameters={**parameters, "rerank_top": 10, "keep_index": False})

    assert outcome.recorded.metrics["indexed"] == 342
    models = [model["name"] for model in outcome.recorded.provenance["models"]]
    assert models == ["jina-embeddings-v5-text-nano", "jina-reranker-v2-base-multilingual"]
    assert all("means nothing" in note or "mean nothing" in note for note in outcome.recorded.provenance["notes"])


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("k", "ten", "The parameter 'k' is 'ten', but takes a whole number from 1 to 20."),
        ("k", "0", "The parameter 'k' is 0, but takes a whole number from 1 to 20."),
        ("model", "jina-embedings-v3", "The parameter 'model' is 'jina-embedings-v3', but takes one of "),
        ("weights", "nowhere", "The parameter 'weights' is 'nowhere', but takes 'auto', 'hub', 'tiny' or a folder"),
        ("index", "My Docs", "'My Docs' is no name for an index"),
        ("keep_index", "maybe", "The parameter 'keep_index' is 'maybe', but takes True or False."),
        ("topk", "3", "There is no parameter 'topk' in this notebook."),
    ],
)
def test_a_wrong_parameter_fails_with_its_sentence_before_a_model_loads(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    done = _papermill(tmp_path / "wrong.ipynb", "-p", name, value)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert sentence in (report.read(tmp_path / "wrong.ipynb").failure or "")
    executed = nbformat.read(tmp_path / "wrong.ipynb", as_version=4)
    assert [cell.id for cell in executed.cells if cell.get("execution_count") and cell.id == "load"] == []
