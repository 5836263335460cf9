"""The index made ready for the first vectors: made anew, added to, or taken over from another tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jina_notebook.elastic.destination import AUTOMATIC, Destination
from jina_notebook.elastic.documents import sample_of
from jina_notebook.elastic.fit import field_of_others
from jina_notebook.elastic.mapping import TOKEN_FIELD, index_options_for
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.metadata import KEYWORD, analyzer_for, properties_of
from jina_notebook.elastic.records import Embedded
from jina_notebook.elastic.work import Work

__all__ = ["chosen_options", "make_ready", "sized"]

GROWN = 10_000  # documents from which an index that was made for exact search gets a graph
LANGUAGE_SAMPLE = 200


def sized(meta: IndexMeta, embedded: Embedded) -> IndexMeta:
    """With the sizes that the first vectors have."""
    if embedded.vectors is not None and len(embedded.vectors):
        meta = replace(meta, dimensions=len(embedded.vectors[0]))
    if embedded.passages:
        meta = replace(meta, dimensions=int(embedded.passages[0].vectors.shape[1]))
    if embedded.tokens:
        size = int(embedded.tokens[0].shape[1])
        meta = replace(meta, token_dimensions=size, token_field=meta.token_field or TOKEN_FIELD)
        if meta.vector_field is None:
            meta = replace(meta, dimensions=size)
    return meta


def chosen_options(destination: Destination, work: Work, meta: IndexMeta) -> dict[str, Any] | None:
    """`index_options` of a new vector field: the caller's, else what fits; None where there is no such field."""
    if not meta.vector_field:
        return None
    capabilities = destination.connection.capabilities
    vectors = work.total if meta.chunk_field is None else None  # how many passages there will be is not known
    return index_options_for(meta.dimensions, capabilities, asked=work.index_options, documents=vectors)


def make_ready(destination: Destination, work: Work, meta: IndexMeta) -> IndexMeta:
    """The index takes documents after this; gives what it remembers."""
    if destination.vacant:
        return _create(destination, work, meta)
    remembered = destination.meta
    if remembered is None:
        return _adopt(destination, work, meta)
    _grow(destination, work, remembered)
    return replace(remembered, token_dimensions=remembered.token_dimensions or meta.token_dimensions)


def _create(destination: Destination, work: Work, meta: IndexMeta) -> IndexMeta:
    sample = sample_of(work.source) or []
    columns = work.columns
    own = [columns.text, columns.image, columns.vector, "_id"]
    texts = [item.get(columns.text) if isinstance(item, Mapping) else item for item in sample[:LANGUAGE_SAMPLE]]
    prose = [text for text in texts if isinstance(text, str)] if work.prose else []
    objects = [item for item in sample if isinstance(item, Mapping)]
    metadata = properties_of(objects, without=[name for name in own if name])
    if metadata.get(columns.id or "") == KEYWORD:
        metadata[str(columns.id)] = {"type": "keyword"}  # ids are looked up, not searched by words
    destination.create(
        meta,
        index_options=chosen_options(destination, work, meta),
        automatic=work.index_options is None,
        metadata=metadata,
        analyzer=analyzer_for(prose),
    )
    return meta


def _adopt(destination: Destination, work: Work, meta: IndexMeta) -> IndexMeta:
    meta = field_of_others(destination, meta)
    destination.adopt(meta, index_options=chosen_options(destination, work, meta))
    destination.notes.append(f"{destination.asked!r} was made by another tool; it now remembers {meta.model}.")
    return meta


def _grow(destination: Destination, work: Work, meta: IndexMeta) -> None:
    """An index that we made for exact search, because it was small, gets a graph when it is not."""
    spec = (destination.mapping.get("properties") or {}).get(meta.vector_field or "", {})
    exact = (spec.get("index_options") or {}).get("type") == "flat"
    large = destination.documents + (work.total or 0) >= GROWN
    if meta.vector_field and exact and large and destination.state.get(AUTOMATIC):
        options = index_options_for(meta.dimensions, destination.connection.capabilities)
        destination.grow(options, meta.vector_field)
