"""The decoder block kind: RMS norms before each half, grouped-query attention, SwiGLU; causal or not.

Qwen2 and Qwen3 (https://arxiv.org/abs/2407.10671, https://arxiv.org/abs/2505.09388), and EuroBERT's bidirectional
twin. Keys and values of tokens that many sequences share (a task's prompt) can be computed once and kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from jina_notebook.inference.attention import attend, attend_after, attend_last
from jina_notebook.inference.linear import steady
from jina_notebook.inference.rotary import Rotary

if TYPE_CHECKING:
    from jina_notebook.inference.linear import Embedding, Linear
    from jina_notebook.inference.packing import Pack

__all__ = ["Decoder", "DecoderBlock", "Kept", "RMSNorm"]

SLICE = 1024  # tokens of a long prompt computed at a time: the same sums, small activations


@dataclass(frozen=True, slots=True)
class RMSNorm:
    """Root-mean-square normalisation over the last dimension, computed in float32."""

    weight: torch.Tensor
    eps: float

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        scale = torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return (wide * scale).to(x.dtype) * self.weight


@dataclass(frozen=True, slots=True)
class Kept:
    """Keys and values of one layer for tokens computed before: both `(kept, kv_heads, head_dim)`."""

    k: torch.Tensor
    v: torch.Tensor

    def recent(self, window: int | None) -> Kept:
        """What a token that follows still sees through a window."""
        if window is None or window > self.k.shape[0]:
            return self
        return Kept(self.k[1 - window :], self.v[1 - window :])


@dataclass(frozen=True, slots=True)
class DecoderBlock:
    """One layer. `qkv` stacks q, k and v; `window` limits attention to recent tokens."""

    norm1: RMSNorm
    qkv: Linear
    out: Linear
    norm2: RMSNorm
    gate: Linear
    up: Linear
    down: Linear
    heads: int
    kv_heads: int
    head_dim: int
    q_norm: RMSNorm | None = None
    k_norm: RMSNorm | None = None
    causal: bool = True
    window: int | None = None

    def __call__(
        self,
        x: torch.Tensor,
        lengths: Sequence[int],
        angles: tuple[torch.Tensor, torch.Tensor],
        adapter: str | None,
        before: Kept | None,
        rows: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, Kept]:
        q, k, v = self.project(x, angles, adapter)
        if before is None:
            mixed = attend(q, k, v, lengths, causal=self.causal, window=self.window)
        else:
            before = before.recent(self.window)
            mixed = attend_after(q, k, v, lengths, before.k, before.v, window=self.window)
        if rows is not None:
            x, mixed = x[rows], mixed[rows]
        return self.finish(x, mixed, adapter), Kept(k, v)

    def project(
        self, x: torch.Tensor, angles: tuple[torch.Tensor, torch.Tensor], adapter: str | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The first half up to attention: turned queries `(tokens, heads, head_dim)`, turned keys, and values."""
        qkv = self.qkv(self.norm1(x), adapter=adapter).view(x.shape[0], -1, self.head_dim)
        q, k, v = torch.split(qkv, [self.heads, self.kv_heads, self.kv_heads], dim=1)
        if self.q_norm is not None and self.k_norm is not None:
            q, k = self.q_norm(q), self.k_norm(k)
        return Rotary.turn(q, *angles), Rotary.turn(k, *angles), v

    def in_parts(
        self, x: torch.Tensor, parts: Sequence[slice], angles: tuple[torch.Tensor, torch.Tensor], adapter: str | None
    ) -> Iterator[tuple[slice, torch.Tensor]]:
        """What attention mixes for consecutive parts of one causal sequence; rows of earlier parts may change."""
        keys, values = (x.new_empty(self.kv_heads, x.shape[0], self.head_dim) for _ in range(2))
        for part in parts:
            q, k, v = self.project(x[part], (angles[0][part], angles[1][part]), adapter)
            keys[:, part], values[:, part] = k.transpose(0, 1), v.transpose(0, 1)
            yield part, attend_last(q, keys[:, : part.stop], values[:, : part.stop], window=self.window)

    def finish(self, x: torch.Tensor, mixed: torch.Tensor, adapter: str | None = None) -> torch.Tensor:
        """The rest of the layer, from what attention mixed, `(tokens, heads * head_dim)`."""
        x = x + self.out(mixed, adapter=adapter)
        inner = self.norm2(x)
        gate = self.gate(inner, adapter=adapter, activation="silu")
        return x + self.down(self.up(inner, adapter=adapter, times=gate), adapter=adapter)


@dataclass(frozen=True, slots=True)
class Decoder:
    """Token table, blocks and final norm."""

    words: Embedding
    blocks: tuple[DecoderBlock, ...]
    norm: RMSNorm
    rotary: Rotary

    def _inputs(self, pack: Pack) -> torch.Tensor:
        x = self.words(pack.ids)
        if pack.places is None or pack.features is None:
            return x
        return x.index_copy(0, pack.places, pack.features.to(x.dtype))

    @torch.inference_mode()
    def __call__(
        self,
        pack: Pack,
        *,
        adapter: str | None = None,
        before: Sequence[Kept] | None = None,
        rows: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Hidden states `(tokens, hidden)` after the final norm; with `before`, sequences continue those tokens.

        `rows`: the tokens whose states are wanted, `(len(rows), hidden)`; the last layer is not finished for others.
        """
        x = self._inputs(pack)
        angles = self.rotary.tables(pack.positions, x.dtype)
        last, finished = len(self.blocks) - 1, None if rows is None else steady(rows, x)
        for number, block in enumerate(self.blocks):
            kept = before[number] if before is not None else None
            x, _ = block(x, pack.lengths, angles, adapter, kept, finished if number == last else None)
        return self.norm(x if rows is None else x[: len(rows)])

    @torch.inference_mode()
    def keep(self, pack: Pack, *, adapter: str | None = None) -> tuple[Kept, ...]:
        """Keys and values of every layer for one sequence that others will continue."""
        x = self._inputs(pack)
        angles = self.rotary.tables(pack.positions, x.dtype)
        layers = []
        for block in self.blocks:
            x, kept = block(x, pack.lengths, angles, adapter, None)
            layers.append(Kept(kept.k.clone(), kept.v.clone()))
        return tuple(layers)

    @torch.inference_mode()
    def long(
        self, pack: Pack, *, adapter: str | None = None, rows: torch.Tensor | None = None, step: int = SLICE
    ) -> torch.Tensor:
        """As `__call__`, for one long sequence: layer by layer, `step` tokens at a time.

        Keys and values of one layer are in memory at a time, and no activation of all tokens but the states.
        """
        x = self._inputs(pack)
        angles = self.rotary.tables(pack.positions, x.dtype)
        parts = [slice(start, min(start + step, pack.tokens)) for start in range(0, pack.tokens, step)]
        for block in self.blocks[:-1]:
            for part, mixed in block.in_parts(x, parts, angles, adapter):
                x[part] = block.finish(x[part], mixed, adapter)
        block, states = self.blocks[-1], []
        for part, mixed in block.in_parts(x, parts, angles, adapter):
            own = slice(None) if rows is None else rows[(rows >= part.start) & (rows < part.stop)] - part.start
            states.append(block.finish(x[part][own], mixed[own], adapter))
        return self.norm(torch.cat(states))
