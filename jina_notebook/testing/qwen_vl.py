"""Miniatures of the two Qwen-VL models: jina-embeddings-v4 (Qwen2.5-VL) and jina-reranker-m0 (Qwen2-VL)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import OptionError
from jina_notebook.testing.qwen import ROWS, add_decoder, add_qwen_tokenizer, add_vocabulary_files
from jina_notebook.testing.tokenizers import QWEN2_SPECIALS, qwen

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from jina_notebook.testing.draft import Draft

__all__ = ["embeddings_v4", "reranker_m0"]

TASKS = ("retrieval", "text-matching", "code")
PATCH, MERGE, TEMPORAL = 14, 2, 2
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for content in message['content'] %}"
    "{% if content['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LAYOUTS = ("legacy", "new")


def embeddings_v4(draft: Draft) -> None:
    """jina-embeddings-v4: windowed vision blocks and full ones, one file of adapters for three tasks, a projector."""
    tokenizer = qwen(QWEN2_SPECIALS)
    hidden = 256
    text = {
        **_text_config(draft, tokenizer, hidden=hidden, layers=2, heads=8, intermediate=320, positions=128000),
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl_text",
        "rope_scaling": {"mrope_section": [4, 6, 6], "rope_type": "default", "type": "default"},
        "sliding_window": None,
    }
    vision = {
        "depth": 4,
        "fullatt_block_indexes": [1, 3],
        "hidden_act": "silu",
        "hidden_size": 64,
        "in_channels": 3,
        "in_chans": 3,
        "intermediate_size": 96,
        "model_type": "qwen2_5_vl",
        "num_heads": 4,
        "out_hidden_size": hidden,
        "patch_size": PATCH,
        "spatial_merge_size": MERGE,
        "spatial_patch_size": PATCH,
        "temporal_patch_size": TEMPORAL,
        "tokens_per_second": 2,
        # half the published width, so that pictures of three merged patches already have several windows
        "window_size": 56,
    }
    draft.json(
        "config.json",
        {
            "architectures": ["JinaEmbeddingsV4Model"],
            "auto_map": {
                "AutoConfig": "configuration_jina_embeddings_v4.JinaEmbeddingsV4Config",
                "AutoModel": "modeling_jina_embeddings_v4.JinaEmbeddingsV4Model",
            },
            **_ids(tokenizer),
            "matryoshka_dims": [128, hidden],
            "model_type": "qwen2_5_vl",
            "multi_vector_projector_dim": 128,
            "single_vector_pool_strategy": "mean",
            "task_names": list(TASKS),
            "text_config": text,
            "torch_dtype": draft.dtype,
            "transformers_version": "4.52.0",
            "truncate_dim": None,
            "vision_config": vision,
            "vision_token_id": tokenizer.token_to_id("<|vision_pad|>"),
        },
    )
    add_decoder(draft, text, prefix="model.", qkv_bias=True)
    _add_vision_25(draft, vision)
    draft.linear("multi_vector_projector", 128, hidden, bias=True)
    _add_v4_adapters(draft)
    _add_files(draft, tokenizer, limit=128000, processor="JinaEmbeddingsV4Processor", remote="jina_embeddings_v4")
    draft.json("config_sentence_transformers.json", {"prompts": {}, "similarity_fn_name": "cosine"})
    draft.json("modules.json", [{"idx": 0, "name": "transformer", "path": "", "type": "custom_st.Transformer"}])


def reranker_m0(draft: Draft, *, layout: str = "legacy", lm_head: bool = True) -> None:
    """jina-reranker-m0: Qwen2-VL with a flat configuration, an `lm_head` that scoring does not use, a score head.

    `layout`: `"new"` has the keys below `model.language_model.` and `model.visual.`, the weights are the same.
    """
    if layout not in LAYOUTS:
        raise OptionError(f"jina-reranker-m0 has no layout {layout!r}.", hint="Allowed: legacy, new.")
    tokenizer = qwen(QWEN2_SPECIALS)
    hidden = 128
    vision = {
        "depth": 2,
        "embed_dim": 64,
        "hidden_size": hidden,
        "in_channels": 3,
        "in_chans": 3,
        "mlp_ratio": 4,
        "model_type": "qwen2_vl",
        "num_heads": 4,
        "patch_size": PATCH,
        "spatial_merge_size": MERGE,
        "spatial_patch_size": PATCH,
        "temporal_patch_size": TEMPORAL,
    }
    config = {
        **_text_config(draft, tokenizer, hidden=hidden, layers=3, heads=4, intermediate=192, positions=32768),
        "architectures": ["JinaVLForRanking"],
        "auto_map": {"AutoModel": "modeling.JinaVLForRanking"},
        **_ids(tokenizer),
        "model_type": "qwen2_vl",
        "rope_scaling": {"mrope_section": [4, 6, 6], "type": "mrope"},
        "sliding_window": 32768,
        "tie_word_embeddings": True,
        "transformers_version": "4.49.0",
        "vision_config": vision,
        "vision_token_id": tokenizer.token_to_id("<|vision_pad|>"),
    }
    draft.json("config.json", config)
    _add_vision_2(draft, vision)
    add_decoder(draft, config, prefix="model.", qkv_bias=True)
    if lm_head:
        draft.linear("lm_head", ROWS, hidden)
    if layout == "new":
        draft.tensors = {_new_name(key): value for key, value in draft.tensors.items()}
    draft.linear("score.0", hidden, hidden, bias=True, gain=1.4)
    draft.linear("score.2", 1, hidden, bias=True, gain=0.6)
    # near the constant that is taken from every logit, so that scores lie around one half
    draft.tensors["score.2.bias"].add_(2.5)
    _add_files(draft, tokenizer, limit=32768, processor="Qwen2VLProcessor")


def _new_name(key: str) -> str:
    if key.startswith("visual."):
        return f"model.{key}"
    return key.replace("model.", "model.language_model.", 1) if key.startswith("model.") else key


def _text_config(
    draft: Draft, tokenizer: Tokenizer, *, hidden: int, layers: int, heads: int, intermediate: int, positions: int
) -> dict[str, Any]:
    return {
        "attention_dropout": 0.0,
        "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
        "eos_token_id": tokenizer.token_to_id("<|im_end|>"),
        "hidden_act": "silu",
        "hidden_size": hidden,
        "initializer_range": 0.02,
        "intermediate_size": intermediate,
        "max_position_embeddings": positions,
        "max_window_layers": layers,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_theta": 1000000.0,
        "torch_dtype": draft.dtype,
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": ROWS,
    }


def _ids(tokenizer: Tokenizer) -> dict[str, int | None]:
    """The ids that the network itself looks for; those of the small tokenizer, not the published ones."""
    return {
        "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
        "eos_token_id": tokenizer.token_to_id("<|im_end|>"),
        "image_token_id": tokenizer.token_to_id("<|image_pad|>"),
        "video_token_id": tokenizer.token_to_id("<|video_pad|>"),
        "vision_end_token_id": tokenizer.token_to_id("<|vision_end|>"),
        "vision_start_token_id": tokenizer.token_to_id("<|vision_start|>"),
    }


def _add_patches(draft: Draft, width: int) -> None:
    inputs = 3 * TEMPORAL * PATCH * PATCH
    draft.normal("visual.patch_embed.proj.weight", width, 3, TEMPORAL, PATCH, PATCH, std=2.0 * inputs**-0.5)


def _add_vision_25(draft: Draft, config: dict[str, Any]) -> None:
    """RMS norms, a gated MLP, biases on every Linear.

    Gains are small in both towers: the two usual resamplers differ by a level here and there, and a network that blows
    that up could not be compared across them.
    """
    width, inner = config["hidden_size"], config["intermediate_size"]
    _add_patches(draft, width)
    for number in range(config["depth"]):
        block = f"visual.blocks.{number}"
        draft.norm(f"{block}.norm1", width)
        draft.norm(f"{block}.norm2", width)
        draft.linear(f"{block}.attn.qkv", 3 * width, width, bias=True, gain=0.7)
        draft.linear(f"{block}.attn.proj", width, width, bias=True, gain=0.5)
        draft.linear(f"{block}.mlp.gate_proj", inner, width, bias=True, gain=0.7)
        draft.linear(f"{block}.mlp.up_proj", inner, width, bias=True, gain=0.5)
        draft.linear(f"{block}.mlp.down_proj", width, inner, bias=True, gain=0.5)
    draft.norm("visual.merger.ln_q", width)
    _add_merger(draft, width, config["out_hidden_size"], gain=0.4)


def _add_vision_2(draft: Draft, config: dict[str, Any]) -> None:
    """Layer norms, a plain MLP, full attention in every block."""
    width = config["embed_dim"]
    inner = width * config["mlp_ratio"]
    _add_patches(draft, width)
    for number in range(config["depth"]):
        block = f"visual.blocks.{number}"
        draft.norm(f"{block}.norm1", width, bias=True)
        draft.norm(f"{block}.norm2", width, bias=True)
        draft.linear(f"{block}.attn.qkv", 3 * width, width, bias=True, gain=0.7)
        draft.linear(f"{block}.attn.proj", width, width, bias=True, gain=0.5)
        draft.linear(f"{block}.mlp.fc1", inner, width, bias=True, gain=0.7)
        draft.linear(f"{block}.mlp.fc2", width, inner, bias=True, gain=0.5)
    draft.norm("visual.merger.ln_q", width, bias=True)
    _add_merger(draft, width, config["hidden_size"], gain=0.25)


def _add_merger(draft: Draft, width: int, outputs: int, *, gain: float) -> None:
    merged = width * MERGE * MERGE
    draft.linear("visual.merger.mlp.0", merged, merged, bias=True)
    draft.linear("visual.merger.mlp.2", outputs, merged, bias=True, gain=gain)
    draft.tensors["visual.merger.mlp.2.bias"].mul_(4.0)


def _add_v4_adapters(draft: Draft, *, rank: int = 32) -> None:
    """Low-rank factors of every language Linear and of the projector for all tasks in one file; B is never zero."""
    file = "adapters/adapter_model.safetensors"
    adapted = [key for key in draft.tensors if key.startswith("model.layers.") and key.endswith("_proj.weight")]
    for key in [*adapted, "multi_vector_projector.weight"]:
        outputs, inputs = draft.tensors[key].shape
        place = key.removesuffix(".weight").replace("model.layers.", "model.language_model.layers.")
        for task in TASKS:
            name = f"{file}::base_model.model.{place}"
            draft.normal(f"{name}.lora_A.{task}.weight", rank, inputs, std=inputs**-0.5)
            draft.normal(f"{name}.lora_B.{task}.weight", outputs, rank, std=0.4 * rank**-0.5)
    draft.json(
        "adapters/adapter_config.json",
        {
            "alpha_pattern": {},
            "auto_mapping": None,
            "base_model_name_or_path": "jinaai/jina-embeddings-v4",
            "bias": "none",
            "exclude_modules": ".*visual.*",
            "fan_in_fan_out": False,
            "inference_mode": True,
            "init_lora_weights": "gaussian",
            "lora_alpha": rank,
            "lora_dropout": 0.1,
            "modules_to_save": None,
            "peft_type": "LORA",
            "r": rank,
            "rank_pattern": {},
            "target_modules": "(.*(model).*(down_proj|gate_proj|up_proj|k_proj|q_proj|v_proj|o_proj).*$"
            "|.*(multi_vector_projector).*$)",
            "task_type": "FEATURE_EXTRACTION",
            "use_dora": False,
            "use_rslora": False,
        },
    )


def _add_files(draft: Draft, tokenizer: Tokenizer, *, limit: int, processor: str, remote: str | None = None) -> None:
    add_qwen_tokenizer(draft, tokenizer, QWEN2_SPECIALS, limit=limit, padding_side="left")
    add_vocabulary_files(draft, tokenizer)
    draft.json("chat_template.json", {"chat_template": CHAT_TEMPLATE})
    draft.json("generation_config.json", {"_from_model_config": True, "eos_token_id": _ids(tokenizer)["eos_token_id"]})
    extra = {"auto_map": {"AutoProcessor": f"modeling_{remote}.{processor}"}} if remote else {}
    draft.json(
        "preprocessor_config.json",
        {
            **extra,
            "do_convert_rgb": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_processor_type": "Qwen2VLImageProcessor",
            "image_std": [0.26862954, 0.26130258, 0.27577711],
            "max_pixels": 602112,
            "merge_size": MERGE,
            "min_pixels": 3136,
            "patch_size": PATCH,
            "processor_class": processor,
            "resample": 3,
            "rescale_factor": 0.00392156862745098,
            "size": {"longest_edge": 602112, "shortest_edge": 3136},
            "temporal_patch_size": TEMPORAL,
        },
    )
