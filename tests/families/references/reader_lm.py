"""ReaderLM-v2 on transformers' Qwen2ForCausalLM.generate: the card's cleaning, prompts and greedy settings."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

from tests.families.references.network import config, tensors, tokenizer_of

PATTERNS = (
    r"<[ ]*script.*?\/[ ]*script[ ]*>",
    r"<[ ]*style.*?\/[ ]*style[ ]*>",
    r"<[ ]*meta.*?>",
    r"<[ ]*!--.*?--[ ]*>",
    r"<[ ]*link.*?>",
)
FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL
SVG = r"(<svg[^>]*>)(.*?)(<\/svg>)"
BASE64 = r'<img[^>]+src="data:image/[^;]+;base64,[^"]+"[^>]*>'
CONTROL = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
MARKDOWN = "Extract the main content from the given HTML and convert it to Markdown format."
JSON = "Extract the specified information from a list of news threads and present it in a structured JSON format."
SYSTEM = "<|im_start|>system\nYou are an AI assistant developed by Jina AI.<|im_end|>\n"
FENCE = "```"
PENALTY = 1.08
STOPS = ("<|im_end|>", "<|endoftext|>")


def cleaned(html: str, *, svg: bool = False, base64: bool = False) -> str:
    """The card's patterns, one substitution each; quadratic on malformed pages."""
    for pattern in PATTERNS:
        html = re.sub(pattern, "", html, flags=FLAGS)
    if svg:
        html = re.sub(SVG, r"\1this is a placeholder\3", html, flags=re.DOTALL)
    return re.sub(BASE64, '<img src="#"/>', html) if base64 else html


def page(html: str) -> str:
    """What of a page goes into the prompt."""
    text = cleaned(html)
    while any(mark in text for mark in CONTROL):
        for mark in CONTROL:
            text = text.replace(mark, "")
    return text


def message(html: str, instruction: str | None = None, schema: str | None = None) -> str:
    """The one user message."""
    asked = instruction or (MARKDOWN if schema is None else JSON)
    text = f"{asked}\n{FENCE}html\n{page(html)}\n{FENCE}"
    return text if schema is None else f"{text}\nThe JSON schema is as follows:{FENCE}json\n{schema}\n{FENCE}"


def prompt_ids(directory: Path, user: str) -> list[int]:
    """Ids of system line, user message and the assistant's beginning."""
    prompt = f"{SYSTEM}<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"
    return list(tokenizer_of(directory).encode(prompt, add_special_tokens=False).ids)


@lru_cache(maxsize=8)
def network(directory: Path) -> Any:
    state = tensors(directory)
    fields = {key: value for key, value in config(directory).items() if key != "torch_dtype"}
    model: Any = Qwen2ForCausalLM(Qwen2Config(**fields))
    assert model.config.rope_parameters["rope_theta"] == fields["rope_theta"]
    state.setdefault("lm_head.weight", state["model.embed_tokens.weight"])
    if not torch.equal(state["lm_head.weight"], state["model.embed_tokens.weight"]):
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    model.load_state_dict(state, strict=True)
    return model.eval()


def generate(directory: Path, ids: list[int], max_new_tokens: int) -> list[int]:
    """New ids, greedy, a stop token included where there is one."""
    stops = [tokenizer_of(directory).token_to_id(token) for token in STOPS]
    make: Any = GenerationConfig
    settings = make(
        do_sample=False,
        repetition_penalty=PENALTY,
        max_new_tokens=max_new_tokens,
        eos_token_id=stops,
        pad_token_id=stops[1],
        bos_token_id=stops[1],
    )
    prompt = torch.tensor([ids])
    with torch.inference_mode():
        output = network(directory).generate(prompt, attention_mask=torch.ones_like(prompt), generation_config=settings)
    new: list[int] = output[0, len(ids) :].tolist()
    return new


def answer(
    directory: Path, html: str, max_new_tokens: int, instruction: str | None = None, schema: str | None = None
) -> tuple[str, bool]:
    """What the model says without its stop token, and whether it was stopped before its end."""
    new = generate(directory, prompt_ids(directory, message(html, instruction, schema)), max_new_tokens)
    stops = {tokenizer_of(directory).token_to_id(token) for token in STOPS}
    stopped = bool(new) and new[-1] in stops
    text = tokenizer_of(directory).decode(new[:-1] if stopped else new, skip_special_tokens=False)
    return text, not stopped


def schema_text(schema: dict[str, Any]) -> str:
    """A schema given as a dict, as the prompt has it."""
    return json.dumps(schema, indent=2)
