"""Two workflows with pictures, unattended, with miniatures on the real server: what they record has to add up."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from jina_notebook import report
from jina_notebook.errors import ReportError
from tests.notebooks.smallest import smallest_run

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(900)]

WAYS = ("captions only", "pictures only", "mixed", "ranks fused", "scores standardised", "means taken off")
SEARCHES = ("text layer", "pages", "both", "both, read again")


@pytest.fixture(scope="module")
def images(machine: str, tmp_path_factory: pytest.TempPathFactory) -> report.Outcome:
    return smallest_run("image-search", tmp_path_factory.mktemp("images"), machine, weights="tiny")


@pytest.fixture(scope="module")
def documents(machine: str, tmp_path_factory: pytest.TempPathFactory) -> report.Outcome:
    return smallest_run("visual-documents", tmp_path_factory.mktemp("documents"), machine, weights="tiny")


def test_every_content_is_indexed_to_be_seen_and_to_be_read(images: report.Outcome) -> None:
    metrics = images.recorded.metrics

    assert metrics["pictures"] == metrics["documents joined"] == 10
    assert metrics["documents"] == 20
    assert metrics["queries"] == 11


def test_fused_ranks_are_even_and_every_way_has_its_figure(images: report.Outcome) -> None:
    metrics = images.recorded.metrics

    assert metrics["pictures in ten, ranks fused"] == pytest.approx(0.5, abs=0.05)
    assert all(0 <= float(metrics[f"{way} {metric}"]) <= 1 for way in WAYS for metric in ("nDCG@10", "RR@10"))


def test_a_search_in_elasticsearch_finds_as_much_as_the_vectors_by_hand(images: report.Outcome) -> None:
    metrics = images.recorded.metrics

    assert metrics["vector nDCG@10"] == pytest.approx(metrics["pictures only nDCG@10"], abs=0.01)
    assert float(metrics["lexical nDCG@10"]) > 0.7, "words of good captions need no model"


def test_the_gap_is_drawn_with_words_for_those_who_do_not_see_it(images: report.Outcome) -> None:
    page = images.page.read_text("utf-8")

    assert 'alt="Cosines of four kinds of pairs; means: two captions' in page
    assert "No description has been provided for this image" not in page


def test_every_page_is_stored_and_the_scan_has_no_text(documents: report.Outcome) -> None:
    metrics = documents.recorded.metrics

    assert metrics["pages"] == metrics["documents"] == 8
    assert metrics["pages without text"] == 1
    assert 1 <= int(metrics["rank of the scan by sight"]) <= 8


def test_the_text_layer_needs_no_model_and_each_search_is_measured(documents: report.Outcome) -> None:
    metrics = documents.recorded.metrics

    assert metrics["questions"] == 3
    assert float(metrics["text layer nDCG@5"]) > 0.8
    assert all(0 <= float(metrics[f"{search} {metric}"]) <= 1 for search in SEARCHES for metric in ("nDCG@5", "RR@10"))


def test_a_page_is_as_many_tokens_as_its_pixels_make(documents: report.Outcome) -> None:
    tokens = float(documents.recorded.metrics["tokens a page"])

    assert 500 < tokens <= 768 + 64


def test_both_models_are_recorded_and_called_miniatures(documents: report.Outcome) -> None:
    provenance = documents.recorded.provenance

    assert [model["name"] for model in provenance["models"]] == ["jina-embeddings-v4", "jina-reranker-m0"]
    assert ["mean nothing" in note for note in provenance["notes"]] == [True, True]


@pytest.mark.parametrize(
    ("notebook", "name", "value", "sentence"),
    [
        ("visual-documents", "rerank_top", 1, "The parameter 'rerank_top' is 1, but takes a whole number from 2 to 20"),
        ("image-search", "model", "jina-embeddings-v3", "The parameter 'model' is 'jina-embeddings-v3', but takes"),
        ("late-chunking", "max_tokens", 8, "The parameter 'max_tokens' is 8, but takes a whole number"),
    ],
)
def test_a_wrong_parameter_fails_with_its_sentence(
    tmp_path: Path, notebook: str, name: str, value: str | int, sentence: str
) -> None:
    with pytest.raises(ReportError, match=sentence):
        report.run(notebook, tmp_path, parameters={name: value})


@pytest.mark.parametrize("notebook", ["visual-documents", "captions-and-questions"])
def test_without_a_hub_the_sentence_says_that_nothing_stands_in(machine: str, tmp_path: Path, notebook: str) -> None:
    with pytest.raises(ReportError, match=r"is not in the cache folder .* no stand-in can do its work"):
        report.run(notebook, tmp_path, parameters={"index": f"test-{uuid.uuid4().hex[:8]}"})
