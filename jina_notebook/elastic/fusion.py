"""Fuses ranked lists into one, as Elasticsearch's `rrf` and `linear` retrievers do, in their float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jina_notebook.elastic.queries import RANK_CONSTANT

__all__ = ["Key", "Scored", "linear", "rrf"]

Key = tuple[str, str]
"""A document: its `_id`, then its index. Equal scores are ordered by it."""

Scored = tuple[Key, float]

SAME = np.float32(1e-6)  # scores closer than this count as all alike in min-max scaling


def rrf(
    lists: Sequence[Sequence[Scored]], *, weights: Sequence[float] | None = None, rank_constant: int = RANK_CONSTANT
) -> list[Scored]:
    """Reciprocal rank fusion: the sum over the lists of weight / (rank_constant + rank), ranks from 1.

    Best first, ties by `_id`. The scores in the lists do not matter, only their order.

    >>> rrf([[(("a", "i"), 9.0)], [(("a", "i"), 0.4), (("b", "i"), 0.3)]])[0][0]
    ('a', 'i')
    """
    totals: dict[Key, np.float32] = {}
    for entries, weight in zip(lists, _weights(weights, len(lists)), strict=True):
        for rank, (key, _) in enumerate(entries, start=1):
            share = weight * (np.float32(1) / np.float32(rank_constant + rank))
            totals[key] = totals.get(key, np.float32(0)) + share
    return _ordered(totals)


def linear(lists: Sequence[Sequence[Scored]], *, weights: Sequence[float] | None = None) -> list[Scored]:
    """The weighted sum of the scores, each list scaled to 0..1 by its own least and greatest; ties by `_id`.

    A list whose scores are all alike keeps them as they are, as on the server. A document missing from a list gets 0.
    """
    totals: dict[Key, np.float32] = {}
    for entries, weight in zip(lists, _weights(weights, len(lists)), strict=True):
        scores = np.array([score for _, score in entries], dtype=np.float32)
        for (key, _), score in zip(entries, _scaled(scores), strict=True):
            totals[key] = totals.get(key, np.float32(0)) + weight * score
    return _ordered(totals)


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(scores):
        return scores
    least, greatest = scores.min(), scores.max()
    if greatest - least < SAME:
        return np.full_like(scores, least)
    scaled: NDArray[np.float32] = (scores - least) / (greatest - least)
    return scaled


def _weights(weights: Sequence[float] | None, count: int) -> list[np.float32]:
    return [np.float32(w) for w in weights] if weights is not None else [np.float32(1)] * count


def _ordered(totals: dict[Key, np.float32]) -> list[Scored]:
    return sorted(((key, float(score)) for key, score in totals.items()), key=lambda entry: (-entry[1], entry[0]))
