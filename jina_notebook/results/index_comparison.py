"""Indices of the same documents beside each other: what each costs and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jina_notebook.render.blocks import Bar, Column, Page, Table
from jina_notebook.render.clean import counted
from jina_notebook.render.display import Displayed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IndexComparison", "IndexFigures"]


@dataclass(frozen=True, kw_only=True)
class IndexFigures:
    """One index. `recall`: the share of the `k` nearest by exact search that were found, mean over queries.

    `p50`, `p99`: seconds on the server's side of a search, the query's embedding not counted. `bytes_per_document`: all
    that the index keeps on disk, texts and vectors, without copies.
    """

    index: str
    documents: int
    bytes_per_document: float
    recall: float
    p50: float
    p99: float
    metrics: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, repr=False)
class IndexComparison(Displayed):
    """What `jn.compare_indices` gives: name to figures, in the order asked for."""

    k: int
    queries: int
    indices: Mapping[str, IndexFigures]

    @property
    def names(self) -> list[str]:
        """The metrics by judgments, in the order they were asked for; none without judgments."""
        return list(dict.fromkeys(name for one in self.indices.values() for name in one.metrics))

    def to_frame(self) -> pd.DataFrame:
        """One row per index: `documents`, `bytes_per_document`, `recall`, `p50_ms`, `p99_ms`, and every metric."""
        import pandas as pd

        rows = {
            name: {
                "documents": one.documents,
                "bytes_per_document": one.bytes_per_document,
                "recall": one.recall,
                "p50_ms": 1000 * one.p50,
                "p99_ms": 1000 * one.p99,
                **one.metrics,
            }
            for name, one in self.indices.items()
        }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index.name = "index"
        return frame

    def page(self) -> Page:
        """A table; the smallest index and the best of each metric are marked."""
        metrics = self.names
        columns = (
            Column("index", "index"),
            Column("documents", "documents", "right"),
            Column("bytes_per_document", "bytes per document", "right"),
            Column("recall", f"recall of the {self.k} nearest"),
            *(Column(name, name) for name in metrics),
            Column("p50", "p50 (ms)", "right"),
            Column("p99", "p99 (ms)", "right"),
        )
        best = {name: max(one.metrics.get(name, 0.0) for one in self.indices.values()) for name in metrics}
        rows = tuple(
            (
                name,
                one.documents,
                round(one.bytes_per_document),
                Bar(one.recall),
                *(Bar(one.metrics[m], best=one.metrics[m] == best[m]) if m in one.metrics else None for m in metrics),
                round(1000 * one.p50, 1),
                round(1000 * one.p99, 1),
            )
            for name, one in self.indices.items()
        )
        title = f"{counted(len(self.indices), 'index', 'indices')} over {counted(self.queries, 'query', 'queries')}"
        facts = (("recall", "against exact search over the same index"),)
        return Page("index-comparison", title, facts, (Table(columns, rows, empty="no indices"),))
