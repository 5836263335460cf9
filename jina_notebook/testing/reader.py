"""Miniature of ReaderLM-v2, an ordinary Qwen2 that writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jina_notebook.errors import OptionError
from jina_notebook.testing.qwen import add_decoder, add_qwen_tokenizer, add_vocabulary_files
from jina_notebook.testing.tokenizers import QWEN2_SPECIALS, qwen

if TYPE_CHECKING:
    from jina_notebook.testing.draft import Draft

__all__ = ["reader_lm"]

LIMIT = 512768
ROWS = 1280
MARKUP = (
    *("script", "style", "meta", "link", "html", "body", "head", "title", "div", "span", "class", "href", "src"),
    *("img", "svg", "table", "tbody", "button", "input", "nav", "footer", "header", "article", "section"),
    *(" <", "</", "><", '="', '">', '" ', "<!--", "-->", "/>", ">\n", "](", "**", "##", "```", "json", "markdown"),
)
"""Pages have few tokens per tag, as with the published tokenizer: thousands of tags are read in seconds."""
HEADS = ("equal", "absent", "different")
SYSTEM = "You are an AI assistant developed by Jina AI."
CHAT_TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\n" + SYSTEM + "<|im_end|>\\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def reader_lm(draft: Draft, *, lm_head: str = "equal") -> None:
    """ReaderLM-v2: tied embeddings that are stored twice, a generation_config.json that would sample.

    `lm_head`: `"equal"` as published, `"absent"`, or `"different"` from the embeddings although they are tied.
    """
    if lm_head not in HEADS:
        raise OptionError(f"ReaderLM-v2 has no lm_head of kind {lm_head!r}.", hint=f"Allowed: {', '.join(HEADS)}.")
    tokenizer = qwen(QWEN2_SPECIALS, MARKUP)
    end_of_text, end_of_turn = (tokenizer.token_to_id(token) for token in ("<|endoftext|>", "<|im_end|>"))
    hidden, layers = 64, 2
    config = {
        "architectures": ["Qwen2ForCausalLM"],
        "attention_dropout": 0.0,
        "bos_token_id": end_of_text,
        "eos_token_id": end_of_turn,
        "hidden_act": "silu",
        "hidden_size": hidden,
        "initializer_range": 0.02,
        "intermediate_size": 128,
        "max_position_embeddings": LIMIT,
        "max_window_layers": layers,
        "model_type": "qwen2",
        "num_attention_heads": 2,
        "num_hidden_layers": layers,
        "num_key_value_heads": 1,
        "rms_norm_eps": 1e-06,
        "rope_scaling": None,
        "rope_theta": 5000000,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "torch_dtype": draft.dtype,
        "transformers_version": "4.46.2",
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": ROWS,
    }
    draft.json("config.json", config)
    add_decoder(draft, config, prefix="model.", qkv_bias=True)
    # small beside what the layers add, or the likeliest token would nearly always be the last one again
    draft.tensors["model.embed_tokens.weight"].mul_(0.2)
    if lm_head == "equal":
        # a tensor of its own: two names of one memory cannot be stored
        draft.tensors["lm_head.weight"] = draft.tensors["model.embed_tokens.weight"].clone()
    elif lm_head == "different":
        draft.normal("lm_head.weight", ROWS, hidden, std=0.14)
    _add_generation_config(draft, end_of_text, end_of_turn)
    add_qwen_tokenizer(draft, tokenizer, QWEN2_SPECIALS, limit=LIMIT, padding_side="left")
    add_vocabulary_files(draft, tokenizer)
    settings = json.loads(draft.files["tokenizer_config.json"])
    extra = {
        "attn_implementation": "flash_attention_2",
        "chat_template": CHAT_TEMPLATE,
        "eos_token": "<|im_end|>",
    }
    draft.json("tokenizer_config.json", settings | extra)
    draft.json("special_tokens_map.json", {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"})


def _add_generation_config(draft: Draft, end_of_text: int | None, end_of_turn: int | None) -> None:
    """As published: it asks for sampling, which reading does not do."""
    draft.json(
        "generation_config.json",
        {
            "attn_implementation": "flash_attention_2",
            "bos_token_id": end_of_text,
            "do_sample": True,
            "eos_token_id": [end_of_turn, end_of_text],
            "pad_token_id": end_of_text,
            "repetition_penalty": 1.08,
            "rope_theta": 5000000,
            "temperature": 0.65,
            "top_k": 20,
            "top_p": 0.8,
            "transformers_version": "4.46.2",
            "use_cache": True,
        },
    )
