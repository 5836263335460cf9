"""The SigLIP tower read at two depths, and the connector that makes a decoder's tokens of its patches.

Sources: SigLIP 2, https://arxiv.org/abs/2502.14786; the connector of Molmo, https://arxiv.org/abs/2409.17146, as
jina-vlm has it (https://arxiv.org/abs/2512.04032): attention over windows of patches with their mean as the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from jina_notebook.inference.attention import attend

if TYPE_CHECKING:
    from jina_notebook.inference.encoder import LayerNorm
    from jina_notebook.inference.linear import Linear

__all__ = ["Connector", "SiglipBlock", "SiglipTower", "WindowPooling"]


@dataclass(frozen=True, slots=True)
class SiglipBlock:
    """One layer: norms before each half, attention without positions, two layers with the tanh form of GELU."""

    norm1: LayerNorm
    qkv: Linear
    out: Linear
    norm2: LayerNorm
    fc1: Linear
    fc2: Linear
    heads: int

    def __call__(self, x: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
        q, k, v = self.qkv(self.norm1(x)).view(x.shape[0], 3, self.heads, -1).unbind(1)
        x = x + self.out(attend(q, k, v, lengths, causal=False))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate="tanh"))


@dataclass(frozen=True, slots=True)
class SiglipTower:
    """`places` `(patches, hidden)`: learned positions. `taps`: the layers whose outputs are taken, side by side; the
    number after the last layer stands for what the final `norm` gives. Layers behind the last tap are not needed.
    """

    patch: Linear
    places: torch.Tensor
    blocks: tuple[SiglipBlock, ...]
    taps: tuple[int, ...]
    norm: LayerNorm | None = None

    @torch.inference_mode()
    def __call__(self, crops: torch.Tensor) -> torch.Tensor:
        """`crops` `(crops, patches, pixels)` to `(crops, patches, taps * hidden)`."""
        count, length, _ = crops.shape
        x = self.patch(crops.to(self.places).flatten(0, 1)).view(count, length, -1) + self.places
        x = x.flatten(0, 1)
        taken = {}
        for number, block in enumerate(self.blocks):
            x = block(x, (length,) * count)
            if number in self.taps:
                taken[number] = x
        if self.norm is not None:
            taken[len(self.blocks)] = self.norm(x)
        return torch.cat([taken[tap] for tap in self.taps], dim=-1).view(count, length, -1)


@dataclass(frozen=True, slots=True)
class WindowPooling:
    """One vector per window of patches: their mean asks, all of them answer. `kv` stacks k and v."""

    q: Linear
    kv: Linear
    out: Linear
    heads: int

    def __call__(self, windows: torch.Tensor) -> torch.Tensor:
        """`windows` `(windows, members, width)` to `(windows, hidden)`."""
        count, members, _ = windows.shape
        q = self.q(windows.mean(1)).view(count, 1, self.heads, -1)
        k, v = self.kv(windows.flatten(0, 1)).view(count, members, 2, self.heads, -1).unbind(2)
        weights = torch.einsum("cqhd,cmhd->cmh", q.float(), k.float()) * q.shape[-1] ** -0.5
        mixed = torch.einsum("cmh,cmhd->chd", weights.softmax(1).to(v.dtype), v)
        return self.out(mixed.flatten(1))


@dataclass(frozen=True, slots=True)
class Connector:
    """From a crop's patches to tokens. `padding` `(2, width)`: added to patches that are all padding, or partly.

    `grid`: rows and columns of a crop's patches; `pool`: rows and columns of a window. `up_gate` stacks up and gate.
    """

    padding: torch.Tensor
    pooling: WindowPooling
    up_gate: Linear
    down: Linear
    grid: tuple[int, int]
    pool: tuple[int, int]

    @torch.inference_mode()
    def __call__(self, features: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """`features` `(crops, patches, width)` to `(crops, tokens, hidden)`.

        `shares` `(crops, patches)`: how much of each patch is picture. Below 1 but not 0 counts as partly padded.
        """
        empty = (shares == 0)[..., None]
        partly = (shares < 1)[..., None] & ~empty
        x = features + self.padding[0] * empty.to(features.dtype) + self.padding[1] * partly.to(features.dtype)
        windows, count = self._windows(x)
        up, gate = self.up_gate(self.pooling(windows)).chunk(2, dim=-1)
        return self.down(F.silu(gate) * up).view(features.shape[0], count, -1)

    def _windows(self, x: torch.Tensor) -> tuple[torch.Tensor, int]:
        """All windows `(crops * windows, members, width)`, filled up with zeros at the right and at the bottom; and
        how many a crop has."""
        (rows, columns), (high, wide) = self.grid, self.pool
        x = x.view(x.shape[0], rows, columns, -1)
        x = F.pad(x, (0, 0, 0, -columns % wide, 0, -rows % high))
        down, across = x.shape[1] // high, x.shape[2] // wide
        x = x.view(x.shape[0], down, high, across, wide, -1).transpose(2, 3)
        return x.reshape(-1, high * wide, x.shape[-1]), down * across
