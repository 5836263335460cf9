"""What embedding and keeping a large collection would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jina_notebook.render.blocks import Column, Page, Table
from jina_notebook.render.display import Displayed
from jina_notebook.results.contents import labelled, stand_in_notes
from jina_notebook.results.indexing import in_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Figure", "IndexKind", "Origin", "ScalePlan"]

Origin = Literal["given", "measured", "assumed", "catalogue", "computed"]
"""Where a figure is from: the caller, a measurement (here or by us), an assumption, the catalogue, arithmetic."""

COLUMNS = (
    Column("what", "what", keeps=True),
    Column("figure", "figure", "right", keeps=True),
    Column("origin", "origin"),
    Column("why", "why", yields=True, wraps=True),
)
KIND_COLUMNS = (
    Column("index_type", "index type", keeps=True),
    Column("memory", "memory, one copy", "right"),
    Column("disk", "disk, one copy", "right"),
    Column("primaries", "primary shards", "right"),
    Column("nodes", "data nodes", "right"),
    Column("write_hours", "hours to write", "right"),
    Column("chosen", "planned"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a plan. `value` is the plain number, `shown` how people read it."""

    what: str
    value: float
    shown: str
    origin: Origin
    why: str = ""


@dataclass(frozen=True, slots=True)
class IndexKind:
    """What one index type takes: bytes of one copy of the vectors and texts, shards, machines, hours of writing."""

    index_type: str
    memory_bytes: int
    disk_bytes: int
    primaries: int
    data_nodes: int
    write_hours: float


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ScalePlan(Displayed):
    """What `jn.scale.plan` gives.

    `worker_hours` are GPU hours, or hours of a group of cores; `hours` is the time from start to end, embedding and
    writing side by side. `memory_bytes` and `disk_bytes` count all copies. `kinds` compares index types, `figures` has
    every number with its origin. Costs are in the currency of the prices, None where none was given.
    """

    model: str
    documents: int
    dimensions: int
    index_type: str | None
    tokens: int
    tokens_per_second: float
    rate_origin: Origin
    workers: int
    worker_hours: float
    hours: float
    memory_bytes: int
    disk_bytes: int
    primaries: int
    replicas: int
    data_nodes: int
    embedding_cost: float | None
    monthly_cost: float | None
    kinds: tuple[IndexKind, ...]
    figures: tuple[Figure, ...]
    stand_in: bool = False

    def to_frame(self) -> pd.DataFrame:
        """One row per figure: `what`, `value`, `figure`, `origin`, `why`."""
        import pandas as pd

        rows = [(f.what, f.value, f.shown, f.origin, f.why) for f in self.figures]
        return pd.DataFrame(rows, columns=["what", "value", "figure", "origin", "why"])

    def page(self) -> Page:
        """Every figure with its origin, and the index types side by side."""
        rows = tuple((f.what, f.shown, f.origin, f.why) for f in self.figures)
        blocks = [Table(COLUMNS, rows)]
        if self.kinds:
            kinds = tuple(self._row(kind) for kind in self.kinds)
            blocks.append(Table(KIND_COLUMNS, kinds, caption="Index types"))
        assumed = [f.what for f in self.figures if f.origin == "assumed"]
        notes = stand_in_notes(self.stand_in)
        if assumed:
            notes = (*notes, f"Assumed, not measured: {', '.join(assumed)}.")
        title = f"{self.documents:,} documents with {labelled(self.model, self.stand_in)}: a plan, nothing was done"
        return Page("scale-plan", title, (), tuple(blocks), notes)

    def _row(self, kind: IndexKind) -> tuple[str | int | bool, ...]:
        return (
            kind.index_type,
            in_bytes(kind.memory_bytes),
            in_bytes(kind.disk_bytes),
            kind.primaries,
            kind.data_nodes,
            f"{kind.write_hours:,.1f}",
            kind.index_type == self.index_type,
        )
