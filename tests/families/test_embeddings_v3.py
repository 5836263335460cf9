"""jina-embeddings-v3: adapters on every matrix, instructions, late chunking."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from jina_notebook.errors import InputError, JinaNotebookError, OptionError, TextTooLongError
from tests.families.references import embeddings_v3 as reference

NAME = "jina-embeddings-v3"
EQUAL = 1e-5
CHUNKS = [
    "Paris is the capital of France. ",
    "It has warm bread, ",
    "and a river. ",
    "The number of visitors is 12345.",
]
Miniature = Callable[..., Path]
Load = Callable[..., Any]


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


@pytest.mark.parametrize("part", ["word_embeddings", "token_type_embeddings", "Wqkv", "out_proj", "fc1", "fc2"])
def test_every_kind_of_adapted_matrix_takes_part(
    part: str, miniature: Miniature, altered: Callable[..., Path], load: Load
) -> None:
    def silence(tensors: dict[str, torch.Tensor]) -> None:
        for key, value in tensors.items():
            if part in key and "lora_B" in key:
                value.zero_()

    folder = altered(NAME, silence)
    vectors = load(NAME, folder).embed(["red apple"], task="retrieval.passage").vectors
    assert difference(vectors, reference.embed(folder, ["red apple"], "retrieval.passage")) <= EQUAL
    assert difference(vectors, load(NAME).embed(["red apple"], task="retrieval.passage").vectors) > 1e-3


def test_tasks_switch_back_and_forth_without_leaving_a_trace(load: Load) -> None:
    model = load(NAME)
    tasks = list(reference.INSTRUCTIONS)
    first = {task: model.embed(["red apple", "tea"], task=task).vectors for task in tasks}
    for task in [*tasks[::-1], *tasks, tasks[0], tasks[3], tasks[0]]:
        assert difference(model.embed(["red apple", "tea"], task=task).vectors, first[task]) == 0


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_tasks_leave_no_trace_in_half_precision_either(dtype: str, load: Load) -> None:
    model = load(NAME, dtype=dtype)
    first = model.embed("red apple", task="separation").vectors
    for task in [*reference.INSTRUCTIONS] * 4:
        model.embed("red apple", task=task)
    assert difference(model.embed("red apple", task="separation").vectors, first) == 0


def test_the_scale_and_the_order_of_adapters_come_from_the_configuration(
    altered: Callable[..., Path], load: Load
) -> None:
    names = list(reference.INSTRUCTIONS)
    folder = altered(NAME, config={"lora_alpha": 3, "lora_adaptations": [*names[1:], names[0]]})
    for task in names:
        vectors = load(NAME, folder).embed(["red apple"], task=task).vectors
        assert difference(vectors, reference.embed(folder, ["red apple"], task)) <= EQUAL


def test_the_rotary_base_comes_from_the_configuration(altered: Callable[..., Path], load: Load) -> None:
    folder = altered(NAME, config={"rotary_emb_base": 500.0})
    vectors = load(NAME, folder).embed(["red apple and green tea"], task="separation").vectors
    assert difference(vectors, reference.embed(folder, ["red apple and green tea"], "separation")) <= EQUAL


def test_a_copy_that_was_saved_again_with_a_model_type_is_read_the_same(
    altered: Callable[..., Path], load: Load
) -> None:
    vectors = load(NAME, altered(NAME, config={"model_type": "xlm-roberta"})).embed("tea", task="separation").vectors
    assert difference(vectors, load(NAME).embed("tea", task="separation").vectors) == 0


def test_the_sizes_are_those_that_the_configuration_lists(altered: Callable[..., Path], load: Load) -> None:
    model = load(NAME, altered(NAME, config={"matryoshka_dimensions": [64, 128]}))
    assert tuple(model.dimensions) == (64, 128)
    with pytest.raises(OptionError, match="32"):
        model.embed("tea", task="separation", dimensions=32)


def test_the_token_count_of_nothing_is_the_two_specials(load: Load) -> None:
    assert load(NAME).embed(["", "  \n"], task="separation").token_counts == (2, 2)


@pytest.mark.parametrize("task", ["retrieval.passage", "text-matching", "retrieval.query"])
def test_late_chunks_equal_the_second_opinion(task: str, miniature: Miniature, load: Load) -> None:
    result = load(NAME).embed(CHUNKS, task=task, late_chunking=True)
    assert difference(result.vectors, reference.embed_late(miniature(NAME), CHUNKS, task)) <= EQUAL
    assert np.abs(np.linalg.norm(result.vectors, axis=1) - 1).max() <= 1e-6


def test_late_chunks_are_cut_to_a_size_and_brought_to_length_one(miniature: Miniature, load: Load) -> None:
    vectors = load(NAME).embed(CHUNKS, task="retrieval.passage", late_chunking=True, dimensions=32).vectors
    assert difference(vectors, reference.embed_late(miniature(NAME), CHUNKS, "retrieval.passage", 32)) <= EQUAL


def test_one_chunk_is_the_whole_document(load: Load) -> None:
    text = "".join(CHUNKS)
    late = load(NAME).embed([text], task="retrieval.passage", late_chunking=True).vectors
    assert difference(late, load(NAME).embed(text, task="retrieval.passage").vectors) <= EQUAL


def test_a_chunk_knows_its_document(load: Load) -> None:
    model, arguments = load(NAME), {"task": "retrieval.passage", "late_chunking": True}
    here = model.embed(["tea. ", "It is warm. "], **arguments).vectors[1]
    there = model.embed(["soup. ", "It is warm. "], **arguments).vectors[1]
    assert difference(here, there) > 1e-3


@pytest.mark.parametrize("batch_tokens", [1, 50, None])
def test_several_documents_give_rows_in_reading_order(
    batch_tokens: int | None, miniature: Miniature, load: Load
) -> None:
    documents = [CHUNKS, ["red apple "], ["tea, " * 60, "soup. "], CHUNKS[::-1]]
    result = load(NAME).embed(documents, task="retrieval.passage", late_chunking=True, batch_tokens=batch_tokens)
    expected = [reference.embed_late(miniature(NAME), chunks, "retrieval.passage") for chunks in documents]
    assert difference(result.vectors, np.concatenate(expected)) <= EQUAL


def test_tuples_and_series_of_chunks_are_documents_too(load: Load) -> None:
    import pandas as pd

    arguments = {"task": "retrieval.passage", "late_chunking": True}
    expected = load(NAME).embed(CHUNKS, **arguments).vectors
    for chunks in (tuple(CHUNKS), pd.Series(CHUNKS, index=[3, 3, 1, 0]), (chunk for chunk in CHUNKS)):
        assert difference(load(NAME).embed(chunks, **arguments).vectors, expected) <= EQUAL


def test_non_latin_chunks_keep_their_borders(miniature: Miniature, load: Load) -> None:
    chunks = ["日本語のテキスト。 ", "שלום עולם ", "\U0001f469‍\U0001f680 über ", "fin"]
    vectors = load(NAME).embed(chunks, task="retrieval.passage", late_chunking=True).vectors
    assert difference(vectors, reference.embed_late(miniature(NAME), chunks, "retrieval.passage")) <= EQUAL


def test_a_document_beyond_the_limit_is_read_in_windows(load: Load) -> None:
    arguments = {"task": "retrieval.passage", "late_chunking": True}
    chunks = [*(f"{word} " * 1_650 for word in ("red", "tea", "soup", "bread", "price")), "query " * 700]
    whole = load(NAME).embed(chunks, **arguments)
    assert whole.vectors.shape == (6, 128)
    assert np.isfinite(whole.vectors).all()
    assert np.abs(np.linalg.norm(whole.vectors, axis=1) - 1).max() <= 1e-6
    assert not any(whole.truncated)
    # the last chunk lies beyond the first window: it is read, and the first chunks do not know it
    other = load(NAME).embed([*chunks[:-1], "city " * 700], **arguments)
    assert difference(whole.vectors[:4], other.vectors[:4]) <= EQUAL
    assert difference(whole.vectors[5], other.vectors[5]) > 1e-2


@pytest.mark.parametrize("inputs", [[], [[]], [[], []]], ids=repr)
def test_documents_without_chunks_give_no_rows(inputs: Any, load: Load) -> None:
    result = load(NAME).embed(inputs, task="retrieval.passage", late_chunking=True)
    assert result.vectors.shape == (0, 128)
    assert result.token_counts == ()


def test_a_document_without_chunks_between_others_leaves_no_row(load: Load) -> None:
    arguments = {"task": "retrieval.passage", "late_chunking": True}
    result = load(NAME).embed([["tea "], [], ["soup"]], **arguments)
    assert difference(result.vectors, load(NAME).embed([["tea "], ["soup"]], **arguments).vectors) <= EQUAL
    assert len(result.token_counts) == len(result.truncated) == len(result.inputs) == 2


@pytest.mark.parametrize("chunks", [["tea ", "", "soup"], [""], ["tea", "  "]], ids=repr)
def test_a_chunk_without_a_token_is_an_error_that_shows_it_or_has_the_specials(chunks: Any, load: Load) -> None:
    if len(chunks) == 1:
        vectors = load(NAME).embed(chunks, task="retrieval.passage", late_chunking=True).vectors
        assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() <= 1e-6
    elif chunks[-1] == "soup":
        with pytest.raises(InputError, match=r"\b1\b.*''"):
            load(NAME).embed(chunks, task="retrieval.passage", late_chunking=True)
    else:
        with pytest.raises(InputError, match=r"\b1\b"):
            load(NAME).embed(chunks, task="retrieval.passage", late_chunking=True)


@pytest.mark.parametrize(
    "inputs",
    ["one text", [["tea"], "soup"], ["tea", ["soup"]], [["tea", 3]], [["tea", None]], {"a": ["tea"]}, None],
    ids=repr,
)
def test_what_is_no_list_of_chunks_is_an_error(inputs: Any, load: Load) -> None:
    with pytest.raises(InputError):
        load(NAME).embed(inputs, task="retrieval.passage", late_chunking=True)


def test_late_chunking_and_multi_vectors_do_not_go_together(load: Load) -> None:
    with pytest.raises(JinaNotebookError, match=re.escape(NAME)):
        load(NAME).embed(CHUNKS, task="retrieval.passage", late_chunking=True, return_multivector=True)


def test_without_truncation_the_limit_holds_for_plain_texts_of_eight_thousand_tokens(load: Load) -> None:
    with pytest.raises(TextTooLongError, match=r"8,?192"):
        load(NAME).embed(["tea", "word " * 8_191], task="separation", truncate=False)
    assert load(NAME).embed("word " * 8_190, task="separation", truncate=False).token_counts == (8192,)
