"""Late-interaction inspector: which query token matched which document token or image patch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from jina_notebook.errors import InputError
from jina_notebook.render.blocks import Bar, Column, Page, Table
from jina_notebook.render.clean import clip, counted, one_line
from jina_notebook.results.contents import as_text, labelled, quoted, shown, stand_in_notes
from jina_notebook.widgets.base import STATIC, Act, JinaWidget, refuse_unknown
from jina_notebook.widgets.figures import pictured, similarity_map
from jina_notebook.widgets.interactions import Interaction, interactions, pieces_of
from jina_notebook.widgets.thumbnails import encoded, opened

if TYPE_CHECKING:
    import pandas as pd

    from jina_notebook.widgets.jobs import Job

__all__ = ["LateInteractionInspector"]

MOST = 50  # documents
SIDE = 900  # pixels of a page's longer side in the browser
LABEL = 80  # characters of a document's name
COLUMNS = ["query_token", "document_token", "similarity", "query_position", "document_position"]


class LateInteractionInspector(JinaWidget):
    """Takes a late-interaction score apart: heat map, best matches and their lines.

    `query`: a text. `documents`: a text, a picture (where the model takes pictures), or up to 50 of them, `Hits` too.
    `model`: jina-colbert-v2, jina-embeddings-v4, or a stand-in, by name or loaded. Documents stand in the order of
    their scores. `.matches(n)` are a document's best matches; `.selection` those of the chosen document and token.

    Raises `OptionError` for a model without vectors per token, `InputError` for inputs that it cannot read.

    >>> jn.widgets.LateInteractionInspector("warm drink", ["a cup of hot tea", "cold feet"], model="jina-colbert-v2")
    """

    _esm = STATIC / "late_interaction.js"
    _css = STATIC / "late_interaction.css"

    query = traitlets.Unicode().tag(sync=True)
    query_tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    documents = traitlets.List(traitlets.Dict()).tag(sync=True)
    similarities = traitlets.List(traitlets.Bytes()).tag(sync=True)  # uint16 (query tokens, tokens), -1 to 1
    images: Any = traitlets.List().tag(sync=True)  # JPEG of a page, None of a text
    document = traitlets.Int(0).tag(sync=True)
    token = traitlets.Int(-1).tag(sync=True)  # -1: all

    def __init__(self, query: str, documents: Any, *, model: Any, **unknown: Any) -> None:
        refuse_unknown(type(self), unknown)
        self._given = pieces_of(documents)
        if len(self._given) > MOST:
            raise InputError(
                f"There are {len(self._given)} documents; the inspector shows at most {MOST}.",
                hint="Give the best ones, for example hits[:10].",
            )
        self._model = model
        self.interactions: tuple[Interaction, ...] = ()
        super().__init__()
        self.inspect(query)

    def inspect(self, query: str) -> None:
        """Compares another query with the same documents, in the calling cell."""
        self._worker.run("Comparing", lambda job: self._compared(query, job))

    def matches(self, document: int = 0) -> pd.DataFrame:
        """For every query token the document's best match: its token or patch, and their similarity."""
        import pandas as pd

        one = self._interaction(document)
        rows = [
            (token, one.label(int(at)), float(one.similarities[i, at]), i, int(at))
            for i, (token, at) in enumerate(zip(one.query_tokens, one.best, strict=True))
        ]
        return pd.DataFrame(rows, columns=COLUMNS)

    @property
    def selection(self) -> pd.DataFrame:
        """The best matches of the document and the query token that are chosen in the widget."""
        matches = self.matches(self.document)
        return matches if self.token < 0 else matches[matches["query_position"] == self.token]

    def page(self) -> Page:
        """Every document's score, and the first one's map and best matches."""
        card = self._model_now().card
        scores = tuple(
            (rank, Bar(one.score, 0.0, max(self.interactions[0].score, 1e-9)), shown(one.document, self.query))
            for rank, one in enumerate(self.interactions, start=1)
        )
        ranked = Table(
            (Column("rank", "rank", "right"), Column("score", "MaxSim"), Column("document", "document")), scores
        )
        chosen = self.interactions[min(self.document, len(self.interactions) - 1)]
        name = _name(chosen.document)
        return Page(
            "late-interaction",
            f"{quoted(self.query)} against {counted(len(self.interactions), 'document')}, token by token",
            (("model", labelled(card.name, card.stand_in)), ("shown", name)),
            (ranked, *self._map(chosen, name), self._best(chosen)),
            stand_in_notes(card.stand_in),
        )

    def acts(self) -> Mapping[str, Act]:
        return {"inspect": self._asked}

    def _asked(self, content: Mapping[str, Any]) -> None:
        query = str(content["query"])
        self._begin("Comparing", lambda job: self._compared(query, job))

    def _compared(self, query: str, job: Job) -> Any:
        if not isinstance(query, str) or not query.strip():
            raise InputError(f"The query {query!r} has no words.", hint="Give some words to compare.")
        found = interactions(query, self._given, self._model_now(), job.progress)
        images = [None if one.grid is None else encoded(opened(_picture(one.document), SIDE)) for one in found]

        def show() -> str:
            self.interactions = tuple(found)
            with self.hold_sync():
                self.query, self.query_tokens = query, list(found[0].query_tokens)
                self.documents = [_described(one) for one in found]
                self.similarities = [_quantised(one) for one in found]
                self.images = images
                self.document, self.token = 0, -1
            return f"{counted(len(found), 'document')} compared."

        return show

    def _model_now(self) -> Any:
        """The model, loaded at first use where a name was given."""
        if isinstance(self._model, str):
            from jina_notebook.loading import load

            self._model = load(self._model)
        return self._model

    def _interaction(self, document: int) -> Interaction:
        if not 0 <= document < len(self.interactions):
            raise InputError(f"There is no document {document}; there are {len(self.interactions)}, from 0.")
        return self.interactions[document]

    def _map(self, one: Interaction, name: str) -> Sequence[Table]:
        image = opened(_picture(one.document), SIDE) if one.grid is not None else None
        figure = similarity_map(one.query_tokens, one.tokens, one.similarities, one.grid, image)
        best = "; ".join(f"{t}: {one.label(int(at))}" for t, at in zip(one.query_tokens, one.best, strict=True))
        return (
            pictured(figure, clip(one_line(f"Similarities. Best matches: {best}"), 600), f"similarities with {name}"),
        )

    def _best(self, one: Interaction) -> Table:
        columns = (
            Column("query_token", "query token"),
            Column("token", "best match"),
            Column("similarity", "similarity"),
        )
        rows = tuple(
            (one.query_tokens[i], one.label(int(at)), Bar(float(one.similarities[i, at])))
            for i, at in enumerate(one.best)
        )
        return Table(columns, rows, caption="best matches")


def _picture(document: Any) -> Any:
    from jina_notebook.families.reranking import document_content

    return document_content(document)


def _name(document: Any) -> str:
    text = one_line(document.name if isinstance(document, Path) else as_text(document))
    return text if len(text) <= LABEL else text[:LABEL].rstrip() + "…"


def _described(one: Interaction) -> dict[str, Any]:
    return {"name": _name(one.document), "score": one.score, "tokens": list(one.tokens), "grid": one.grid}


def _quantised(one: Interaction) -> bytes:
    """Cosines in 16 bits, steps of 0.00003: half the bytes, and nothing that a picture shows is lost."""
    scaled = np.clip((one.similarities + 1.0) * 32767.5, 0, 65535)
    data: bytes = scaled.round().astype("<u2").tobytes()
    return data
