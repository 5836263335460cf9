"""Miniatures of jina-embeddings-v5-text: one name for two backbones, each with four separate adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.testing.qwen import add_decoder, add_qwen_tokenizer
from jina_notebook.testing.tokenizers import QWEN3_SPECIALS, added_tokens, eurobert, qwen

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from jina_notebook.testing.draft import Draft

__all__ = ["nano", "small"]

TASKS = ("retrieval", "text-matching", "clustering", "classification")
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
REMOTE = {
    "architectures": ["JinaEmbeddingsV5Model"],
    "auto_map": {
        "AutoConfig": "configuration_jina_embeddings_v5.JinaEmbeddingsV5Config",
        "AutoModel": "modeling_jina_embeddings_v5.JinaEmbeddingsV5Model",
    },
    "model_type": "jina_embeddings_v5",
    "task_names": list(TASKS),
}


def small(draft: Draft) -> None:
    """jina-embeddings-v5-text-small: causal Qwen3 whose heads together are wider than its hidden size."""
    tokenizer = qwen(QWEN3_SPECIALS)
    config = {
        **REMOTE,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
        "eos_token_id": tokenizer.token_to_id("<|endoftext|>"),
        "head_dim": 64,
        "hidden_act": "silu",
        "hidden_size": 128,
        "initializer_range": 0.02,
        "intermediate_size": 192,
        "max_position_embeddings": 32768,
        "max_window_layers": 3,
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_scaling": None,
        "rope_theta": 3500000,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "torch_dtype": draft.dtype,
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": 1216,
    }
    draft.json("config.json", config)
    add_decoder(draft, config, prefix="", qk_norm=True)
    add_qwen_tokenizer(draft, tokenizer, QWEN3_SPECIALS, limit=131072, padding_side="right")
    _add_adapters(draft, base="jinaai/jina-embeddings-v5-text-small")
    _add_sentence_transformers_files(draft)


def nano(draft: Draft) -> None:
    """jina-embeddings-v5-text-nano: bidirectional EuroBERT; `torch_dtype` and `pad_token_id` mislead, as published."""
    tokenizer = eurobert()
    end = tokenizer.token_to_id("<|end_of_text|>")
    config = {
        **REMOTE,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": tokenizer.token_to_id("<|begin_of_text|>"),
        "eos_token_id": end,
        "hidden_act": "silu",
        "hidden_dropout": 0.0,
        "hidden_size": 128,
        "initializer_range": 0.02,
        "intermediate_size": 192,
        "is_decoder": False,
        "mask_token_id": tokenizer.token_to_id("<|mask|>"),
        "max_position_embeddings": 8192,
        "mlp_bias": False,
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
        "num_key_value_heads": 4,
        "pad_token_id": end,
        "pretraining_tp": 1,
        "rms_norm_eps": 1e-05,
        "rope_scaling": None,
        "rope_theta": 1000000,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        "use_cache": False,
        "vocab_size": 1216,
    }
    draft.json("config.json", config)
    add_decoder(draft, config, prefix="")
    _add_nano_tokenizer(draft, tokenizer)
    _add_adapters(draft, base="jinaai/jina-embeddings-v5-text-nano")
    _add_sentence_transformers_files(draft)


def _add_nano_tokenizer(draft: Draft, tokenizer: Tokenizer) -> None:
    names = {
        "bos_token": "<|begin_of_text|>",
        "eos_token": "<|end_of_text|>",
        "mask_token": "<|mask|>",
        "pad_token": "<|pad|>",
    }
    config = {
        "added_tokens_decoder": added_tokens(tokenizer),
        **names,
        "clean_up_tokenization_spaces": True,
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": 1000000000000000019884624838656,
        "tokenizer_class": "PreTrainedTokenizer",
    }
    draft.tokenizer(tokenizer, config, names)


def _add_adapters(draft: Draft, *, base: str, rank: int = 32) -> None:
    """Adds a peft adapter per task on all seven projections; B is never zero."""
    for task in TASKS:
        folder = f"adapters/{task}"
        config: dict[str, Any] = {
            "alpha_pattern": {},
            "auto_mapping": None,
            "base_model_name_or_path": base,
            "bias": "none",
            "fan_in_fan_out": False,
            "inference_mode": True,
            "init_lora_weights": True,
            "lora_alpha": rank,
            "lora_dropout": 0.1,
            "modules_to_save": None,
            "peft_type": "LORA",
            "r": rank,
            "rank_pattern": {},
            "target_modules": list(PROJECTIONS),
            "task_type": "FEATURE_EXTRACTION",
            "use_dora": False,
            "use_rslora": False,
        }
        draft.json(f"{folder}/adapter_config.json", config)
        for key in [key for key in draft.tensors if key.startswith("layers.") and key.endswith("_proj.weight")]:
            outputs, inputs = draft.tensors[key].shape
            place = f"{folder}/adapter_model.safetensors::base_model.model.{key.removesuffix('.weight')}"
            draft.normal(f"{place}.lora_A.weight", rank, inputs, std=inputs**-0.5)
            draft.normal(f"{place}.lora_B.weight", outputs, rank, std=0.4 * rank**-0.5)


def _add_sentence_transformers_files(draft: Draft) -> None:
    prompts = {"query": "Query: ", "document": "Document: "}
    draft.json(
        "config_sentence_transformers.json",
        {"prompts": prompts, "default_prompt_name": "document", "similarity_fn_name": "cosine"},
    )
    draft.json("modules.json", [{"idx": 0, "name": "transformer", "path": "", "type": "custom_st.Transformer"}])
