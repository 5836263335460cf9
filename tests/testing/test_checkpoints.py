"""Miniature checkpoints: the official layouts, reproducible, and safe to write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from jina_notebook import models
from jina_notebook.errors import OptionError
from jina_notebook.testing import tiny_checkpoint, tiny_names
from tests.testing.folders import config, files, keys, weights

TOKENIZER = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}
BASE = {"config.json", "model.safetensors", *TOKENIZER}
ADAPTERS = {
    f"adapters/{task}/{file}"
    for task in ("retrieval", "text-matching", "clustering", "classification")
    for file in ("adapter_config.json", "adapter_model.safetensors")
}
SENTENCE_TRANSFORMERS = {"modules.json", "config_sentence_transformers.json"}
CODE = BASE | SENTENCE_TRANSFORMERS | {"1_Pooling/config.json", "added_tokens.json", "generation_config.json"}
VISION = BASE | {
    *("preprocessor_config.json", "chat_template.json", "generation_config.json"),
    *("vocab.json", "merges.txt", "added_tokens.json"),
}
LISTWISE = BASE | {"added_tokens.json", "generation_config.json"}
FILES = {
    "ReaderLM-v2": LISTWISE | {"vocab.json", "merges.txt"},
    "jina-clip-v2": BASE | SENTENCE_TRANSFORMERS | {"preprocessor_config.json"},
    "jina-code-embeddings-0.5b": CODE,
    "jina-code-embeddings-1.5b": CODE,
    "jina-colbert-v2": BASE | {"artifact.metadata"},
    "jina-embeddings-v3": BASE | {"modules.json", "1_Pooling/config.json"},
    "jina-embeddings-v4": (VISION - {"model.safetensors"})
    | SENTENCE_TRANSFORMERS
    | {f"model-0000{number}-of-00002.safetensors" for number in (1, 2)}
    | {"model.safetensors.index.json", "adapters/adapter_config.json", "adapters/adapter_model.safetensors"},
    "jina-embeddings-v5-text-nano": BASE | SENTENCE_TRANSFORMERS | ADAPTERS,
    "jina-embeddings-v5-text-small": BASE | SENTENCE_TRANSFORMERS | ADAPTERS | {"added_tokens.json"},
    "jina-reranker-m0": VISION,
    "jina-reranker-v2-base-multilingual": BASE,
    "jina-reranker-v3": LISTWISE,
    "jina-vlm": (BASE - {"model.safetensors"})
    | {f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)}
    | {"model.safetensors.index.json", "preprocessor_config.json", "processor_config.json", "chat_template.jinja"}
    | {"vocab.json", "merges.txt", "added_tokens.json"},
    "jina-reranker-v3.5": LISTWISE,
}
ALL = sorted(FILES)


def families(folder: Path) -> set[str]:
    """Tensor keys with the layer number replaced."""
    return {re.sub(r"\.\d+\.(?=self_attn|mlp|mixer|norm|input_|post_)", ".N.", key) for key in keys(folder)}


@pytest.mark.parametrize("name", ALL)
def test_a_miniature_has_the_official_file_set(name: str, tmp_path: Path) -> None:
    folder = tiny_checkpoint(name, tmp_path / "new" / name)
    assert folder == tmp_path / "new" / name
    assert files(folder) == FILES[name]


def test_every_miniature_is_a_catalogue_model_and_the_path_may_be_a_string(tmp_path: Path) -> None:
    assert set(tiny_names()) <= set(models().names)
    assert (tiny_checkpoint("jina-embeddings-v3", str(tmp_path)) / "config.json").is_file()


@pytest.mark.parametrize("name", ALL)
def test_tensors_are_stored_as_bfloat16_unless_asked(name: str, tmp_path: Path) -> None:
    published = weights(tiny_checkpoint(name, tmp_path / "a"))
    wide = weights(tiny_checkpoint(name, tmp_path / "b", dtype="float32"))
    assert {value.dtype for value in published.values()} == {torch.bfloat16}
    assert {value.dtype for value in wide.values()} == {torch.float32}
    assert published.keys() == wide.keys()
    assert all(torch.equal(value, wide[key].to(torch.bfloat16)) for key, value in published.items())


@pytest.mark.parametrize("name", ALL)
def test_the_same_arguments_give_the_same_bytes_and_another_seed_another_model(name: str, tmp_path: Path) -> None:
    first, second = (tiny_checkpoint(name, tmp_path / part) for part in "ab")
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in FILES[name])
    other = weights(tiny_checkpoint(name, tmp_path / "c", seed=1))
    assert not any(torch.equal(value, other[key]) for key, value in weights(first).items())


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    name = "jina-embeddings-v5-text-nano"
    here = tiny_checkpoint(name, tmp_path / "here")
    program = "import sys; from jina_notebook.testing import tiny_checkpoint; tiny_checkpoint(*sys.argv[1:])"
    subprocess.run([sys.executable, "-c", program, name, str(tmp_path / "there")], check=True, timeout=120)
    assert all((here / file).read_bytes() == (tmp_path / "there" / file).read_bytes() for file in FILES[name])


@pytest.mark.parametrize("name", ["jina-reranker-v2-base-multilingual", "jina-colbert-v2", "jina-embeddings-v3"])
def test_the_flash_repositories_have_no_model_type(name: str, tmp_path: Path) -> None:
    settings = config(tiny_checkpoint(name, tmp_path))
    assert "model_type" not in settings
    assert "auto_map" in settings


@pytest.mark.parametrize("name", ["jina-embeddings-v5-text-nano", "jina-embeddings-v5-text-small"])
def test_both_v5_backbones_carry_the_same_model_type(name: str, tmp_path: Path) -> None:
    settings = config(tiny_checkpoint(name, tmp_path))
    assert settings["model_type"] == "jina_embeddings_v5"
    assert ("head_dim" in settings) == name.endswith("small")
    assert ("mask_token_id" in settings) == name.endswith("nano")


def test_the_cross_encoder_has_absolute_positions_and_fused_attention_weights(tmp_path: Path) -> None:
    folder = tiny_checkpoint("jina-reranker-v2-base-multilingual", tmp_path)
    found = keys(folder)
    assert found["roberta.embeddings.position_embeddings.weight"] == (1026, 64)
    assert found["roberta.encoder.layers.0.mixer.Wqkv.weight"] == (192, 64)
    assert found["classifier.out_proj.weight"] == (1, 64)
    assert config(folder)["position_embedding_type"] == "absolute"
    assert not any("pooler" in key for key in found)


def test_v3_parametrizes_every_matrix_with_five_adapters_that_are_not_zero(tmp_path: Path) -> None:
    folder = tiny_checkpoint("jina-embeddings-v3", tmp_path)
    found = load_file(folder / "model.safetensors")
    bases = [key.removesuffix("original") for key in found if key.endswith(".parametrizations.weight.original")]
    assert len(bases) == 2 + 4 * config(folder)["num_hidden_layers"] + 1
    for base in bases:
        a, b = found[f"{base}0.lora_A"].float(), found[f"{base}0.lora_B"].float()
        delta = a @ b if "_embeddings." in base else b @ a
        assert delta.shape == (5, *found[f"{base}original"].shape)
        assert (delta.std(dim=(1, 2)) > 0.1 * found[f"{base}original"].float().std()).all()
    assert not any(key.endswith((".Wqkv.weight", "_embeddings.weight")) for key in found)


def test_v3_and_colbert_differ_in_their_rotary_base(tmp_path: Path) -> None:
    v3 = config(tiny_checkpoint("jina-embeddings-v3", tmp_path / "v3"))
    colbert = config(tiny_checkpoint("jina-colbert-v2", tmp_path / "colbert"))
    assert (v3["rotary_emb_base"], colbert["rotary_emb_base"]) == (20000.0, 10000.0)
    assert v3["matryoshka_dimensions"][-1] == v3["hidden_size"]
    assert colbert["matryoshka_dimensions"] is None


@pytest.mark.parametrize("head", [128, 96, 64])
def test_colbert_comes_with_each_published_head_and_with_pooler_tensors_on_request(head: int, tmp_path: Path) -> None:
    assert keys(tiny_checkpoint("jina-colbert-v2", tmp_path, head=head))["linear.weight"] == (head, 64)
    plain = set(keys(tmp_path))
    extra = set(keys(tiny_checkpoint("jina-colbert-v2", tmp_path, head=head, pooler=True))) - plain
    assert extra == {"roberta.pooler.dense.weight", "roberta.pooler.dense.bias"}


def test_qwen2_has_biases_on_three_projections_and_fewer_key_heads(tmp_path: Path) -> None:
    folder = tiny_checkpoint("jina-code-embeddings-0.5b", tmp_path)
    biased = {key for key in families(folder) if key.endswith(".bias")}
    assert biased == {f"model.layers.N.self_attn.{p}_proj.bias" for p in "qkv"}
    assert config(folder)["num_key_value_heads"] < config(folder)["num_attention_heads"]
    assert not any("lm_head" in key for key in keys(folder))


@pytest.mark.parametrize(("name", "size"), [("jina-code-embeddings-0.5b", 128), ("jina-code-embeddings-1.5b", 256)])
def test_code_miniatures_are_as_wide_as_a_published_size(name: str, size: int, tmp_path: Path) -> None:
    assert config(tiny_checkpoint(name, tmp_path))["hidden_size"] == size
    assert size in models()[name].dimensions
    assert min(models()[name].dimensions) < size


@pytest.mark.parametrize("name", ["jina-embeddings-v5-text-small", "jina-reranker-v3", "jina-reranker-v3.5"])
def test_qwen3_heads_together_are_wider_than_the_hidden_size(name: str, tmp_path: Path) -> None:
    settings = config(tiny_checkpoint(name, tmp_path))
    assert settings["head_dim"] * settings["num_attention_heads"] > settings["hidden_size"]
    assert settings["num_key_value_heads"] < settings["num_attention_heads"]


def test_v5_keys_have_no_prefix_and_rerankers_have_one(tmp_path: Path) -> None:
    v5 = keys(tiny_checkpoint("jina-embeddings-v5-text-small", tmp_path / "v5"))
    v3 = keys(tiny_checkpoint("jina-reranker-v3", tmp_path / "v3"))
    assert not any(key.startswith("model.") for key in v5)
    assert {key for key in v3 if not key.startswith("model.")} == {"projector.0.weight", "projector.2.weight"}
    assert "layers.0.self_attn.q_norm.weight" in v5


@pytest.mark.parametrize("name", ["jina-embeddings-v5-text-nano", "jina-embeddings-v5-text-small"])
def test_v5_adapters_cover_seven_projections_and_are_not_zero(name: str, tmp_path: Path) -> None:
    folder = tiny_checkpoint(name, tmp_path)
    adapters = [load_file(file) for file in sorted(folder.glob("adapters/*/adapter_model.safetensors"))]
    assert len(adapters) == 4
    for adapter in adapters:
        assert len(adapter) == 2 * 7 * config(folder)["num_hidden_layers"]
        assert all(float(value.float().std()) > 0.01 for value in adapter.values())
        assert all(key.startswith("base_model.model.layers.") for key in adapter)
    assert not torch.equal(*(next(iter(adapter.values())) for adapter in adapters[:2]))


def test_reranker_v35_slides_over_three_layers_and_its_window_can_be_set(tmp_path: Path) -> None:
    settings = config(tiny_checkpoint("jina-reranker-v3.5", tmp_path, window=8))
    assert settings["layer_types"] == ["sliding_attention"] * 3 + ["full_attention"] * 2
    assert (settings["sliding_window"], settings["use_sliding_window"]) == (8, True)


def test_shards_come_with_an_index_that_names_every_tensor(tmp_path: Path) -> None:
    single = load_file(tiny_checkpoint("jina-code-embeddings-1.5b", tmp_path / "single") / "model.safetensors")
    folder = tiny_checkpoint("jina-code-embeddings-1.5b", tmp_path / "sharded", shards=3)
    index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
    assert not (folder / "model.safetensors").exists()
    assert set(index["weight_map"].values()) == {f"model-0000{n}-of-00003.safetensors" for n in (1, 2, 3)}
    assert index["metadata"]["total_size"] == sum(value.nbytes for value in single.values())
    assert set(index["weight_map"]) == set(single)
    for key, file in index["weight_map"].items():
        with safe_open(folder / file, framework="pt") as shard:
            assert torch.equal(shard.get_tensor(key), single[key])


def test_writing_again_leaves_no_weights_of_the_former_miniature_and_no_harm_to_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    tiny_checkpoint("jina-embeddings-v5-text-nano", tmp_path)
    tiny_checkpoint("jina-code-embeddings-0.5b", tmp_path, shards=2)
    tiny_checkpoint("jina-embeddings-v3", tmp_path)
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.safetensors*")) == ["model.safetensors"]
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_weights_that_are_not_a_miniature_are_never_overwritten(tmp_path: Path) -> None:
    save_file({"real": torch.ones(2)}, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(OptionError, match=r"not a miniature \(model\.safetensors\)"):
        tiny_checkpoint("jina-embeddings-v3", tmp_path)
    assert list(load_file(tmp_path / "model.safetensors")) == ["real"]
    assert files(tmp_path) == {"model.safetensors"}


def test_weights_beside_a_configuration_of_their_own_are_not_overwritten_either(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"half a download")
    (tmp_path / "config.json").write_bytes(b'{"_name_or_path": "jinaai/jina-embeddings-v3", "x": "\xff"}')
    with pytest.raises(OptionError, match="not a miniature"):
        tiny_checkpoint("jina-embeddings-v3", tmp_path)


def test_a_file_in_place_of_the_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(OptionError, match="taken is a file"):
        tiny_checkpoint("jina-embeddings-v3", tmp_path / "taken")


def test_an_unknown_name_is_an_error_that_lists_the_names_and_suggests_a_near_one(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="'jina-embedings-v3'") as caught:
        tiny_checkpoint("jina-embedings-v3", tmp_path)
    assert "Did you mean jina-embeddings-v3?" in str(caught.value)
    assert all(name in str(caught.value) for name in tiny_names())
    assert files(tmp_path) == set()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("jina-embeddings-v3", {"dtype": "int8"}, "'int8'.*bfloat16, float32, float16"),
        ("jina-embeddings-v3", {"shards": 0}, "0 shards.*1 to 9"),
        ("jina-embeddings-v3", {"shards": True}, "True shards"),
        ("jina-embeddings-v3", {"head": 64}, "no option 'head'.*seed, dtype, shards"),
        ("jina-colbert-v2", {"head": 32}, "no head of 32.*128, 96, 64"),
        ("jina-colbert-v2", {"heads": 64}, "no option 'heads'.*head, pooler"),
        ("jina-reranker-v3.5", {"window": 0}, "0 tokens wide.*from 1"),
        ("ReaderLM-v2", {"lm_head": True}, "no lm_head of kind True.*equal, absent, different"),
        ("jina-vlm", {"layout": "B"}, "no layout 'B'.*torch, mlx"),
        ("jina-vlm", {"lm_head": False}, "no lm_head False.*base, all"),
        ("jina-reranker-m0", {"layout": "old"}, "no layout 'old'.*legacy, new"),
    ],
)
def test_an_option_that_cannot_be_used_is_an_error_with_what_is_allowed(
    name: str, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match=message):
        tiny_checkpoint(name, tmp_path, **options)
    assert files(tmp_path) == set()


def test_a_miniature_needs_no_transformers(tmp_path: Path) -> None:
    program = (
        "import sys; from jina_notebook.testing import tiny_checkpoint, tiny_names\n"
        "for name in tiny_names(): tiny_checkpoint(name, f'{sys.argv[1]}/{name}')\n"
        "print(sorted({'transformers', 'peft', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], check=True, timeout=120, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_norm_gains_are_uneven(tmp_path: Path) -> None:
    found = load_file(tiny_checkpoint("jina-code-embeddings-0.5b", tmp_path) / "model.safetensors")
    gains = found["model.norm.weight"].float().numpy()
    assert gains.min() > 0
    assert np.ptp(gains) > 1
