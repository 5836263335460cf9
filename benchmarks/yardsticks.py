"""What every part measures with: lengths of documents, how far two results are apart, and the machine's own rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["cosine_drift", "gemm_rate", "lengths"]


def lengths(count: int, mean: float, longest: int, *, spread: float = 0.6) -> NDArray[np.int64]:
    """Token counts, log-normal with that mean, cut at `longest`.

    They lie at even quantiles, in random order, so that a few dozen have the mean and the tail of many.
    """
    quantiles = [NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)]
    wanted = np.clip(np.exp(np.log(mean) - spread**2 / 2 + spread * np.array(quantiles)), 4, longest)
    np.random.default_rng(0).shuffle(wanted)
    counts: NDArray[np.int64] = wanted.round().astype(np.int64)
    return counts


def cosine_drift(_: str, ours: Any, peer: Any) -> str:
    """Least cosine of two arrays of rows, and the largest difference."""
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(peer, dtype=np.float64)
    if a.ndim == 1:
        return f"max difference {np.abs(a - b).max():.1e}"
    cosines = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    return f"min cosine {cosines.min():.7f}, max difference {np.abs(a - b).max():.1e}"


def gemm_rate(dtype: torch.dtype) -> float:
    """Best FLOP/s of this machine on a matrix product of an encoder's shape."""
    x, w = torch.randn(2048, 1024).to(dtype), torch.randn(4096, 1024).to(dtype)
    best = min(_timed(lambda: torch.nn.functional.linear(x, w)) for _ in range(9))
    return 2 * 2048 * 1024 * 4096 / best


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
