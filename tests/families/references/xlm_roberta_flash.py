"""The flash-attention layout of XLM-R on transformers' JinaEmbeddingsV3Model."""

from __future__ import annotations

from typing import Any

import torch
from transformers import JinaEmbeddingsV3Config, JinaEmbeddingsV3Model

FIELDS = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size", "hidden_act"),
    *("type_vocab_size", "max_position_embeddings", "layer_norm_eps", "bos_token_id", "pad_token_id", "eos_token_id"),
)
NAMES = (
    ("roberta.", ""),
    ("emb_ln.", "embeddings.LayerNorm."),
    ("encoder.layers.", "layers."),
    ("mixer.out_proj.", "self_attn.o_proj."),
    ("norm1.", "post_attention_layernorm."),
    ("norm2.", "post_mlp_layernorm."),
)


def rotary_network(settings: dict[str, Any], state: dict[str, torch.Tensor]) -> Any:
    """The encoder with these weights (keys of the flash layout, no pooler); a key that does not fit raises."""
    fields = {name: settings[name] for name in FIELDS}
    rope = {"rope_type": "default", "rope_theta": settings["rotary_emb_base"]}
    model: Any = JinaEmbeddingsV3Model(JinaEmbeddingsV3Config(**fields, rope_parameters=rope), add_pooling_layer=False)
    assert model.config.rope_parameters["rope_theta"] == settings["rotary_emb_base"]
    renamed: dict[str, torch.Tensor] = {}
    for key, value in state.items():
        name = key
        for old, new in NAMES:
            name = name.replace(old, new)
        if "mixer.Wqkv." in name:
            for part, chunk in zip("qkv", value.chunk(3), strict=True):
                renamed[name.replace("mixer.Wqkv.", f"self_attn.{part}_proj.")] = chunk
        else:
            renamed[name] = value
    missing, unexpected = model.load_state_dict(renamed, strict=False)
    assert not unexpected, unexpected
    assert all("position_ids" in key or "token_type_ids" in key for key in missing), missing
    return model.eval()
