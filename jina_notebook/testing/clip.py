"""Miniature of jina-clip-v2: v3's text encoder with one adapter, and an EVA02 vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jina_notebook.testing.tokenizers import xlm_roberta
from jina_notebook.testing.xlm_roberta import add_adapters, add_encoder, add_xlm_roberta_tokenizer

if TYPE_CHECKING:
    from jina_notebook.testing.draft import Draft

__all__ = ["clip_v2"]

WIDTH = 128
IMAGE_SIZE, PATCH = 75, 14
"""Five patches fit along a side, five pixels are left over, and the grid differs from `pt_hw_seq_len`."""
LAYERS = 2
REMOTE = "jinaai/jina-clip-implementation--"
INSTRUCTION = "Represent the query for retrieving evidence documents: "


def clip_v2(draft: Draft) -> None:
    """jina-clip-v2: as published, the sizes of the text encoder are nowhere in config.json (16 heads, base 20000)."""
    tokenizer = xlm_roberta()
    _add_text(draft, vocabulary=tokenizer.get_vocab_size())
    _add_vision(draft)
    # a scalar, as published
    draft.normal("logit_scale", std=0.1, mean=2.6592)
    _add_config(draft)
    draft.json(
        "preprocessor_config.json",
        {
            "auto_map": {
                "AutoImageProcessor": f"{REMOTE}processing_clip.JinaCLIPImageProcessor",
                "AutoProcessor": f"{REMOTE}processing_clip.JinaCLIPProcessor",
            },
            "fill_color": 0,
            "image_processor_type": "JinaCLIPImageProcessor",
            "interpolation": "bicubic",
            "mean": [0.48145466, 0.4578275, 0.40821073],
            "processor_class": "JinaCLIPProcessor",
            "resize_mode": "shortest",
            "size": IMAGE_SIZE,
            "std": [0.26862954, 0.26130258, 0.27577711],
        },
    )
    add_xlm_roberta_tokenizer(draft, tokenizer, limit=8194)
    draft.json(
        "config_sentence_transformers.json",
        {
            "prompts": {"retrieval.query": INSTRUCTION},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    )
    draft.json(
        "modules.json",
        [
            {"idx": 0, "name": "transformer", "path": "", "type": "custom_st.Transformer"},
            {"idx": 1, "name": "normalizer", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
    )


def _add_config(draft: Draft) -> None:
    text = {
        "default_instruction_task": None,
        "default_lora_task": "retrieval.query",
        "embed_dim": WIDTH,
        "hf_model_config_kwargs": {
            "load_trained_adapters": False,
            "lora_adaptations": ["retrieval.query"],
            "lora_alpha": 4,
            "lora_dropout_p": 0.0,
            "lora_main_params_trainable": False,
            "lora_rank": 4,
            "task_instructions": {"retrieval.query": INSTRUCTION},
            "use_flash_attn": False,
        },
        "hf_model_name_or_path": "jinaai/jina-embeddings-v3",
        "model_type": "jina_clip_text",
        "pooler_type": "mean_pooler",
        "proj_bias": False,
        "proj_type": None,
    }
    draft.json(
        "config.json",
        {
            "add_projections": False,
            "architectures": ["JinaCLIPModel"],
            "auto_map": {
                "AutoConfig": f"{REMOTE}configuration_clip.JinaCLIPConfig",
                "AutoModel": f"{REMOTE}modeling_clip.JinaCLIPModel",
            },
            "initializer_factor": 1.0,
            "logit_scale_init_value": 2.6592,
            "matryoshka_dimensions": [32, 64, WIDTH],
            "model_type": "jina_clip",
            "projection_dim": WIDTH,
            "text_config": text,
            "torch_dtype": draft.dtype,
            "truncate_dim": None,
            "use_text_flash_attn": None,
            "use_vision_xformers": None,
            "vision_config": _vision_config(),
        },
    )


def _vision_config() -> dict[str, object]:
    return {
        "embed_dim": WIDTH,
        "fused_layer_norm": False,
        "head_width": 16,
        "image_size": IMAGE_SIZE,
        "intp_freq": True,
        "layers": LAYERS,
        "ls_init_value": None,
        "mlp_ratio": 2.6667,
        "model_type": "jina_clip_vision",
        "naive_swiglu": True,
        "patch_dropout": 0.1,
        "patch_size": PATCH,
        "post_norm": False,
        "proj_type": None,
        "pt_hw_seq_len": 16,
        "qkv_bias": True,
        "rope_embeddings": True,
        "subln": True,
        "width": WIDTH,
        "x_attention": True,
    }


def _add_text(draft: Draft, *, vocabulary: int) -> None:
    """v3's encoder without a pooler, one adapter of rank 4 on every matrix, below `text_model.transformer.`."""
    add_encoder(
        draft,
        {"hidden_size": WIDTH, "intermediate_size": 192, "num_hidden_layers": LAYERS, "vocab_size": vocabulary},
    )
    add_adapters(draft, adapters=1, rank=4)
    draft.tensors = {f"text_model.transformer.{key}": value for key, value in draft.tensors.items()}


def _add_vision(draft: Draft) -> None:
    """Pre-norm blocks with sub-norms; biases on q and v but not on k; rotary tables are not stored."""
    inner = int(WIDTH * 2.6667)
    top = "vision_model"
    grid = IMAGE_SIZE // PATCH
    draft.normal(f"{top}.cls_token", 1, 1, WIDTH, std=0.7)
    draft.normal(f"{top}.pos_embed", 1, grid * grid + 1, WIDTH, std=0.3)
    draft.normal(f"{top}.patch_embed.proj.weight", WIDTH, 3, PATCH, PATCH, std=(3 * PATCH * PATCH) ** -0.5)
    draft.normal(f"{top}.patch_embed.proj.bias", WIDTH, std=0.1)
    for number in range(LAYERS):
        block = f"{top}.blocks.{number}"
        draft.norm(f"{block}.norm1", WIDTH, bias=True)
        for part, gain in (("q", 1.4), ("k", 1.4), ("v", 1.4)):
            draft.linear(f"{block}.attn.{part}_proj", WIDTH, WIDTH, gain=gain)
        draft.normal(f"{block}.attn.q_bias", WIDTH, std=0.3)
        draft.normal(f"{block}.attn.v_bias", WIDTH, std=0.3)
        draft.norm(f"{block}.attn.inner_attn_ln", WIDTH, bias=True)
        draft.linear(f"{block}.attn.proj", WIDTH, WIDTH, bias=True)
        draft.norm(f"{block}.norm2", WIDTH, bias=True)
        draft.linear(f"{block}.mlp.w1", inner, WIDTH, bias=True, gain=1.4)
        draft.linear(f"{block}.mlp.w2", inner, WIDTH, bias=True)
        draft.norm(f"{block}.mlp.ffn_ln", inner, bias=True)
        draft.linear(f"{block}.mlp.w3", WIDTH, inner, bias=True)
    draft.norm(f"{top}.norm", WIDTH, bias=True)
