"""jina-reranker-v2: long documents in overlapping windows, sigmoid, no numbering of tokens beyond the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.families.references import reranker_v2 as reference

NAME = "jina-reranker-v2-base-multilingual"
EQUAL = 1e-5
Miniature = Callable[..., Path]
Load = Callable[..., Any]


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


def words(count: int, start: int = 0) -> str:
    """`count` tokens of changing text."""
    vocabulary = ["red", "tea", "soup", "bread", "price", "city", "rank", "query", "paris", "apple"]
    return " ".join(vocabulary[(start + i * i) % len(vocabulary)] for i in range(count))


@pytest.mark.parametrize("length", [900, 1_018, 1_019, 1_020, 1_021, 1_022, 1_950, 2_000, 3_000])
def test_long_documents_score_as_their_best_window(length: int, miniature: Miniature, load: Load) -> None:
    documents = [words(length), "tea", words(length, start=3)]
    scores = load(NAME).rerank("tea", documents).scores
    expected = [reference.score(miniature(NAME), "tea", document) for document in documents]
    assert difference(scores, expected) <= EQUAL


@pytest.mark.parametrize("length", [200, 505, 509, 510, 511, 512, 600, 2_000])
def test_long_queries_are_cut_at_512_with_their_specials(length: int, miniature: Miniature, load: Load) -> None:
    query, documents = words(length), ["tea", words(508), words(509), words(510), words(511), words(1_200)]
    scores = load(NAME).rerank(query, documents).scores
    expected = [reference.score(miniature(NAME), query, document) for document in documents]
    assert difference(scores, expected) <= EQUAL


def test_a_score_is_the_sigmoid_and_does_not_depend_on_company(load: Load) -> None:
    model = load(NAME)
    alone = model.rerank("tea", ["green tea"]).scores[0]
    both = model.rerank("tea", ["green tea", "steel beam"]).scores
    crowd = model.rerank("tea", ["green tea", words(3_000), *[words(n) for n in (5, 400, 60)], ""]).scores
    assert abs(alone - both[0]) <= EQUAL
    assert abs(alone - crowd[0]) <= EQUAL
    assert 0 < alone < 1
    assert ((crowd > 0) & (crowd < 1)).all()


def test_blank_queries_and_documents_are_scored_as_they_are(miniature: Miniature, load: Load) -> None:
    for query in ("", "  \n", "tea"):
        scores = load(NAME).rerank(query, ["", " ", "tea"]).scores
        expected = [reference.score(miniature(NAME), query, document) for document in ("", " ", "tea")]
        assert difference(scores, expected) <= EQUAL


def test_a_document_of_many_windows_stands_at_its_own_place(miniature: Miniature, load: Load) -> None:
    documents = ["tea", words(5_000), "soup", words(2_500, 7), "red apple"]
    ranking = load(NAME).rerank("warm soup", documents, top_n=5)
    expected = [reference.score(miniature(NAME), "warm soup", document) for document in documents]
    assert difference(ranking.scores, expected) <= EQUAL
    assert [item.index for item in ranking] == list(np.argsort([-score for score in expected], kind="stable"))


def test_the_order_of_documents_does_not_change_their_scores(load: Load) -> None:
    documents = [words(n, n) for n in (3, 700, 20, 1_500, 1, 90)]
    scores = load(NAME).rerank("tea", documents).scores
    assert difference(load(NAME).rerank("tea", documents[::-1]).scores[::-1], scores) <= EQUAL
