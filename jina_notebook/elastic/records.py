"""The values that travel through indexing: what was read, what is to be stored, what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Document", "Embedded", "Entry", "Item", "Passages", "Unreadable", "is_missing"]


def is_missing(value: Any) -> bool:
    """Whether a value stands for nothing: None, NaN, pandas' NA and NaT (without importing pandas)."""
    if isinstance(value, str):  # nearly all of them
        return False
    if value is None:
        return True
    if isinstance(value, float | np.floating):
        return bool(value != value)
    return type(value).__name__ in {"NAType", "NaTType"}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line or row that is no document."""

    reason: str


class Entry(NamedTuple):
    """One document as it came: `label` names it (`"#12"`, `"line 12"`) where it has no id."""

    label: str
    item: Any


@dataclass(slots=True)
class Document:
    """One document that is to be stored.

    `source`: the JSON object of its fields without vectors. `content`: the text or picture to embed. `vector`: the one
    that came with it, `(dimensions,)` or `(tokens, dimensions)`. `fingerprint` changes with anything that would change
    what is stored. `named`: whether the id is the caller's own.
    """

    id: str
    source: bytes
    content: Any
    fingerprint: str
    vector: NDArray[np.float32] | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class Passages:
    """One document's: texts in reading order, and vectors float32 `(passages, dimensions)`."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]


@dataclass(slots=True)
class Embedded:
    """Documents with their vectors: float32 `(dimensions,)` each, a matrix `(tokens, dimensions)` each, passages."""

    documents: list[Document]
    vectors: NDArray[np.float32] | list[NDArray[np.float32]] | None = None
    tokens: list[NDArray[np.float32]] | None = None
    passages: list[Passages] | None = None


class Item(NamedTuple):
    """One document as two lines of a bulk request."""

    id: str
    lines: bytes
