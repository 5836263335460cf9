from __future__ import annotations

import random

import numpy as np
import pytest

from jina_notebook.elastic.fusion import Key, Scored, linear, rrf


def ranked(ids: str, index: str = "i") -> list[Scored]:
    """One list, best first, with falling scores."""
    return [((id_, index), float(len(ids) - at)) for at, id_ in enumerate(ids)]


def order(fused: list[Scored]) -> str:
    return "".join(id_ for (id_, _), _ in fused)


def test_rrf_sums_the_reciprocal_ranks() -> None:
    scores = dict(rrf([ranked("abc"), ranked("bd")]))
    assert scores["b", "i"] == pytest.approx(1 / 62 + 1 / 61)
    assert scores["a", "i"] == pytest.approx(1 / 61)
    assert scores["d", "i"] == pytest.approx(1 / 62)
    assert order(rrf([ranked("abc"), ranked("bd")])) == "badc"


def test_equal_scores_are_ordered_by_id_then_by_index() -> None:
    assert order(rrf([ranked("zx"), ranked("xz")])) == "xz"
    both = rrf([ranked("a", "two"), ranked("a", "one")])
    assert [index for (_, index), _ in both] == ["one", "two"]


def test_the_order_of_the_lists_changes_nothing() -> None:
    lists = [ranked("abcdef"), ranked("fbda"), ranked("gc")]
    assert rrf(lists) == rrf(lists[::-1])


def test_only_ranks_count_in_rrf() -> None:
    loud: list[Scored] = [(("b", "i"), 1e9), (("a", "i"), 1e8)]
    assert order(rrf([ranked("ab"), ranked("ab"), loud])) == "ab"


def test_weights_and_the_rank_constant_shift_the_balance() -> None:
    lists = [ranked("a"), ranked("b")]
    assert order(rrf(lists, weights=[1, 2])) == "ba"
    assert dict(rrf(lists, weights=[1, 2]))["b", "i"] == pytest.approx(2 / 61)
    assert dict(rrf(lists, rank_constant=0))["a", "i"] == 1.0


def test_a_weight_of_zero_keeps_the_documents_of_its_list_at_the_end() -> None:
    assert order(rrf([ranked("ba"), ranked("c")], weights=[1, 0])) == "bac"


def test_the_same_document_of_two_indices_stays_two_documents() -> None:
    assert len(rrf([ranked("a", "one"), ranked("a", "two")])) == 2


def test_nothing_fused_is_nothing() -> None:
    assert rrf([]) == rrf([[], []]) == linear([]) == linear([[]]) == []


def test_rrf_is_summed_in_float32_as_the_server_does() -> None:
    generator = random.Random(5)
    ids = [f"{i:03}" for i in range(80)]
    lists = [[((id_, "i"), 0.0) for id_ in generator.sample(ids, 60)] for _ in range(2)]
    expected: dict[Key, np.float32] = {}
    for entries in lists:
        for rank, (key, _) in enumerate(entries, start=1):
            expected[key] = np.float32(expected.get(key, np.float32(0)) + np.float32(1.0) / np.float32(60 + rank))
    assert dict(rrf(lists)) == {key: float(score) for key, score in expected.items()}


def test_linear_scales_each_list_to_its_own_range() -> None:
    lexical: list[Scored] = [(("a", "i"), 30.0), (("b", "i"), 20.0), (("c", "i"), 10.0)]
    vector: list[Scored] = [(("c", "i"), 0.9), (("b", "i"), 0.7)]
    scores = dict(linear([lexical, vector], weights=[0.3, 0.7]))
    assert scores["a", "i"] == pytest.approx(0.3)
    assert scores["b", "i"] == pytest.approx(0.15)
    assert scores["c", "i"] == pytest.approx(0.7)
    assert order(linear([lexical, vector], weights=[0.3, 0.7])) == "cab"


def test_a_list_of_like_scores_keeps_them_in_linear_as_on_the_server() -> None:
    assert dict(linear([[(("a", "i"), 0.8), (("b", "i"), 0.8)]], weights=[0.5])) == {
        ("a", "i"): pytest.approx(0.4),
        ("b", "i"): pytest.approx(0.4),
    }


def test_a_weight_for_every_list_is_needed() -> None:
    with pytest.raises(ValueError, match="argument"):
        rrf([ranked("a"), ranked("b")], weights=[1])
