"""How long the queries of a run took."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jina_notebook.errors import InputError

__all__ = ["latency_summary"]


def latency_summary(seconds: Iterable[float]) -> dict[str, float]:
    """`queries` (their number), `mean`, `p50`, `p99` and `max`, the last four in seconds.

    A percentile between two values is interpolated. Raises `InputError` without values, or for a value that is
    negative or no number.
    """
    values = np.asarray(list(seconds), dtype=np.float64)
    if not values.size:
        raise InputError("there are no latencies to summarise.", hint="Give one number of seconds per query.")
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if wrong.size:
        raise InputError(
            f"latency #{wrong[0]} is {values[wrong[0]]}, which is no length of time.", hint="Latencies are seconds."
        )
    p50, p99 = np.percentile(values, [50, 99])
    return {
        "queries": float(values.size),
        "mean": float(values.mean()),
        "p50": float(p50),
        "p99": float(p99),
        "max": float(values.max()),
    }
