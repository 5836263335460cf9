"""The decoder block kind: RMS norms before each half, grouped-query attention, SwiGLU; causal or not.

Qwen2 and Qwen3 (https://arxiv.org/abs/2407.10671, https://arxiv.org/abs/2505.09388), and EuroBERT's bidirectional
twin. Keys and values of tokens that many sequences share (a task's prompt) can be computed once and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from jina_notebook.inference.attention import attend, attend_after
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
    """One layer. `qkv` stacks q, k and v; `gate_up` stacks gate and up; `window` limits attention to recent tokens."""

    norm1: RMSNorm
    qkv: Linear
    out: Linear
    norm2: RMSNorm
    gate_up: Linear
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
    ) -> tuple[torch.Tensor, Kept]:
        q, k, v = self.project(x, angles, adapter)
        if before is None:
            mixed = attend(q, k, v, lengths, causal=self.causal, window=self.window)
        else:
            before = before.recent(self.window)
            mixed = attend_after(q, k, v, lengths, before.k, before.v, window=self.window)
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

    def finish(self, x: torch.Tensor, mixed: torch.Tensor, adapter: str | None = None) -> torch.Tensor:
        """The rest of the layer, from what attention mixed, `(tokens, heads * head_dim)`."""
        x = x + self.out(mixed, adapter=adapter)
        gate, up = self.gate_up(self.norm2(x), adapter=adapter).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up, adapter=adapter)


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
    def __call__(self, pack: Pack, *, adapter: str | None = None, before: Sequence[Kept] | None = None) -> torch.Tensor:
        """Hidden states `(tokens, hidden)` after the final norm; with `before`, sequences continue those tokens."""
        x = self._inputs(pack)
        angles = self.rotary.tables(pack.positions, x.dtype)
        for number, block in enumerate(self.blocks):
            x, _ = block(x, pack.lengths, angles, adapter, before[number] if before is not None else None)
        return self.norm(x)

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
    def long(self, pack: Pack, *, adapter: str | None = None, step: int = SLICE) -> torch.Tensor:
        """Hidden states of one long sequence, computed `step` tokens at a time over kept keys and values."""
        out = []
        inputs = self._inputs(pack)
        kept: list[Kept | None] = [None] * len(self.blocks)
        for start in range(0, pack.tokens, step):
            stop = min(start + step, pack.tokens)
            x = inputs[start:stop]
            angles = self.rotary.tables(pack.positions[..., start:stop], x.dtype)
            for number, block in enumerate(self.blocks):
                before = kept[number]
                x, now = block(x, (stop - start,), angles, adapter, before)
                if before is not None:
                    now = Kept(torch.cat((before.k, now.k)), torch.cat((before.v, now.v)))
                kept[number] = now.recent(block.window)
            out.append(self.norm(x))
        return torch.cat(out)
