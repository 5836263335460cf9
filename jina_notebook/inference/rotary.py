"""Rotary position embeddings, rotate-half form. Source: https://arxiv.org/abs/2104.09864, GPT-NeoX layout."""

from __future__ import annotations

import torch

__all__ = ["Rotary"]


class Rotary:
    """Turns pairs of a head's dimensions by an angle that grows with the position."""

    def __init__(self, head_dim: int, base: float) -> None:
        self.base = base
        self._frequencies = 1.0 / base ** (torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)

    def tables(self, positions: torch.Tensor, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
        """Cosines and sines for `positions` `(tokens,)`: two tensors `(tokens, 1, head_dim)`; the sines' first half is
        negated, which saves a copy at every layer."""
        angles = positions.to("cpu", torch.float32)[:, None] * self._frequencies
        cos, sin = angles.cos(), angles.sin()
        full_cos = torch.cat((cos, cos), dim=-1)[:, None].to(positions.device, dtype)
        return full_cos, torch.cat((-sin, sin), dim=-1)[:, None].to(positions.device, dtype)

    @staticmethod
    def turn(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        """Turns `x` `(tokens, heads, head_dim)`."""
        half = x.shape[-1] // 2
        swapped = torch.cat((x[..., half:], x[..., :half]), dim=-1)
        return torch.addcmul(x * cos, swapped, sin)
