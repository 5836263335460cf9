"""jina-clip-v2 against its second opinion: texts, pictures, both together."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from jina_notebook.errors import CheckpointError, InferenceError, JinaNotebookError, OptionError, TextTooLongError
from tests.families.cases import BLANK_TEXTS, TEXTS
from tests.families.pictures import photo, solid
from tests.families.references import clip as reference

NAME = "jina-clip-v2"
EQUAL = 1e-5
SIZES = (32, 64, 128)
LIMITS = (512, 8192)
"""The publisher's default for texts, and what its encoder takes."""
PICTURES = [
    solid(),
    photo(75, 75, 1),
    photo(150, 75, 2),
    photo(75, 113, 3),
    photo(400, 300, 4),
    photo(30, 41, 5),
    photo(640, 90, 6),
    solid(1, 1, (200, 30, 30)),
]
Miniature = Callable[..., Path]
Load = Callable[..., Any]
Altered = Callable[..., Path]
VISION = "vision_model.blocks.0"


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


def opinion(folder: Path, picture: Image.Image, vector: Any, size: int | None = None) -> float:
    """How far a picture's vector is from the nearer of two opinions: which of two middle pixels is cut is open."""
    return min(
        difference(vector, reference.embed_image(folder, picture, size, half=half)) for half in ("even", "floor")
    )


@pytest.mark.parametrize("task", [None, "retrieval.query"])
def test_texts_equal_the_second_opinion(task: str | None, miniature: Miniature, load: Load) -> None:
    texts = [*TEXTS, *BLANK_TEXTS]
    result = load(NAME).embed(texts, task=task)
    assert result.vectors.dtype == np.float32
    assert result.task == task
    assert difference(result.vectors, reference.embed_texts(miniature(NAME), texts, task)) <= EQUAL
    assert list(result.token_counts) == [len(reference.ids(miniature(NAME), text, task)) for text in texts]
    assert not any(result.truncated)


def test_a_query_has_its_instruction_and_a_document_has_none(load: Load) -> None:
    model = load(NAME)
    query = model.embed("red apple", task="retrieval.query")
    spelled = model.embed(reference.INSTRUCTION + "red apple")
    assert difference(query.vectors, spelled.vectors) <= EQUAL
    assert difference(query.vectors, model.embed("red apple").vectors) > 1e-2


def test_pictures_equal_the_second_opinion(miniature: Miniature, load: Load) -> None:
    result = load(NAME).embed(PICTURES)
    assert result.vectors.shape == (len(PICTURES), 128)
    for picture, vector in zip(PICTURES, result.vectors, strict=True):
        assert opinion(miniature(NAME), picture, vector) <= EQUAL
    assert not any(result.truncated)
    assert len({*result.token_counts}) == 1


@pytest.mark.parametrize("width", range(75, 83))
def test_the_middle_of_a_wide_picture_is_what_counts(width: int, miniature: Miniature, load: Load) -> None:
    picture = photo(width, 75, 7)
    assert opinion(miniature(NAME), picture, load(NAME).embed(picture).vectors[0]) <= EQUAL
    assert (
        opinion(
            miniature(NAME),
            picture.transpose(Image.Transpose.ROTATE_90),
            load(NAME).embed(picture.transpose(Image.Transpose.ROTATE_90)).vectors[0],
        )
        <= EQUAL
    )


def test_the_instruction_of_a_query_does_not_touch_pictures(load: Load) -> None:
    model = load(NAME)
    assert difference(model.embed(PICTURES[3], task="retrieval.query").vectors, model.embed(PICTURES[3]).vectors) == 0


@pytest.mark.parametrize("size", SIZES)
def test_shorter_vectors_are_cut_first_and_brought_to_length_one_then(
    size: int, miniature: Miniature, load: Load
) -> None:
    model = load(NAME)
    assert tuple(model.dimensions) == SIZES
    result = model.embed(["red apple", PICTURES[2]], dimensions=size)
    assert (result.dimensions, result.vectors.shape) == (size, (2, size))
    assert difference(result.vectors[0], reference.embed_text(miniature(NAME), "red apple", None, size)) <= EQUAL
    assert opinion(miniature(NAME), PICTURES[2], result.vectors[1], size) <= EQUAL
    assert np.abs(np.linalg.norm(result.vectors, axis=1) - 1).max() <= 1e-6


@pytest.mark.parametrize("batch_tokens", [1, 40, 500, None])
def test_texts_and_pictures_in_one_list_keep_their_rows(batch_tokens: int | None, load: Load) -> None:
    model = load(NAME)
    inputs = ["a long " * 60, PICTURES[0], "cat", PICTURES[0], photo(90, 80, 9), "", PICTURES[4], "tea"]
    vectors = model.embed(inputs, batch_tokens=batch_tokens).vectors
    assert difference(vectors, [model.embed(one).vectors[0] for one in inputs]) <= EQUAL
    assert difference(vectors[1], vectors[3]) <= EQUAL


def test_a_bare_picture_counts_as_one_input(load: Load) -> None:
    assert load(NAME).embed(PICTURES[1]).vectors.shape == (1, 128)


def test_many_pictures_keep_their_order(load: Load) -> None:
    pictures = [photo(60 + 3 * number, 100 - 2 * number, number) for number in range(20)]
    together = load(NAME).embed(pictures).vectors
    back = load(NAME).embed(pictures[::-1], batch_tokens=60).vectors[::-1]
    assert difference(together, back) <= EQUAL


def test_the_callers_own_objects_are_kept_with_the_result(tmp_path: Path, load: Load) -> None:
    PICTURES[0].save(tmp_path / "a.png")
    inputs = ["cat", PICTURES[0], tmp_path / "a.png"]
    result = load(NAME).embed(inputs)
    assert all(kept is given for kept, given in zip(result.inputs, inputs, strict=True))
    assert difference(result.vectors[1], result.vectors[2]) == 0


def test_texts_and_pictures_meet_in_one_space_of_clearly_different_vectors(load: Load) -> None:
    rows = load(NAME).embed(["red apple", "green tea", *PICTURES[:5]]).vectors
    assert (rows @ rows.T - np.eye(len(rows))).max() < 0.999


@pytest.mark.parametrize("task", ["retrieval.passage", "text-matching", "", "query"])
def test_an_unknown_task_is_an_error_that_lists_the_task(task: str, load: Load) -> None:
    with pytest.raises(OptionError, match=re.escape(repr(task))) as caught:
        load(NAME).embed("tea", task=task)
    assert "retrieval.query" in str(caught.value)


@pytest.mark.parametrize("size", [0, 16, 96, 1024, 64.0, True])
def test_an_unknown_size_is_an_error_that_lists_the_sizes(size: Any, load: Load) -> None:
    with pytest.raises(OptionError) as caught:
        load(NAME).embed(PICTURES[0], dimensions=size)
    assert all(str(known) in str(caught.value) for known in (size, *SIZES))


@pytest.mark.parametrize("option", ["return_multivector", "late_chunking"])
def test_what_the_model_does_not_have_is_refused(option: str, load: Load) -> None:
    with pytest.raises(JinaNotebookError, match=NAME):
        load(NAME).embed(["red ", "apple"], **{option: True})


@pytest.mark.slow
def test_a_text_beyond_the_limit_is_cut_and_said_to_be(miniature: Miniature, load: Load) -> None:
    texts = ["red " * 8_300, "short"]
    result = load(NAME).embed([*texts, PICTURES[0]])
    assert list(result.truncated) == [True, False, False]
    limit = result.token_counts[0]
    assert limit in LIMITS
    assert difference(result.vectors[0], reference.embed_text(miniature(NAME), texts[0], limit=limit)) <= EQUAL


def test_without_truncation_a_long_text_is_an_error_with_position_count_and_limit(load: Load) -> None:
    with pytest.raises(TextTooLongError) as caught:
        load(NAME).embed([PICTURES[0], "red " * 8_300], truncate=False)
    numbers = set(re.findall(r"\d+", caught.value.message.replace(",", "").replace(NAME, "")))
    assert {"1", "8302"} <= numbers
    assert numbers & {str(limit) for limit in LIMITS}


@pytest.mark.parametrize("part", ["word_embeddings", "token_type_embeddings", "Wqkv", "out_proj", "fc1", "fc2"])
def test_every_kind_of_adapted_matrix_takes_part(part: str, altered: Altered, load: Load) -> None:
    def silence(tensors: dict[str, torch.Tensor]) -> None:
        for key, value in tensors.items():
            if part in key and "lora_B" in key:
                value.zero_()

    folder = altered(NAME, silence)
    vectors = load(NAME, folder).embed("red apple").vectors
    assert difference(vectors, reference.embed_texts(folder, ["red apple"])) <= EQUAL
    assert difference(vectors, load(NAME).embed("red apple").vectors) > 1e-4


def test_the_scale_of_the_adapter_comes_from_the_configuration(
    miniature: Miniature, altered: Altered, load: Load
) -> None:
    text = json.loads((miniature(NAME) / "config.json").read_text(encoding="utf-8"))["text_config"]
    text["hf_model_config_kwargs"]["lora_alpha"] = 12
    folder = altered(NAME, config={"text_config": text})
    vectors = load(NAME, folder).embed("red apple", task="retrieval.query").vectors
    assert difference(vectors, reference.embed_texts(folder, ["red apple"], "retrieval.query")) <= EQUAL


def test_the_grid_of_pretraining_comes_from_the_configuration(
    miniature: Miniature, altered: Altered, load: Load
) -> None:
    vision = json.loads((miniature(NAME) / "config.json").read_text(encoding="utf-8"))["vision_config"]
    folder = altered(NAME, config={"vision_config": vision | {"pt_hw_seq_len": 5}})
    vectors = load(NAME, folder).embed(PICTURES[1]).vectors
    assert opinion(folder, PICTURES[1], vectors[0]) <= EQUAL
    assert difference(vectors, load(NAME).embed(PICTURES[1]).vectors) > 1e-4


@pytest.mark.parametrize(
    "key",
    [
        "vision_model.cls_token",
        f"{VISION}.attn.q_bias",
        f"{VISION}.attn.inner_attn_ln.weight",
        f"{VISION}.mlp.w3.bias",
        "text_model.transformer.roberta.emb_ln.weight",
        "text_model.transformer.roberta.encoder.layers.1.mixer.Wqkv.bias",
        "text_model.transformer.roberta.encoder.layers.1.mlp.fc1.parametrizations.weight.original",
        "text_model.transformer.roberta.encoder.layers.0.mlp.fc2.parametrizations.weight.0.lora_B",
    ],
)
def test_a_missing_tensor_is_an_error_that_names_it(key: str, altered: Altered, load: Load) -> None:
    with pytest.raises(CheckpointError, match=re.escape(key.split(".parametrizations")[0].split("roberta.")[-1])):
        load(NAME, altered(NAME, lambda tensors: tensors.pop(key)))


@pytest.mark.parametrize("key", ["visual_projection.weight", f"{VISION}.attn.k_bias", f"{VISION}.ls1.gamma"])
def test_an_unknown_tensor_is_an_error_that_names_it(key: str, altered: Altered, load: Load) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors[key] = torch.zeros(128)

    with pytest.raises(CheckpointError, match=re.escape(key)):
        load(NAME, altered(NAME, add))


def test_a_tensor_of_another_shape_is_an_error_that_names_it(altered: Altered, load: Load) -> None:
    def shorten(tensors: dict[str, torch.Tensor]) -> None:
        tensors["vision_model.pos_embed"] = tensors["vision_model.pos_embed"][:, :20].clone()

    with pytest.raises(CheckpointError, match="pos_embed"):
        load(NAME, altered(NAME, shorten))


def test_stored_rotary_tables_are_ignored(altered: Altered, load: Load) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors["vision_model.rope.freqs_cos"] = torch.full((25, 16), 3.0)
        tensors[f"{VISION}.attn.rope.freqs_sin"] = torch.full((25, 16), 3.0)

    vectors = load(NAME, altered(NAME, add)).embed([PICTURES[1], "tea"]).vectors
    assert difference(vectors, load(NAME).embed([PICTURES[1], "tea"]).vectors) == 0


def test_a_second_adapter_is_refused(altered: Altered, load: Load) -> None:
    def double(tensors: dict[str, torch.Tensor]) -> None:
        for key in [key for key in tensors if ".0.lora_" in key]:
            tensors[key] = torch.cat([tensors[key], tensors[key]])

    with pytest.raises(CheckpointError):
        load(NAME, altered(NAME, double))


def test_a_picture_size_that_contradicts_the_tower_is_refused_with_both_sizes(altered: Altered, load: Load) -> None:
    folder = altered(NAME)
    file = folder / "preprocessor_config.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"size": 75', '"size": 384'), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"384.*75|75.*384"):
        load(NAME, folder)


@pytest.mark.parametrize("stored", ["float32", "float16"])
def test_checkpoints_stored_in_another_dtype_give_the_vectors_of_their_own_values(
    stored: str, miniature: Miniature, load: Load
) -> None:
    folder = miniature(NAME, dtype=stored)
    vectors = load(NAME, folder).embed(["red apple", PICTURES[2]]).vectors
    assert difference(vectors[0], reference.embed_text(folder, "red apple")) <= EQUAL
    assert opinion(folder, PICTURES[2], vectors[1]) <= EQUAL


def test_shards_and_other_weights_equal_their_second_opinion(miniature: Miniature, load: Load) -> None:
    folder = miniature(NAME, seed=3, shards=3)
    vectors = load(NAME, folder).embed(["red apple", PICTURES[3]]).vectors
    assert difference(vectors[0], reference.embed_text(folder, "red apple")) <= EQUAL
    assert opinion(folder, PICTURES[3], vectors[1]) <= EQUAL


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_gives_float32_vectors_of_length_one_near_the_exact_ones(dtype: str, load: Load) -> None:
    inputs = [*TEXTS, *PICTURES]
    exact = load(NAME).embed(inputs).vectors
    half = load(NAME, dtype=dtype).embed(inputs).vectors
    assert half.dtype == np.float32
    assert np.abs(np.linalg.norm(half, axis=1) - 1).max() <= 1e-6
    assert (half * exact).sum(axis=1).min() >= 0.99
    assert np.abs(half - exact).max() > 0


def test_pictures_that_give_no_usable_numbers_are_named(altered: Altered, load: Load) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        tensors["vision_model.norm.weight"][3] = float("inf")

    model = load(NAME, altered(NAME, spoil))
    with pytest.raises(InferenceError) as caught:
        model.embed(["tea", "soup", PICTURES[0]])
    assert NAME in caught.value.message
    assert re.search(r"\b2\b", caught.value.message.replace(NAME, ""))
    assert model.embed(["tea", "soup"]).vectors.shape == (2, 128)
