"""What reranking gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from jina_notebook.render.blocks import Bar, Column, Page, Table
from jina_notebook.render.clean import counted, one_line
from jina_notebook.render.display import Displayed
from jina_notebook.results.contents import ROWS, as_text, labelled, quoted, shown, stand_in_notes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RankedDocument", "Ranking"]


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """One document of a ranking: `index` is its position in the input, `rank` counts from 1."""

    index: int
    relevance_score: float
    rank: int
    document: Any

    def __repr__(self) -> str:
        place = f"rank={self.rank}, relevance_score={self.relevance_score:.4f}, index={self.index}"
        document = None if self.document is None else quoted(as_text(self.document))
        return one_line(f"RankedDocument({place}, {document})")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Ranking(Displayed, Sequence[RankedDocument]):
    """What `.rerank` gives: best first, ties in input order.

    `scores`: float32 `(documents,)` in input order, of all documents, also with `top_n`. A slice is a ranking too.
    """

    items: tuple[RankedDocument, ...]
    scores: NDArray[np.float32]
    query: Any
    model: str
    revision: str
    stand_in: bool = False

    @overload
    def __getitem__(self, key: int) -> RankedDocument: ...
    @overload
    def __getitem__(self, key: slice) -> Ranking: ...
    def __getitem__(self, key: int | slice) -> RankedDocument | Ranking:
        return replace(self, items=self.items[key]) if isinstance(key, slice) else self.items[key]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[RankedDocument]:
        return iter(self.items)

    def to_frame(self) -> pd.DataFrame:
        """One row per ranked document: `rank`, `index`, `relevance_score`, `document`."""
        import pandas as pd

        columns = ["rank", "index", "relevance_score", "document"]
        return pd.DataFrame({name: [getattr(item, name) for item in self.items] for name in columns}, columns=columns)

    def page(self) -> Page:
        """Ranks, score bars and the documents with the query's words marked."""
        scores = [item.relevance_score for item in self.items]
        low, high = min([0.0, *scores]), max([1.0, *scores])
        columns = (
            Column("rank", "rank", "right"),
            Column("relevance_score", "relevance score"),
            Column("index", "index", "right"),
            Column("document", "document", yields=True),
        )
        rows = tuple(
            (d.rank, Bar(d.relevance_score, low, high), d.index, shown(d.document, self.query))
            for d in self.items[:ROWS]
        )
        count, total = len(self.items), len(self.scores)
        of = f"{count:,} of {counted(total, 'document')}" if count < total else counted(count, "document")
        return Page(
            "ranking",
            f"{of} ranked for {quoted(self.query)}",
            (("model", labelled(self.model, self.stand_in)), ("revision", self.revision[:12])),
            (Table(columns, rows, empty="no documents", total=count),),
            stand_in_notes(self.stand_in),
        )
