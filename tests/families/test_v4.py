"""jina-embeddings-v4 against its second opinion: texts, pictures, multi-vectors, three adapters, late chunks."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from jina_notebook.errors import (
    InputError,
    JinaNotebookError,
    OptionError,
    TextTooLongError,
)
from tests.families.cases import BLANK_TEXTS, TEXTS
from tests.families.pictures import photo, solid
from tests.families.references import embeddings_v4 as reference
from tests.families.references.network import token_ids
from tests.families.references.qwen_vision import RESAMPLERS, image_tokens

NAME = "jina-embeddings-v4"
EQUAL = 1e-5
TASKS = tuple(reference.TASKS)
EXACT = [photo(84, 56, 1), photo(140, 112, 2), solid(28, 56, (210, 34, 159)), solid(1, 1, (200, 30, 30)), solid(2, 3)]
"""Pictures of the network's own sizes, and of one colour: resizing them leaves no choice."""
RESIZED = [photo(131, 90, 3), photo(300, 200, 4), photo(61, 93, 5), photo(30, 400, 6)]
CHUNKS = ["Paris is the capital of France. ", "It has warm bread, ", "and a river. ", "It has 12345 visitors."]
Miniature = Callable[..., Path]
Load = Callable[..., Any]
Altered = Callable[..., Path]


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


def opinion(folder: Path, picture: Image.Image, task: str, vector: Any, size: int | None = None) -> float:
    """How far a picture's vector is from the nearer of two opinions, one for each way of resizing."""
    return min(
        difference(vector, reference.embed_one(folder, picture, task, size, resampler)) for resampler in RESAMPLERS
    )


@pytest.mark.parametrize("task", TASKS)
def test_texts_of_every_task_equal_the_second_opinion(task: str, miniature: Miniature, load: Load) -> None:
    texts = [*TEXTS, *BLANK_TEXTS]
    result = load(NAME).embed(texts, task=task)
    assert result.vectors.dtype == np.float32
    assert result.task == task
    assert difference(result.vectors, reference.embed(miniature(NAME), texts, task)) <= EQUAL
    assert list(result.token_counts) == [len(reference.ids(miniature(NAME), text, task)) for text in texts]
    assert not any(result.truncated)


@pytest.mark.parametrize("task", TASKS)
def test_pictures_of_every_task_equal_the_second_opinion(task: str, miniature: Miniature, load: Load) -> None:
    result = load(NAME).embed([*EXACT, *RESIZED], task=task)
    assert difference(result.vectors[: len(EXACT)], reference.embed(miniature(NAME), EXACT, task)) <= EQUAL
    for picture, vector in zip(RESIZED, result.vectors[len(EXACT) :], strict=True):
        assert opinion(miniature(NAME), picture, task, vector) <= EQUAL
    expected = [len(reference.image_ids(miniature(NAME), picture)) for picture in [*EXACT, *RESIZED]]
    assert list(result.token_counts) == expected


def test_both_sides_of_a_task_share_an_adapter_and_pictures_know_no_side(load: Load) -> None:
    model = load(NAME)
    for query, passage in (("retrieval.query", "retrieval.passage"), ("code.query", "code.passage")):
        left, right = (model.embed(["tea", EXACT[0]], task=task).vectors for task in (query, passage))
        assert difference(left[0], right[0]) > 1e-3
        assert difference(left[1], right[1]) == 0
    rows = [model.embed(EXACT[0], task=task).vectors[0] for task in ("text-matching", "retrieval.query", "code.query")]
    assert max(float(rows[0] @ rows[1]), float(rows[0] @ rows[2]), float(rows[1] @ rows[2])) < 0.999


def test_text_matching_reads_texts_as_queries(load: Load) -> None:
    model = load(NAME)
    spelled = model.embed("Query: tea", return_multivector=True, task="text-matching").vectors[0]
    assert spelled.shape[0] > model.embed("tea", return_multivector=True, task="text-matching").vectors[0].shape[0]


@pytest.mark.parametrize("task", TASKS)
def test_multi_vectors_of_texts_and_pictures_equal_the_second_opinion(
    task: str, miniature: Miniature, load: Load
) -> None:
    items: list[str | Image.Image] = ["red apple", "", TEXTS[5], EXACT[1], EXACT[3]]
    result = load(NAME).embed(items, task=task, return_multivector=True)
    assert result.dimensions == 128
    for item, rows, count in zip(items, result.vectors, result.token_counts, strict=True):
        assert rows.dtype == np.float32
        assert rows.shape == (count, 128)
        assert difference(rows, reference.embed_tokens(miniature(NAME), item, task)) <= EQUAL
        assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() <= 1e-6


def test_multi_vectors_do_not_depend_on_their_company(load: Load) -> None:
    arguments = {"task": "retrieval.passage", "return_multivector": True}
    items = ["tea", EXACT[1], "word " * 200, EXACT[0], ""]
    model = load(NAME)
    for budget in (1, 60, None):
        together = model.embed(items, batch_tokens=budget, **arguments).vectors
        for item, rows in zip(items, together, strict=True):
            assert difference(rows, model.embed(item, **arguments).vectors[0]) <= EQUAL


@pytest.mark.parametrize("size", [64, 128, 256])
def test_multi_vectors_have_one_size_only(size: int, load: Load) -> None:
    with pytest.raises(OptionError, match=str(size)):
        load(NAME).embed("tea", task="code.query", return_multivector=True, dimensions=size)


@pytest.mark.parametrize("size", [128, 256])
def test_shorter_vectors_are_cut_first_and_brought_to_length_one_then(
    size: int, miniature: Miniature, load: Load
) -> None:
    model = load(NAME)
    assert tuple(model.dimensions) == (128, 256)
    result = model.embed(["red apple", EXACT[0]], task="code.passage", dimensions=size)
    assert result.vectors.shape == (2, size)
    assert (
        difference(result.vectors, reference.embed(miniature(NAME), ["red apple", EXACT[0]], "code.passage", size))
        <= EQUAL
    )
    assert np.abs(np.linalg.norm(result.vectors, axis=1) - 1).max() <= 1e-6


@pytest.mark.parametrize("size", [0, 64, 200, 512, 2048, 128.0, True])
def test_an_unknown_size_is_an_error_that_lists_the_sizes(size: Any, load: Load) -> None:
    with pytest.raises(OptionError) as caught:
        load(NAME).embed("tea", task="code.passage", dimensions=size)
    assert all(str(known) in str(caught.value) for known in (size, 128, 256))


@pytest.mark.parametrize("task", [None, "retrieval", "code", "", "query", "separation"])
def test_a_missing_or_unknown_task_is_an_error_that_lists_the_tasks(task: str | None, load: Load) -> None:
    for item in ("tea", EXACT[0]):
        with pytest.raises(OptionError) as caught:
            load(NAME).embed(item, task=task)
        assert all(known in str(caught.value) for known in TASKS)


@pytest.mark.parametrize("batch_tokens", [1, 60, 300, None])
def test_texts_and_pictures_in_one_list_keep_their_rows(batch_tokens: int | None, load: Load) -> None:
    model = load(NAME)
    inputs = ["a long " * 60, RESIZED[0], "cat", RESIZED[0], EXACT[3], "", RESIZED[1], "tea", EXACT[0]]
    together = model.embed(inputs, task="retrieval.passage", batch_tokens=batch_tokens)
    alone = [model.embed(one, task="retrieval.passage") for one in inputs]
    assert difference(together.vectors, [one.vectors[0] for one in alone]) <= EQUAL
    assert list(together.token_counts) == [one.token_counts[0] for one in alone]
    assert difference(together.vectors[1], together.vectors[3]) <= EQUAL


def test_different_inputs_have_clearly_different_vectors(load: Load) -> None:
    rows = load(NAME).embed(["red apple", "green tea", *EXACT[:3], *RESIZED], task="text-matching").vectors
    assert (rows @ rows.T - np.eye(len(rows))).max() < 0.999


def test_a_colour_of_two_merged_patches_becomes_six_tokens(miniature: Miniature, load: Load) -> None:
    plain = len(reference.image_ids(miniature(NAME), solid(56, 56))) - 4
    assert load(NAME).embed(solid(28, 56), task="text-matching").token_counts[0] - plain == 6


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [(1, 1, 4), (2, 3, 6), (70, 98, 8), (1000, 10, 20), (10, 1000, 20), (1000, 700, 759), (4000, 3000, 768)],
)
def test_pictures_of_any_shape_have_the_published_number_of_tokens(
    width: int, height: int, tokens: int, miniature: Miniature, load: Load
) -> None:
    picture = solid(width, height, (9, 99, 199))
    assert image_tokens(picture) == tokens
    result = load(NAME).embed(picture, task="text-matching")
    assert result.token_counts == (len(reference.image_ids(miniature(NAME), picture)),)
    assert difference(result.vectors, reference.embed(miniature(NAME), [picture], "text-matching")) <= EQUAL


def test_no_warning_is_shown_for_a_picture(load: Load) -> None:
    model = load(NAME)
    torch.set_warn_always(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows = model.embed([EXACT[0], np.asarray(RESIZED[0])], task="text-matching").vectors
    finally:
        torch.set_warn_always(False)
    assert rows.shape == (2, 256)


@pytest.mark.parametrize("size", [(201, 1), (1, 300), (6_020, 30)], ids=str)
def test_a_picture_that_is_too_narrow_is_an_error_with_position_size_and_limit(
    size: tuple[int, int], load: Load
) -> None:
    with pytest.raises(InputError) as caught:
        load(NAME).embed(["tea", solid(*size)], task="text-matching")
    numbers = set(re.findall(r"\d+", caught.value.message.replace(",", "").replace(NAME, "")))
    assert {"1", str(size[0]), str(size[1]), "200"} <= numbers, caught.value.message


@pytest.mark.parametrize(("name", "value"), [("window_size", 112), ("fullatt_block_indexes", [0])])
def test_windows_and_full_blocks_come_from_the_configuration(
    name: str, value: Any, miniature: Miniature, altered: Altered, load: Load
) -> None:
    vision = json.loads((miniature(NAME) / "config.json").read_text(encoding="utf-8"))["vision_config"]
    picture = photo(196, 140, 8)
    folder = altered(NAME, config={"vision_config": vision | {name: value}})
    vectors = load(NAME, folder).embed(picture, task="text-matching").vectors
    assert difference(vectors, reference.embed(folder, [picture], "text-matching")) <= EQUAL
    assert difference(vectors, load(NAME).embed(picture, task="text-matching").vectors) > 1e-4


def test_positions_have_three_axes(miniature: Miniature, altered: Altered, load: Load) -> None:
    text = json.loads((miniature(NAME) / "config.json").read_text(encoding="utf-8"))["text_config"]
    scaling = text["rope_scaling"] | {"mrope_section": [8, 4, 4]}
    folder = altered(NAME, config={"text_config": text | {"rope_scaling": scaling}})
    here, there = load(NAME, folder), load(NAME)
    arguments = {"task": "text-matching"}
    assert (
        difference(here.embed("red apple", **arguments).vectors, there.embed("red apple", **arguments).vectors) <= EQUAL
    )
    assert difference(here.embed(EXACT[1], **arguments).vectors, there.embed(EXACT[1], **arguments).vectors) > 1e-4


@pytest.mark.parametrize("task", ["retrieval.passage", "text-matching", "code.query"])
def test_late_chunks_equal_the_second_opinion(task: str, miniature: Miniature, load: Load) -> None:
    vectors = load(NAME).embed(CHUNKS, task=task, late_chunking=True).vectors
    counted, left_out = (
        reference.embed_late(miniature(NAME), CHUNKS, task, prefix_counts=counts) for counts in (True, False)
    )
    assert difference(vectors[1:], counted[1:]) <= EQUAL
    # whether the prefix counts to the first chunk is not published
    assert min(difference(vectors[0], counted[0]), difference(vectors[0], left_out[0])) <= EQUAL


def test_late_chunks_of_several_documents_come_in_reading_order_and_in_any_size(
    miniature: Miniature, load: Load
) -> None:
    documents = [CHUNKS, ["red apple "], ["tea, " * 60, "soup. "], CHUNKS[::-1]]
    arguments = {"task": "retrieval.passage", "late_chunking": True}
    model = load(NAME)
    whole = model.embed(documents, dimensions=128, batch_tokens=50, **arguments).vectors
    each = [model.embed(chunks, dimensions=128, **arguments).vectors for chunks in documents]
    assert difference(whole, np.concatenate(each)) <= EQUAL
    expected = reference.embed_late(miniature(NAME), documents[2], "retrieval.passage", 128)
    assert difference(each[2][1:], expected[1:]) <= EQUAL
    assert np.abs(np.linalg.norm(whole, axis=1) - 1).max() <= 1e-6


def test_pictures_have_no_late_chunks(load: Load) -> None:
    with pytest.raises(InputError, match=r"\b1\b"):
        load(NAME).embed(["tea ", EXACT[0]], task="retrieval.passage", late_chunking=True)


def test_late_chunking_and_multi_vectors_do_not_go_together(load: Load) -> None:
    with pytest.raises(JinaNotebookError):
        load(NAME).embed(CHUNKS, task="retrieval.passage", late_chunking=True, return_multivector=True)


def test_a_text_that_spells_the_picture_token_has_no_picture(load: Load) -> None:
    texts = ["a<|image_pad|>b", "<|vision_start|><|image_pad|><|vision_end|>"]
    try:
        rows = load(NAME).embed([*texts, EXACT[0], "tea"], task="text-matching").vectors
    except InputError as error:
        message = error.message
    else:
        alone = [load(NAME).embed(item, task="text-matching").vectors[0] for item in (EXACT[0], "tea")]
        message = "0 finite" if np.isfinite(rows).all() and difference(rows[2:], alone) <= EQUAL else "mixed up"
    assert re.search(r"\b0\b", message)


def test_a_text_beyond_a_short_context_is_cut_and_said_to_be(
    miniature: Miniature, altered: Altered, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.loads((miniature(NAME) / "config.json").read_text(encoding="utf-8"))["text_config"]
    folder = altered(NAME, config={"text_config": text | {"max_position_embeddings": 90}})
    result = load(NAME, folder).embed(["red " * 100, "short", EXACT[0]], task="code.query")
    assert (result.token_counts[0], list(result.truncated)) == (90, [True, False, False])
    monkeypatch.setattr(reference, "LIMIT", 90)
    assert difference(result.vectors, reference.embed(folder, ["red " * 100, "short", EXACT[0]], "code.query")) <= EQUAL


def test_without_truncation_a_long_text_is_an_error_with_position_count_and_limit(
    miniature: Miniature, load: Load
) -> None:
    text = "red " * 33_000
    count = len(token_ids(miniature(NAME), "Query: " + text))
    with pytest.raises(TextTooLongError) as caught:
        load(NAME).embed([EXACT[0], text], task="text-matching", truncate=False)
    numbers = set(re.findall(r"\d+", caught.value.message.replace(",", "").replace(NAME, "")))
    assert {"1", str(count), "32768"} <= numbers, caught.value.message


def test_tasks_switch_back_and_forth_without_leaving_a_trace(load: Load) -> None:
    for dtype in ("float32", "bfloat16"):
        model = load(NAME, dtype=dtype)
        first = {task: model.embed(["tea", EXACT[0]], task=task).vectors for task in TASKS}
        for task in [*TASKS[::-1], *TASKS, TASKS[0], TASKS[3], TASKS[0]]:
            assert difference(model.embed(["tea", EXACT[0]], task=task).vectors, first[task]) == 0


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_gives_float32_vectors_of_length_one_near_the_exact_ones(dtype: str, load: Load) -> None:
    inputs = [*TEXTS, *EXACT, *RESIZED]
    exact = load(NAME).embed(inputs, task="text-matching").vectors
    half = load(NAME, dtype=dtype).embed(inputs, task="text-matching").vectors
    assert half.dtype == np.float32
    assert np.abs(np.linalg.norm(half, axis=1) - 1).max() <= 1e-6
    assert (half * exact).sum(axis=1).min() >= 0.99
    assert np.abs(half - exact).max() > 0
