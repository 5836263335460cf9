"""The last stage: a reranker reads the query beside each document that was found."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jina_notebook.elastic.answers import Document
from jina_notebook.elastic.fusion import Scored
from jina_notebook.elastic.search import Found
from jina_notebook.errors import InputError
from jina_notebook.protocols import Reranks

__all__ = ["content_of", "reranked"]


def reranked(found: Found, query: object, reranker: Reranks, *, top: int, fields: Mapping[str, Sequence[str]]) -> Found:
    """Reranks the first `top` documents. `fields` lists the text fields by index.

    Documents without text keep their order behind the reranked ones; a note counts them.
    """
    started = time.perf_counter()
    candidates = found.order[:top]
    contents = [content_of(found.documents[key], fields.get(key[1], ())) for key, _ in candidates]
    readable = [i for i, content in enumerate(contents) if content is not None]
    if candidates and not readable:
        names = ", ".join(sorted({name for key, _ in candidates for name in fields.get(key[1], ())}))
        raise InputError(
            f"None of the {len(candidates)} documents has a text to rerank in {names or 'any field'}.",
            hint="Rerank an index whose documents hold their text.",
        )
    order: list[Scored] = []
    if readable:
        ranking = reranker.rerank(query, [contents[i] for i in readable], return_documents=False, progress=False)
        order = [(candidates[readable[item.index]][0], float(item.relevance_score)) for item in ranking]
    left = len(candidates) - len(readable)
    notes = [f"{left} documents without text follow the reranked ones"] if left else []
    after = found.then("rerank", order, time.perf_counter() - started, notes)
    if not left:
        return after
    behind = [entry for i, entry in enumerate(candidates) if contents[i] is None]
    return _with_tail(after, behind)


def _with_tail(found: Found, behind: Sequence[Scored]) -> Found:
    return replace(found, order=(*found.order, *behind))


def content_of(document: Document, fields: Sequence[str]) -> str | None:
    """The document's text: its text fields joined, else the chunk that matched; None where it has neither."""
    texts = [text for name in fields if (text := _text(_at(document.source, name)))]
    return "\n".join(texts) or document.passage or None


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(text for part in value if (text := _text(part)))
    return value.strip() if isinstance(value, str) else ""


def _at(source: Mapping[str, Any], path: str) -> object:
    if path in source:
        return source[path]
    head, _, rest = path.partition(".")
    inner = source.get(head)
    return _at(inner, rest) if rest and isinstance(inner, Mapping) else None
