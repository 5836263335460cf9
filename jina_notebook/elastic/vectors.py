"""Vectors that came with the documents, checked and made float32 before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.elastic.encoding import faults
from jina_notebook.elastic.records import Document, Embedded, is_missing
from jina_notebook.results import Failure

__all__ = ["as_vector", "fitting"]


def as_vector(value: Any, field: str, fault: Callable[[str, str], Exception]) -> NDArray[np.float32]:
    """float32 `(dimensions,)`, or `(tokens, dimensions)` for a multi-vector."""
    if isinstance(value, np.ndarray) and value.dtype == np.float32 and value.ndim and value.size:
        return value
    if is_missing(value):
        raise fault("the vector is missing", field)
    if isinstance(value, str | bytes):
        raise fault(f"the vector is {type(value).__name__}, not a list of numbers", field)
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise fault(f"the vector is not a list of numbers: {error}", field) from None
    if array.ndim not in (1, 2) or not array.size:
        raise fault(f"the vector has the shape {array.shape}", field)
    with np.errstate(over="ignore"):  # beyond float32 becomes infinite, which is named below
        return np.ascontiguousarray(array, dtype=np.float32)


def fitting(
    documents: Sequence[Document], *, dimensions: int, tokens: bool, field: str
) -> tuple[Embedded, list[Failure]]:
    """Documents whose vectors an index of that size takes, and the others with their reasons.

    `dimensions` is 0 where most of these documents tell; `tokens`: whether the vectors are multi-vectors.
    """
    sizes = Counter(int(d.vector.shape[-1]) for d in documents if d.vector is not None)
    dimensions = dimensions or next((size for size, _ in sizes.most_common(1)), 0)
    kept: list[Document] = []
    failures: list[Failure] = []
    for document in documents:
        reason = _misfit(document.vector, dimensions, tokens=tokens)
        if reason is None:
            kept.append(document)
        else:
            failures.append(Failure(document.id, reason, field))
    rows = [d.vector for d in kept if d.vector is not None]
    if tokens:
        wrong = {i: next(iter(found.values())) for i, row in enumerate(rows) if (found := faults(row))}
    else:
        wrong = faults(rows)
    failures += [Failure(kept[i].id, reason, field) for i, reason in wrong.items()]
    kept = [d for i, d in enumerate(kept) if i not in wrong]
    rows = [row for i, row in enumerate(rows) if i not in wrong]
    if tokens:
        return Embedded(kept, tokens=rows), failures
    return Embedded(kept, vectors=rows), failures


def _misfit(vector: NDArray[np.float32] | None, dimensions: int, *, tokens: bool) -> str | None:
    if vector is None:
        return "the vector is missing"
    if vector.ndim != (2 if tokens else 1):
        return f"the vector has the shape {vector.shape}; {'one row per token' if tokens else 'one row'} is expected"
    if vector.shape[-1] != dimensions:
        return f"the vector has {vector.shape[-1]} dimensions; the index holds {dimensions}"
    return None
