"""Which ids a stream has shown before, in sixteen bytes each however long the ids are."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

__all__ = ["SeenIds"]

Words = NDArray[np.uint64]


class SeenIds:
    """A set of ids that only grows: sorted runs of 128-bit digests, merged as they double in size."""

    def __init__(self) -> None:
        self._runs: list[tuple[Words, Words]] = []

    def __len__(self) -> int:
        return sum(len(first) for first, _ in self._runs)

    def __contains__(self, id: str) -> bool:  # noqa: A002 - the field's own word
        return bool(self.known([id])[0])

    def known(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """For each id whether it was added before."""
        first, second = _digests(ids)
        found = np.zeros(len(ids), dtype=bool)
        for run_first, run_second in self._runs:
            # equal first words are next to impossible, but looking at all of them makes the answer exact
            at = np.searchsorted(run_first, first)
            inside = at < len(run_first)
            while inside.any():
                here = np.minimum(at, len(run_first) - 1)
                same = inside & (run_first[here] == first)
                found |= same & (run_second[here] == second)
                inside = same & ~found & (at + 1 < len(run_first))
                at = at + 1
        return found

    def add(self, ids: Sequence[str]) -> None:
        """Remembers these ids."""
        if not ids:
            return
        run = _sorted(*_digests(ids))
        while self._runs and len(self._runs[-1][0]) <= 2 * len(run[0]):
            older = self._runs.pop()
            run = _sorted(np.concatenate([older[0], run[0]]), np.concatenate([older[1], run[1]]))
        self._runs.append(run)


def _digests(ids: Sequence[str]) -> tuple[Words, Words]:
    digests = b"".join([blake2b(id.encode("utf-8"), digest_size=16).digest() for id in ids])  # noqa: A001
    words = np.frombuffer(digests, dtype=np.uint64).reshape(len(ids), 2)
    return words[:, 0], words[:, 1]


def _sorted(first: Words, second: Words) -> tuple[Words, Words]:
    order = np.argsort(first, kind="stable")
    return first[order], second[order]
