"""Miniature of jina-vlm: a SigLIP tower read at two of its layers, an attention-pooling connector, a Qwen3 decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import OptionError
from jina_notebook.testing.qwen import add_qwen_tokenizer, add_vocabulary_files
from jina_notebook.testing.tokenizers import QWEN3_SPECIALS, qwen

if TYPE_CHECKING:
    from jina_notebook.testing.draft import Draft

__all__ = ["jina_vlm"]

ROWS, MORE = 1216, 16
"""Rows of the two embedding tables: the language model's own tokens, and those for pictures."""
PICTURE_TOKENS = ("<im_start>", "<im_end>", "<im_patch>", "<im_col>", "<|image|>", "<im_slice>")
HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD, INNER = 128, 2, 4, 2, 32, 192
WIDTH, BLOCKS, EYES, EYE, FFN = 48, 10, 3, 16, 96
IMAGE_SIZE, PATCH = 378, 14
LAYOUTS = ("torch", "mlx")
LM_HEADS = ("base", "all")
REMOTE = {
    "AutoConfig": "configuration_jvlm.JinaVLMConfig",
    "AutoModelForCausalLM": "modeling_jvlm.JinaVLMForConditionalGeneration",
}
CHAT_TEMPLATE = (
    "{%- if always_start_with_space %}{{ ' ' }}{% endif -%}"
    "{%- for message in messages -%}"
    "{{ message['role'] | capitalize }}: "
    "{%- if message['content'] is string %}{{ ' ' + message['content'] }}"
    "{%- else %}{{ ' ' }}{% for item in message['content'] -%}"
    "{%- if item['type'] == 'image' %}{{ image_prompt_token }}"
    "{%- elif item['type'] == 'text' %}{{ item['text'] }}{% endif -%}"
    "{%- endfor %}{% endif -%}{{ ' ' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt %}{{ 'Assistant:' }}{% endif -%}"
)


def jina_vlm(draft: Draft, *, layout: str = "torch", lm_head: str = "base", text_biases: bool = False) -> None:
    """jina-vlm: pictures of 378 pixels as published, everything else small.

    `layout`: `"mlx"` has the tensor keys of the MLX conversion. `lm_head`: `"all"` has rows for the tokens of pictures
    too. `text_biases`: True adds the attention biases of the decoder, all of them zero.
    """
    for value, allowed, what in ((layout, LAYOUTS, "layout"), (lm_head, LM_HEADS, "lm_head")):
        if value not in allowed:
            raise OptionError(f"jina-vlm has no {what} {value!r}.", hint=f"Allowed: {', '.join(allowed)}.")
    _add_text(draft, biases=text_biases)
    _add_vision(draft)
    _add_connector(draft)
    draft.linear("lm_head", ROWS + (MORE if lm_head == "all" else 0), HIDDEN)
    if layout == "mlx":
        _rename(draft)
    _add_files(draft)


def _add_text(draft: Draft, *, biases: bool) -> None:
    """Fused query, key and value rows; a fused MLP whose first half is the value and whose second is the gate."""
    top = "model.language_model"
    draft.normal(f"{top}.embedding.embedding", ROWS, HIDDEN, std=0.2)
    draft.normal(f"{top}.embedding.new_embedding", MORE, HIDDEN, std=0.2)
    for number in range(LAYERS):
        layer = f"{top}.layers.{number}"
        draft.norm(f"{layer}.attn_lnorm", HIDDEN)
        draft.linear(f"{layer}.attn.qkv_w", (HEADS + 2 * KV_HEADS) * HEAD, HIDDEN, gain=1.4)
        draft.linear(f"{layer}.attn.out", HIDDEN, HEADS * HEAD, gain=1.4)
        draft.norm(f"{layer}.attn.q_lnorm", HEAD, gain=1.4)
        draft.norm(f"{layer}.attn.k_lnorm", HEAD, gain=1.4)
        if biases:
            for part, heads in (("q", HEADS), ("k", KV_HEADS), ("v", KV_HEADS)):
                draft.normal(f"{layer}.attn.{part}_b", heads * HEAD, std=0.0)
        draft.norm(f"{layer}.ffn_lnorm", HIDDEN)
        draft.linear(f"{layer}.ffn.up", 2 * INNER, HIDDEN, gain=1.2)
        draft.linear(f"{layer}.ffn.down", HIDDEN, INNER)
    draft.norm(f"{top}.ln_f", HIDDEN)


def _add_vision(draft: Draft) -> None:
    top = "model.vision_model"
    grid = IMAGE_SIZE // PATCH
    draft.linear(f"{top}.patch_embed.proj", WIDTH, 3 * PATCH * PATCH, bias=True, gain=2.0)
    draft.normal(f"{top}.pos_embed", grid * grid, WIDTH, std=0.3)
    for number in range(BLOCKS):
        block = f"{top}.layers.{number}"
        draft.norm(f"{block}.attn_lnorm", WIDTH, bias=True)
        draft.linear(f"{block}.attn.qkv_w", 3 * EYES * EYE, WIDTH)
        for part in "qkv":
            draft.normal(f"{block}.attn.{part}_b", EYES * EYE, std=0.2)
        draft.linear(f"{block}.attn.out", WIDTH, EYES * EYE, bias=True, gain=0.7)
        draft.norm(f"{block}.ffn_lnorm", WIDTH, bias=True)
        draft.linear(f"{block}.ffn.up", FFN, WIDTH, bias=True)
        draft.linear(f"{block}.ffn.down", WIDTH, FFN, bias=True, gain=0.7)
    draft.norm(f"{top}.post_lnorm", WIDTH, bias=True)


def _add_connector(draft: Draft) -> None:
    top = "model.vision_model.vl_connector"
    draft.normal(f"{top}.pad_embed", 2, 2 * WIDTH, std=0.7)
    draft.linear(f"{top}.pooling.q_w", WIDTH, 2 * WIDTH)
    draft.linear(f"{top}.pooling.kv_w", 2 * WIDTH, 2 * WIDTH)
    for part in "qkv":
        draft.normal(f"{top}.pooling.{part}_b", WIDTH, std=0.2)
    draft.linear(f"{top}.pooling.out", WIDTH, WIDTH, bias=True)
    draft.linear(f"{top}.projector.up", 2 * FFN, WIDTH, gain=1.4)
    draft.linear(f"{top}.projector.down", HIDDEN, FFN, gain=1.4)


def _rename(draft: Draft) -> None:
    """The keys of the MLX conversion, in which biases of one projection are one tensor."""
    import torch

    renamed: dict[str, torch.Tensor] = {}
    for key, value in draft.tensors.items():
        if key.endswith((".k_b", ".v_b")):
            continue
        name = key.removeprefix("model.").replace("vision_model.vl_connector.", "vl_connector.")
        place = key.removesuffix("q_b")
        if key.endswith("pooling.q_b"):
            renamed["vl_connector.pooling.q.bias"] = value
            renamed["vl_connector.pooling.kv.bias"] = torch.cat([draft.tensors[f"{place}{part}_b"] for part in "kv"])
            continue
        if key.endswith("attn.q_b"):
            fused = torch.cat([draft.tensors[f"{place}{part}_b"] for part in "qkv"])
            renamed[name.replace(".q_b", ".qkv.bias")] = fused
            continue
        for old, new in (("lnorm", "norm"), ("qkv_w", "qkv"), ("kv_w", "kv"), ("q_w", "q")):
            name = name.replace(old, new)
        if name.startswith(("language_model.layers", "vl_connector.projector")):
            name = name.replace(".up.", ".gate_up.")
        renamed[f"language_model.{name}" if name.startswith("lm_head") else name] = value
    draft.tensors = renamed


def _norm_config(kind: str) -> dict[str, Any]:
    return {"bias": kind == "default", "eps": 1e-06, "type": kind, "with_affine": True}


def _text_config(draft: Draft) -> dict[str, Any]:
    attention = {
        "head_dim": HEAD,
        "k_lnorm": True,
        "lnorm_config": _norm_config("rms"),
        "n_heads": HEADS,
        "n_kv_heads": KV_HEADS,
        "q_lnorm": True,
        "qkv_lnorm_on_heads": True,
        "sliding_window": -1,
    }
    ffn = {"activation_type": "silu", "bias": False, "gated_activation": True, "ratio": 4, "size": INNER}
    return {
        "additional_vocab_size": MORE,
        "block_config": {"attn_config": attention, "ffn_config": ffn, "lnorm_config": _norm_config("rms")},
        "embedding_size": ROWS,
        "hidden_size": HIDDEN,
        "lnorm_config": _norm_config("rms"),
        "max_sequence_length": 40960,
        "model_type": "jvlm",
        "n_layers": LAYERS,
        "num_hidden_layers": LAYERS,
        "partial_rotary_factor": 1.0,
        "rope": True,
        "rope_scaling": None,
        "rope_theta": 1000000,
        "tie_word_embeddings": False,
        "torch_dtype": draft.dtype,
        "vocab_size": ROWS,
    }


def _vision_config(draft: Draft) -> dict[str, Any]:
    attention = {
        "head_dim": EYE,
        "k_bias": True,
        "lnorm_config": _norm_config("default"),
        "n_heads": EYES,
        "n_kv_heads": None,
        "o_bias": True,
        "q_bias": True,
        "qkv_lnorm_on_heads": False,
        "v_bias": True,
    }
    ffn = {
        "activation_type": "gelu_pytorch_tanh",
        "bias": True,
        "gated_activation": False,
        "ratio": 4,
        "size": FFN,
    }
    connector = {
        "attn_pooling_config": {**attention, "head_dim": EYE, "n_heads": EYES},
        "mlp_projector_config": {"activation_type": "silu", "bias": False, "gated_activation": True, "size": FFN},
        "padding_embed_type": "pad_and_partial_pad",
        "pooling_h": 2,
        "pooling_type": "attention_meanq",
        "pooling_w": 2,
        "projector_type": "mlp",
        "spatial_merge_size": 2,
    }
    return {
        "block_config": {"attn_config": attention, "ffn_config": ffn, "lnorm_config": _norm_config("default")},
        "hidden_size": WIDTH,
        "input_size": [IMAGE_SIZE, IMAGE_SIZE],
        "linear_patch_embedding": True,
        "model_type": "jvlm",
        "n_channels": 3,
        "n_layers": BLOCKS,
        "output_size": HIDDEN,
        "patch_embedding_bias": True,
        "patch_size": PATCH,
        "positional_interpolation": "bicubic",
        "post_lnorm": True,
        "pre_lnorm": False,
        "torch_dtype": draft.dtype,
        "use_absolute_positional_embeddings": True,
        "use_cls_token": False,
        "vit_layers": [-4, -10],
        "vl_connector_config": connector,
    }


def _add_files(draft: Draft) -> None:
    fillers = ROWS - qwen(QWEN3_SPECIALS).get_vocab_size()
    specials = (*QWEN3_SPECIALS, *(f"|<EXTRA_TOKENS_{number}>|" for number in range(fillers)), *PICTURE_TOKENS)
    tokenizer = qwen(specials)
    end = tokenizer.token_to_id("<|endoftext|>")
    draft.json(
        "config.json",
        {
            "architectures": ["JinaVLMForConditionalGeneration"],
            "auto_map": REMOTE,
            "bos_token_id": end,
            "eos_token_id": end,
            "image_token_index": tokenizer.token_to_id("<|image|>"),
            "model_type": "jvlm",
            "pad_token_id": end,
            "text_config": _text_config(draft),
            "tie_word_embeddings": False,
            "torch_dtype": draft.dtype,
            "transformers_version": "4.57.0",
            "vision_config": _vision_config(draft),
        },
    )
    add_qwen_tokenizer(draft, tokenizer, specials, limit=40960, padding_side="left")
    add_vocabulary_files(draft, tokenizer)
    draft.files["chat_template.jinja"] = CHAT_TEMPLATE
    processor = {"auto_map": {"AutoProcessor": "processing_jvlm.JinaVLMProcessor"}}
    draft.json(
        "processor_config.json",
        {**processor, "always_start_with_space": True, "processor_class": "JinaVLMProcessor"},
    )
    draft.json("preprocessor_config.json", {**processor, **_preprocessor()})


def _preprocessor() -> dict[str, Any]:
    tokens = -(-IMAGE_SIZE // PATCH // 2)
    return {
        "antialias": False,
        "base_input_size": [IMAGE_SIZE, IMAGE_SIZE],
        "cropping_method": "overlap-and-resize",
        "do_convert_rgb": True,
        "do_resize": True,
        "image_max": 1.0,
        # read by no one: the range is what counts
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_min": -1.0,
        "image_processor_type": "JinaVLMImageProcessor",
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bilinear",
        "max_crops": 12,
        "max_pixels": 1003520,
        "min_pixels": 3136,
        "normalization_method": "minmax",
        "overlap_margins": [4, 4],
        "patch_size": PATCH,
        "pooling_h": 2,
        "pooling_w": 2,
        "preserve_aspect_ratio": False,
        "processor_class": "JinaVLMProcessor",
        "resize_in_float32": False,
        "size": {"longest_edge": 1003520, "shortest_edge": 3136},
        "token_length_h": tokens,
        "token_length_w": tokens,
        "tokens_per_image": tokens * tokens,
        "use_column_tokens": True,
    }
