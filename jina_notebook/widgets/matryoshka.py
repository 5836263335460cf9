"""Matryoshka explorer: dimensions and quantisation against quality and bytes per document, with the knee marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from jina_notebook.errors import InputError, OptionError
from jina_notebook.evaluation.measures import measures_of
from jina_notebook.evaluation.runs import identity
from jina_notebook.render.blocks import Bar, Cell, Column, Page, Table
from jina_notebook.render.clean import counted
from jina_notebook.results.contents import as_text, labelled, stand_in_notes
from jina_notebook.widgets.base import STATIC, Act, JinaWidget, refuse_unknown
from jina_notebook.widgets.figures import pictured, trade_off_curves
from jina_notebook.widgets.trade_offs import Judged, TradeOff, check_precisions, knee_of, measured

if TYPE_CHECKING:
    import pandas as pd

    from jina_notebook.widgets.jobs import Job

__all__ = ["MatryoshkaExplorer"]

NOTE = "int8, int4 and bbq are computed here much as Elasticsearch does, without scoring again with full vectors."


class MatryoshkaExplorer(JinaWidget):
    """Shows which size and precision of vectors is worth its bytes, on judged queries of yours.

    `queries`: id to text. `qrels`: query id to document id to grade. `documents`: dicts with `_id` or `id` and the
    field `text`. `model`: an embedding model, by name or loaded. `dimensions`: sizes to compare, by itself all that the
    model gives. `precisions`: of "float", "int8", "int4", "bbq" (from 64 dimensions on). `metrics`: as for
    `jn.evaluate`. `.trade_offs` is the table of all, `.knee` its row where more bytes stop paying, `.selection` the
    rows that are ticked.

    Raises `InputError`, `OptionError`, and what the model's `.embed` raises.

    >>> support = jina_notebook.data.load("support")
    >>> jn.widgets.MatryoshkaExplorer(support.queries, support.qrels, support.corpus, model="jina-embeddings-v3")
    """

    _esm = STATIC / "matryoshka.js"
    _css = STATIC / "matryoshka.css"

    points = traitlets.List(traitlets.Dict()).tag(sync=True)
    metrics = traitlets.List(traitlets.Unicode()).tag(sync=True)
    metric = traitlets.Unicode().tag(sync=True)
    knees = traitlets.Dict().tag(sync=True)  # metric to the position in points
    title = traitlets.Unicode().tag(sync=True)
    notes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    selected = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self,
        queries: Mapping[Any, Any],
        qrels: Mapping[Any, Mapping[Any, Any]],
        documents: Sequence[Mapping[str, Any]],
        *,
        model: Any,
        text: str = "text",
        dimensions: Sequence[int] | None = None,
        precisions: Sequence[str] = ("float", "int8", "int4", "bbq"),
        metrics: Sequence[str] = ("nDCG@10", "R@100"),
        **unknown: Any,
    ) -> None:
        refuse_unknown(type(self), unknown)
        self._precisions = check_precisions(precisions)
        names = list(measures_of(metrics))
        ids, texts = _contents(documents, text)
        if isinstance(model, str):
            from jina_notebook.loading import load

            model = load(model)
        self._model = model
        self._sizes = _sizes(model, dimensions)
        self._judged = self._embedded(queries, qrels, ids, texts)
        self._found: tuple[TradeOff, ...] = ()
        super().__init__(title=self._title(), notes=[*stand_in_notes(model.card.stand_in), NOTE])
        self.measure(names)

    def measure(self, metrics: Sequence[str]) -> None:
        """Measures with other metrics, in the calling cell."""
        names = list(measures_of(metrics))
        self._worker.run("Measuring", lambda job: self._measured(names, job))

    @property
    def trade_offs(self) -> pd.DataFrame:
        """One row per size and precision: `dimensions`, `precision`, `bytes_per_document`, and every metric."""
        import pandas as pd

        columns = ["dimensions", "precision", "bytes_per_document", *self.metrics]
        rows = [(o.dimensions, o.precision, o.bytes_per_document, *o.metrics.values()) for o in self._found]
        return pd.DataFrame(rows, columns=columns)

    @property
    def knee(self) -> pd.Series[Any]:
        """The row of `.trade_offs` where more bytes stop paying, by the metric that is shown."""
        row: pd.Series[Any] = self.trade_offs.iloc[self.knees[self.metric]]
        return row

    @property
    def selection(self) -> pd.DataFrame:
        """The rows of `.trade_offs` that are ticked."""
        return self.trade_offs.iloc[[row for row in self.selected if row < len(self._found)]]

    def page(self) -> Page:
        """The curves as a picture, and the numbers."""
        columns = (
            Column("dimensions", "dimensions", "right"),
            Column("precision", "precision"),
            Column("bytes_per_document", "bytes per document", "right"),
            *(Column(name, name) for name in self.metrics),
            Column("knee", "knee"),
        )
        knee = self.knees[self.metric]
        best = {name: max(one.metrics[name] for one in self._found) for name in self.metrics}
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (
                one.dimensions,
                one.precision,
                one.bytes_per_document,
                *(Bar(one.metrics[name], best=one.metrics[name] == best[name]) for name in self.metrics),
                f"knee by {self.metric}" if position == knee else "",
            )
            for position, one in enumerate(self._found)
        )
        at = self._found[knee]
        alt = f"{self.metric} by bytes per document; knee at {at.dimensions} dimensions, {at.precision}"
        card = self._model.card
        return Page(
            "matryoshka",
            self.title,
            (("model", labelled(card.name, card.stand_in)), ("knee", f"{at.dimensions} dimensions, {at.precision}")),
            (pictured(trade_off_curves(self._found, self.metric, knee), alt, alt), Table(columns, rows)),
            tuple(self.notes),
        )

    def acts(self) -> Mapping[str, Act]:
        return {"measure": self._asked}

    def _asked(self, content: Mapping[str, Any]) -> None:
        names = [part.strip() for part in str(content["metrics"]).split(",") if part.strip()]
        self._begin("Measuring", lambda job: self._measured(list(measures_of(names)), job))

    def _measured(self, metrics: list[str], job: Job) -> Any:
        found = measured(self._judged, self._sizes, self._precisions, metrics, job.progress)
        if not found:
            raise OptionError(
                f"No size of {', '.join(map(str, self._sizes))} goes with {', '.join(self._precisions)}.",
                hint="bbq needs 64 dimensions or more.",
            )

        def show() -> str:
            self._found = tuple(found)
            with self.hold_sync():
                self.selected = []
                self.metrics = metrics
                self.metric = self.metric if self.metric in metrics else metrics[0]
                self.knees = {name: knee_of(found, name) for name in metrics}
                self.points = [
                    {
                        "dimensions": one.dimensions,
                        "precision": one.precision,
                        "bytes": one.bytes_per_document,
                        "metrics": [one.metrics[name] for name in metrics],
                    }
                    for one in found
                ]
            return f"{counted(len(found), 'combination')} measured."

        return show

    def _embedded(self, queries: Any, qrels: Any, ids: list[str], texts: list[Any]) -> Judged:
        """Embeds the documents and the judged queries, in the calling cell, with its progress."""
        known = {identity(query, "queries, an id"): text for query, text in dict(queries).items()}
        judged = [name for query in qrels if (name := identity(query, "qrels, a query id")) in known]
        if not judged:
            raise InputError("No query is judged.", hint="The keys of qrels are the ids of queries.")
        card = self._model.card
        given = self._model.embed(texts, task=card.index_task)
        asked = self._model.embed([known[name] for name in judged], task=card.query_task)
        return Judged(
            documents=np.asarray(given.vectors),
            document_ids=tuple(ids),
            queries=np.asarray(asked.vectors),
            query_ids=tuple(judged),
            texts=known,
            qrels=qrels,
        )

    def _title(self) -> str:
        judged = self._judged
        queries = counted(len(judged.query_ids), "judged query", "judged queries")
        return f"Sizes and precisions over {queries} and {counted(len(judged.document_ids), 'document')}"


def _sizes(model: Any, dimensions: Sequence[int] | None) -> list[int]:
    allowed = tuple(getattr(model, "dimensions", ()))
    if not allowed:
        raise OptionError(
            f"{getattr(model, 'name', model)!r} gives no single vectors.", hint="Give an embedding model."
        )
    sizes = list(allowed if dimensions is None else dimensions)
    for size in sizes:
        if size not in allowed:
            raise OptionError(f"{model.name} has no dimensions={size!r}; allowed: {', '.join(map(str, allowed))}.")
    if not sizes:
        raise OptionError(f"dimensions is empty; allowed: {', '.join(map(str, allowed))}.")
    return sorted(set(sizes))


def _contents(documents: Sequence[Mapping[str, Any]], text: str) -> tuple[list[str], list[Any]]:
    ids, texts = [], []
    for position, document in enumerate(documents):
        name = next((document[key] for key in ("_id", "id") if key in document), None)
        if name is None or document.get(text) is None:
            raise InputError(
                f"Document {position} has no {'id' if name is None else repr(text)}; it has {', '.join(document)}.",
                hint="Documents are dicts with _id or id, and the field that text= names.",
            )
        ids.append(identity(name, f"document {position}, id"))
        texts.append(as_text(document, text))
    if not ids:
        raise InputError("There are no documents.", hint="Give dicts with _id and text.")
    return ids, texts
