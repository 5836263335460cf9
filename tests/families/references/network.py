"""What the references share: reading a checkpoint folder, ids of one text, unit vectors."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer

Vector = NDArray[np.float32]


def config(directory: Path) -> dict[str, Any]:
    """config.json as it stands."""
    settings: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    return settings


def tensors(directory: Path) -> dict[str, torch.Tensor]:
    """Every tensor of the checkpoint in float32, whether it is in one file or in shards."""
    found: dict[str, torch.Tensor] = {}
    for file in sorted(directory.glob("*.safetensors")):
        found |= {key: value.float() for key, value in load_file(file).items()}
    return found


def token_ids(directory: Path, text: str, *, limit: int | None = None, specials: bool = True) -> list[int]:
    """Ids of one text by the bare tokenizer, cut at `limit` with the final special kept."""
    return list(tokenizer_of(directory, limit).encode(text, add_special_tokens=specials).ids)


@lru_cache(maxsize=64)
def tokenizer_of(directory: Path, limit: int | None = None) -> Tokenizer:
    """The folder's tokenizer; one of its own for every limit, so that none is ever changed."""
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.no_padding()
    if limit is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(limit)
    return tokenizer


def hidden_states(model: Any, ids: list[int]) -> torch.Tensor:
    """The final hidden states of one unpadded sequence, `(tokens, width)`."""
    with torch.inference_mode():
        output = model(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long))
    states: torch.Tensor = output.last_hidden_state[0]
    return states


def unit(vector: torch.Tensor, dimensions: int | None = None) -> Vector:
    """Cut first, then brought to length 1."""
    cut = vector[..., :dimensions].double()
    vectors: Vector = (cut / cut.norm(dim=-1, keepdim=True)).float().numpy()
    return vectors
