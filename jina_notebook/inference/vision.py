"""Vision towers: pre-norm blocks over patches, with rotary positions in two directions.

Two kinds: EVA02 (https://arxiv.org/abs/2303.11331), whose class token becomes the picture's vector, and the towers of
Qwen2-VL and Qwen2.5-VL (https://arxiv.org/abs/2409.12191, https://arxiv.org/abs/2502.13923), whose patches are merged
four by four into tokens of a decoder; the latter attends within windows in most of its blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from jina_notebook.inference.attention import attend
from jina_notebook.inference.rotary import GridRotary, Rotary

if TYPE_CHECKING:
    from jina_notebook.inference.decoder import RMSNorm
    from jina_notebook.inference.encoder import LayerNorm
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.rotary import Tables

__all__ = ["ClassTokenTower", "GatedNetwork", "MergingTower", "Network", "QuickNetwork", "VisionBlock", "window_order"]

Network = Callable[[torch.Tensor], torch.Tensor]
Grid = tuple[int, int]
"""Rows and columns of a picture's patches."""


@dataclass(frozen=True, slots=True)
class GatedNetwork:
    """SwiGLU; EVA02 normalises the product of gate and up."""

    gate: Linear
    up: Linear
    down: Linear
    inner: LayerNorm | None = None

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        mixed = self.up(x, times=self.gate(x, activation="silu"))
        return self.down(mixed if self.inner is None else self.inner(mixed))


@dataclass(frozen=True, slots=True)
class QuickNetwork:
    """Two layers with the sigmoid approximation of GELU, as CLIP and Qwen2-VL have it."""

    fc1: Linear
    fc2: Linear

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.fc1(x)
        return self.fc2(hidden * torch.sigmoid(1.702 * hidden))


@dataclass(frozen=True, slots=True)
class VisionBlock:
    """One layer. `qkv` stacks q, k and v; EVA02 normalises what attention gives before its last projection."""

    norm1: LayerNorm | RMSNorm
    qkv: Linear
    out: Linear
    norm2: LayerNorm | RMSNorm
    network: Network
    heads: int
    inner: LayerNorm | None = None

    def __call__(self, x: torch.Tensor, lengths: Sequence[int], angles: Tables) -> torch.Tensor:
        q, k, v = self.qkv(self.norm1(x)).view(x.shape[0], 3, self.heads, -1).unbind(1)
        # turned in float32, as published: positions on a grid need more digits than bfloat16 has
        q, k = (Rotary.turn(part.float(), *angles).to(v.dtype) for part in (q, k))
        mixed = attend(q, k, v, lengths, causal=False)
        x = x + self.out(mixed if self.inner is None else self.inner(mixed))
        return x + self.network(self.norm2(x))


@dataclass(frozen=True, slots=True)
class ClassTokenTower:
    """EVA02: one vector per picture, from the class token. All pictures have the same square `grid` of patches.

    `start` `(1, hidden)` is the class token, `places` `(1 + patches, hidden)` the learned positions; `scale` brings the
    grid to the size for which the rotary positions were made.
    """

    patch: Linear
    start: torch.Tensor
    places: torch.Tensor
    blocks: tuple[VisionBlock, ...]
    norm: LayerNorm
    rotary: GridRotary
    grid: int
    scale: float

    @torch.inference_mode()
    def __call__(self, patches: torch.Tensor) -> torch.Tensor:
        """`patches` `(pictures, patches, pixels)` to `(pictures, hidden)`."""
        count, length = patches.shape[0], 1 + self.grid**2
        rows = self.patch(patches.to(self.start).flatten(0, 1)).view(count, length - 1, -1)
        x = torch.cat((self.start.expand(count, 1, -1), rows), dim=1) + self.places
        x = x.flatten(0, 1)
        angles = self._angles(count, x.device)
        for block in self.blocks:
            x = block(x, (length,) * count, angles)
        return self.norm(x.view(count, length, -1)[:, 0])

    def _angles(self, count: int, device: torch.device) -> Tables:
        """Tables for all tokens of all pictures; the class token, at 0, is not turned."""
        along = torch.arange(self.grid, dtype=torch.float32) / self.grid * self.scale
        nowhere = torch.zeros(1)
        rows = torch.cat((nowhere, along.repeat_interleave(self.grid)))
        columns = torch.cat((nowhere, along.repeat(self.grid)))
        cos, sin = self.rotary.tables(rows, columns, device, torch.float32)
        return cos.repeat(count, 1, 1), sin.repeat(count, 1, 1)


@dataclass(frozen=True, slots=True)
class MergingTower:
    """Qwen2-VL and Qwen2.5-VL: tokens for a decoder, one per `merge` by `merge` patches.

    `window`: merged patches along the side of a window, None for full attention everywhere; `full`: blocks that attend
    to the whole picture all the same.
    """

    patch: Linear
    blocks: tuple[VisionBlock, ...]
    norm: LayerNorm | RMSNorm
    fc1: Linear
    fc2: Linear
    rotary: GridRotary
    merge: int
    window: int | None = None
    full: frozenset[int] = frozenset()

    @torch.inference_mode()
    def __call__(self, patches: torch.Tensor, grids: Sequence[Grid]) -> torch.Tensor:
        """`patches` `(patches, pixels)` of pictures end to end, blocks of merged ones together, to `(tokens, hidden)`.

        In the tower's own dtype and on its device. `grids`: rows and columns of each picture's patches.
        """
        x = self.patch(patches)
        order, windows = window_order(grids, self.merge, self.window)
        cos, sin = self._angles(grids, x.device)
        whole = [rows * columns for rows, columns in grids]
        if self.window is not None:
            x, cos, sin = (self._blocks_in(part, order) for part in (x, cos, sin))
        for number, block in enumerate(self.blocks):
            everywhere = self.window is None or number in self.full
            x = block(x, whole if everywhere else windows, (cos, sin))
        merged = self.norm(x).view(-1, self.merge**2 * x.shape[-1])
        tokens = self.fc2(self.fc1(merged, activation="gelu"))
        return tokens if self.window is None else tokens[order.argsort().to(x.device)]

    def _blocks_in(self, x: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        blocks = x.view(-1, self.merge**2, *x.shape[1:])
        return blocks[order.to(x.device)].flatten(0, 1)

    def _angles(self, grids: Sequence[Grid], device: torch.device) -> Tables:
        rows, columns = [], []
        for high, wide in grids:
            shape = (high // self.merge, self.merge, wide // self.merge, self.merge)
            row = torch.arange(high, dtype=torch.float32)[:, None].expand(high, wide)
            column = torch.arange(wide, dtype=torch.float32)[None].expand(high, wide)
            rows.append(row.reshape(shape).transpose(1, 2).flatten())
            columns.append(column.reshape(shape).transpose(1, 2).flatten())
        return self.rotary.tables(torch.cat(rows), torch.cat(columns), device, torch.float32)


def window_order(grids: Sequence[Grid], merge: int, window: int | None) -> tuple[torch.Tensor, list[int]]:
    """Merged patches window by window, and how many patches each window has.

    Within a picture windows of equal size stand together, whole ones first: attention takes a run of them in one call.

    >>> window_order([(4, 6)], merge=2, window=2)
    (tensor([0, 1, 3, 4, 2, 5]), [16, 8])
    """
    if window is None:
        return torch.empty(0, dtype=torch.int64), []
    order, lengths, first = [], [], 0
    for high, wide in grids:
        rows, columns = high // merge, wide // merge
        index = torch.arange(first, first + rows * columns).view(rows, columns)
        parts = [part.flatten() for strip in torch.split(index, window) for part in torch.split(strip, window, dim=1)]
        parts.sort(key=len, reverse=True)
        order += parts
        lengths += [len(part) * merge**2 for part in parts]
        first += rows * columns
    return torch.cat(order), lengths
