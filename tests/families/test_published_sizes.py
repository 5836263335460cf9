"""The tensors that the models which see expect add up to the published numbers of parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from jina_notebook.families import clip, eva, v4, xlm_roberta
from jina_notebook.families.qwen_vl import Layout

NOTHING: Any = SimpleNamespace(shapes={})
"""A checkpoint that is not there: sizes that no configuration states are then the published ones."""
ROTARY = {"rope_theta": 1e6, "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}}
COMMON = {**ROTARY, "num_key_value_heads": 2, "vocab_size": 151936, "rms_norm_eps": 1e-6}


def numbers(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(math.prod(shape) for shape in shapes.values())


def test_clip_has_865_million_numbers() -> None:
    tower = eva.TowerLayout.read(
        {"width": 1024, "layers": 24, "head_width": 64, "mlp_ratio": 2.6667, "image_size": 512, "patch_size": 14,
         "pt_hw_seq_len": 16}
    )  # fmt: skip
    adapters = {"lora_adaptations": ["retrieval.query"], "lora_rank": 4, "lora_alpha": 4}
    layout = clip._text_layout(NOTHING, {"embed_dim": 1024, "hf_model_config_kwargs": adapters})
    assert numbers(eva.expected(tower, "")) == 304_382_912
    assert numbers(xlm_roberta.expected(layout, "")) + numbers(eva.expected(tower, "")) + 1 == 865_278_477


def test_v4_has_qwens_numbers_a_projector_and_three_adapters() -> None:
    text = {**COMMON, "hidden_size": 2048, "num_hidden_layers": 36, "num_attention_heads": 16,
            "intermediate_size": 11008, "max_position_embeddings": 128000}  # fmt: skip
    vision = {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 2048,
              "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31]}  # fmt: skip
    layout = Layout.read({"text_config": text, "vision_config": vision}, NOTHING, gated=True)
    targets = v4._targets(layout.body, 128)
    adapter = sum(32 * (out + into) for out, into in targets.values())
    assert layout.vision.window == 4
    assert len(targets) * 2 * 3 == 1518
    assert numbers(layout.expected()) == 3_754_622_976
    assert numbers(layout.expected()) + 128 * 2048 + 128 + 3 * adapter == 3_934_695_552


def test_m0_has_its_numbers_with_a_flat_configuration() -> None:
    config = {**COMMON, "hidden_size": 1536, "num_hidden_layers": 28, "num_attention_heads": 12,
              "intermediate_size": 8960, "max_position_embeddings": 32768,
              "vision_config": {"depth": 32, "embed_dim": 1280, "num_heads": 16, "mlp_ratio": 4}}  # fmt: skip
    body = Layout.read(config, NOTHING, gated=False)
    head = 1536 * 1536 + 1536 + 1536 + 1
    unused = 151936 * 1536
    assert numbers(body.expected()) == 2_208_985_600
    assert numbers(body.expected()) + head + unused == 2_444_721_665
