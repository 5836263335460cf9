"""jina-embeddings-v3: adapters merged by hand into linears and both embeddings, mean over all tokens."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.families.references.network import Vector, config, hidden_states, tensors, token_ids, tokenizer_of, unit
from tests.families.references.xlm_roberta_flash import rotary_network

INSTRUCTIONS = {
    "retrieval.query": "Represent the query for retrieving evidence documents: ",
    "retrieval.passage": "Represent the document for retrieval: ",
    "separation": "",
    "classification": "",
    "text-matching": "",
}
LIMIT = 8192


@lru_cache(maxsize=16)
def network(directory: Path, task: str) -> Any:
    settings = config(directory)
    number = settings["lora_adaptations"].index(task)
    scale = settings["lora_alpha"] / settings["lora_rank"]
    stored = tensors(directory)
    state: dict[str, torch.Tensor] = {}
    for key, value in stored.items():
        if key.endswith(".parametrizations.weight.original"):
            place = key.removesuffix("original")
            a, b = stored[f"{place}0.lora_A"][number], stored[f"{place}0.lora_B"][number]
            delta = a @ b if "_embeddings." in key else b @ a
            state[key.replace(".parametrizations.weight.original", ".weight")] = value + scale * delta
        elif ".parametrizations." not in key:
            state[key] = value
    return rotary_network(settings, {key: value for key, value in state.items() if ".pooler." not in key})


def ids(directory: Path, text: str, task: str) -> list[int]:
    """What the network sees: `<s>`, instruction and text, `</s>`, at most 8192."""
    return token_ids(directory, INSTRUCTIONS[task] + text, limit=LIMIT)


def embed(directory: Path, texts: list[str], task: str, dimensions: int | None = None) -> Vector:
    """Unit vectors `(texts, dimensions)`."""
    model = network(directory, task)
    return np.stack([unit(hidden_states(model, ids(directory, text, task)).mean(0), dimensions) for text in texts])


def embed_late(directory: Path, chunks: list[str], task: str, dimensions: int | None = None) -> Vector:
    """One unit vector per chunk of one document that is at most 8192 tokens long.

    A token belongs to the chunk that its first character lies in; `<s>` and the instruction belong to the first,
    `</s>` to the last.
    """
    instruction = INSTRUCTIONS[task]
    encoding = tokenizer_of(directory).encode(instruction + "".join(chunks))
    ends = len(instruction) + np.cumsum([len(chunk) for chunk in chunks])
    owners = [min(int(np.searchsorted(ends, start, side="right")), len(chunks) - 1) for start, _ in encoding.offsets]
    owners[-1] = len(chunks) - 1
    states = hidden_states(network(directory, task), encoding.ids)
    rows = [states[[i for i, owner in enumerate(owners) if owner == chunk]].mean(0) for chunk in range(len(chunks))]
    return np.stack([unit(row, dimensions) for row in rows])
