"""The notebooks of single models: one of them run from top to bottom, and what all of them declare."""

from __future__ import annotations

import ast
import json
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import nbformat
import pytest

import jina_notebook as jn
from jina_notebook import report
from tests.conftest import delete_indices

ROOM = report.find_notebook("quickstart").parent.parent / "10-models"
NOTEBOOKS = sorted(path.stem for path in ROOM.glob("*.ipynb"))

RECORDED: dict[str, Mapping[str, Any]] = {
    "jina-embeddings-v3": {
        "tasks": 5,
        "dimensions": 128,
        "indexed dimensions": 64,
        "late chunking": True,
    },
}
"""What the miniature's run of a notebook must record, whatever its random weights find."""


def _code(name: str) -> dict[str, str]:
    """The code cells of a notebook, by their ids."""
    cells = nbformat.read(ROOM / f"{name}.ipynb", as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code"}


def _declared(name: str) -> dict[str, Any]:
    """The parameters of a notebook and their values."""
    lines = ast.parse(_code(name)["parameters"]).body
    return {line.targets[0].id: ast.literal_eval(line.value) for line in lines}  # type: ignore[attr-defined]


@pytest.fixture(scope="module", params=RECORDED)
def run(
    request: pytest.FixtureRequest, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str, report.Outcome]]:
    """A run with miniature weights on the suite's server: the notebook's name, its index, and what came of it."""
    name = request.param
    index = f"test-{name}-{uuid.uuid4().hex[:8]}"
    parameters = {"weights": "tiny", "size": "tiny", "index": index}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ELASTICSEARCH_URL", elasticsearch_url)
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield name, index, report.run(name, tmp_path_factory.mktemp(name), parameters=parameters)
    delete_indices(elasticsearch_url, index)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_records_what_its_model_offers(run: tuple[str, str, report.Outcome]) -> None:
    name, _, outcome = run
    metrics = outcome.recorded.metrics

    assert outcome.recorded.failure is None
    assert {key: metrics[key] for key in RECORDED[name]} == RECORDED[name]
    assert float(metrics["chunks"]) > 0
    assert float(metrics["tokens/s"]) > 0


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_measures_every_size_and_every_task(run: tuple[str, str, report.Outcome]) -> None:
    _, _, outcome = run
    metrics = outcome.recorded.metrics
    sizes = [key for key in metrics if key.endswith("dimensions nDCG@10")]
    tasks = [key for key in metrics if key.endswith(" on both sides RR@10")]

    assert sizes == ["32 dimensions nDCG@10", "64 dimensions nDCG@10", "128 dimensions nDCG@10"]
    assert len(tasks) == 5
    assert all(0 <= float(metrics[key]) <= 1 for key in (*sizes, *tasks))
    assert float(metrics["query and passage cosine"]) < 0.9999


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_says_what_it_was_made_with_and_cleans_up(
    run: tuple[str, str, report.Outcome], elasticsearch_url: str
) -> None:
    name, index, outcome = run
    provenance = outcome.recorded.provenance

    assert [model["name"] for model in provenance["models"]] == [name]
    assert [described["name"] for described in provenance["indices"]] == [index]
    assert any("its results mean nothing" in note for note in provenance["notes"])
    with urllib.request.urlopen(f"{elasticsearch_url}/_cat/indices/{index}*?format=json") as answer:  # noqa: S310
        assert json.load(answer) == []


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_page_shows_the_figures_with_their_words(run: tuple[str, str, report.Outcome]) -> None:
    _, _, outcome = run
    page = outcome.page.read_text("utf-8")

    assert page.count("data:image/png;base64,") >= 3
    assert "Heat map, One article under two tasks" in page
    assert "Line chart" in page


def test_a_notebook_of_the_text_models_is_there() -> None:
    wanted = {
        "jina-embeddings-v3",
        "jina-embeddings-v5-text-small",
        "jina-embeddings-v5-text-nano",
        "jina-code-embeddings-0.5b",
        "jina-code-embeddings-1.5b",
    }
    assert wanted <= set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_model_notebook_is_named_after_its_model_and_takes_its_facts_from_the_catalogue(name: str) -> None:
    source = "\n".join(_code(name).values())

    assert name in jn.models().names
    assert "jn.models()" in source
    assert f'"{name}"' in source


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_model_notebook_runs_on_the_real_weights_unless_told_otherwise(name: str) -> None:
    declared = _declared(name)

    assert declared["weights"] == "auto"
    assert declared["size"] == "full"
    assert 'report.Choice("auto", "hub", "tiny"' in _code(name)["check"]
    assert declared.get("keep_index", False) is False
    assert ("index" in declared) == ("keep_index" in declared)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_model_notebook_checks_itself_and_records(name: str) -> None:
    cells = _code(name)

    assert cells["checks"].count("assert ") >= 3
    assert "report.metrics(" in cells["metrics"]
    assert "report.provenance(" in cells["provenance"]
