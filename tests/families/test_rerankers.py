"""What holds for every reranker: the published scores, and a ranking that can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from jina_notebook.errors import InferenceError
from tests.families.cases import RERANKERS, TEXTS, RerankingCase

EQUAL = 1e-5
Miniature = Callable[..., Path]
Load = Callable[..., Any]
every_reranker = pytest.mark.parametrize("case", RERANKERS.values(), ids=RERANKERS)
TOOLS = [
    '{"name": "get_weather", "description": "Weather of a city", "parameters": {"city": {"type": "string"}}}',
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, price REAL, city TEXT);",
]


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


@every_reranker
@pytest.mark.parametrize("query", ["warm soup", "What is the capital of France?", "日本語", ""])
def test_scores_equal_the_second_opinion(case: RerankingCase, query: str, miniature: Miniature, load: Load) -> None:
    documents = [*TEXTS, *TOOLS, "", "  \n"]
    ranking = load(case.name).rerank(query, documents)
    assert ranking.scores.dtype == np.float32
    assert difference(ranking.scores, case.reference(miniature(case.name), query, documents)) <= EQUAL
    assert ranking.model == case.name
    assert np.ptp(ranking.scores) > 0.01


@every_reranker
def test_a_ranking_is_sorted_and_keeps_ties_in_input_order(case: RerankingCase, load: Load) -> None:
    documents = [*TEXTS, *TOOLS]
    ranking = load(case.name).rerank("red apple", documents)
    assert [item.rank for item in ranking] == list(range(1, len(documents) + 1))
    assert [item.index for item in ranking] == list(np.argsort(-ranking.scores, kind="stable"))
    assert all(item.relevance_score == float(ranking.scores[item.index]) for item in ranking)
    assert all(item.document is documents[item.index] for item in ranking)


@every_reranker
def test_top_n_cuts_the_ranking_and_not_the_scores(case: RerankingCase, load: Load) -> None:
    whole = load(case.name).rerank("red apple", TEXTS)
    best = load(case.name).rerank("red apple", TEXTS, top_n=3)
    assert [item.index for item in best] == [item.index for item in whole][:3]
    assert difference(best.scores, whole.scores) <= EQUAL
    assert len(load(case.name).rerank("red apple", TEXTS, top_n=99)) == len(TEXTS)


@every_reranker
def test_documents_are_left_out_on_request(case: RerankingCase, load: Load) -> None:
    ranking = load(case.name).rerank("red apple", TEXTS, return_documents=False)
    assert [item.document for item in ranking] == [None] * len(TEXTS)


@every_reranker
@pytest.mark.parametrize("empty", [[], (), np.array([], dtype=object)], ids=["list", "tuple", "array"])
def test_no_documents_give_an_empty_ranking_without_a_forward_pass(case: RerankingCase, empty: Any, load: Load) -> None:
    ranking = load(case.name).rerank("tea", empty)
    assert len(ranking) == 0
    assert list(ranking) == []
    assert (ranking.scores.shape, ranking.scores.dtype) == ((0,), np.float32)
    table = ranking.to_frame()
    assert len(table) == 0
    assert list(table.columns) == list(load(case.name).rerank("tea", ["soup"]).to_frame().columns)
    assert "no documents" in repr(ranking).lower()


@every_reranker
def test_no_documents_are_fine_with_top_n_too(case: RerankingCase, load: Load) -> None:
    assert len(load(case.name).rerank("tea", [], top_n=5)) == 0


@every_reranker
def test_equal_texts_are_kept_apart(case: RerankingCase, load: Load) -> None:
    ranking = load(case.name).rerank("tea", ["green tea", "coffee", "green tea"])
    assert {item.index for item in ranking} == {0, 1, 2}
    assert len(ranking) == 3


def test_equal_texts_have_equal_scores_in_input_order_where_pairs_are_scored(load: Load) -> None:
    model = load("jina-reranker-v2-base-multilingual")
    documents = ["green tea", "coffee", "green tea", "soup", "green tea"]
    ranking = model.rerank("tea", documents)
    assert ranking.scores[0] == ranking.scores[2] == ranking.scores[4]
    assert [item.index for item in ranking if item.document == "green tea"] == [0, 2, 4]
    assert model.rerank("tea", ["green tea"] * 3, top_n=1)[0].index == 0


@every_reranker
def test_hundreds_of_documents_equal_the_second_opinion(case: RerankingCase, miniature: Miniature, load: Load) -> None:
    documents = [f"{word} number {number}" for number in range(75) for word in ("tea", "apple", "soup", "price")]
    ranking = load(case.name).rerank("red apple", documents)
    assert difference(ranking.scores, case.reference(miniature(case.name), "red apple", documents)) <= EQUAL


@every_reranker
def test_one_document_is_a_ranking_of_one(case: RerankingCase, miniature: Miniature, load: Load) -> None:
    ranking = load(case.name).rerank("tea", ["green tea"])
    assert len(ranking) == 1
    assert difference(ranking.scores, case.reference(miniature(case.name), "tea", ["green tea"])) <= EQUAL


@every_reranker
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_scores_are_float32_and_near_the_exact_ones(case: RerankingCase, dtype: str, load: Load) -> None:
    exact = load(case.name).rerank("red apple", TEXTS).scores
    half = load(case.name, dtype=dtype).rerank("red apple", TEXTS).scores
    assert half.dtype == np.float32
    assert 0 < np.abs(half - exact).max() < 0.1


@every_reranker
def test_sharded_checkpoints_give_the_same_scores(case: RerankingCase, miniature: Miniature, load: Load) -> None:
    sharded = load(case.name, miniature(case.name, shards=3))
    assert difference(sharded.rerank("tea", TEXTS).scores, load(case.name).rerank("tea", TEXTS).scores) == 0


@every_reranker
def test_scores_that_are_not_finite_never_leave(case: RerankingCase, altered: Callable[..., Path], load: Load) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        key = next(key for key in ("model.norm.weight", "classifier.dense.weight") if key in tensors)
        tensors[key][3] = float("nan")

    model = load(case.name, altered(case.name, spoil))
    with pytest.raises(InferenceError, match=case.name):
        model.rerank("tea", ["green tea", "coffee"])
