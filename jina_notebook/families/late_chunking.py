"""Late chunking: a document is read whole, its token states are averaged chunk by chunk.

Source: https://arxiv.org/abs/2409.04701. Chunks are joined with nothing between them, behind the task's instruction;
the first span takes what stands before it (specials, instruction), the last what stands after.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from jina_notebook.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jina_notebook.families.tokenizer import Tokenizer

__all__ = ["OVERLAP", "chunk_spans", "overlapping"]

OVERLAP = 512  # tokens that a window beyond the model's limit shares with the one before it


def chunk_spans(
    tokenizer: Tokenizer, instruction: str, chunks: Sequence[str], *, document: int = 0
) -> tuple[NDArray[np.int32], tuple[tuple[int, int], ...]]:
    """Ids of the whole document, and the tokens `(start, stop)` of every chunk.

    A token belongs to the chunk in which its first character lies. Raises `InputError` for a chunk that has no token of
    its own.
    """
    ids, offsets = tokenizer.spans(instruction + "".join(chunks))
    starts = [len(instruction) + before for before in accumulate(map(len, chunks[:-1]), initial=0)]
    owner = np.zeros(len(ids), dtype=np.int64)
    for position, (begin, end) in enumerate(offsets):
        special = begin == end
        owner[position] = owner[max(0, position - 1)] if special else max(0, bisect_right(starts, begin) - 1)
    spans = []
    for number, chunk in enumerate(chunks):
        start, stop = np.searchsorted(owner, number, "left"), np.searchsorted(owner, number, "right")
        if start == stop:
            raise InputError(
                f"Chunk {number} of document {document}, {chunk[:40]!r}, has no token of its own.",
                hint="Drop empty and blank chunks before late chunking.",
            )
        spans.append((int(start), int(stop)))
    return ids, tuple(spans)


def overlapping(tokens: int, limit: int) -> list[tuple[int, int, int]]:
    """Windows `(start, stop, skip)` over `tokens`: `skip` states at the front belong to the window before.

    >>> overlapping(1000, 800)
    [(0, 800, 0), (400, 1000, 400)]
    """
    overlap = min(OVERLAP, limit // 2)
    windows, start = [(0, min(tokens, limit), 0)], 0
    while windows[-1][1] < tokens:
        start += limit - overlap
        windows.append((start, min(tokens, start + limit), overlap))
    return windows
