"""What holds for every embedding model: it equals its second opinion, alone and in company."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from jina_notebook.errors import InferenceError, JinaNotebookError, OptionError, TextTooLongError
from tests.families.cases import EMBEDDERS, ONE_TASK_EACH, TEXTS, EmbeddingCase

EQUAL = 1e-5
Miniature = Callable[..., Path]
Load = Callable[..., Any]
Altered = Callable[..., Path]
LAST_NORM = "roberta.encoder.layers.1.norm2.weight"
every_embedder = pytest.mark.parametrize("case", EMBEDDERS.values(), ids=EMBEDDERS)


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


@pytest.mark.parametrize(("name", "task"), ONE_TASK_EACH)
def test_vectors_of_every_task_equal_the_second_opinion(name: str, task: str, miniature: Miniature, load: Load) -> None:
    result = load(name).embed(TEXTS, task=task)
    assert result.vectors.dtype == np.float32
    assert difference(result.vectors, EMBEDDERS[name].reference(miniature(name), TEXTS, task)) <= EQUAL
    assert result.task == task
    assert result.model == name


@pytest.mark.parametrize(("name", "task"), ONE_TASK_EACH)
def test_token_counts_are_the_ids_that_the_network_sees(name: str, task: str, miniature: Miniature, load: Load) -> None:
    result = load(name).embed(TEXTS, task=task)
    assert list(result.token_counts) == [len(EMBEDDERS[name].ids(miniature(name), text, task)) for text in TEXTS]
    assert list(result.truncated) == [False] * len(TEXTS)


@every_embedder
def test_a_shorter_vector_is_cut_first_and_brought_to_length_one_then(
    case: EmbeddingCase, miniature: Miniature, load: Load
) -> None:
    model = load(case.name)
    assert tuple(model.dimensions) == case.dimensions
    full = model.embed(TEXTS, task=case.task)
    assert full.dimensions == case.dimensions[-1]
    for size in case.dimensions:
        cut = model.embed(TEXTS, task=case.task, dimensions=size)
        assert (cut.dimensions, cut.vectors.shape) == (size, (len(TEXTS), size))
        assert difference(cut.vectors, case.reference(miniature(case.name), TEXTS, case.task, size)) <= EQUAL
        assert np.abs(np.linalg.norm(cut.vectors, axis=1) - 1).max() <= 1e-6
        expected = full.vectors[:, :size] / np.linalg.norm(full.vectors[:, :size], axis=1, keepdims=True)
        assert difference(cut.vectors, expected) <= 1e-6


@every_embedder
@pytest.mark.parametrize("batch_tokens", [1, 64, 700, 1_000_000, None])
def test_a_text_has_the_same_vector_whoever_shares_its_batch(
    case: EmbeddingCase, batch_tokens: int | None, load: Load
) -> None:
    model = load(case.name)
    alone = model.embed("red apple", task=case.task).vectors[0]
    for position in range(4):
        texts = ["pear " * 700, "", "green tea"]
        texts.insert(position, "red apple")
        vectors = model.embed(texts, task=case.task, batch_tokens=batch_tokens).vectors
        assert difference(vectors[position], alone) <= EQUAL


@every_embedder
def test_order_is_the_callers_also_with_many_texts_of_mixed_length(case: EmbeddingCase, load: Load) -> None:
    texts = [f"{word} " * length for length in (30, 1, 400, 7) for word in ("apple", "pear", "tea", "soup")] * 2
    model = load(case.name)
    together = model.embed(texts, task=case.task, batch_tokens=500)
    one_by_one = [model.embed(text, task=case.task) for text in texts]
    assert difference(together.vectors, [single.vectors[0] for single in one_by_one]) <= EQUAL
    assert list(together.token_counts) == [single.token_counts[0] for single in one_by_one]


@every_embedder
def test_a_bare_text_counts_as_one_input(case: EmbeddingCase, load: Load) -> None:
    result = load(case.name).embed("red apple", task=case.task)
    assert result.vectors.shape == (1, case.dimensions[-1])
    assert len(result.token_counts) == len(result.truncated) == 1


@every_embedder
def test_no_inputs_give_no_rows(case: EmbeddingCase, load: Load) -> None:
    result = load(case.name).embed([], task=case.task, dimensions=case.dimensions[0])
    assert result.vectors.shape == (0, case.dimensions[0])
    assert (tuple(result.token_counts), tuple(result.truncated)) == ((), ())


@every_embedder
def test_different_texts_and_tasks_have_clearly_different_vectors(case: EmbeddingCase, load: Load) -> None:
    model = load(case.name)
    rows = model.embed(TEXTS, task=case.task).vectors
    assert (rows @ rows.T - np.eye(len(TEXTS))).max() < 0.9995
    query, passage = (model.embed("refund policy", task=task).vectors[0] for task in case.tasks[:2])
    assert float(query @ passage) < 0.99


def short_context(case: EmbeddingCase, miniature: Miniature, altered: Altered) -> tuple[Path, int]:
    """A checkpoint whose limit is quickly reached, and that limit. v3's is fixed, whatever its configuration says."""
    if case.name == "jina-embeddings-v3":
        return miniature(case.name), 8192
    return altered(case.name, config={"max_position_embeddings": 90}), 90


@every_embedder
def test_a_text_beyond_the_limit_is_cut_and_said_to_be(
    case: EmbeddingCase, miniature: Miniature, altered: Altered, load: Load
) -> None:
    folder, limit = short_context(case, miniature, altered)
    texts = ["red " * (limit + 5), "short", "tea " * 3 * limit]
    result = load(case.name, folder).embed(texts, task=case.task)
    assert list(result.truncated) == [True, False, True]
    assert result.token_counts[0] == result.token_counts[2] == limit
    assert difference(result.vectors, case.reference(folder, texts, case.task)) <= EQUAL
    assert "2 of 3 truncated" in repr(result)


@every_embedder
def test_a_text_of_exactly_the_limit_is_not_cut(
    case: EmbeddingCase, miniature: Miniature, altered: Altered, load: Load
) -> None:
    folder, limit = short_context(case, miniature, altered)
    spare = limit - len(case.ids(folder, "red", case.task))
    texts = ["red" + " red" * spare, "red" + " red" * (spare + 1)]
    result = load(case.name, folder).embed(texts, task=case.task, truncate=True)
    assert list(result.token_counts) == [limit, limit]
    assert list(result.truncated) == [False, True]
    exact = load(case.name, folder).embed(texts[:1], task=case.task, truncate=False)
    assert difference(exact.vectors, result.vectors[:1]) <= EQUAL


@every_embedder
def test_without_truncation_a_long_text_is_an_error_with_position_count_and_limit(
    case: EmbeddingCase, miniature: Miniature, altered: Altered, load: Load
) -> None:
    folder, limit = short_context(case, miniature, altered)
    spare = limit - len(case.ids(folder, "red", case.task))
    texts = ["short", "red" + " red" * (spare + 7), "red" + " red" * (spare + 9)]
    with pytest.raises(TextTooLongError) as caught:
        load(case.name, folder).embed(texts, task=case.task, truncate=False)
    numbers = re.findall(r"\d+", caught.value.message.replace(",", "").replace(case.name, ""))
    assert {"1", str(limit + 7), str(limit)} <= set(numbers), caught.value.message


@every_embedder
def test_the_published_limit_is_the_one_of_the_checkpoint(case: EmbeddingCase, load: Load) -> None:
    with pytest.raises(TextTooLongError, match=str(case.limit) + "|" + f"{case.limit:,}"):
        load(case.name).embed("word " * (case.limit + 10), task=case.task, truncate=False)


@every_embedder
@pytest.mark.parametrize("task", [None, "retrieval", "query", "nl2code", "", "RETRIEVAL.QUERY"])
def test_a_missing_or_unknown_task_is_an_error_that_lists_the_tasks(
    case: EmbeddingCase, task: str | None, load: Load
) -> None:
    with pytest.raises(OptionError) as caught:
        load(case.name).embed("refund policy", task=task)
    assert all(known in str(caught.value) for known in case.tasks)
    if task:
        assert repr(task) in caught.value.message


@every_embedder
@pytest.mark.parametrize("size", [0, -64, 1, 65, 100, 1024, 64.0, "64", True])
def test_an_unknown_size_is_an_error_that_lists_the_sizes(case: EmbeddingCase, size: Any, load: Load) -> None:
    with pytest.raises(OptionError) as caught:
        load(case.name).embed("red apple", task=case.task, dimensions=size)
    assert str(size) in caught.value.message
    assert all(str(known) in str(caught.value) for known in case.dimensions)


@every_embedder
def test_numpy_integers_are_sizes(case: EmbeddingCase, load: Load) -> None:
    result = load(case.name).embed("red apple", task=case.task, dimensions=np.int64(case.dimensions[0]))
    assert result.vectors.shape == (1, case.dimensions[0])
    assert type(result.dimensions) is int


@every_embedder
def test_multi_vectors_are_refused_where_the_model_has_none(case: EmbeddingCase, load: Load) -> None:
    with pytest.raises(JinaNotebookError, match=re.escape(case.name)):
        load(case.name).embed("red apple", task=case.task, return_multivector=True)


@pytest.mark.parametrize("name", sorted(set(EMBEDDERS) - {"jina-embeddings-v3"}))
def test_late_chunking_is_refused_where_the_model_has_none(name: str, load: Load) -> None:
    with pytest.raises(JinaNotebookError, match=re.escape(name)):
        load(name).embed(["red ", "apple"], task=EMBEDDERS[name].task, late_chunking=True)


@every_embedder
@pytest.mark.parametrize("batch_tokens", [0, -1, "many", 2.5])
def test_a_batch_budget_that_is_no_positive_number_is_an_error(
    case: EmbeddingCase, batch_tokens: Any, load: Load
) -> None:
    with pytest.raises(OptionError, match=re.escape(repr(batch_tokens))):
        load(case.name).embed("red apple", task=case.task, batch_tokens=batch_tokens)


@every_embedder
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_gives_float32_vectors_of_length_one_near_the_exact_ones(
    case: EmbeddingCase, dtype: str, load: Load
) -> None:
    exact = load(case.name).embed(TEXTS, task=case.task).vectors
    half = load(case.name, dtype=dtype).embed(TEXTS, task=case.task).vectors
    assert half.dtype == np.float32
    assert np.abs(np.linalg.norm(half, axis=1) - 1).max() <= 1e-6
    assert (half * exact).sum(axis=1).min() >= 0.995
    assert np.abs(half - exact).max() > 0


@every_embedder
@pytest.mark.parametrize("shards", [2, 5])
def test_sharded_checkpoints_give_the_same_vectors(
    case: EmbeddingCase, shards: int, miniature: Miniature, load: Load
) -> None:
    single = load(case.name).embed(TEXTS, task=case.task).vectors
    sharded = load(case.name, miniature(case.name, shards=shards)).embed(TEXTS, task=case.task).vectors
    assert difference(sharded, single) == 0


@every_embedder
def test_checkpoints_stored_in_another_dtype_give_the_vectors_of_their_own_values(
    case: EmbeddingCase, miniature: Miniature, load: Load
) -> None:
    for stored in ("float32", "float16"):
        folder = miniature(case.name, dtype=stored)
        vectors = load(case.name, folder).embed(TEXTS, task=case.task).vectors
        assert difference(vectors, case.reference(folder, TEXTS, case.task)) <= EQUAL


@every_embedder
@pytest.mark.parametrize("seed", [1, 2])
def test_other_weights_give_other_vectors_that_equal_their_second_opinion(
    case: EmbeddingCase, seed: int, miniature: Miniature, load: Load
) -> None:
    folder = miniature(case.name, seed=seed)
    vectors = load(case.name, folder).embed(TEXTS, task=case.task).vectors
    assert difference(vectors, case.reference(folder, TEXTS, case.task)) <= EQUAL
    assert difference(vectors, load(case.name).embed(TEXTS, task=case.task).vectors) > 0.05


@every_embedder
def test_numbers_that_are_not_finite_never_leave(case: EmbeddingCase, altered: Altered, load: Load) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        key = next(key for key in ("model.norm.weight", "norm.weight", LAST_NORM) if key in tensors)
        tensors[key][3] = float("inf")

    model = load(case.name, altered(case.name, spoil))
    with pytest.raises(InferenceError) as caught:
        model.embed(["x = 1", "y = 2"], task=case.task)
    assert case.name in caught.value.message
    assert "float32" in caught.value.message
    assert re.search(r"\b0\b", caught.value.message.replace(case.name, ""))


@every_embedder
def test_the_position_of_a_text_that_gives_no_usable_numbers_is_named(
    case: EmbeddingCase, altered: Altered, load: Load
) -> None:
    token = case.ids(altered(case.name), "a cup of tea", case.task)[-1 - case.ends_with_special]

    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        key = next(key for key in tensors if "embed_tokens" in key or ("word_embeddings" in key and "lora" not in key))
        tensors[key][token] = float("nan")

    model = load(case.name, altered(case.name, spoil))
    with pytest.raises(InferenceError) as caught:
        model.embed(["red apple", "soup", "a cup of tea", "bread"], task=case.task)
    assert re.search(r"\b2\b", caught.value.message.replace(case.name, "")), caught.value.message
    assert model.embed(["red apple", "soup"], task=case.task).vectors.shape[0] == 2


@every_embedder
def test_a_half_precision_fault_has_float32_as_its_hint(case: EmbeddingCase, altered: Altered, load: Load) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        key = next(key for key in ("model.norm.weight", "norm.weight", LAST_NORM) if key in tensors)
        tensors[key][3] = float("inf")

    model = load(case.name, altered(case.name, spoil), dtype="bfloat16")
    with pytest.raises(InferenceError) as caught:
        model.embed("x = 1", task=case.task)
    assert "bfloat16" in caught.value.message
    assert "float32" in (caught.value.hint or "")
