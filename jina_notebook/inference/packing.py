"""Packs: sequences laid end to end up to a token budget, so that no padding is ever computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

__all__ = ["Pack", "fill", "pack", "windows"]

WINDOW_PACKS = 16  # packs sorted together; an interrupt keeps whole windows, so results stay a prefix of the inputs


@dataclass(frozen=True, slots=True)
class Pack:
    """Sequences end to end: `ids` and `positions` int64 `(tokens,)`, `lengths` one per sequence, in order.

    Where pictures stand among the tokens, `positions` are `(3, tokens)`, and the tokens at `places` int64 `(n,)` are
    not looked up by their ids: their rows are `features` `(n, hidden)`.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    lengths: tuple[int, ...]
    places: torch.Tensor | None = None
    features: torch.Tensor | None = None

    @property
    def tokens(self) -> int:
        return sum(self.lengths)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where each sequence begins, and the end: `len(lengths) + 1` values."""
        return (0, *np.cumsum(self.lengths).tolist())

    @property
    def firsts(self) -> torch.Tensor:
        """The row of each sequence's first token."""
        return self.ids.new_tensor(self.offsets[:-1])

    @property
    def lasts(self) -> torch.Tensor:
        """The row of each sequence's last token."""
        return self.ids.new_tensor(self.offsets[1:]) - 1


def pack(sequences: Sequence[NDArray[np.int32]], device: torch.device, *, start: int = 0) -> Pack:
    """Lays token id sequences end to end; positions restart at `start` for each."""
    import torch

    ids = np.concatenate(sequences).astype(np.int64)
    positions = np.concatenate([np.arange(start, start + len(s)) for s in sequences])
    return Pack(
        torch.from_numpy(ids).to(device), torch.from_numpy(positions).to(device), tuple(len(s) for s in sequences)
    )


def fill(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Which sequences share a pack: longest first, filled up to `budget` tokens; a longer one has a pack of its own.

    >>> fill([3, 9, 4, 1], budget=8)
    [[1], [2, 0, 3]]
    """
    packs: list[list[int]] = []
    room = -1
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if lengths[index] > room:
            packs.append([])
            room = budget
        packs[-1].append(index)
        room -= lengths[index]
    return packs


def windows(lengths: Sequence[int], budget: int) -> list[range]:
    """Cuts the inputs into consecutive windows of about `WINDOW_PACKS` packs each.

    >>> windows([3, 4, 5], budget=8)
    [range(0, 3)]
    """
    cuts, start, tokens = [], 0, 0
    for index, length in enumerate(lengths):
        tokens += length
        if tokens >= WINDOW_PACKS * budget:
            cuts.append(range(start, index + 1))
            start, tokens = index + 1, 0
    if start < len(lengths):
        cuts.append(range(start, len(lengths)))
    return cuts
