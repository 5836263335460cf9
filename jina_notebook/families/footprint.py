"""What a model's weights take in memory, from the headers of its files: nothing is loaded."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from jina_notebook.families.checkpoint import Checkpoint

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard

__all__ = ["weight_bytes"]

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
HEAD = "lm_head.weight"
"""Over the vocabulary: models that write no text leave it where it is."""


def weight_bytes(card: ModelCard, folder: Path, dtype: str) -> int:
    """Bytes of all tensors and adapters that loading reads, in `dtype` ("float32", "bfloat16" or "float16").

    Raises `CheckpointError` for a folder that holds no weights.
    """
    adapters = {file.parent for file in folder.glob("adapters/**/adapter_model*.safetensors")}
    parts = [Checkpoint(folder), *(Checkpoint(part, stem="adapter_model") for part in sorted(adapters))]
    writes = card.kind in {"reader", "vision-language"}
    numbers = sum(
        math.prod(shape) for part in parts for name, shape in part.shapes.items() if writes or not name.endswith(HEAD)
    )
    return numbers * BYTES[dtype]
