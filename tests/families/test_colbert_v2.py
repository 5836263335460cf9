"""jina-colbert-v2: both encodings, three heads, MaxSim."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from jina_notebook.errors import InferenceError, InputError, JinaNotebookError, OptionError
from tests.families.cases import BLANK_TEXTS, TEXTS
from tests.families.references import colbert_v2 as reference
from tests.families.references.network import Vector

NAME = "jina-colbert-v2"
EQUAL = 1e-5
QUERY = {"task": "retrieval.query", "return_multivector": True}
PASSAGE = {"task": "retrieval.passage", "return_multivector": True}
LIMIT = 8192
"""What the network takes. The publisher's index-time default of 300 would lose the tail of most documents."""
DOCUMENTS = [
    *(text for text in TEXTS if len(text) != 300),
    *BLANK_TEXTS,
    "Paris, (France).",
    "!?!",
    "word " * 290,
    "- a - b",
]
Miniature = Callable[..., Path]
Load = Callable[..., Any]


def apart(left: list[Vector], right: list[Vector]) -> float:
    """The largest difference between two lists of multi-vectors, whose shapes must be equal."""
    assert [rows.shape for rows in left] == [rows.shape for rows in right]
    return max(float(np.abs(one - other).max()) for one, other in zip(left, right, strict=True) if one.size)


@pytest.mark.parametrize("options", [{}, {"head": 96}, {"head": 64}, {"pooler": True}, {"shards": 2}], ids=str)
def test_documents_equal_the_second_opinion(options: dict[str, Any], miniature: Miniature, load: Load) -> None:
    folder = miniature(NAME, **options)
    result = load(NAME, folder).embed(DOCUMENTS, **PASSAGE)
    assert apart(result.vectors, [reference.embed_document(folder, text) for text in DOCUMENTS]) <= EQUAL
    assert result.dimensions == options.get("head", 128)
    assert all(rows.dtype == np.float32 for rows in result.vectors)


@pytest.mark.parametrize("options", [{}, {"head": 96}, {"head": 64}], ids=str)
def test_queries_equal_the_second_opinion(options: dict[str, Any], miniature: Miniature, load: Load) -> None:
    folder = miniature(NAME, **options)
    result = load(NAME, folder).embed(DOCUMENTS, **QUERY)
    assert apart(result.vectors, [reference.embed_query(folder, text) for text in DOCUMENTS]) <= EQUAL


def test_a_query_is_always_32_vectors_of_length_one(load: Load) -> None:
    result = load(NAME).embed(["", "tea", "word " * 29, "word " * 30, "word " * 500], **QUERY)
    assert [rows.shape for rows in result.vectors] == [(32, 128)] * 5
    assert result.token_counts == (32,) * 5
    assert result.truncated == (False, False, False, True, True)
    assert all(np.abs(np.linalg.norm(rows, axis=1) - 1).max() <= 1e-5 for rows in result.vectors)


def test_a_document_counts_its_marker_and_what_is_dropped_afterwards(miniature: Miniature, load: Load) -> None:
    result = load(NAME).embed(DOCUMENTS, **PASSAGE)
    assert list(result.token_counts) == [len(reference.document_ids(miniature(NAME), text)) for text in DOCUMENTS]
    marks = DOCUMENTS.index("!?!")
    assert len(result.vectors[marks]) < result.token_counts[marks]


def test_a_document_beyond_the_limit_is_cut_and_said_to_be(miniature: Miniature, load: Load) -> None:
    texts = ["word " * 297, "tea", "word " * 9_000]
    result = load(NAME).embed(texts, **PASSAGE)
    assert result.token_counts == (300, 4, LIMIT)
    assert result.truncated == (False, False, True)
    expected = [reference.embed_document(miniature(NAME), text, LIMIT) for text in texts]
    assert apart(result.vectors, expected) <= EQUAL


def test_without_truncation_a_long_query_is_an_error_with_its_numbers(load: Load) -> None:
    with pytest.raises(InputError) as caught:
        load(NAME).embed(["tea", "word " * 500], **QUERY, truncate=False)
    assert all(str(number) in caught.value.message for number in (1, 503, 32))


def test_without_truncation_a_long_document_is_an_error_with_its_numbers(load: Load) -> None:
    with pytest.raises(InputError) as caught:
        load(NAME).embed(["tea", "word " * 9_000], **PASSAGE, truncate=False)
    numbers = {int(number) for number in re.findall(r"\d+", caught.value.message.replace(",", ""))}
    assert {1, 9_003, LIMIT} <= numbers


@pytest.mark.parametrize("batch_tokens", [1, 64, 400, None])
def test_a_document_has_the_same_rows_whoever_shares_its_batch(batch_tokens: int | None, load: Load) -> None:
    model = load(NAME)
    alone = model.embed("Paris, France.", **PASSAGE).vectors
    for texts in (["word " * 250, "Paris, France."], ["", "Paris, France.", "word " * 250], ["Paris, France."] * 3):
        together = model.embed(texts, **PASSAGE, batch_tokens=batch_tokens).vectors
        assert apart([together[texts.index("Paris, France.")]], alone) <= EQUAL
    assert np.abs(np.linalg.norm(alone[0], axis=1) - 1).max() <= 1e-5


def test_a_bare_text_is_a_list_of_one_multi_vector_and_no_texts_an_empty_list(load: Load) -> None:
    assert [rows.ndim for rows in load(NAME).embed("tea", **QUERY).vectors] == [2]
    empty = load(NAME).embed([], **PASSAGE)
    assert (list(empty.vectors), empty.token_counts) == ([], ())


@pytest.mark.parametrize("options", [{}, {"head": 64}], ids=str)
def test_reranking_is_maxsim(options: dict[str, Any], miniature: Miniature, load: Load) -> None:
    folder = miniature(NAME, **options)
    ranking = load(NAME, folder).rerank("warm soup?", DOCUMENTS)
    expected = np.array([reference.score(folder, "warm soup?", text) for text in DOCUMENTS])
    assert ranking.scores.dtype == np.float32
    assert np.abs(ranking.scores - expected).max() <= 5e-5  # a sum of 32 cosines
    assert [item.index for item in ranking] == list(np.argsort(-ranking.scores, kind="stable"))
    assert ranking.scores.max() <= 32 + 1e-4


def test_scores_do_not_depend_on_the_other_documents(load: Load) -> None:
    model = load(NAME)
    alone = model.rerank("tea", ["green tea"]).scores[0]
    together = model.rerank("tea", ["word " * 290, "green tea", "", "x", "green tea"]).scores
    assert abs(alone - together[1]) <= 5e-5
    assert together[1] == together[4]


def test_reranking_nothing_gives_an_empty_ranking(load: Load) -> None:
    ranking = load(NAME).rerank("tea", [])
    assert (len(ranking), ranking.scores.shape, ranking.scores.dtype) == (0, (0,), np.float32)
    assert len(ranking.to_frame()) == 0
    assert "no documents" in repr(ranking).lower()


def test_reranking_cuts_at_top_n_and_leaves_documents_out(load: Load) -> None:
    ranking = load(NAME).rerank("tea", TEXTS, top_n=2, return_documents=False)
    assert [item.rank for item in ranking] == [1, 2]
    assert [item.document for item in ranking] == [None, None]
    assert ranking.scores.shape == (len(TEXTS),)


def test_hundreds_of_documents_are_ranked(miniature: Miniature, load: Load) -> None:
    documents = [f"{word} number {number}" for number in range(75) for word in ("tea", "apple", "soup", "price")]
    scores = load(NAME).rerank("red apple", documents).scores
    for number in (0, 1, 150, 299):
        assert abs(scores[number] - reference.score(miniature(NAME), "red apple", documents[number])) <= 5e-5


def test_a_single_vector_is_not_to_be_had(load: Load) -> None:
    with pytest.raises(JinaNotebookError, match="return_multivector=True"):
        load(NAME).embed("tea", task="retrieval.query")


@pytest.mark.parametrize("task", [None, "query", "text-matching"])
def test_a_missing_or_unknown_task_is_an_error_that_lists_both(task: str | None, load: Load) -> None:
    with pytest.raises(OptionError) as caught:
        load(NAME).embed("tea", task=task, return_multivector=True)
    assert "retrieval.query" in str(caught.value)
    assert "retrieval.passage" in str(caught.value)


@pytest.mark.parametrize("size", [64, 96, 32, 0, 256])
def test_a_head_cannot_be_cut_to_the_size_of_another(size: int, load: Load) -> None:
    with pytest.raises(OptionError, match="128"):
        load(NAME).embed("tea", **QUERY, dimensions=size)


def test_the_size_of_the_head_may_be_asked_for(miniature: Miniature, load: Load) -> None:
    model = load(NAME, miniature(NAME, head=96))
    assert tuple(model.token_dimensions) == (96,)
    assert model.embed("tea", **QUERY, dimensions=96).vectors[0].shape == (32, 96)


def test_late_chunking_is_refused(load: Load) -> None:
    with pytest.raises(JinaNotebookError, match=NAME):
        load(NAME).embed(["tea ", "soup"], **PASSAGE, late_chunking=True)


def test_markers_are_found_by_their_text_and_not_by_a_number(
    miniature: Miniature, load: Load, altered: Callable[..., Path]
) -> None:
    folder = altered(NAME)
    content = (folder / "tokenizer.json").read_text(encoding="utf-8")
    swapped = content.replace("[QueryMarker]", "[X]").replace("[DocumentMarker]", "[QueryMarker]")
    (folder / "tokenizer.json").write_text(swapped.replace("[X]", "[DocumentMarker]"), encoding="utf-8")
    rows = load(NAME, folder).embed("tea", **PASSAGE).vectors
    assert apart(rows, [reference.embed_document(folder, "tea")]) <= EQUAL
    assert apart(rows, load(NAME).embed("tea", **PASSAGE).vectors) > 1e-3


def test_a_tokenizer_without_the_markers_is_refused_by_name(load: Load, altered: Callable[..., Path]) -> None:
    folder = altered(NAME)
    content = (folder / "tokenizer.json").read_text(encoding="utf-8")
    (folder / "tokenizer.json").write_text(content.replace("[QueryMarker]", "[Other]"), encoding="utf-8")
    with pytest.raises(JinaNotebookError, match=r"\[QueryMarker\]"):
        load(NAME, folder)


def test_spelled_markers_leave_the_neighbours_alone(load: Load) -> None:
    model = load(NAME)
    texts = ["tea", "[DocumentMarker] [QueryMarker] <mask> <pad>", "soup"]
    together = model.embed(texts, **PASSAGE).vectors
    assert apart(together, [model.embed(text, **PASSAGE).vectors[0] for text in texts]) <= EQUAL


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_gives_float32_rows_near_the_exact_ones(dtype: str, load: Load) -> None:
    exact = load(NAME).embed(TEXTS, **PASSAGE).vectors
    half = load(NAME, dtype=dtype).embed(TEXTS, **PASSAGE).vectors
    for one, other in zip(exact, half, strict=True):
        assert other.dtype == np.float32
        assert (one * other).sum(axis=1).min() > 0.98
        assert np.abs(np.linalg.norm(other, axis=1) - 1).max() <= 1e-5


def test_numbers_that_are_not_finite_never_leave(altered: Callable[..., Path], load: Load) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        tensors["linear.weight"][0, 0] = float("nan")

    model = load(NAME, altered(NAME, spoil))
    with pytest.raises(InferenceError, match=NAME):
        model.embed(["tea", "soup"], **PASSAGE)
    with pytest.raises(InferenceError, match=NAME):
        model.rerank("tea", ["soup"])
