"""`.rerank`: one method for every family that scores documents against a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import InputError, OptionError
from jina_notebook.families.inputs import as_content, as_text, is_image
from jina_notebook.families.model import Model
from jina_notebook.inference.runner import Interrupted
from jina_notebook.results import Hits, RankedDocument, Ranking

if TYPE_CHECKING:
    from jina_notebook.protocols import Progress

__all__ = ["Reranker", "document_content", "ranking"]

Scores = NDArray[np.float32]


def document_content(document: Any, text_field: str = "text") -> Any:
    """What of a document is read: a dict's or a hit's text, else its image (there a `str` is a path), else itself."""
    source = getattr(document, "source", document)
    if isinstance(source, Mapping):
        for field in (text_field, "text", "image"):
            value = source.get(field)
            if value is not None:
                return Path(value) if field == "image" and isinstance(value, str) else value
        return None
    return source


def ranking(
    scores: Scores, documents: Sequence[Any], *, query: Any, model: Model, top_n: int | None, return_documents: bool
) -> Ranking:
    """Best first, ties in input order."""
    order = np.argsort(-scores, kind="stable")[:top_n]
    items = tuple(
        RankedDocument(int(i), float(scores[i]), rank, documents[int(i)] if return_documents else None)
        for rank, i in enumerate(order, start=1)
    )
    return Ranking(
        items=items, scores=scores, query=query, model=model.name, revision=model.revision, stand_in=model.card.stand_in
    )


class Reranker(Model):
    """Orders documents by their relevance to a query."""

    takes_images = False
    """Whether pictures may stand on either side, beside texts."""

    def rerank(
        self,
        query: Any,
        documents: Any,
        *,
        top_n: int | None = None,
        return_documents: bool = True,
        progress: Progress = None,
    ) -> Ranking:
        """A `Ranking`, best first; `.scores` float32 in input order, of all documents.

        `documents`: texts (or images, where the model takes them), a DataFrame's column, `Hits`, or dicts with a
        `"text"`. No documents give an empty ranking, without running the model.

        Raises `InputError` naming the position, `OptionError` for `top_n`, `InferenceError` (NaN).

        >>> jn.load("jina-reranker-v3").rerank("warm soup", ["soup", "ale"])[0].index
        0
        """
        self._check_process()
        if top_n is not None and (isinstance(top_n, bool) or not isinstance(top_n, (int, np.integer)) or top_n < 1):
            raise OptionError(f"top_n={top_n!r} is not a number of 1 or more.", hint="Leave it out for all documents.")
        asked = self._taken(query, None, "query")
        given = self._given(documents)
        field = documents.text_field if isinstance(documents, Hits) else "text"
        contents = [self._content(document, position, field) for position, document in enumerate(given)]
        scores = self._checked(asked, contents, progress) if contents else np.zeros(0, dtype=np.float32)
        return ranking(scores, given, query=query, model=self, top_n=top_n, return_documents=return_documents)

    def _scores(self, query: Any, documents: Sequence[Any], progress: Progress) -> Scores:
        """Float32 `(documents,)`, in input order. What a family says."""
        raise NotImplementedError

    def _given(self, documents: Any) -> list[Any]:
        if isinstance(documents, (str, Mapping, Set)) or is_image(documents) or hasattr(documents, "columns"):
            raise InputError(
                f"The documents are one {type(documents).__name__}, {str(documents)[:40]!r}, not a list.",
                hint="Pass a list of texts, a table's column, or Hits.",
            )
        if not isinstance(documents, Iterable):
            raise InputError(f"The documents are {documents!r}, not a list.", hint="Pass a list of texts.")
        return list(documents)

    def _content(self, document: Any, position: int, text_field: str) -> Any:
        return self._taken(document_content(document, text_field), position, "document")

    def _taken(self, item: Any, position: int | None, what: str) -> Any:
        read = as_content if self.takes_images else as_text
        return read(item, position, model=self.name, what=what)

    def _checked(self, query: Any, contents: Sequence[Any], progress: Progress) -> Scores:
        try:
            scores = self._scores(query, contents, progress)
        except Interrupted as stop:
            raise KeyboardInterrupt(
                f"Interrupted after {stop.done:,} of {len(contents):,} documents; a ranking needs all of them."
            ) from None
        bad = np.flatnonzero(~np.isfinite(scores))
        if bad.size:
            raise self._unusable(f"document {bad[0]}")
        return scores
