"""Miniatures of the models that see and of those that write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from jina_notebook.testing import tiny_checkpoint
from tests.testing.folders import config, keys, weights


def test_clip_keeps_its_text_sizes_out_of_the_configuration_and_has_one_adapter(tmp_path: Path) -> None:
    folder = tiny_checkpoint("jina-clip-v2", tmp_path)
    settings = config(folder)
    assert not {"hidden_size", "num_attention_heads", "vocab_size"} & {*settings, *settings["text_config"]}
    factors = {key: value for key, value in weights(folder).items() if ".0.lora_" in key}
    assert all(key.startswith("text_model.transformer.roberta.") for key in factors)
    assert all(value.shape[0] == 1 and float(value.float().std()) > 0.01 for value in factors.values())
    assert keys(folder)["logit_scale"] == ()


def test_clip_pictures_leave_pixels_over_and_its_grid_is_not_the_one_of_pretraining(tmp_path: Path) -> None:
    folder = tiny_checkpoint("jina-clip-v2", tmp_path)
    vision = config(folder)["vision_config"]
    grid, rest = divmod(vision["image_size"], vision["patch_size"])
    assert rest > 0
    assert grid != vision["pt_hw_seq_len"]
    assert keys(folder)["vision_model.pos_embed"] == (1, grid**2 + 1, vision["width"])
    processor = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    assert processor["size"] == vision["image_size"]


@pytest.mark.parametrize("name", ["jina-embeddings-v4", "jina-reranker-m0"])
def test_the_ids_in_a_vision_configuration_are_those_of_its_tokenizer(name: str, tmp_path: Path) -> None:
    folder = tiny_checkpoint(name, tmp_path)
    settings, added = config(folder), json.loads((folder / "added_tokens.json").read_text(encoding="utf-8"))
    for field, token in (("image", "image_pad"), ("vision_start", "vision_start"), ("vision_end", "vision_end")):
        assert settings[f"{field}_token_id"] == added[f"<|{token}|>"]
    text = settings.get("text_config", settings)
    head = text["hidden_size"] // text["num_attention_heads"]
    assert sum(text["rope_scaling"]["mrope_section"]) == head // 2


def test_v4_has_windows_and_three_tasks_in_one_file_of_adapters_that_cover_the_projector(tmp_path: Path) -> None:
    folder = tiny_checkpoint("jina-embeddings-v4", tmp_path)
    settings = config(folder)
    full = settings["vision_config"]["fullatt_block_indexes"]
    assert set(full) < set(range(settings["vision_config"]["depth"]))
    found = load_file(folder / "adapters" / "adapter_model.safetensors")
    layers = settings["text_config"]["num_hidden_layers"]
    assert len(found) == layers * 7 * 3 * 2 + 3 * 2
    for task in ("retrieval", "text-matching", "code"):
        factor = found[f"base_model.model.multi_vector_projector.lora_B.{task}.weight"]
        assert factor.shape == (128, 32)
        assert float(factor.float().std()) > 0.01
    assert not any("visual" in key for key in found)
    index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))["weight_map"]
    assert index["multi_vector_projector.weight"] == "model-00002-of-00002.safetensors"


def test_writing_another_miniature_over_v4_leaves_no_adapters(tmp_path: Path) -> None:
    tiny_checkpoint("jina-embeddings-v4", tmp_path)
    tiny_checkpoint("jina-reranker-m0", tmp_path)
    assert [file.name for file in tmp_path.rglob("*.safetensors*")] == ["model.safetensors"]


def test_m0_has_the_same_weights_in_both_layouts_and_an_unused_matrix_on_request(tmp_path: Path) -> None:
    legacy = weights(tiny_checkpoint("jina-reranker-m0", tmp_path / "a"))
    new = weights(tiny_checkpoint("jina-reranker-m0", tmp_path / "b", layout="new", lm_head=False))
    assert set(legacy) - {"lm_head.weight"} == {
        key.replace("model.language_model.", "model.").replace("model.visual.", "visual.") for key in new
    }
    assert torch.equal(new["model.language_model.norm.weight"], legacy["model.norm.weight"])
    assert torch.equal(new["model.visual.merger.mlp.2.bias"], legacy["visual.merger.mlp.2.bias"])
    assert not torch.equal(legacy["lm_head.weight"], legacy["model.embed_tokens.weight"])


def test_the_reader_stores_its_tied_embeddings_twice_unless_told_otherwise(tmp_path: Path) -> None:
    equal = weights(tiny_checkpoint("ReaderLM-v2", tmp_path / "a"))
    absent = weights(tiny_checkpoint("ReaderLM-v2", tmp_path / "b", lm_head="absent"))
    different = weights(tiny_checkpoint("ReaderLM-v2", tmp_path / "c", lm_head="different"))
    assert torch.equal(equal["lm_head.weight"], equal["model.embed_tokens.weight"])
    assert set(equal) - set(absent) == {"lm_head.weight"}
    assert not torch.equal(different["lm_head.weight"], different["model.embed_tokens.weight"])
    assert all(torch.equal(value, equal[key]) for key, value in absent.items())
    assert config(tmp_path / "c")["tie_word_embeddings"] is True


def test_the_reader_would_sample_and_want_a_package_that_is_not_there(tmp_path: Path) -> None:
    folder = tiny_checkpoint("ReaderLM-v2", tmp_path)
    generation = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    assert (generation["do_sample"], generation["repetition_penalty"]) == (True, 1.08)
    assert generation["attn_implementation"] == "flash_attention_2"
    added = json.loads((folder / "added_tokens.json").read_text(encoding="utf-8"))
    assert generation["eos_token_id"] == [added["<|im_end|>"], added["<|endoftext|>"]]
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert "developed by Jina AI" in settings["chat_template"]


def test_vlm_has_its_picture_tokens_behind_the_first_embedding_table(tmp_path: Path) -> None:
    folder = tiny_checkpoint("jina-vlm", tmp_path)
    text = config(folder)["text_config"]
    added = json.loads((folder / "added_tokens.json").read_text(encoding="utf-8"))
    assert added["<im_start>"] == text["embedding_size"] == keys(folder)["model.language_model.embedding.embedding"][0]
    assert config(folder)["image_token_index"] == added["<|image|>"]
    assert added["<im_slice>"] < text["embedding_size"] + text["additional_vocab_size"]
    assert keys(folder)["lm_head.weight"][0] == text["vocab_size"]
    tower = config(folder)["vision_config"]
    assert tower["n_layers"] + 1 + min(tower["vit_layers"]) > 0


def test_vlm_has_the_same_weights_in_both_layouts(tmp_path: Path) -> None:
    torch_keys = weights(tiny_checkpoint("jina-vlm", tmp_path / "a"))
    mlx_keys = weights(tiny_checkpoint("jina-vlm", tmp_path / "b", layout="mlx"))
    assert not any(key.startswith("model.") or "lnorm" in key or key.endswith("_b") for key in mlx_keys)
    fused = "language_model.layers.1.ffn.gate_up.weight"
    assert torch.equal(mlx_keys[fused], torch_keys["model.language_model.layers.1.ffn.up.weight"])
    place = "model.vision_model.layers.3.attn."
    biases = torch.cat([torch_keys[f"{place}{part}_b"] for part in "qkv"])
    assert torch.equal(mlx_keys["vision_model.layers.3.attn.qkv.bias"], biases)
    numbers = [sum(value.numel() for value in found.values()) for found in (torch_keys, mlx_keys)]
    assert numbers[0] == numbers[1]


def test_vlm_comes_with_more_output_rows_and_with_biases_of_zero_on_request(tmp_path: Path) -> None:
    plain = weights(tiny_checkpoint("jina-vlm", tmp_path / "a"))
    more = weights(tiny_checkpoint("jina-vlm", tmp_path / "b", lm_head="all", text_biases=True))
    assert more["lm_head.weight"].shape[0] == plain["lm_head.weight"].shape[0] + 16
    extra = set(more) - set(plain)
    assert {key.rsplit(".", 1)[1] for key in extra} == {"q_b", "k_b", "v_b"}
    assert not any(more[key].any() for key in extra)
