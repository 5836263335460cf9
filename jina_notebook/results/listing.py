"""Rows that say how things stand: loaded models, connections, settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from jina_notebook.render.blocks import Cell, Column, Page, Table
from jina_notebook.render.display import Displayed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Listing", "Row"]

Row = Mapping[str, Cell]


@dataclass(frozen=True, eq=False, repr=False)
class Listing(Displayed, Sequence[Row]):
    """A sequence of rows, each a mapping from column to value. `empty` is what shows without any."""

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str = "nothing"
    notes: tuple[str, ...] = ()

    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Row]: ...
    def __getitem__(self, key: int | slice) -> Row | Sequence[Row]:
        return self.rows[key]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row per entry, the listing's columns."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.rows], columns=list(self.columns))

    def page(self) -> Page:
        """The rows as a table."""
        numeric = {
            name
            for name in self.columns
            if self.rows and all(isinstance(row.get(name), int | float | None) for row in self.rows)
        }
        columns = tuple(
            Column(name, name, "right" if name in numeric else "left", yields=name in self.columns[-2:], wraps=True)
            for name in self.columns
        )
        rows = tuple(tuple(row.get(name) for name in self.columns) for row in self.rows)
        return Page(self.kind, self.title, (), (Table(columns, rows, empty=self.empty),), self.notes)
