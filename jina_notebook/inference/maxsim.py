"""MaxSim, the score of late interaction: for every query vector the best document vector, summed.

Source: ColBERT, https://arxiv.org/abs/2004.12832. Document vectors stay packed end to end with offsets: no padded cube
is built, and padding cannot take part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PackedVectors", "maxsim"]

BLOCK_BYTES = 1 << 18  # similarities of a block stay in the CPU's cache


@dataclass(frozen=True, slots=True)
class PackedVectors:
    """Token vectors of many documents end to end: `rows` float32 `(all tokens, dimensions)`, `lengths` per document."""

    rows: NDArray[np.float32]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, documents: Sequence[NDArray[np.floating]]) -> PackedVectors:
        """Copies once; half precision is widened on the way. Documents may have no vectors."""
        filled = [d for d in documents if len(d)]
        rows = np.empty((sum(map(len, filled)), filled[0].shape[1] if filled else 0), dtype=np.float32)
        return cls(np.concatenate(filled, out=rows) if filled else rows, _lengths(documents))

    def block(self, members: NDArray[np.int64], rows: slice) -> NDArray[np.float32]:
        """The vectors of consecutive documents, which are those `rows`."""
        return self.rows[rows]


class _Listed:
    """Copies blocks of a list into the same few megabytes: fresh memory costs more than the product."""

    def __init__(self, documents: Sequence[NDArray[np.floating]]) -> None:
        self.lengths = _lengths(documents)
        self._documents = documents
        self._spare = np.empty(0, dtype=np.float32)

    def block(self, members: NDArray[np.int64], rows: slice) -> NDArray[np.float32]:
        shape = (rows.stop - rows.start, self._documents[members[0]].shape[1])
        if self._spare.size < shape[0] * shape[1]:
            self._spare = np.empty(shape[0] * shape[1] * 5 // 4, dtype=np.float32)
        out = self._spare[: shape[0] * shape[1]].reshape(shape)
        return np.concatenate([self._documents[i] for i in members], out=out)


def maxsim(
    query: NDArray[np.float32], documents: PackedVectors | Sequence[NDArray[np.floating]]
) -> NDArray[np.float32]:
    """Scores `(documents,)`, float32.

    `query` `(query_tokens, dimensions)`; each document `(tokens_i, dimensions)`. A document without vectors scores 0.
    Documents that are asked many queries are better packed once.
    """
    given = documents if isinstance(documents, PackedVectors) else _Listed(documents)
    scores = np.zeros(len(given.lengths), dtype=np.float32)
    filled = np.flatnonzero(given.lengths)
    if not filled.size or not len(query):
        return scores
    ends = np.cumsum(given.lengths[filled])
    starts = ends - given.lengths[filled]
    rows_per_block = max(1, BLOCK_BYTES // (4 * len(query)))
    columns, first = np.ascontiguousarray(query.T), 0
    while first < len(filled):
        last = max(first + 1, int(np.searchsorted(ends, starts[first] + rows_per_block, side="right")))
        block = given.block(filled[first:last], slice(int(starts[first]), int(ends[last - 1])))
        best = np.maximum.reduceat(block @ columns, starts[first:last] - starts[first], axis=0)
        scores[filled[first:last]] = best.sum(axis=1, dtype=np.float32)
        first = last
    return scores


def _lengths(documents: Sequence[NDArray[np.floating]]) -> NDArray[np.int64]:
    return np.array([len(d) for d in documents], dtype=np.int64)
