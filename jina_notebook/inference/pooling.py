"""From hidden states to vectors: means of spans, cut and normalised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["span_means", "unit_rows"]


@torch.inference_mode()
def span_means(hidden: torch.Tensor, spans: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Means over `hidden[start:stop]` of every span, accumulated in float32: `(spans, hidden)`."""
    if not spans:
        return hidden.new_empty((0, hidden.shape[-1]), dtype=torch.float32)
    return torch.stack([hidden[start:stop].float().mean(0) for start, stop in spans])


def unit_rows(rows: NDArray[np.float32], dimensions: int) -> NDArray[np.float32]:
    """The first `dimensions` of every row, scaled to length 1: truncate, then normalise.

    Rows of zeros stay zeros. Source: Matryoshka representation learning, https://arxiv.org/abs/2205.13147.
    """
    import numpy as np

    cut = np.ascontiguousarray(rows[:, :dimensions], dtype=np.float32)
    lengths = np.linalg.norm(cut.astype(np.float64), axis=1, keepdims=True)
    unit: NDArray[np.float32] = (cut / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
