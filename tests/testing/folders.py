"""What is in the folder of a miniature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def config(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return settings


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """Every tensor of the model, from one file or from shards."""
    return {key: value for file in folder.glob("*.safetensors") for key, value in load_file(file).items()}


def keys(folder: Path) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in weights(folder).items()}
