"""jina-embeddings-v4 on transformers' Qwen2_5_VLModel, one task's adapter merged by hand, one input at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLModel

from tests.families.references import qwen_vision
from tests.families.references.network import Vector, config, tensors, token_ids, tokenizer_of, unit

TASKS = {
    "text-matching": ("text-matching", "Query: "),
    "retrieval.query": ("retrieval", "Query: "),
    "retrieval.passage": ("retrieval", "Passage: "),
    "code.query": ("code", "Query: "),
    "code.passage": ("code", "Passage: "),
}
LIMIT = 32768
PROMPT = f"<|im_start|>user\n{qwen_vision.PICTURE}Describe the image.<|im_end|>\n"
PROJECTOR = "multi_vector_projector"


@lru_cache(maxsize=16)
def network(directory: Path, adapter: str) -> tuple[Any, torch.Tensor, torch.Tensor]:
    """The backbone and the projector's weight and bias, all with one task's factors merged."""
    state = tensors(directory)
    folder = directory / "adapters"
    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    scale = settings["lora_alpha"] / settings["r"]
    factors = {key: value.float() for key, value in load_file(folder / "adapter_model.safetensors").items()}
    end = f".lora_A.{adapter}.weight"
    merged = 0
    for key, a in factors.items():
        if key.endswith(end):
            b = factors[key.replace(".lora_A.", ".lora_B.")]
            place = key.removesuffix(end).removeprefix("base_model.model.").replace("model.language_model.", "model.")
            state[f"{place}.weight"] = state[f"{place}.weight"] + scale * (b @ a)
            merged += 1
    fields = config(directory)
    assert merged == 7 * fields["text_config"]["num_hidden_layers"] + 1
    weight, bias = state.pop(f"{PROJECTOR}.weight"), state.pop(f"{PROJECTOR}.bias")
    model: Any = Qwen2_5_VLModel(Qwen2_5_VLConfig(**qwen_vision.plain(fields)))
    assert model.config.vision_config.window_size == fields["vision_config"]["window_size"]
    assert model.config.text_config.rope_parameters["mrope_section"] == [4, 6, 6]
    renamed = {(f"language_{key}" if key.startswith("model.") else key): value for key, value in state.items()}
    model.load_state_dict(renamed, strict=True)
    return model.eval(), weight, bias


def ids(directory: Path, text: str, task: str) -> list[int]:
    """What the network sees of a text: prefix and text verbatim, nothing appended, cut on the right."""
    return token_ids(directory, TASKS[task][1] + text, limit=LIMIT)


def image_ids(directory: Path, picture: Image.Image) -> list[int]:
    """What the network sees of a picture: the fixed prompt."""
    return qwen_vision.expanded_ids(directory, PROMPT, [picture])


def states(directory: Path, item: str | Image.Image, task: str, resampler: str = "pil") -> torch.Tensor:
    model, _, _ = network(directory, TASKS[task][0])
    if isinstance(item, str):
        return qwen_vision.states(directory, model, ids(directory, item, task))
    return qwen_vision.states(directory, model, image_ids(directory, item), [item], resampler)


def embed_one(
    directory: Path, item: str | Image.Image, task: str, dimensions: int | None = None, resampler: str = "pil"
) -> Vector:
    """One unit vector; of a picture from `<|vision_start|>` to `<|vision_end|>` only."""
    rows = states(directory, item, task, resampler)
    if not isinstance(item, str):
        seen = image_ids(directory, item)
        settings = config(directory)
        start, end = seen.index(settings["vision_start_token_id"]), seen.index(settings["vision_end_token_id"])
        rows = rows[start : end + 1]
    return unit(rows.mean(0), dimensions)


def embed(directory: Path, items: Sequence[str | Image.Image], task: str, dimensions: int | None = None) -> Vector:
    """Unit vectors `(items, dimensions)`."""
    return np.stack([embed_one(directory, item, task, dimensions) for item in items])


def embed_tokens(directory: Path, item: str | Image.Image, task: str, resampler: str = "pil") -> Vector:
    """Unit rows `(tokens, 128)`, prompt tokens included."""
    _, weight, bias = network(directory, TASKS[task][0])
    return unit(states(directory, item, task, resampler) @ weight.T + bias)


def embed_late(
    directory: Path,
    chunks: Sequence[str],
    task: str,
    dimensions: int | None = None,
    *,
    prefix_counts: bool = True,
) -> Vector:
    """One unit vector per chunk of one document; a token belongs to the chunk that its first character lies in.

    `prefix_counts`: whether the tokens of `Passage: ` count to the first chunk.
    """
    prefix = TASKS[task][1]
    encoding = tokenizer_of(directory).encode(prefix + "".join(chunks), add_special_tokens=False)
    ends = len(prefix) + np.cumsum([len(chunk) for chunk in chunks])
    owners = [int(np.searchsorted(ends, start, side="right")) for start, _ in encoding.offsets]
    if not prefix_counts:
        owners = [owner if end > len(prefix) else -1 for owner, (_, end) in zip(owners, encoding.offsets, strict=True)]
    model, _, _ = network(directory, TASKS[task][0])
    rows = qwen_vision.states(directory, model, list(encoding.ids))
    return np.stack(
        [
            unit(rows[[i for i, owner in enumerate(owners) if owner == n]].mean(0), dimensions)
            for n in range(len(chunks))
        ]
    )
