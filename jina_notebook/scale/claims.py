"""Which block has which id: an id that came before in another block is not stored again.

Blocks that are done a second time, because a machine was lost, have the same number and get their ids again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.elastic.seen import SeenIds

__all__ = ["ClaimedIds", "Ledger"]


class Ledger:
    """The ids of all blocks, in 32 bytes each. One process of the cluster holds it, on the node that began."""

    def __init__(self) -> None:
        self._ids = SeenIds()
        self._owned = SeenIds()

    def taken(self, ids: Sequence[str], block: int) -> list[bool]:
        """For each id whether another block has it; the others belong to this block from now on."""
        known = self._ids.known(ids)
        own = self._owned.known([_owned(id, block) for id in ids])  # noqa: A001 - the field's own word
        fresh = list(dict.fromkeys(id for id, before in zip(ids, known, strict=True) if not before))  # noqa: A001
        self._ids.add(fresh)
        self._owned.add([_owned(id, block) for id in fresh])  # noqa: A001
        return [bool(taken) for taken in known & ~own]


def _owned(id: str, block: int) -> str:  # noqa: A002
    return f"{block}\0{id}"


class ClaimedIds:
    """What a planner of one block asks: ids of this block that came before, and those of other blocks."""

    def __init__(self, ray: Any, ledger: Any, block: int) -> None:
        self._ray = ray
        self._ledger = ledger
        self._block = block
        self._own = SeenIds()

    def known(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """For each id whether it came before."""
        if not ids:
            return np.zeros(0, dtype=bool)
        taken = self._ray.get(self._ledger.taken.remote(list(ids), self._block))
        before: NDArray[np.bool_] = self._own.known(ids) | np.asarray(taken, dtype=bool)
        return before

    def add(self, ids: Sequence[str]) -> None:
        """Remembers these ids as those of this block."""
        self._own.add(ids)
