"""Checkpoints that do not fit together are refused, and the refusal names what does not fit."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

import jina_notebook as jn
from jina_notebook.errors import CheckpointError, JinaNotebookError, ModelError, OptionError
from jina_notebook.testing import tiny_checkpoint
from tests.families.cases import EMBEDDERS, RERANKERS

ALL = [*EMBEDDERS, *RERANKERS, "jina-colbert-v2"]
V3, V2, CODE = "jina-embeddings-v3", "jina-reranker-v2-base-multilingual", "jina-code-embeddings-0.5b"
V5 = ["jina-embeddings-v5-text-nano", "jina-embeddings-v5-text-small"]
ROTARY_V3 = "roberta.encoder.layers.1.mixer.Wqkv.parametrizations.weight"
NEEDED = [
    (CODE, "model.norm.weight"),
    (CODE, "model.embed_tokens.weight"),
    (CODE, "model.layers.2.self_attn.k_proj.bias"),
    ("jina-code-embeddings-1.5b", "model.layers.0.mlp.down_proj.weight"),
    ("jina-embeddings-v5-text-small", "layers.1.self_attn.q_norm.weight"),
    ("jina-embeddings-v5-text-nano", "layers.2.post_attention_layernorm.weight"),
    (V3, f"{ROTARY_V3}.original"),
    (V3, f"{ROTARY_V3}.0.lora_A"),
    (V3, "roberta.embeddings.token_type_embeddings.parametrizations.weight.0.lora_B"),
    (V3, "roberta.emb_ln.bias"),
    ("jina-colbert-v2", "linear.weight"),
    ("jina-colbert-v2", "roberta.embeddings.token_type_embeddings.weight"),
    ("jina-colbert-v2", "roberta.encoder.layers.0.norm2.bias"),
    (V2, "classifier.out_proj.weight"),
    (V2, "classifier.dense.bias"),
    (V2, "roberta.embeddings.position_embeddings.weight"),
    ("jina-reranker-v3", "projector.2.weight"),
    ("jina-reranker-v3", "model.layers.1.self_attn.o_proj.weight"),
    ("jina-reranker-v3.5", "projector.0.weight"),
    ("jina-reranker-v3.5", "model.layers.4.mlp.up_proj.weight"),
]
Altered = Callable[..., Path]
Load = Callable[..., Any]


def refusal(load: Load, name: str, folder: Path, kind: type[JinaNotebookError] = CheckpointError) -> str:
    with pytest.raises(kind) as caught:
        load(name, folder)
    assert "\n" not in caught.value.message
    return str(caught.value)


@pytest.mark.parametrize(("name", "key"), NEEDED)
def test_a_missing_tensor_is_named(name: str, key: str, altered: Altered, load: Load) -> None:
    assert key in refusal(load, name, altered(name, lambda tensors: tensors.pop(key)))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("key", ["surprise.weight", "model.layers.0.self_attn.q_proj.weight_scale", "score.weight"])
def test_an_unknown_tensor_is_named(name: str, key: str, altered: Altered, load: Load) -> None:
    assert key in refusal(load, name, altered(name, lambda tensors: tensors.update({key: torch.ones(2)})))


@pytest.mark.parametrize(("name", "key"), NEEDED)
def test_a_tensor_of_the_wrong_shape_is_named_with_both_shapes(
    name: str, key: str, altered: Altered, load: Load
) -> None:
    def widen(tensors: dict[str, torch.Tensor]) -> None:
        tensors[key] = torch.cat([tensors[key], tensors[key]], dim=-1)

    size = load_file(altered(name) / "model.safetensors")[key].shape[-1]
    message = refusal(load, name, altered(name, widen))
    assert key in message
    assert str(size) in message
    assert str(2 * size) in message


@pytest.mark.parametrize("name", ALL)
def test_a_transposed_matrix_is_refused(name: str, altered: Altered, load: Load) -> None:
    def transpose(tensors: dict[str, torch.Tensor]) -> None:
        key = max(
            (key for key in tensors if "embed" in key and tensors[key].ndim == 2), key=lambda k: tensors[k].numel()
        )
        keys.append(key)
        tensors[key] = tensors[key].T.contiguous()

    keys: list[str] = []
    message = refusal(load, name, altered(name, transpose))
    assert keys[0] in message


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("layers", [1, 9])
def test_a_layer_count_that_contradicts_the_tensors_is_refused(
    name: str, layers: int, altered: Altered, load: Load
) -> None:
    fields: dict[str, Any] = {"num_hidden_layers": layers}
    if name == "jina-reranker-v3.5":
        fields["layer_types"] = ["full_attention"] * layers
    message = refusal(load, name, altered(name, config=fields))
    assert "layers." in message


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("field", ["hidden_size", "intermediate_size", "vocab_size"])
def test_a_size_that_contradicts_the_tensors_is_refused(name: str, field: str, altered: Altered, load: Load) -> None:
    folder = altered(name)
    value = json.loads((folder / "config.json").read_text(encoding="utf-8"))[field]
    message = refusal(load, name, altered(name, config={field: 2 * value}))
    # m0's three axes of positions notice it first
    assert "mrope_section" in message or (str(value) in message and str(2 * value) in message)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(name: str, file: str, altered: Altered, load: Load) -> None:
    folder = altered(name)
    (folder / file).unlink()
    message = refusal(load, name, folder)
    assert file.partition(".")[0] in message
    assert str(folder) in message or folder.name in message


@pytest.mark.parametrize("name", ALL)
def test_a_cut_weight_file_is_named(name: str, altered: Altered, load: Load) -> None:
    folder = altered(name)
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    for length in (0, 5, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert "model.safetensors" in refusal(load, name, folder)


@pytest.mark.parametrize("name", ALL)
def test_a_missing_shard_is_named(name: str, altered: Altered, load: Load) -> None:
    folder = altered(name, shards=3)
    (folder / "model-00002-of-00003.safetensors").unlink()
    assert "model-00002-of-00003.safetensors" in refusal(load, name, folder)


def test_a_cut_shard_is_named(altered: Altered, load: Load) -> None:
    folder = altered(CODE, shards=2)
    file = folder / "model-00002-of-00002.safetensors"
    file.write_bytes(file.read_bytes()[:-40])
    assert file.name in refusal(load, CODE, folder)


def test_an_index_that_names_a_tensor_its_shard_does_not_hold_is_refused(altered: Altered, load: Load) -> None:
    folder = altered(CODE, shards=2)
    shard = folder / "model-00001-of-00002.safetensors"
    tensors = load_file(shard)
    key, _ = tensors.popitem()
    save_file(tensors, shard, metadata={"format": "pt"})
    assert key in refusal(load, CODE, folder)


def test_an_index_cannot_reach_out_of_its_folder(altered: Altered, load: Load) -> None:
    folder = altered(CODE, shards=2)
    outside = folder.parent / "outside.safetensors"
    shutil.copy(folder / "model-00001-of-00002.safetensors", outside)
    index = folder / "model.safetensors.index.json"
    index.write_text(
        index.read_text(encoding="utf-8").replace("model-00001-of-00002.safetensors", "../outside.safetensors"),
        encoding="utf-8",
    )
    assert "outside.safetensors" in refusal(load, CODE, folder)


@pytest.mark.parametrize("content", ["", "{", "[]", '"text"', "\x00"], ids=repr)
@pytest.mark.parametrize("file", ["config.json", "tokenizer.json"])
def test_a_small_file_that_is_not_what_it_should_be_is_named(
    file: str, content: str, altered: Altered, load: Load
) -> None:
    folder = altered(CODE)
    (folder / file).write_text(content, encoding="utf-8")
    assert file in refusal(load, CODE, folder)


@pytest.mark.parametrize("field", ["hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"])
def test_a_missing_field_of_the_configuration_is_named(field: str, altered: Altered, load: Load) -> None:
    for name in (CODE, V3, V2):
        assert field in refusal(load, name, altered(name, config={field: None}))


@pytest.mark.parametrize(("field", "value"), [("hidden_size", "wide"), ("num_hidden_layers", -1), ("hidden_size", 0)])
def test_a_field_of_the_wrong_kind_is_refused(field: str, value: Any, altered: Altered, load: Load) -> None:
    assert refusal(load, CODE, altered(CODE, config={field: value}))


@pytest.mark.parametrize(
    ("name", "other"), [(CODE, V3), (V3, "jina-colbert-v2"), (V2, V3), (*V5[::-1],), (CODE, V5[1])]
)
def test_the_checkpoint_of_another_model_is_refused(name: str, other: str, altered: Altered, load: Load) -> None:
    assert refusal(load, name, altered(other))


def test_only_safetensors_are_read(altered: Altered, load: Load) -> None:
    folder = altered(CODE)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert "safetensors" in refusal(load, CODE, folder)


@pytest.mark.parametrize("name", V5)
def test_a_missing_adapter_folder_is_named(name: str, altered: Altered, load: Load) -> None:
    folder = altered(name)
    shutil.rmtree(folder / "adapters" / "clustering")
    assert "clustering" in refusal(load, name, folder)


@pytest.mark.parametrize("name", V5)
@pytest.mark.parametrize("file", ["adapter_config.json", "adapter_model.safetensors"])
def test_a_missing_adapter_file_is_named(name: str, file: str, altered: Altered, load: Load) -> None:
    folder = altered(name)
    (folder / "adapters" / "text-matching" / file).unlink()
    message = refusal(load, name, folder)
    assert file in message
    assert "text-matching" in message


@pytest.mark.parametrize("name", V5)
@pytest.mark.parametrize("part", ["lora_A", "lora_B"])
def test_a_missing_adapter_tensor_is_named(name: str, part: str, altered: Altered, load: Load) -> None:
    key = f"base_model.model.layers.1.mlp.up_proj.{part}.weight"
    file = "adapters/retrieval/adapter_model.safetensors"
    message = refusal(load, name, altered(name, lambda tensors: tensors.pop(key), file=file))
    assert f"layers.1.mlp.up_proj.{part}" in message


@pytest.mark.parametrize("name", V5)
def test_an_unknown_or_misshapen_adapter_tensor_is_named(name: str, altered: Altered, load: Load) -> None:
    file = "adapters/retrieval/adapter_model.safetensors"
    extra = altered(
        name, lambda tensors: tensors.update({"base_model.model.head.lora_A.weight": torch.ones(2, 2)}), file=file
    )
    assert "head.lora_A" in refusal(load, name, extra)
    key = "base_model.model.layers.0.self_attn.q_proj.lora_A.weight"
    narrow = altered(name, lambda tensors: tensors.update({key: tensors[key][:, :-1].contiguous()}), file=file)
    assert "layers.0.self_attn.q_proj.lora_A" in refusal(load, name, narrow)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"use_dora": True}, "use_dora"),
        ({"use_rslora": True}, "use_rslora"),
        ({"r": 8}, "lora_A"),
        ({"rank_pattern": {"q_proj": 8}}, "rank_pattern"),
        ({"alpha_pattern": {"q_proj": 64}}, "alpha_pattern"),
        ({"fan_in_fan_out": True}, "fan_in_fan_out"),
        ({"lora_alpha": None}, "lora_alpha"),
        ({"r": 0}, "r"),
    ],
    ids=str,
)
def test_an_adapter_of_another_kind_is_refused_not_misread(
    fields: dict[str, Any], word: str, altered: Altered, load: Load
) -> None:
    folder = altered(V5[0])
    file = folder / "adapters" / "retrieval" / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | fields), encoding="utf-8")
    assert word in refusal(load, V5[0], folder)


def test_v3_needs_every_published_adapter(altered: Altered, load: Load) -> None:
    folder = altered(V3, config={"lora_adaptations": ["retrieval.query", "retrieval.passage"]})
    assert "lora_adaptations" in refusal(load, V3, folder) or "separation" in refusal(load, V3, folder)


def test_v3_may_come_without_the_pooler_it_does_not_use(altered: Altered, load: Load) -> None:
    def drop(tensors: dict[str, torch.Tensor]) -> None:
        for key in [key for key in tensors if ".pooler." in key]:
            del tensors[key]

    vectors = load(V3, altered(V3, drop)).embed("tea", task="separation").vectors
    assert (vectors == load(V3).embed("tea", task="separation").vectors).all()


@pytest.mark.parametrize("dtype", ["float64", "int8", "fp16", "", "FLOAT32", None, 16])
def test_an_unknown_dtype_is_an_error_that_lists_the_known_ones(dtype: Any, load: Load) -> None:
    with pytest.raises(OptionError) as caught:
        load(CODE, dtype=dtype)
    assert repr(dtype) in caught.value.message
    assert all(known in str(caught.value) for known in ("auto", "float32", "bfloat16", "float16"))


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "tpu", "", "cpu:9", None])
def test_an_unknown_device_is_an_error_that_lists_the_known_ones(device: Any, load: Load) -> None:
    with pytest.raises(OptionError) as caught:
        load(CODE, device=device)
    assert repr(device) in caught.value.message
    assert "cpu" in str(caught.value)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path, load: Load) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        load(CODE, tmp_path / "nowhere")


def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path, load: Load) -> None:
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"weights\.bin"):
        load(CODE, tmp_path / "weights.bin")


def test_an_unknown_name_suggests_a_near_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="jina-embeddings-v3"):
        jn.load("jina-embedings-v3", path=tmp_path)


def test_a_refused_load_leaves_nothing_in_memory(altered: Altered, load: Load) -> None:
    before = set(jn.loaded())
    refusal(load, V2, altered(V2, lambda tensors: tensors.pop("classifier.out_proj.weight")))
    assert set(jn.loaded()) == before


def test_the_same_folder_is_loaded_once_and_another_is_another_model(
    miniature: Callable[..., Path], load: Load
) -> None:
    assert load(CODE) is load(CODE)
    assert load(CODE) is not load(CODE, miniature(CODE, seed=5))
    assert load(CODE) is not load(CODE, dtype="bfloat16")


def test_weights_that_were_replaced_on_disk_are_read_again(tmp_path: Path, load: Load) -> None:
    folder = tiny_checkpoint(CODE, tmp_path / "m")
    first = load(CODE, folder).embed("tea", task="qa.query").vectors
    jn.unload(CODE)
    tiny_checkpoint(CODE, folder, seed=9)
    second = load(CODE, folder).embed("tea", task="qa.query").vectors
    assert abs(first - second).max() > 0.01


@pytest.mark.parametrize("name", ALL)
def test_loading_from_a_folder_asks_nobody(
    name: str, monkeypatch: pytest.MonkeyPatch, altered: Altered, load: Load
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("no connection and no question")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("builtins.input", refuse)
    assert load(name, altered(name)).name == name
