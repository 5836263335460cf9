"""The encoder: post-norm residual blocks, bidirectional, with rotary or absolute positions.

BERT's and XLM-RoBERTa's block, https://arxiv.org/abs/1911.02116; one engine for every family that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from jina_notebook.inference.attention import attend
from jina_notebook.inference.linear import Embedding, Linear, steady
from jina_notebook.inference.rotary import Rotary

if TYPE_CHECKING:
    from jina_notebook.inference.packing import Pack

__all__ = ["Encoder", "EncoderBlock", "LayerNorm"]


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """Layer normalisation over the last dimension."""

    weight: torch.Tensor
    bias: torch.Tensor
    eps: float

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x, (x.shape[-1],), self.weight, self.bias, self.eps)


@dataclass(frozen=True, slots=True)
class EncoderBlock:
    """Fused q, k, v; attention; add and norm; two-layer GELU network; add and norm."""

    qkv: Linear
    out: Linear
    norm1: LayerNorm
    fc1: Linear
    fc2: Linear
    norm2: LayerNorm
    heads: int

    def __call__(
        self,
        x: torch.Tensor,
        lengths: Sequence[int],
        angles: tuple[torch.Tensor, torch.Tensor] | None,
        adapter: str | None,
        rows: torch.Tensor | None = None,
    ) -> torch.Tensor:
        qkv = self.qkv(x, adapter=adapter).view(x.shape[0], 3, self.heads, -1)
        q, k, v = qkv.unbind(1)
        if angles is not None:
            q, k = Rotary.turn(q, *angles), Rotary.turn(k, *angles)
        mixed = attend(q, k, v, lengths, causal=False)
        if rows is not None:
            x, mixed = x[rows], mixed[rows]
        x = self.norm1(x + self.out(mixed, adapter=adapter))
        return self.norm2(x + self.fc2(self.fc1(x, adapter=adapter, activation="gelu"), adapter=adapter))


@dataclass(frozen=True, slots=True)
class Encoder:
    """Embeddings and blocks. `positions`: a table of absolute positions, used from row `first_position` on."""

    words: Embedding
    token_types: Embedding
    norm: LayerNorm
    blocks: tuple[EncoderBlock, ...]
    rotary: Rotary | None = None
    positions: Embedding | None = None
    first_position: int = 0

    @torch.inference_mode()
    def __call__(self, pack: Pack, *, adapter: str | None = None, rows: torch.Tensor | None = None) -> torch.Tensor:
        """Hidden states `(tokens, hidden)` of a pack, after the last block.

        `rows`: the tokens whose states are wanted, `(len(rows), hidden)`; the last block is not finished for others.
        """
        x = self.words(pack.ids, adapter=adapter)
        x = x + self.token_types(pack.ids.new_zeros(1), adapter=adapter)
        if self.positions is not None:
            x = x + self.positions(pack.positions + self.first_position)
        x = self.norm(x)
        angles = self.rotary.tables(pack.positions, x.dtype) if self.rotary is not None else None
        last, finished = len(self.blocks) - 1, None if rows is None else steady(rows, x)
        for number, block in enumerate(self.blocks):
            x = block(x, pack.lengths, angles, adapter, finished if number == last else None)
        return x if rows is None else x[: len(rows)]
