"""Rotary position embeddings, rotate-half form. Source: https://arxiv.org/abs/2104.09864, GPT-NeoX layout.

With `sections`, positions have three rows, time, row and column, and every frequency follows one of them: M-RoPE,
https://arxiv.org/abs/2409.12191. Texts have three equal rows, which is the plain form.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

__all__ = ["GridRotary", "Rotary"]

Tables = tuple[torch.Tensor, torch.Tensor]


class Rotary:
    """Turns pairs of a head's dimensions by an angle that grows with the position."""

    def __init__(self, head_dim: int, base: float, *, sections: Sequence[int] = ()) -> None:
        self.base = base
        self._frequencies = 1.0 / base ** (torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
        self._axes = torch.tensor([axis for axis, count in enumerate(sections) for _ in range(count)])

    def tables(self, positions: torch.Tensor, dtype: torch.dtype) -> Tables:
        """Cosines and sines for `positions` `(tokens,)` or `(3, tokens)`: two tensors `(tokens, 1, head_dim)`; the
        sines' first half is negated, which saves a copy at every layer."""
        places = positions.to("cpu", torch.float32)
        along = places[self._axes].T if places.ndim == 2 else places[:, None]
        return _tables(along * self._frequencies, positions.device, dtype)

    @staticmethod
    def turn(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        """Turns `x` `(tokens, heads, head_dim)`."""
        half = x.shape[-1] // 2
        swapped = torch.cat((x[..., half:], x[..., :half]), dim=-1)
        return torch.addcmul(x * cos, swapped, sin)


class GridRotary:
    """Of each head's pairs, the first half turns with the row of a patch and the second with its column."""

    def __init__(self, head_dim: int, base: float = 10000.0) -> None:
        half = head_dim // 2
        self._frequencies = 1.0 / base ** (torch.arange(0, half, 2, dtype=torch.float32) / half)

    def tables(self, rows: torch.Tensor, columns: torch.Tensor, device: torch.device, dtype: torch.dtype) -> Tables:
        """As `Rotary.tables`, for `rows` and `columns` `(patches,)`, which need not be whole."""
        angles = torch.cat((rows[:, None] * self._frequencies, columns[:, None] * self._frequencies), dim=-1)
        return _tables(angles, device, dtype)


def _tables(angles: torch.Tensor, device: torch.device, dtype: torch.dtype) -> Tables:
    cos, sin = angles.cos(), angles.sin()
    full_cos = torch.cat((cos, cos), dim=-1)[:, None].to(device, dtype)
    return full_cos, torch.cat((-sin, sin), dim=-1)[:, None].to(device, dtype)
