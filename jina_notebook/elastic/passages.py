"""Long documents as passages: each with a vector of its own, all in one document of the index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.records import Passages
from jina_notebook.errors import OptionError
from jina_notebook.protocols import Embedder
from jina_notebook.results import Embeddings

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard

__all__ = ["CHUNK_FIELD", "Chunks", "Cutter", "chunked", "chunks_of", "embed_passages"]

CHUNK_FIELD = "chunks"
TEXT, VECTOR = "text", "vector"

Cutter = Callable[[str], Sequence[str]]
"""Cuts a document's text."""


class Chunks(NamedTuple):
    """How documents are cut: pieces of at most `tokens`; `late`: embedded with the whole document in view."""

    tokens: int
    late: bool = False


def chunks_of(tokens: Any, late: Any) -> Chunks | None:
    """The caller's wish; None where documents stay whole. Raises `OptionError`."""
    if not isinstance(late, bool):
        raise OptionError(f"late_chunking={late!r} is not True or False.")
    if tokens is None:
        if late:
            raise OptionError("late_chunking=True needs chunk_tokens, the largest number of tokens of a chunk.")
        return None
    if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 1:
        raise OptionError(f"chunk_tokens={tokens!r} is not a whole number of 1 or more.")
    return Chunks(tokens, late)


def chunked(meta: IndexMeta, chunks: Chunks | None, card: ModelCard, *, there: IndexMeta | None) -> IndexMeta:
    """`meta` of an index of passages, where that was asked for or the index is one. Raises `OptionError`."""
    if chunks is None and there is not None and there.chunk_tokens is not None:
        chunks = Chunks(there.chunk_tokens, there.late_chunking)
    if chunks is None:
        return meta
    if meta.vector_field is None or meta.token_field is not None or meta.image_field is not None:
        raise OptionError(
            "chunk_tokens goes with texts and one vector per chunk, not with token vectors or an image field.",
            hint="Leave out multivector and image, and use a model that gives one vector, or leave out chunk_tokens.",
        )
    if chunks.late and not card.late_chunking:
        raise OptionError(
            f"{card.name} has no late chunking.", hint="Leave late_chunking out, and each chunk is embedded by itself."
        )
    field = f"{CHUNK_FIELD}.{VECTOR}"
    return replace(
        meta, vector_field=field, chunk_field=CHUNK_FIELD, chunk_tokens=chunks.tokens, late_chunking=chunks.late
    )


def embed_passages(
    model: Embedder, texts: Sequence[str], cut: Cutter, *, late: bool, **options: Any
) -> tuple[list[Passages], Embeddings]:
    """The passages of every text, and what the model said of them all."""
    cuts = [list(cut(text)) or [text] for text in texts]  # a blank text is one chunk, and the model says what it thinks
    inputs: list[Any] = list(cuts) if late else [piece for pieces in cuts for piece in pieces]
    if late:
        options["late_chunking"] = True
    embedded = model.embed(inputs, **options)
    rows = np.asarray(embedded.vectors, dtype=np.float32)
    ends = np.cumsum([len(pieces) for pieces in cuts])
    return [Passages(p, own) for p, own in zip(cuts, np.split(rows, ends[:-1]), strict=True)], embedded
