"""The tour of the widgets, and Elasticsearch that calls a local model, both unattended with miniatures."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from jina_notebook import report
from tests.conftest import delete_indices

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(600)]

WIDGETS = 5
LIVE = "application/vnd.jupyter.widget-view+json"
STATIC = {"text/html", "text/markdown", "text/plain"}


def _run(url: str, name: str, folder: Path, **more: object) -> report.Outcome:
    """With miniature weights, little data, and indices and endpoints that begin with test-."""
    parameters = {"weights": "tiny", "size": "tiny", "index": f"test-{name}-{uuid.uuid4().hex[:8]}", **more}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ELASTICSEARCH_URL", url)
        return report.run(name, folder, parameters=parameters)


def _names(url: str, path: str) -> str:
    with urllib.request.urlopen(f"{url}/{path}") as answer:  # noqa: S310 - a server of the suite
        return str(answer.read(), "utf-8")


@pytest.fixture(scope="module")
def tour(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[report.Outcome]:
    yield _run(elasticsearch_url, "tour", tmp_path_factory.mktemp("tour"))
    delete_indices(elasticsearch_url, "test-tour-")


@pytest.fixture(scope="module")
def native(elasticsearch_trial_url: str, tmp_path_factory: pytest.TempPathFactory) -> report.Outcome:
    return _run(elasticsearch_trial_url, "native-elasticsearch", tmp_path_factory.mktemp("native"))


def test_every_widget_was_made_and_used(tour: report.Outcome) -> None:
    metrics = tour.recorded.metrics

    assert tour.recorded.failure is None
    assert metrics["widgets"] == WIDGETS
    assert metrics["documents"] == 39
    assert metrics["points"] == 32
    assert metrics["query tokens"] == 32  # what jina-colbert-v2 makes of every query
    assert metrics["sizes and precisions"] == 11
    assert metrics["pictures"] == 8
    assert 0 <= float(metrics["best nDCG@10"]) <= 1


def test_each_widget_leaves_a_live_and_every_static_form(tour: report.Outcome) -> None:
    executed = nbformat.read(tour.notebook, as_version=4)
    shown = [
        output.data for cell in executed.cells for output in cell.get("outputs", []) if LIVE in output.get("data", {})
    ]

    assert len(shown) == WIDGETS
    assert all(set(forms) >= STATIC for forms in shown)
    assert all("<img" in forms["text/html"] and "<script" not in forms["text/html"] for forms in shown)


def test_the_page_shows_the_static_forms_only(tour: report.Outcome) -> None:
    page = tour.page.read_text("utf-8")

    assert page.count("data:image/png;base64,") >= WIDGETS - 1
    assert "widget-view" not in page
    assert "<script" not in page


def test_the_committed_tour_holds_no_widget_metadata() -> None:
    committed = nbformat.read(report.find_notebook("tour"), as_version=4)

    assert "widgets" not in committed.metadata
    assert all(not cell.get("outputs") for cell in committed.cells)


def test_the_server_finds_what_the_client_finds(native: report.Outcome) -> None:
    metrics = native.recorded.metrics

    assert native.recorded.failure is None
    assert metrics["native"] is True
    assert metrics["documents"] == 39
    assert metrics["queries"] == 12
    assert float(metrics["agreement"]) >= 0.85
    assert metrics["same place after reranking"] == 1
    assert metrics["server rerank nDCG@10"] == pytest.approx(metrics["jn.search + rerank nDCG@10"], abs=0.05)


def test_both_indices_are_described_and_nothing_of_them_is_left(
    native: report.Outcome, elasticsearch_trial_url: str
) -> None:
    name = native.recorded.provenance["parameters"]["index"]
    described = [index["name"] for index in native.recorded.provenance["indices"]]

    assert described == [name, f"{name}-client"]
    assert name not in _names(elasticsearch_trial_url, "_cat/indices?h=index")
    assert name not in _names(elasticsearch_trial_url, "_inference")


def test_on_a_basic_licence_it_says_what_is_refused_and_goes_on(elasticsearch_url: str, tmp_path: Path) -> None:
    outcome = _run(elasticsearch_url, "native-elasticsearch", tmp_path)

    metrics, notes = outcome.recorded.metrics, outcome.recorded.provenance["notes"]
    executed = json.dumps(nbformat.read(outcome.notebook, as_version=4))
    assert metrics["native"] is False
    assert metrics["documents"] == 39
    assert "jn.search + rerank nDCG@10" in metrics
    assert "semantic nDCG@10" not in metrics
    assert any("does not include inference" in note for note in notes)
    assert any("text_similarity_reranker" in note for note in notes)
    assert "do the same with any licence" in executed
