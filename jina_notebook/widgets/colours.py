"""A column of values as the colours of points: few names, or numbers on a scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Colouring", "colouring"]

MOST = 8  # names with a colour of their own
OTHER = "all others"
NAME = 60


@dataclass(frozen=True, slots=True)
class Colouring:
    """`values`: uint8 per point, a position in `names`, or 0 to 255 from `low` to `high`. `kind`: "names", "numbers",
    "none"."""

    kind: str
    title: str
    values: bytes
    names: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 0.0

    def legend(self) -> dict[str, Any]:
        """What the browser draws the legend from."""
        return {
            "kind": self.kind,
            "title": self.title,
            "names": list(self.names),
            "counts": list(self.counts),
            "low": self.low,
            "high": self.high,
        }


def colouring(title: str, values: Sequence[Any]) -> Colouring:
    """Numbers with more than eight different values are a scale; all else are names, the most frequent first."""
    given = list(values)
    numeric = all(isinstance(one, int | float | np.number) and not isinstance(one, bool) for one in given)
    if numeric and len(set(given)) > MOST:
        return _scale(title, np.array(given, dtype=np.float64))
    texts = ["" if one is None else str(one)[:NAME] for one in given]
    ranked = [name for name, _ in Counter(texts).most_common()]
    names = ranked if len(ranked) <= MOST else [*ranked[: MOST - 1], OTHER]
    place = {name: min(position, len(names) - 1) for position, name in enumerate(ranked)}
    found = np.array([place[text] for text in texts], dtype=np.uint8)
    counts = np.bincount(found, minlength=len(names))
    return Colouring("names", title, found.tobytes(), tuple(names), tuple(int(one) for one in counts))


def _scale(title: str, numbers: np.ndarray[Any, np.dtype[np.float64]]) -> Colouring:
    known = numbers[np.isfinite(numbers)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    shares = (np.nan_to_num(numbers, nan=low, posinf=high, neginf=low) - low) / max(high - low, 1e-300)
    return Colouring("numbers", title, np.round(shares * 255).astype(np.uint8).tobytes(), low=low, high=high)
