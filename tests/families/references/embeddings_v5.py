"""jina-embeddings-v5-text on transformers' Qwen3 and EuroBERT: adapter merged by hand, last token."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import EuroBertConfig, EuroBertModel, Qwen3Config, Qwen3Model

from tests.families.references.network import Vector, config, hidden_states, tensors, token_ids, unit

TASKS = {
    "retrieval.query": ("retrieval", "Query: "),
    "retrieval.passage": ("retrieval", "Document: "),
    "text-matching": ("text-matching", "Document: "),
    "clustering": ("clustering", "Document: "),
    "classification": ("classification", "Document: "),
}
REMOTE_ONLY = ("auto_map", "model_type", "architectures", "task_names", "torch_dtype")


def bare_network(directory: Path, state: dict[str, torch.Tensor]) -> Any:
    """The backbone with these weights; a key that does not fit raises."""
    fields = {key: value for key, value in config(directory).items() if key not in REMOTE_ONLY}
    is_nano = "mask_token_id" in fields
    model: Any = EuroBertModel(EuroBertConfig(**fields)) if is_nano else Qwen3Model(Qwen3Config(**fields))
    assert model.config.rope_parameters["rope_theta"] == fields["rope_theta"]
    model.load_state_dict(state, strict=True)
    return model.eval()


@lru_cache(maxsize=16)
def network(directory: Path, adapter: str) -> Any:
    state = tensors(directory)
    folder = directory / "adapters" / adapter
    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    factors = {key: value.float() for key, value in load_file(folder / "adapter_model.safetensors").items()}
    scale = settings["lora_alpha"] / settings["r"]
    merged = 0
    for key, a in factors.items():
        if ".lora_A." not in key:
            continue
        b = factors[key.replace(".lora_A.", ".lora_B.")]
        target = key.removeprefix("base_model.model.").replace(".lora_A.weight", ".weight")
        state[target] = state[target] + scale * (b @ a)
        merged += 1
    assert merged == 7 * config(directory)["num_hidden_layers"]
    return bare_network(directory, state)


def ids(directory: Path, text: str, task: str) -> list[int]:
    """What the network sees: prefix and text verbatim, nano's end token kept when cut."""
    return token_ids(directory, TASKS[task][1] + text, limit=config(directory)["max_position_embeddings"])


def embed(directory: Path, texts: list[str], task: str, dimensions: int | None = None) -> Vector:
    """Unit vectors `(texts, dimensions)`."""
    model = network(directory, TASKS[task][0])
    return np.stack([unit(hidden_states(model, ids(directory, text, task))[-1], dimensions) for text in texts])
