"""MaxSim, the score of late interaction: for every query vector the best document vector, summed.

Source: ColBERT, https://arxiv.org/abs/2004.12832. Document vectors stay packed end to end with offsets: no padded cube
is built, and padding cannot take part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["maxsim"]

BLOCK_BYTES = 1 << 20  # similarities of a block stay in the CPU's cache


def maxsim(query: NDArray[np.float32], documents: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Scores `(documents,)`, float32.

    `query` `(query_tokens, dimensions)`; each document `(tokens_i, dimensions)`. A document without vectors scores 0.
    """
    lengths = np.array([len(d) for d in documents], dtype=np.int64)
    scores = np.zeros(len(documents), dtype=np.float32)
    filled = np.flatnonzero(lengths)
    if not filled.size or not len(query):
        return scores
    rows_per_block = max(1, BLOCK_BYTES // (4 * len(query)))
    block: list[int] = []
    rows = 0
    for index in filled.tolist():
        block.append(index)
        rows += int(lengths[index])
        if rows >= rows_per_block:
            scores[block] = _block(query, [documents[i] for i in block])
            block, rows = [], 0
    if block:
        scores[block] = _block(query, [documents[i] for i in block])
    return scores


def _block(query: NDArray[np.float32], documents: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    packed = np.concatenate(documents) if len(documents) > 1 else documents[0]
    starts = np.concatenate(([0], np.cumsum([len(d) for d in documents])[:-1]))
    best = np.maximum.reduceat(query @ packed.T, starts, axis=1)
    summed: NDArray[np.float32] = best.sum(axis=0, dtype=np.float32)
    return summed
