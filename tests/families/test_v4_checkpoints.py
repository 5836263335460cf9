"""Which checkpoints of jina-embeddings-v4 are read, what of them takes part, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from jina_notebook.errors import CheckpointError, InferenceError
from tests.families.pictures import photo
from tests.families.references import embeddings_v4 as reference

NAME = "jina-embeddings-v4"
EQUAL = 1e-5
PICTURE = photo(84, 56, 1)
FACTORS = "adapters/adapter_model.safetensors"
Miniature = Callable[..., Path]
Load = Callable[..., Any]
Altered = Callable[..., Path]


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


def test_one_file_and_two_shards_hold_the_same_model(miniature: Miniature, load: Load) -> None:
    single = load(NAME, miniature(NAME, shards=1)).embed(["tea", PICTURE], task="code.query").vectors
    assert difference(single, load(NAME).embed(["tea", PICTURE], task="code.query").vectors) == 0


@pytest.mark.parametrize("stored", ["float32", "float16"])
def test_other_weights_in_another_dtype_equal_their_second_opinion(
    stored: str, miniature: Miniature, load: Load
) -> None:
    folder = miniature(NAME, dtype=stored, seed=2)
    items: list[str | Image.Image] = ["red apple", PICTURE]
    vectors = load(NAME, folder).embed(items, task="retrieval.query").vectors
    assert difference(vectors, reference.embed(folder, items, "retrieval.query")) <= EQUAL


def changed_factors(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> Path:
    factors = load_file(folder / FACTORS)
    change(factors)
    save_file(factors, folder / FACTORS, metadata={"format": "pt"})
    return folder


def test_the_scale_of_the_adapters_comes_from_their_configuration(altered: Altered, load: Load) -> None:
    folder = altered(NAME)
    file = folder / "adapters" / "adapter_config.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"lora_alpha": 32', '"lora_alpha": 80'), encoding="utf-8")
    vectors = load(NAME, folder).embed(["tea", PICTURE], task="code.query").vectors
    assert difference(vectors, reference.embed(folder, ["tea", PICTURE], "code.query")) <= EQUAL
    assert difference(vectors, load(NAME).embed(["tea", PICTURE], task="code.query").vectors) > 1e-3


@pytest.mark.parametrize("part", ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])
def test_every_kind_of_adapted_matrix_takes_part(part: str, altered: Altered, load: Load) -> None:
    def silence(factors: dict[str, torch.Tensor]) -> None:
        for key, value in factors.items():
            if part in key and "lora_B.code." in key:
                value.zero_()

    folder = changed_factors(altered(NAME), silence)
    vectors = load(NAME, folder).embed("red apple", task="code.query").vectors
    assert difference(vectors, reference.embed(folder, ["red apple"], "code.query")) <= EQUAL
    assert difference(vectors, load(NAME).embed("red apple", task="code.query").vectors) > 1e-4
    untouched = load(NAME, folder).embed("red apple", task="retrieval.query").vectors
    assert difference(untouched, load(NAME).embed("red apple", task="retrieval.query").vectors) <= EQUAL


def test_the_projector_is_adapted_too(altered: Altered, load: Load) -> None:
    def silence(factors: dict[str, torch.Tensor]) -> None:
        factors["base_model.model.multi_vector_projector.lora_B.retrieval.weight"].zero_()

    folder = changed_factors(altered(NAME), silence)
    arguments = {"task": "retrieval.query", "return_multivector": True}
    rows = load(NAME, folder).embed("red apple", **arguments).vectors[0]
    assert difference(rows, reference.embed_tokens(folder, "red apple", "retrieval.query")) <= EQUAL
    assert difference(rows, load(NAME).embed("red apple", **arguments).vectors[0]) > 1e-3


@pytest.mark.parametrize(
    "key",
    [
        "base_model.model.model.language_model.layers.1.mlp.up_proj.lora_A.text-matching.weight",
        "base_model.model.multi_vector_projector.lora_B.code.weight",
    ],
)
def test_a_missing_adapter_tensor_is_an_error_that_names_it(key: str, altered: Altered, load: Load) -> None:
    folder = changed_factors(altered(NAME), lambda factors: factors.pop(key))
    with pytest.raises(CheckpointError) as caught:
        load(NAME, folder)
    assert key.split(".lora_")[0].removeprefix("base_model.model.") in caught.value.message.replace("\n", "")


@pytest.mark.parametrize(
    ("shard", "key"),
    [
        (1, "model.embed_tokens.weight"),
        (2, "multi_vector_projector.bias"),
        (2, "visual.merger.mlp.2.bias"),
        (2, "visual.blocks.3.attn.qkv.bias"),
    ],
)
def test_a_missing_tensor_is_an_error_that_names_it(shard: int, key: str, altered: Altered, load: Load) -> None:
    folder = altered(NAME, lambda tensors: tensors.pop(key), file=f"model-0000{shard}-of-00002.safetensors")
    with pytest.raises(CheckpointError, match=re.escape(key)):
        load(NAME, folder)


def test_an_unknown_tensor_is_an_error_that_names_it(altered: Altered, load: Load) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors["visual.blocks.0.ls1.gamma"] = torch.zeros(64)

    with pytest.raises(CheckpointError, match=r"visual\.blocks\.0\.ls1\.gamma"):
        load(NAME, altered(NAME, add, shards=1))


@pytest.mark.parametrize("file", ["model-00002-of-00002.safetensors", FACTORS, "adapters/adapter_config.json"])
def test_a_missing_file_is_an_error_that_names_it(file: str, altered: Altered, load: Load) -> None:
    folder = altered(NAME)
    (folder / file).unlink()
    with pytest.raises(CheckpointError, match=re.escape(Path(file).name)):
        load(NAME, folder).embed("tea", task="code.query")


def test_inputs_that_give_no_usable_numbers_are_named(altered: Altered, load: Load) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        tensors["visual.merger.mlp.2.bias"][3] = float("inf")

    model = load(NAME, altered(NAME, spoil, shards=1))
    with pytest.raises(InferenceError) as caught:
        model.embed(["tea", "soup", PICTURE], task="text-matching")
    assert NAME in caught.value.message
    assert re.search(r"\b2\b", caught.value.message.replace(NAME, ""))
    assert model.embed(["tea", "soup"], task="text-matching").vectors.shape == (2, 256)
