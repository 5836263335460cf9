"""What searching gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

from jina_notebook.render.blocks import Bar, Cell, Column, Page, Table, Trail
from jina_notebook.render.clean import counted, one_line
from jina_notebook.render.display import Displayed
from jina_notebook.results.contents import ROWS, as_text, labelled, quoted, shown, stand_in_notes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Hit", "Hits", "Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A hit's place in one stage of a search: `"lexical"`, `"vector"`, `"fusion"`, `"rerank"`, `"maxsim"`."""

    name: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. `explanation` lists its rank and score in every stage it passed, in order.

    `highlights` are fragments around the words that matched (`results.highlights.Highlight`), `passage` the chunk that
    matched best where documents are stored in chunks. `source` is the document as it was stored, without vectors.
    """

    id: str
    index: str
    score: float
    rank: int
    source: Mapping[str, Any]
    explanation: tuple[Stage, ...] = ()
    highlights: tuple[str, ...] = ()
    passage: str | None = None

    def __repr__(self) -> str:
        place = f"rank={self.rank}, score={self.score:.4f}, id={quoted(self.id)}, index={quoted(self.index)}"
        return one_line(f"Hit({place}, {quoted(as_text(self.source))})")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Hits(Displayed, Sequence[Hit]):
    """What `jn.search` gives: best first. `latency` holds seconds by stage; `notes` say what degraded and why.

    A slice is a `Hits` too.
    """

    items: tuple[Hit, ...]
    query: Any
    mode: str
    model: str | None = None
    reranker: str | None = None
    text_field: str = "text"
    latency: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    stand_in: bool = False

    @overload
    def __getitem__(self, key: int) -> Hit: ...
    @overload
    def __getitem__(self, key: slice) -> Hits: ...
    def __getitem__(self, key: int | slice) -> Hit | Hits:
        return replace(self, items=self.items[key]) if isinstance(key, slice) else self.items[key]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.items)

    def to_frame(self) -> pd.DataFrame:
        """One row per hit: `rank`, `score`, `id`, `index`, `<stage>_rank` of every stage, then the source's fields.

        A field whose name is taken appears as `source.<name>`.
        """
        import pandas as pd

        stages = list(dict.fromkeys(stage.name for hit in self.items for stage in hit.explanation))
        own = ["rank", "score", "id", "index", *(f"{name}_rank" for name in stages)]
        fields = list(dict.fromkeys(name for hit in self.items for name in hit.source))
        names = {name: f"source.{name}" if name in own else name for name in fields}
        rows = []
        for hit in self.items:
            ranks = {f"{stage.name}_rank": stage.rank for stage in hit.explanation}
            row: dict[str, Any] = {"rank": hit.rank, "score": hit.score, "id": hit.id, "index": hit.index}
            rows.append(row | ranks | {names[name]: value for name, value in hit.source.items()})
        return pd.DataFrame(rows, columns=[*own, *names.values()])

    def page(self) -> Page:
        """Ranks, score bars, passages with the query's words marked, and the way each hit took."""
        explained = any(hit.explanation for hit in self.items)
        columns = (
            Column("rank", "rank", "right"),
            Column("score", "score"),
            Column("id", "id"),
            Column("index", "index"),
            Column("passage", "passage", yields=True),
            *((Column("stages", "stages (rank)"),) if explained else ()),
        )
        low = min([0.0, *(hit.score for hit in self.items)])
        high = max((hit.score for hit in self.items), default=1.0)
        rows = tuple(self._row(hit, Bar(hit.score, low, high), explained) for hit in self.items[:ROWS])
        return Page(
            "hits",
            f"{counted(len(self.items), 'hit')} for {quoted(self.query)}",
            tuple(self._facts()),
            (Table(columns, rows, empty="no hits", total=len(self.items)),),
            stand_in_notes(self.stand_in) + self.notes,
        )

    def _row(self, hit: Hit, bar: Bar, explained: bool) -> tuple[Cell, ...]:
        text = hit.passage or hit.source
        passage = shown(text, self.query, text_field=self.text_field, highlights=hit.highlights)
        trail = Trail(tuple((stage.name, stage.rank) for stage in hit.explanation))
        return (hit.rank, bar, hit.id, hit.index, passage, *((trail,) if explained else ()))

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "mode", self.mode
        if self.model:
            yield "model", labelled(self.model, self._stands_in(self.model))
        if self.reranker:
            yield "reranker", labelled(self.reranker, self._stands_in(self.reranker))
        if self.latency:
            yield "time", ", ".join(f"{stage} {1000 * seconds:,.0f} ms" for stage, seconds in self.latency.items())

    def _stands_in(self, name: str) -> bool:
        """Which of the two models the flag is about: stand-ins are named `offline-…`."""
        return self.stand_in and (name.startswith("offline-") or not (self.model and self.reranker))
