"""Interleaved rounds and a table: this machine is noisy, so only ratios within one run count."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

__all__ = ["Row", "interleave", "machine", "table"]


@dataclass(frozen=True)
class Row:
    """One variant: median seconds, and the peer's seconds divided by its own, round by round."""

    name: str
    seconds: float
    ratios: tuple[float, ...]
    drift: str
    note: str = ""


def machine() -> str:
    """CPU, instruction sets that matter, threads, torch, load."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    flags = next((line for line in info.splitlines() if line.startswith("flags")), "").split()
    name = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "CPU")
    shown = [f for f in ("avx512f", "avx512_bf16", "amx_bf16") if f in flags]
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{name} ({', '.join(shown)}), {torch.get_num_threads()} threads, torch {torch.__version__}, load {load}"


def interleave(
    variants: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    drift: Callable[[str, object, object], str] | None = None,
) -> list[Row]:
    """Times every variant in turn, `rounds` times after one warm-up; the first is the peer that ratios refer to."""
    results = {name: call() for name, call in variants.items()}
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, call in variants.items():
            started = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - started)
    peer = next(iter(variants))
    return [
        Row(
            name,
            statistics.median(times),
            tuple(p / t for p, t in zip(seconds[peer], times, strict=True)),
            drift(name, results[name], results[peer]) if drift and name != peer else "",
        )
        for name, times in seconds.items()
    ]


def table(title: str, rows: Sequence[Row], *, unit: str, amount: float) -> str:
    """Rows as text: seconds, amount per second, ratio to the first row as median (least to most), drift."""
    lines = [f"\n{title}", f"{'variant':46} {'seconds':>8} {unit + '/s':>12} {'ratio (least-most)':>22}  drift"]
    for row in rows:
        middle = statistics.median(row.ratios)
        spread = f"{middle:.2f} ({min(row.ratios):.2f}-{max(row.ratios):.2f})"
        lines.append(
            f"{row.name:46} {row.seconds:8.3f} {amount / row.seconds:12,.0f} {spread:>22}  {row.drift} {row.note}"
        )
    return "\n".join(lines)
