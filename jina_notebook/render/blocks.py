"""The plain values that results hand to the renderers: pages of tables, prose and grids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Bar", "Block", "Cell", "Column", "Grid", "Page", "Passage", "Picture", "Prose", "Table", "Trail"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A number drawn on a scale from `low` to `high`; `best` marks the best of its column."""

    value: float
    low: float = 0.0
    high: float = 1.0
    best: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of someone's text, with `marks` as (start, end) offsets into `text`.

    `length` is the number of characters of the whole, where `text` is only a part of it, from offset `start`.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    length: int | None = None
    start: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A small PNG with its text alternative; `width` and `height` are pixels."""

    png: bytes
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Trail:
    """An item's rank in each stage it passed, in order."""

    steps: tuple[tuple[str, int], ...]


Cell = str | int | float | bool | None | Bar | Passage | Picture | Trail


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` names it in the vendor JSON, `title` is what people read.

    Where a terminal is too narrow, a column that `yields` gives up room first, one that `keeps` gives up none, and one
    that `wraps` breaks its text into lines instead of cutting it.
    """

    key: str
    title: str
    align: Literal["left", "right"] = "left"
    yields: bool = False
    wraps: bool = False
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; `total` counts all rows where only the first ones are given."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    empty: str = "nothing"
    total: int | None = None

    @property
    def beyond(self) -> int:
        """How many rows are not given."""
        return max((self.total or 0) - len(self.rows), 0)


@dataclass(frozen=True, slots=True)
class Prose:
    """A longer text, shown as it is, never interpreted."""

    text: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers by row and column label, as a late-interaction map has them; `values[row][column]`."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    caption: str = ""


Block = Table | Prose | Grid


@dataclass(frozen=True, slots=True)
class Page:
    """Everything there is to show of one result.

    `kind` names the result in the vendor JSON; `facts` are short label and value pairs; `notes` are sentences that
    must not be overlooked (a stand-in, truncation, a feature that fell back).
    """

    kind: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    blocks: tuple[Block, ...] = field(default_factory=tuple)
    notes: tuple[str, ...] = ()
