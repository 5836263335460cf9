"""Linear layers and embedding tables: plain or prepacked for the CPU, with low-rank adapters kept live.

Adapters are applied beside the base weight at each call (`y += (x Aᵀ) Bᵀ`), never merged into it: switching costs
nothing, no second copy of the weights exists, and two threads may use two tasks at once. Source of the rule: LoRA,
https://arxiv.org/abs/2106.09685.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Embedding", "Linear", "LowRank", "pin_prepacking", "prepacks", "steady"]

Activation = Literal["none", "gelu", "silu", "tanh"]

STEADY_ROWS = 4
PREPACK_MIN = 256  # smaller matrices (miniatures, heads) gain nothing
PREPACK_TOKENS = 1024  # the number of rows the packed layout is made for
PREPACK_MARGIN = 1.1  # packed products also take in what follows them: kept unless clearly slower by themselves
FUSED: dict[Activation, tuple[str, str]] = {
    "none": ("none", ""),
    "gelu": ("gelu", "none"),
    "silu": ("swish", ""),
    "tanh": ("tanh", ""),
}
"""Names of the activations in the packed product: attribute and algorithm."""


@dataclass(frozen=True, slots=True)
class LowRank:
    """One adapter of a layer: `down` `(rank, in)` and `up` `(out, rank)`, the scale alpha/rank already in `up`."""

    down: torch.Tensor
    up: torch.Tensor


class Linear:
    """`y = activation(x Wᵀ + b)` over rows, x `(tokens, in)`; with `times` `(tokens, out)`, that many times y.

    Holds one copy of the weight: as given, or reordered for the CPU's own matrix kernels where a probe found those
    faster on this machine.
    """

    def __init__(
        self, weight: torch.Tensor, bias: torch.Tensor | None = None, *, adapters: Mapping[str, LowRank] | None = None
    ) -> None:
        self.out_features, self.in_features = weight.shape
        self.bias = bias
        self.adapters = dict(adapters or {})
        self._packed = min(weight.shape) >= PREPACK_MIN and prepacks(weight.device, weight.dtype)
        self.weight = _reorder(weight) if self._packed else weight

    def __call__(
        self,
        x: torch.Tensor,
        *,
        adapter: str | None = None,
        activation: Activation = "none",
        times: torch.Tensor | None = None,
    ) -> torch.Tensor:
        low_rank = self.adapters.get(adapter) if adapter else None
        least = 0 if self._packed and low_rank is None else _steady_rows(x)
        if 1 < x.shape[0] < least:  # one row is generation, which nobody batches
            more = F.pad(x, (0, 0, 0, least - x.shape[0]))
            y = self(more, adapter=adapter, activation=activation)[: x.shape[0]]
            return y if times is None else y * times
        if self._packed and low_rank is None:
            return self._product(x, activation, times)
        y = self._product(x, "none", None) if self._packed else F.linear(x, self.weight, self.bias)
        if low_rank is not None:
            y = y.addmm_(x @ low_rank.down.T, low_rank.up.T)
        y = _activated(y, activation)
        return y if times is None else y * times

    def _product(self, x: torch.Tensor, activation: Activation, times: torch.Tensor | None) -> torch.Tensor:
        """The packed product with what follows it in one pass over the result."""
        y: torch.Tensor
        if times is not None and activation == "none":
            y = torch.ops.mkldnn._linear_pointwise.binary(x, times, self.weight, self.bias, "mul")
            return y
        attribute, algorithm = FUSED[activation]
        y = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, attribute, [], algorithm)
        return y if times is None else y * times


def steady(rows: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Which `rows` of `x` to go on with, the last one repeated: a row has the same bits alone and among others."""
    spare = _steady_rows(x) - len(rows)
    return torch.cat((rows, rows[-1:].expand(spare))) if len(rows) and spare > 0 else rows


def _steady_rows(x: torch.Tensor) -> int:
    """From how many rows on a float32 product gives a row the same bits whatever other rows there are; 1: any number.

    The CPU's library takes another kernel, which sums in another order, for fewer than four rows a thread.
    """
    steady = x.device.type == "cpu" and x.dtype == torch.float32
    return STEADY_ROWS * torch.get_num_threads() if steady else 1


class Embedding:
    """A table of rows by id, `(ids,)` to `(ids, hidden)`, with low-rank adapters.

    An adapter's `down` is here `(vocabulary, rank)`, its `up` `(rank, hidden)`: the roles of a linear layer's swapped.
    """

    def __init__(self, weight: torch.Tensor, *, adapters: Mapping[str, LowRank] | None = None) -> None:
        self.weight = weight
        self.adapters = dict(adapters or {})

    def __call__(self, ids: torch.Tensor, *, adapter: str | None = None) -> torch.Tensor:
        rows = F.embedding(ids, self.weight)
        low_rank = self.adapters.get(adapter) if adapter else None
        return rows if low_rank is None else rows + F.embedding(ids, low_rank.down) @ low_rank.up


def _activated(y: torch.Tensor, activation: Activation) -> torch.Tensor:
    if activation == "gelu":
        return F.gelu(y)
    if activation == "silu":
        return F.silu(y)
    return torch.tanh(y) if activation == "tanh" else y


def _reorder(weight: torch.Tensor) -> torch.Tensor:
    reordered: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), PREPACK_TOKENS)
    return reordered


def prepacks(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether weights are reordered here: what was pinned, else what the probe says."""
    pinned = _PINNED.get((device.type, dtype))
    return _prepacking_pays(device, dtype) if pinned is None else pinned


def pin_prepacking(device: torch.device, dtype: torch.dtype, choice: bool) -> None:
    """From now on in this process as another one chose: the two products differ in their last bits."""
    _PINNED[device.type, dtype] = choice


_PINNED: dict[tuple[str, torch.dtype], bool] = {}


@functools.cache
def _prepacking_pays(device: torch.device, dtype: torch.dtype) -> bool:
    """Probes once per process whether the CPU's reordered weights are right and not slower than the plain product.

    The operations are private to torch: where they are absent or disagree, the plain product is used.
    """
    if device.type != "cpu" or dtype not in {torch.float32, torch.bfloat16}:
        return False
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(512, 1024, generator=generator).to(dtype)
    weight = torch.randn(2048, 1024, generator=generator).to(dtype)
    try:
        packed = torch.ops.mkldnn._reorder_linear_weight(weight, 512)
        y = torch.ops.mkldnn._linear_pointwise(x, packed, None, "none", [], "")
        squared = torch.ops.mkldnn._linear_pointwise.binary(x, y, packed, None, "mul")
    except (AttributeError, RuntimeError, NotImplementedError):
        return False
    plain, tolerance = F.linear(x, weight).float(), 1e-3 if dtype == torch.float32 else 0.5
    if not (
        torch.allclose(y.float(), plain, rtol=1e-2, atol=tolerance)
        and torch.allclose(squared.float(), plain.square(), rtol=2e-2, atol=tolerance)
    ):
        return False
    packed_s = _fastest(lambda: torch.ops.mkldnn._linear_pointwise(x, packed, None, "none", [], ""))
    plain_s = _fastest(lambda: F.linear(x, weight))
    return packed_s < PREPACK_MARGIN * plain_s


def _fastest(call: Callable[[], torch.Tensor], rounds: int = 5) -> float:
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return min(seconds)
