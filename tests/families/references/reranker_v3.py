"""jina-reranker-v3 and v3.5 on transformers' Qwen3: one prompt per block, read-outs, projector, cosine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import Qwen3Config, Qwen3Model

from tests.families.references.network import Vector, config, hidden_states, tensors, token_ids, tokenizer_of

SYSTEM = (
    "You are a search relevance expert who can determine a ranking of the passages based on how relevant they are to "
    "the query. If the query is a question, how relevant a passage is depends on how well it answers the question. If "
    "not, try to analyze the intent of the query and assess how well each passage satisfies the intent. If an "
    "instruction is provided, you should follow the instruction when determining the ranking."
)
EMBED, RERANK = "<|embed_token|>", "<|rerank_token|>"


@dataclass(frozen=True)
class Limits:
    """The publisher's defaults, which differ between v3 and v3.5."""

    query: int
    document: int
    block: int = 125


V3 = Limits(query=512, document=2048)
V35 = Limits(query=1024, document=8192)


@lru_cache(maxsize=8)
def network(directory: Path) -> tuple[Any, torch.Tensor, torch.Tensor]:
    settings = config(directory)
    fields = {key: value for key, value in settings.items() if key not in ("auto_map", "architectures", "torch_dtype")}
    model: Any = Qwen3Model(Qwen3Config(**fields))
    state = tensors(directory)
    first, second = state.pop("projector.0.weight"), state.pop("projector.2.weight")
    model.load_state_dict({key.removeprefix("model."): value for key, value in state.items()}, strict=True)
    return model.eval(), first, second


def prompt(query: str, documents: list[str]) -> str:
    """The block's prompt, byte for byte."""
    passages = "\n".join(f'<passage id="{i}">\n{text}{EMBED}\n</passage>' for i, text in enumerate(documents))
    return (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n"
        f"I will provide you with {len(documents)} passages, each indicated by a numerical identifier. "
        f"Rank the passages based on their relevance to query: {query}\n"
        f"{passages}\n<query>\n{query}{RERANK}\n</query><|im_end|>\n"
        "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    )


def cut(directory: Path, text: str, limit: int) -> tuple[str, int]:
    """The text as the prompt gets it, and its token count: decoded again only where it reaches the limit."""
    ids = token_ids(directory, text, limit=limit)
    if len(ids) >= limit:
        text = tokenizer_of(directory).decode(ids, skip_special_tokens=False)
    return text.replace(EMBED, "").replace(RERANK, ""), len(ids)


def read_out(directory: Path, query: str, documents: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Projected query `(size,)` and documents `(n, size)` of one block."""
    model, first, second = network(directory)
    tokenizer = tokenizer_of(directory)
    ids = tokenizer.encode(prompt(query, documents)).ids
    states = hidden_states(model, ids)
    at_query = [i for i, token in enumerate(ids) if token == tokenizer.token_to_id(RERANK)]
    at_documents = [i for i, token in enumerate(ids) if token == tokenizer.token_to_id(EMBED)]
    assert len(at_query) == 1
    assert len(at_documents) == len(documents)
    projected = torch.relu(states[at_query + at_documents] @ first.T) @ second.T
    return projected[0].double(), projected[1:].double()


def blocks(directory: Path, query: str, documents: list[str], limits: Limits) -> list[list[str]]:
    """The documents as the prompt gets them, cut into blocks as the publisher does."""
    tokenizer_config = json.loads((directory / "tokenizer_config.json").read_text(encoding="utf-8"))
    capacity = tokenizer_config["model_max_length"] - 2 * cut(directory, query, limits.query)[1]
    done: list[list[str]] = []
    block: list[str] = []
    left = capacity
    for document in documents:
        text, length = cut(directory, document, limits.document)
        block.append(text)
        left -= length
        if len(block) >= limits.block or left <= limits.document:
            done.append(block)
            block, left = [], capacity
    return [*done, block] if block else done


def scores(directory: Path, query: str, documents: list[str], limits: Limits = V3) -> Vector:
    """Cosines in input order, in [-1, 1]."""
    text, _ = cut(directory, query, limits.query)
    read = [read_out(directory, text, block) for block in blocks(directory, query, documents, limits)]
    weights = [max((1 + cosine(q, d)) / 2 for d in found) for q, found in read]
    queries = torch.stack([q for q, _ in read])
    merged = torch.tensor(weights, dtype=torch.float64) @ queries / sum(weights)
    return np.array([cosine(merged, d) for _, found in read for d in found], dtype=np.float32)


def cosine(left: torch.Tensor, right: torch.Tensor) -> float:
    return float(left @ right / (left.norm() * right.norm()))
