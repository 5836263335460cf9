"""Late interaction taken apart: how near every query token is to every token or patch of a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import InputError, OptionError
from jina_notebook.results import PatchGrid

__all__ = ["Interaction", "interactions", "pieces_of"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Interaction:
    """One document against the query.

    `similarities`: float32 `(query_tokens, tokens)`, of a picture `(query_tokens, rows * columns)`; `tokens` is empty
    there and `grid` says rows and columns. `score` is MaxSim over all vectors, those around a picture's patches too.
    """

    document: Any
    query_tokens: tuple[str, ...]
    tokens: tuple[str, ...]
    grid: tuple[int, int] | None
    similarities: NDArray[np.float32]
    score: float

    def label(self, position: int) -> str:
        """What stands at that column: a token, or the row and column of a patch, counted from 1."""
        if self.grid is None:
            return self.tokens[position]
        row, column = divmod(position, self.grid[1])
        return f"patch row {row + 1}, column {column + 1}"

    @property
    def best(self) -> NDArray[np.intp]:
        """For every query token the position that matches it best."""
        best: NDArray[np.intp] = np.argmax(self.similarities, axis=1)
        return best


def pieces_of(documents: Any) -> list[Any]:
    """The caller's documents, one or several, as a list; raises `InputError` for none."""
    from jina_notebook.families.inputs import listed

    items = listed(documents, what="document")
    if not items:
        raise InputError("There are no documents to look into.", hint="Give a text, an image, or a list of them.")
    return items


def interactions(query: Any, documents: Sequence[Any], model: Any, progress: Progress) -> list[Interaction]:
    """Best score first, ties in input order.

    Raises `OptionError` for a model without multi-vectors, and what its `.embed` raises.
    """
    from jina_notebook.families.embedding import EmbeddingModel
    from jina_notebook.families.reranking import document_content
    from jina_notebook.families.token_labels import token_labels

    if not isinstance(model, EmbeddingModel) or not model.card.multivector:
        raise OptionError(
            f"{getattr(model, 'name', model)!r} has no vectors per token.",
            hint="Use jina-colbert-v2 or jina-embeddings-v4.",
        )
    contents = [document_content(document) for document in documents]
    asking, indexing = model.card.query_task, model.card.index_task
    asked = model.embed([query], task=asking, return_multivector=True, progress=False)
    given = model.embed(contents, task=indexing, return_multivector=True, progress=progress)
    (query_tokens,) = token_labels(model, [query], task=asking)
    grids = given.grids or (None,) * len(contents)
    texts = [content for content, grid in zip(contents, grids, strict=True) if grid is None]
    labels = iter(token_labels(model, texts, task=indexing))
    found = []
    for document, vectors, grid in zip(documents, given.vectors, grids, strict=True):
        tokens = () if grid is not None else next(labels)
        found.append(_taken_apart(document, asked.vectors[0], vectors, query_tokens, tokens, grid))
    return sorted(found, key=lambda one: -one.score)


def _taken_apart(
    document: Any,
    query: NDArray[np.float32],
    vectors: NDArray[np.float32],
    query_tokens: tuple[str, ...],
    tokens: tuple[str, ...],
    grid: PatchGrid | None,
) -> Interaction:
    every = query @ vectors.T
    shown = every if grid is None else every[:, grid.first : grid.first + grid.rows * grid.columns]
    return Interaction(
        document=document,
        query_tokens=query_tokens,
        tokens=tokens,
        grid=None if grid is None else (grid.rows, grid.columns),
        similarities=np.ascontiguousarray(shown),
        score=float(every.max(axis=1).sum()) if every.size else 0.0,
    )
