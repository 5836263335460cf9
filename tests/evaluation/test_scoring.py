"""`jn.evaluate`: means over all judged queries, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import ir_measures
import numpy as np
import pytest

import jina_notebook as jn
from jina_notebook import data
from jina_notebook.errors import InputError, OptionError
from jina_notebook.results import Hit, Hits, RankedDocument, Ranking

QUERIES = {"q1": "tea", "q2": "coffee"}
QRELS = {"q1": {"d1": 2, "d2": 1, "d3": 0}, "q2": {"d4": 1}}


def hits(*ids: str) -> Hits:
    items = tuple(Hit(name, "shop", 1.0 / rank, rank, {"text": name}) for rank, name in enumerate(ids, 1))
    return Hits(items=items, query="tea", mode="vector")


def ranking(*documents: Any) -> Ranking:
    items = tuple(RankedDocument(rank, 1.0 / (rank + 1), rank + 1, document) for rank, document in enumerate(documents))
    scores = np.array([item.relevance_score for item in items], dtype=np.float32)
    return Ranking(items=items, scores=scores, query="tea", model="m", revision="r")


def one(run: Any, metric: str = "nDCG@10") -> float:
    return jn.evaluate(QUERIES, QRELS, {"mine": run}, metrics=metric).metrics["mine"][metric]


def test_a_perfect_run_scores_one_although_a_document_has_the_query_s_id() -> None:
    ids = [str(i) for i in range(10)]
    run = {"0": {i: 10.0 - int(i) for i in ids}}
    evaluation = jn.evaluate({"0": "tea"}, {"0": dict.fromkeys(ids, 1)}, {"mine": run})
    assert evaluation.metrics == {"mine": {"nDCG@10": 1.0, "R@100": 1.0, "RR@10": 1.0}}


def test_values_are_those_worked_out_by_hand() -> None:
    evaluation = jn.evaluate(
        QUERIES, QRELS, {"mine": {"q1": ["d2", "d3", "d1"], "q2": ["x", "d4"]}}, metrics=["nDCG@10", "AP", "P@5", "R@1"]
    )
    ideal = 2 + 1 / math.log2(3)
    assert evaluation.per_query["mine"]["nDCG@10"]["q1"] == pytest.approx((1 + 2 / math.log2(4)) / ideal)
    assert evaluation.per_query["mine"]["AP"] == pytest.approx({"q1": (1 + 2 / 3) / 2, "q2": 0.5})
    assert evaluation.metrics["mine"]["P@5"] == pytest.approx((2 / 5 + 1 / 5) / 2)
    assert evaluation.metrics["mine"]["R@1"] == pytest.approx(0.25)


def test_a_judged_query_that_a_run_lacks_counts_as_zero() -> None:
    evaluation = jn.evaluate(QUERIES, QRELS, {"mine": {"q1": ["d1", "d2"]}, "none": {}})
    assert evaluation.metrics["mine"]["nDCG@10"] == pytest.approx(0.5)
    assert evaluation.metrics["none"] == {"nDCG@10": 0.0, "R@100": 0.0, "RR@10": 0.0}
    assert evaluation.queries == 2


def test_an_empty_result_counts_as_zero() -> None:
    assert one({"q1": ["d1", "d2"], "q2": []}) == pytest.approx(0.5)
    assert one({"q1": {}, "q2": hits()}) == 0.0


def test_a_query_without_judgments_does_not_count() -> None:
    evaluation = jn.evaluate(QUERIES | {"q3": "milk"}, QRELS, {"mine": {"q1": ["d1"], "q2": ["d4"], "q3": ["x"]}})
    assert evaluation.queries == 2
    assert evaluation.metrics["mine"]["RR@10"] == 1.0


def test_a_judged_query_without_a_relevant_document_counts_as_zero() -> None:
    evaluation = jn.evaluate(QUERIES, {"q1": {"d1": 1}, "q2": {"d4": 0}}, {"mine": {"q1": ["d1"], "q2": ["d4"]}})
    assert evaluation.metrics["mine"]["RR@10"] == 0.5


def test_the_ideal_is_made_of_all_judged_documents_also_those_no_run_found() -> None:
    qrels = {"q1": {f"d{i}": 1 for i in range(4)}}
    evaluation = jn.evaluate({"q1": "tea"}, qrels, {"mine": {"q1": ["d0", "d1"]}}, metrics=["R@100", "AP"])
    assert evaluation.metrics["mine"] == pytest.approx({"R@100": 0.5, "AP": 0.5})


@pytest.mark.parametrize(
    "result",
    [
        {"d1": 3.0, "d2": 2.0, "d3": 1.0},
        {"d3": np.float32(-1), "d1": 3, "d2": np.float32(2)},
        ["d1", "d2", "d3"],
        np.array(["d1", "d2", "d3"]),
        hits("d1", "d2", "d3"),
        list(hits("d1", "d2", "d3")),
        ranking(*hits("d1", "d2", "d3")),
        ranking({"_id": "d1"}, {"id": "d2", "text": "t"}, {"_id": "d3", "id": "other"}),
    ],
    ids=["scores", "unsorted scores", "ids", "array", "hits", "list of hits", "ranking of hits", "ranking of dicts"],
)
def test_every_form_of_results_gives_the_same_value(result: Any) -> None:
    assert one({"q1": result, "q2": ["d4"]}) == pytest.approx(1.0)
    assert one({"q1": result, "q2": ["x"]}, "RR@10") == pytest.approx(0.5)


def test_a_function_gets_the_text_of_each_judged_query_and_is_timed() -> None:
    asked: list[str] = []

    def run(text: str) -> list[str]:
        asked.append(text)
        return ["d1", "d2"] if text == "tea" else ["d4"]

    evaluation = jn.evaluate(QUERIES | {"q3": "milk"}, QRELS, {"mine": run, "dict": {"q1": ["d1"]}})
    assert asked == ["tea", "coffee"]
    assert evaluation.metrics["mine"]["nDCG@10"] == 1.0
    assert evaluation.latency["mine"]["queries"] == 2
    assert 0 <= evaluation.latency["mine"]["p50"] <= evaluation.latency["mine"]["p99"]
    assert "dict" not in evaluation.latency


def test_queries_of_a_function_are_counted_as_they_are_done() -> None:
    told: list[tuple[int, int]] = []

    jn.evaluate(QUERIES, QRELS, {"mine": lambda text: ["d1"]}, progress=lambda *done: told.append(done))

    assert told == [(1, 2), (2, 2)]


def test_equal_scores_keep_their_order_for_every_metric() -> None:
    metrics = ["nDCG@1", "RR@10", "P@1"]
    first = jn.evaluate({"q": "t"}, {"q": {"a": 1}}, {"r": {"q": {"a": 1.0, "b": 1.0}}}, metrics=metrics)
    second = jn.evaluate({"q": "t"}, {"q": {"a": 1}}, {"r": {"q": {"b": 1.0, "a": 1.0}}}, metrics=metrics)
    assert first.metrics["r"] == {"nDCG@1": 1.0, "RR@10": 1.0, "P@1": 1.0}
    assert second.metrics["r"] == {"nDCG@1": 0.0, "RR@10": 0.5, "P@1": 0.0}


def test_scores_that_only_double_precision_tells_apart_are_told_apart() -> None:
    assert jn.evaluate(
        {"q": "t"}, {"q": {"a": 1}}, {"r": {"q": {"b": 1.0, "a": 1.0 + 1e-12}}}, metrics="P@1"
    ).metrics == {"r": {"P@1": 1.0}}


def test_whole_numbers_as_ids_match_their_text() -> None:
    assert jn.evaluate({1: "tea"}, {"1": {7: 1}}, {"r": {1: {"7": 0.5}}}).metrics["r"]["RR@10"] == 1.0


def test_grades_below_zero_count_as_not_relevant() -> None:
    qrels = {"q1": {"spam": -2, "d1": 1}}
    assert jn.evaluate({"q1": "t"}, qrels, {"r": {"q1": ["d1", "spam"]}}).metrics["r"]["nDCG@10"] == 1.0


def test_values_on_the_support_corpus_equal_those_of_ir_measures() -> None:
    support = data.load()
    generator = np.random.default_rng(3)
    ids = [document["_id"] for document in support.corpus]
    run = {query: dict(zip(ids, generator.permutation(len(ids)).tolist(), strict=True)) for query in support.queries}
    metrics = ("nDCG@10", "R@100", "RR@10", "AP", "P@5")
    evaluation = jn.evaluate(support.queries, support.qrels, {"random": run}, metrics=metrics)
    expected = ir_measures.calc_aggregate([ir_measures.parse_measure(name) for name in metrics], support.qrels, run)
    assert evaluation.metrics["random"] == pytest.approx({str(measure): value for measure, value in expected.items()})


def test_the_judgments_themselves_are_a_perfect_run_on_the_support_corpus() -> None:
    support = data.load()
    assert jn.evaluate(support.queries, support.qrels, {"ideal": support.qrels}).metrics["ideal"]["nDCG@10"] == 1.0


def test_two_names_of_one_metric_are_both_given() -> None:
    evaluation = jn.evaluate(QUERIES, QRELS, {"r": {"q1": ["d1"]}}, metrics=["AP", "MAP", "MRR@10", "RR@10"])
    assert list(evaluation.metrics["r"]) == ["AP", "MAP", "MRR@10", "RR@10"]
    assert evaluation.metrics["r"]["AP"] == evaluation.metrics["r"]["MAP"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ({"q9": ["d1"]}, "run 'mine' has results for query 'q9', which is not among the 2 queries"),
        ({"q1": {"d1": float("nan")}}, "run 'mine', query 'q1': the score of document 'd1' is NaN"),
        ({"q1": {"d1": "high"}}, "the score of document 'd1' is a str, not a number"),
        ({"q1": ["d1", "d2", "d1"]}, "document 'd1' stands at rank 1 and at rank 3"),
        ({"q1": "d1"}, "run 'mine', query 'q1': a str instead of results"),
        ({"q1": None}, "run 'mine', query 'q1': a NoneType instead of results"),
        ({"q1": [1.5]}, "run 'mine', query 'q1', rank 1 is a float, not a string"),
        ({"q1": [{"text": "tea"}]}, "rank 1: the document has neither _id nor id"),
        ({"q1": ranking("green tea")}, "rank 1: the ranked document carries no id"),
        ({"q1": ranking(None)}, "rank 1: the ranked document carries no id"),
        (["d1"], "run 'mine' is a list, not a dict from query id to results or a function"),
        (lambda text: None, "run 'mine', query 'q1': a NoneType instead of results"),
    ],
)
def test_a_run_that_cannot_be_used_is_refused_with_its_name_and_query(run: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        one(run)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ({}, "qrels is empty"),
        ({"q1": {}}, "qrels is empty"),
        ({"q7": {"d1": 1}}, "qrels judges query 'q7', which is not among the 2 queries"),
        ({"q1": {"d1": 0.5}}, "grades document 'd1' with 0.5, which is not a whole number"),
        ({"q1": {"d1": "2"}}, "grades document 'd1' with '2', which is not a whole number"),
        ({"q1": {"d1": float("nan")}}, "grades document 'd1' with nan, which is not a whole number"),
        ({"q1": ["d1"]}, "qrels of query 'q1' is a list"),
        ([("q1", "d1", 1)], "qrels is a list"),
    ],
)
def test_judgments_that_cannot_be_used_are_refused(qrels: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        jn.evaluate(QUERIES, qrels, {"mine": {"q1": ["d1"]}})
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("runs", "message"),
    [({}, "there are no runs"), (lambda text: ["d1"], "runs is a function"), ([{}], "runs is a list")],
)
def test_runs_without_names_are_refused(runs: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        jn.evaluate(QUERIES, QRELS, runs)


@pytest.mark.parametrize(
    ("metric", "message", "hint"),
    [
        ("nDGC@10", "there is no metric 'nDGC@10'", "Did you mean nDCG@10?"),
        ("ndcg@10", "there is no metric 'ndcg@10'", "Did you mean nDCG@10?"),
        ("bananas", "there is no metric 'bananas'", "Names are those of ir_measures."),
        ("nDCG@0", "the metric 'nDCG@0' has the cutoff 0", "written like"),
        ("nDCG@-3", "the metric 'nDCG@-3' has the cutoff -3", "written like"),
        ("nDCG@ten", "the metric 'nDCG@ten' cannot be read", "whole number"),
        ("P", "the metric 'P' lacks a parameter", "P@10"),
        ("", "the metric '' cannot be read", "whole number"),
    ],
)
def test_an_unknown_metric_is_refused_with_a_near_name(metric: str, message: str, hint: str) -> None:
    with pytest.raises(OptionError) as caught:
        one({"q1": ["d1"]}, metric)
    assert message in caught.value.message
    assert hint in str(caught.value.hint)


def test_no_metrics_at_all_are_refused() -> None:
    with pytest.raises(OptionError, match="metrics is empty"):
        jn.evaluate(QUERIES, QRELS, {"mine": {}}, metrics=())
