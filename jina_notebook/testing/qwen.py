"""Miniatures of the decoders on Qwen2 and Qwen3: the two code models and the two listwise rerankers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import OptionError
from jina_notebook.testing.tokenizers import QWEN2_SPECIALS, QWEN3_SPECIALS, added_tokens, qwen

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from jina_notebook.testing.draft import Draft

__all__ = [
    "ROWS",
    "add_decoder",
    "add_qwen_tokenizer",
    "add_vocabulary_files",
    "code_large",
    "code_small",
    "reranker_v3",
    "reranker_v35",
]

CODE_PROMPTS = {
    "nl2code": ("Find the most relevant code snippet given the following query:\n", "Candidate code snippet:\n"),
    "qa": ("Find the most relevant answer given the following question:\n", "Candidate answer:\n"),
    "code2code": (
        "Find an equivalent code snippet given the following code snippet:\n",
        "Candidate code snippet:\n",
    ),
    "code2nl": ("Find the most relevant comment given the following code snippet:\n", "Candidate comment:\n"),
    "code2completion": (
        "Find the most relevant completion given the following start of code snippet:\n",
        "Candidate completion:\n",
    ),
}
MARKERS = ("<|score_token|>", "<|embed_token|>", "<|rerank_token|>")
ROWS = 1216
"""Rows of the embedding table: more than there are tokens, as in the published checkpoints."""


def code_small(draft: Draft) -> None:
    """jina-code-embeddings-0.5b: 128 wide, so that sizes 64 and 128 exist."""
    _code(draft, hidden=128, layers=3, heads=4, kv_heads=2, intermediate=192)


def code_large(draft: Draft) -> None:
    """jina-code-embeddings-1.5b: 256 wide, so that sizes 128 and 256 exist."""
    _code(draft, hidden=256, layers=2, heads=8, kv_heads=2, intermediate=320)


def _code(draft: Draft, *, hidden: int, layers: int, heads: int, kv_heads: int, intermediate: int) -> None:
    tokenizer = qwen(QWEN2_SPECIALS)
    config = {
        "architectures": ["Qwen2ForCausalLM"],
        "attention_dropout": 0.0,
        "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
        "eos_token_id": tokenizer.token_to_id("<|endoftext|>"),
        "hidden_act": "silu",
        "hidden_size": hidden,
        "initializer_range": 0.02,
        "intermediate_size": intermediate,
        "max_position_embeddings": 32768,
        "max_window_layers": layers,
        "model_type": "qwen2",
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "num_key_value_heads": kv_heads,
        "rms_norm_eps": 1e-06,
        "rope_scaling": None,
        "rope_theta": 1000000.0,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "torch_dtype": draft.dtype,
        "transformers_version": "4.53.0",
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": ROWS,
    }
    draft.json("config.json", config)
    add_decoder(draft, config, prefix="model.", qkv_bias=True)
    add_qwen_tokenizer(draft, tokenizer, QWEN2_SPECIALS, limit=32768, padding_side="left")
    prompts = {f"{task}_query": query for task, (query, _) in CODE_PROMPTS.items()}
    prompts |= {f"{task}_document": document for task, (_, document) in CODE_PROMPTS.items()}
    draft.json(
        "config_sentence_transformers.json",
        {"prompts": prompts, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    )
    names = ("Transformer", "Pooling", "Normalize")
    draft.json(
        "modules.json",
        [
            {"idx": i, "name": str(i), "path": f"{i}_{n}" if i else "", "type": f"sentence_transformers.models.{n}"}
            for i, n in enumerate(names)
        ],
    )
    pooling = {
        "word_embedding_dimension": hidden,
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": False,
        "pooling_mode_lasttoken": True,
        "include_prompt": True,
    }
    draft.json("1_Pooling/config.json", pooling)
    draft.json("generation_config.json", {"_from_model_config": True, "eos_token_id": config["eos_token_id"]})


def reranker_v3(draft: Draft) -> None:
    """jina-reranker-v3: a Qwen3 backbone, a projector without biases, nothing about it in the configuration."""
    _listwise(draft, layers=3, attention={"sliding_window": None, "use_sliding_window": False})


def reranker_v35(draft: Draft, *, window: int = 32) -> None:
    """jina-reranker-v3.5: three sliding layers, then two global ones."""
    if isinstance(window, bool) or not isinstance(window, int) or window < 1:
        raise OptionError(f"A sliding window cannot be {window!r} tokens wide.", hint="Allowed: integers from 1.")
    kinds = ["sliding_attention"] * 3 + ["full_attention"] * 2
    attention = {"layer_types": kinds, "sliding_window": window, "use_sliding_window": True}
    _listwise(draft, layers=len(kinds), attention=attention)


def _listwise(draft: Draft, *, layers: int, attention: dict[str, Any]) -> None:
    specials = (*QWEN3_SPECIALS, *MARKERS)
    tokenizer = qwen(specials)
    hidden, projected = 64, 32
    config = {
        "architectures": ["JinaForRanking"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "auto_map": {"AutoModel": "modeling.JinaForRanking"},
        "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
        "eos_token_id": tokenizer.token_to_id("<|im_end|>"),
        "head_dim": 32,
        "hidden_act": "silu",
        "hidden_size": hidden,
        "initializer_range": 0.02,
        "intermediate_size": 96,
        "max_position_embeddings": 131072,
        "max_window_layers": layers,
        "model_type": "qwen3",
        "num_attention_heads": 4,
        "num_hidden_layers": layers,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_scaling": None,
        "rope_theta": 1000000,
        "tie_word_embeddings": True,
        "torch_dtype": draft.dtype,
        "transformers_version": "4.55.2",
        "use_cache": False,
        "vocab_size": ROWS,
        **attention,
    }
    draft.json("config.json", config)
    add_decoder(draft, config, prefix="model.", qk_norm=True)
    draft.linear("projector.0", projected, hidden, gain=1.4)
    draft.linear("projector.2", projected, projected, gain=1.4)
    add_qwen_tokenizer(draft, tokenizer, specials, limit=131072, padding_side="left")
    draft.json("generation_config.json", {"_from_model_config": True, "eos_token_id": config["eos_token_id"]})


def add_decoder(
    draft: Draft, config: dict[str, Any], *, prefix: str, qkv_bias: bool = False, qk_norm: bool = False
) -> None:
    """Adds the tensors of a Llama-like stack whose keys begin with `prefix`; sizes come from its configuration."""
    hidden, intermediate = config["hidden_size"], config["intermediate_size"]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head_dim = config.get("head_dim") or hidden // heads
    draft.normal(f"{prefix}embed_tokens.weight", config["vocab_size"], hidden, std=0.7)
    for number in range(config["num_hidden_layers"]):
        layer = f"{prefix}layers.{number}"
        draft.norm(f"{layer}.input_layernorm", hidden)
        # with these gains attention is neither even nor stuck on one token
        sharpness = 1.0 if qk_norm else 1.4
        draft.linear(f"{layer}.self_attn.q_proj", heads * head_dim, hidden, bias=qkv_bias, gain=sharpness)
        draft.linear(f"{layer}.self_attn.k_proj", kv_heads * head_dim, hidden, bias=qkv_bias, gain=sharpness)
        draft.linear(f"{layer}.self_attn.v_proj", kv_heads * head_dim, hidden, bias=qkv_bias, gain=1.4)
        draft.linear(f"{layer}.self_attn.o_proj", hidden, heads * head_dim, gain=1.4)
        if qk_norm:
            draft.norm(f"{layer}.self_attn.q_norm", head_dim, gain=1.4)
            draft.norm(f"{layer}.self_attn.k_norm", head_dim, gain=1.4)
        draft.norm(f"{layer}.post_attention_layernorm", hidden)
        draft.linear(f"{layer}.mlp.gate_proj", intermediate, hidden, gain=1.4)
        draft.linear(f"{layer}.mlp.up_proj", intermediate, hidden)
        draft.linear(f"{layer}.mlp.down_proj", hidden, intermediate)
    draft.norm(f"{prefix}norm", hidden)


def add_qwen_tokenizer(
    draft: Draft, tokenizer: Tokenizer, specials: tuple[str, ...], *, limit: int, padding_side: str
) -> None:
    """Adds `tokenizer.json` and everything the Qwen repositories keep beside it."""
    config = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": added_tokens(tokenizer),
        "additional_special_tokens": list(specials[1:14]),
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|endoftext|>",
        "errors": "replace",
        "model_max_length": limit,
        "pad_token": "<|endoftext|>",
        "padding_side": padding_side,
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }
    draft.tokenizer(tokenizer, config, {"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"})
    added = sorted(tokenizer.get_added_tokens_decoder().items())
    draft.json("added_tokens.json", {token.content: number for number, token in added})


def add_vocabulary_files(draft: Draft, tokenizer: Tokenizer) -> None:
    """Adds `vocab.json` and `merges.txt`, which say once more what `tokenizer.json` says."""
    model = json.loads(tokenizer.to_str())["model"]
    draft.json("vocab.json", model["vocab"])
    draft.files["merges.txt"] = "#version: 0.2\n" + "".join(f"{left} {right}\n" for left, right in model["merges"])
