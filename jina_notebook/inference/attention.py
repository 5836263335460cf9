"""Attention over packs: each sequence sees itself only, with no mask over the whole pack.

On a CPU neighbours of equal length are one call, others a call each (a block-diagonal mask costs 1.3 to 2 times). On
CUDA the variable-length kernel of flash-attn is used where it is installed, else sequences are padded to their bucket
and masked.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["attend", "attend_after", "attend_last", "attend_padded"]


FEW_RUNS = 4  # so many calls without a mask beat one with it: pictures come in one or few lengths


def attend(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    lengths: Sequence[int],
    *,
    causal: bool,
    window: int | None = None,
) -> torch.Tensor:
    """Self-attention of every sequence in a pack.

    `q` `(tokens, heads, head_dim)`, `k` and `v` `(tokens, kv_heads, head_dim)`; gives `(tokens, heads * head_dim)`.
    `window`: a causal token sees itself and the `window - 1` tokens before it.
    """
    runs = list(_equal_runs(lengths))
    if q.device.type == "cuda" and window is None:
        if _flash_attention_installed() and q.dtype in {torch.float16, torch.bfloat16}:
            return _attend_flash(q, k, v, lengths, causal=causal)
        if len(runs) > FEW_RUNS:
            return attend_padded(q, k, v, lengths, causal=causal)
    out = torch.empty_like(q)
    for start, count, length in runs:
        block = slice(start, start + count * length)
        mask = _window_mask(length, length, window, q) if window is not None and length > window else None
        mixed = _sdpa(
            _heads_first(q[block], count),
            _heads_first(k[block], count),
            _heads_first(v[block], count),
            mask=mask,
            causal=causal and mask is None,
        )
        out[block] = mixed.transpose(1, 2).reshape(count * length, *q.shape[1:])
    return out.flatten(1)


def attend_after(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    lengths: Sequence[int],
    before_k: torch.Tensor,
    before_v: torch.Tensor,
    *,
    window: int | None = None,
) -> torch.Tensor:
    """Causal attention of sequences that all continue the same kept tokens.

    `before_k`, `before_v` `(kept, kv_heads, head_dim)`: keys and values of those tokens, computed once.
    """
    out = torch.empty_like(q)
    kept = before_k.shape[0]
    old_k, old_v = _heads_first(before_k, 1), _heads_first(before_v, 1)
    for start, count, length in _equal_runs(lengths):
        block = slice(start, start + count * length)
        keys = torch.cat((old_k.expand(count, -1, -1, -1), _heads_first(k[block], count)), dim=2)
        values = torch.cat((old_v.expand(count, -1, -1, -1), _heads_first(v[block], count)), dim=2)
        mask = _window_mask(length, kept + length, window, q)
        mixed = _sdpa(_heads_first(q[block], count), keys, values, mask=mask, causal=False)
        out[block] = mixed.transpose(1, 2).reshape(count * length, *q.shape[1:])
    return out.flatten(1)


def attend_last(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *, window: int | None = None) -> torch.Tensor:
    """Causal attention of the last tokens of one sequence over all of it.

    `q` `(tokens, heads, head_dim)`; `k`, `v` `(kv_heads, all tokens, head_dim)`, as a cache holds them. Gives
    `(tokens, heads * head_dim)`.
    """
    tokens, heads, head_dim = q.shape
    total = k.shape[1]
    limited = window is not None and total > window
    if tokens == 1:  # the heads of a group are rows that see the same keys: nothing is repeated, nothing masked
        if limited:
            k, v = k[:, -(window or total) :], v[:, -(window or total) :]
        rows = q.view(1, k.shape[0], -1, head_dim)
        return _sdpa(rows, k[None], v[None], mask=None, causal=False).reshape(1, heads * head_dim)
    if tokens == total and not limited:
        mixed = _sdpa(_heads_first(q, 1), k[None], v[None], mask=None, causal=True)
    elif not limited and q.device.type == "cpu" and _sums_given(q.dtype):
        mixed = _in_two_parts(q, k, v)
    else:
        mask = _window_mask(tokens, total, window, q)
        mixed = _sdpa(_heads_first(q, 1), k[None], v[None], mask=mask, causal=False)
    return mixed[0].transpose(0, 1).reshape(tokens, heads * head_dim)


def _in_two_parts(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Over what came before, without a mask, and among the new tokens, causally; weighed by their exponentials' sums.

    Half the work of one call with a mask, and no mask in memory. Gives `(1, heads, tokens, head_dim)`.
    """
    tokens, heads, head_dim = q.shape
    kv_heads, total, _ = k.shape
    old = total - tokens
    grouped = q.view(tokens, kv_heads, -1, head_dim).permute(1, 2, 0, 3)
    shape = (kv_heads, heads // kv_heads, tokens, head_dim)
    before, sums_before = _flash_cpu(grouped.reshape(1, kv_heads, -1, head_dim), k[None, :, :old], v[None, :, :old])
    new_k, new_v = (x[:, None, old:].expand(shape).reshape(1, heads, tokens, head_dim) for x in (k, v))
    among, sums_among = _flash_cpu(grouped.reshape(1, heads, tokens, head_dim), new_k, new_v, causal=True)
    share = torch.sigmoid(sums_before.view(shape[:3]) - sums_among.view(shape[:3]))[..., None]
    mixed = torch.lerp(among.view(shape).float(), before.view(shape).float(), share)
    return mixed.to(q.dtype).view(1, heads, tokens, head_dim)


def _flash_cpu(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *, causal: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """What each query mixes, and the logarithm of its exponentials' sum."""
    mixed, sums = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, causal)
    return mixed, sums


@functools.cache
def _sums_given(dtype: torch.dtype) -> bool:
    """Probes once whether torch's own CPU kernel gives the sums: the operation is private, and may change."""
    generator = torch.Generator().manual_seed(0)
    q = torch.randn(3, 4, 16, generator=generator).to(dtype)
    k, v = (torch.randn(2, 8, 16, generator=generator).to(dtype) for _ in range(2))
    plain = _sdpa(_heads_first(q, 1), k[None], v[None], mask=_window_mask(3, 8, None, q), causal=False)
    try:
        parts = _in_two_parts(q, k, v)
    except (AttributeError, RuntimeError, TypeError, ValueError):
        return False
    return torch.allclose(parts.float(), plain.float(), atol=1e-5 if dtype == torch.float32 else 3e-2)


def attend_padded(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, lengths: Sequence[int], *, causal: bool
) -> torch.Tensor:
    """The same as `attend` by one padded call with a mask: few launches, for CUDA without flash-attn."""
    longest = max(lengths)
    sizes = torch.tensor(lengths, device=q.device)
    inside = torch.arange(longest, device=q.device)[None] < sizes[:, None]

    def padded(x: torch.Tensor) -> torch.Tensor:
        out = x.new_zeros(len(lengths), longest, *x.shape[1:])
        out[inside] = x
        return out.transpose(1, 2)

    mask = inside[:, None, None, :].expand(-1, 1, longest, -1)
    if causal:
        mask = mask & torch.ones(longest, longest, dtype=torch.bool, device=q.device).tril()
    mixed = _sdpa(padded(q), padded(k), padded(v), mask=mask | ~inside[:, None, :, None], causal=False)
    return mixed.transpose(1, 2)[inside].flatten(1)


def _equal_runs(lengths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(first token, sequences, length) of neighbours that have the same length."""
    start = 0
    for length, run in groupby(lengths):
        count = sum(1 for _ in run)
        yield start, count, length
        start += count * length


def _heads_first(x: torch.Tensor, count: int) -> torch.Tensor:
    return x.view(count, -1, *x.shape[1:]).transpose(1, 2)


def _sdpa(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *, mask: torch.Tensor | None, causal: bool
) -> torch.Tensor:
    grouped = q.shape[1] != k.shape[1]
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=grouped)


def _window_mask(rows: int, columns: int, window: int | None, like: torch.Tensor) -> torch.Tensor:
    """Boolean `(rows, columns)`: the last row sees the last column; `window` limits how far back."""
    row = torch.arange(columns - rows, columns, device=like.device)[:, None]
    column = torch.arange(columns, device=like.device)[None]
    seen = column <= row
    return seen if window is None else seen & (column > row - window)


@functools.cache
def _flash_attention_installed() -> bool:
    return importlib.util.find_spec("flash_attn") is not None


def _attend_flash(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, lengths: Sequence[int], *, causal: bool
) -> torch.Tensor:
    from flash_attn import flash_attn_varlen_func  # type: ignore[import-not-found,unused-ignore]

    offsets = torch.tensor([0, *lengths], device=q.device).cumsum(0).to(torch.int32)
    longest = max(lengths)
    mixed: torch.Tensor = flash_attn_varlen_func(q, k, v, offsets, offsets, longest, longest, causal=causal)
    return mixed.flatten(1)
