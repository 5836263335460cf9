"""What smaller vectors cost and save: every size and precision measured against judged queries."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.evaluation import evaluate

__all__ = ["PRECISIONS", "Judged", "TradeOff", "check_precisions", "knee_of", "measured", "rounded"]

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]

DEPTH = 100  # documents ranked per query, more where a metric's cutoff is higher
QUERIES_AT_ONCE = 64


@dataclass(frozen=True)
class Precision:
    """Bits of a coordinate in a document and in a query, and the bytes that each vector has beside them."""

    document_bits: int
    query_bits: int
    extra_bytes: int
    least_dimensions: int = 1

    def bytes_per_document(self, dimensions: int) -> int:
        return math.ceil(dimensions * self.document_bits / 8) + self.extra_bytes


PRECISIONS: dict[str, Precision] = {
    "float": Precision(32, 32, 0),
    "int8": Precision(8, 8, 4),
    "int4": Precision(4, 4, 4, 2),
    "bbq": Precision(1, 4, 14, 64),
}
"""Elasticsearch's own names, and the memory that it needs per vector, without the graph."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Unit vectors of a corpus and of its judged queries."""

    documents: Vectors
    document_ids: tuple[str, ...]
    queries: Vectors
    query_ids: tuple[str, ...]
    texts: Mapping[str, Any]
    qrels: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class TradeOff:
    """One size at one precision: bytes per document, and what searching with it is worth."""

    dimensions: int
    precision: str
    bytes_per_document: int
    metrics: Mapping[str, float]


def check_precisions(given: Sequence[str]) -> list[str]:
    """Raises `OptionError` for an unknown one, or for none."""
    names = [given] if isinstance(given, str) else list(given)
    for name in names:
        if name not in PRECISIONS:
            raise OptionError(
                f"precisions has {name!r}; it may have {', '.join(PRECISIONS)}.",
                hint=did_you_mean(str(name), PRECISIONS) or None,
            )
    if not names:
        raise OptionError(f"precisions is empty; it may have {', '.join(PRECISIONS)}.")
    return list(dict.fromkeys(names))


def measured(
    judged: Judged, sizes: Sequence[int], precisions: Sequence[str], metrics: Sequence[str], progress: Progress
) -> list[TradeOff]:
    """Every size at every precision that goes with it, smallest first."""
    wanted = [(size, name) for size in sizes for name in precisions if size >= PRECISIONS[name].least_dimensions]
    found = []
    for done, (size, name) in enumerate(wanted):
        progress(done, len(wanted))
        run = _run(judged, size, PRECISIONS[name], _depth(metrics))
        values = evaluate(judged.texts, judged.qrels, {name: run}, metrics=tuple(metrics), progress=False).metrics
        bytes_each = PRECISIONS[name].bytes_per_document(size)
        found.append(TradeOff(dimensions=size, precision=name, bytes_per_document=bytes_each, metrics=values[name]))
    return sorted(found, key=lambda one: (one.bytes_per_document, one.dimensions))


def knee_of(found: Sequence[TradeOff], metric: str) -> int:
    """The position where more bytes stop paying: farthest above the line from the smallest to the best.

    Looked for among those that no smaller one equals, on a scale of doublings of bytes; on a straight line the best.
    """
    front: list[int] = []
    for position, one in enumerate(found):
        if not front or one.metrics[metric] > found[front[-1]].metrics[metric]:
            if front and one.bytes_per_document == found[front[-1]].bytes_per_document:
                front.pop()
            front.append(position)
    bits = [math.log2(found[i].bytes_per_document) for i in front]
    worth = [found[i].metrics[metric] for i in front]
    if len(front) == 1:
        return front[0]
    above = [
        (w - worth[0]) / (worth[-1] - worth[0]) - (b - bits[0]) / max(bits[-1] - bits[0], 1e-9)
        for b, w in zip(bits, worth, strict=True)
    ]
    return front[max(range(len(front)), key=lambda i: (round(above[i], 9), i))]


def _depth(metrics: Sequence[str]) -> int:
    cutoffs = [int(part) for name in metrics if (part := name.rpartition("@")[2].strip()).isdigit()]
    return max([DEPTH, *cutoffs])


def _run(judged: Judged, size: int, precision: Precision, depth: int) -> dict[str, dict[str, float]]:
    documents, queries = _cut(judged.documents, size), _cut(judged.queries, size)
    if precision.document_bits < 32:
        centre = documents.mean(axis=0)
        documents = rounded(documents - centre, precision.document_bits) + centre
        queries = rounded(queries - centre, precision.query_bits) + centre
    run: dict[str, dict[str, float]] = {}
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        scores = queries[start : start + QUERIES_AT_ONCE] @ documents.T
        best = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
        for offset, row in enumerate(best):
            run[judged.query_ids[start + offset]] = {
                judged.document_ids[i]: float(scores[offset, i]) for i in row.tolist()
            }
    return run


def _cut(vectors: Vectors, size: int) -> Vectors:
    cut = vectors[:, :size]
    unit: Vectors = cut / np.maximum(np.linalg.norm(cut, axis=1, keepdims=True), 1e-12)
    return unit


def rounded(vectors: Vectors, bits: int) -> Vectors:
    """Each vector's coordinates on `2 ** bits` steps of its own: for one bit, the two that lose least."""
    if bits == 1:
        middle = vectors.mean(axis=1, keepdims=True)
        reach = np.abs(vectors - middle).mean(axis=1, keepdims=True)
        two: Vectors = np.where(vectors >= middle, middle + reach, middle - reach)
        return two
    low, high = vectors.min(axis=1, keepdims=True), vectors.max(axis=1, keepdims=True)
    step = np.maximum(high - low, 1e-12) / (2**bits - 1)
    stepped: Vectors = np.round((vectors - low) / step) * step + low
    return stepped
