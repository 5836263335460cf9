"""Two of the retrieval workflows, unattended, on the real server: what they record has to add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook import data, report
from jina_notebook.errors import ReportError
from tests.notebooks.smallest import smallest_run

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def semantic(machine: str, tmp_path_factory: pytest.TempPathFactory) -> report.Outcome:
    """With a miniature: what is found means nothing, what is counted does."""
    return smallest_run("semantic-search", tmp_path_factory.mktemp("semantic"), machine, weights="tiny")


@pytest.fixture(scope="module")
def hybrid(machine: str, tmp_path_factory: pytest.TempPathFactory) -> report.Outcome:
    """With the stand-in, which understands English."""
    return smallest_run("hybrid-search-and-reranking", tmp_path_factory.mktemp("hybrid"), machine)


def test_what_was_indexed_once_is_not_embedded_again(semantic: report.Outcome) -> None:
    metrics = semantic.recorded.metrics
    judged = list(data.load("support").qrels.values())[::5]

    assert metrics["queries"] == len(judged) == 12
    assert metrics["documents"] == len({document for grades in judged for document in grades})
    assert metrics["indexed again"] == 0


def test_a_filter_inside_costs_no_hits_and_one_afterwards_does(semantic: report.Outcome) -> None:
    metrics = semantic.recorded.metrics

    assert metrics["filtered inside"] == min(10, int(metrics["german articles"])) > 0
    assert metrics["filtered afterwards"] <= metrics["filtered inside"]


def test_every_hit_of_a_hybrid_search_has_the_score_that_its_two_ranks_make(hybrid: report.Outcome) -> None:
    assert float(hybrid.recorded.metrics["largest difference from RRF by hand"]) < 1e-6
    assert hybrid.recorded.metrics["fused on"] in {"the server", "the client"}


def test_weights_at_the_ends_are_the_lists_themselves(hybrid: report.Outcome) -> None:
    metrics = hybrid.recorded.metrics

    assert metrics["rrf nDCG@10 at 0.0"] == pytest.approx(metrics["lexical nDCG@10"], abs=0.02)
    assert metrics["rrf nDCG@10 at 1.0"] == pytest.approx(metrics["vector nDCG@10"], abs=0.02)
    assert metrics["linear nDCG@10 at 1.0"] == pytest.approx(metrics["vector nDCG@10"], abs=0.02)


def test_more_depth_raises_the_ceiling_and_the_reranker_stays_below_what_it_may_see(hybrid: report.Outcome) -> None:
    metrics = hybrid.recorded.metrics

    assert float(metrics["ceiling with rerank_top 10"]) <= float(metrics["ceiling with rerank_top 20"]) <= 1
    assert all(float(metrics[f"p50 ms with rerank_top {depth}"]) > 0 for depth in (10, 20))


def test_the_stand_in_is_named_and_finds_by_meaning(hybrid: report.Outcome) -> None:
    assert [model["stand-in"] for model in hybrid.recorded.provenance["models"]] == [True, True]
    assert float(hybrid.recorded.metrics["vector nDCG@10"]) > 0.3


@pytest.mark.parametrize(
    ("notebook", "name", "value", "sentence"),
    [
        ("hybrid-search-and-reranking", "size", "small", "The parameter 'size' is 'small', but takes one of"),
        ("matryoshka-and-quantisation", "vectors", 10, "The parameter 'vectors' is 10, but takes a whole number"),
        ("federated-search", "weights", ".", "The parameter 'weights' is '.', but takes one of"),
    ],
)
def test_a_wrong_parameter_fails_with_its_sentence(
    tmp_path: Path, notebook: str, name: str, value: str | int, sentence: str
) -> None:
    with pytest.raises(ReportError, match=sentence):
        report.run(notebook, tmp_path, parameters={name: value})
