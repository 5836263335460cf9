"""The last stage: a reranker reads the query beside each document that was found."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jina_notebook.elastic.answers import Document, value_at
from jina_notebook.elastic.fusion import Scored
from jina_notebook.elastic.search import Found
from jina_notebook.errors import InputError
from jina_notebook.protocols import Reranks

__all__ = ["Contents", "content_of", "reranked"]


@dataclass(frozen=True, slots=True)
class Contents:
    """Which fields of an index a reranker reads: its texts, and the reference to an image where it takes images."""

    texts: tuple[str, ...] = ()
    image: str | None = None


def reranked(found: Found, query: object, reranker: Reranks, *, top: int, contents: Mapping[str, Contents]) -> Found:
    """Reranks the first `top` documents. `contents` says by index what to read.

    Documents with nothing to read keep their order behind the reranked ones; a note counts them. Raises `InputError`
    where there is nothing to read in any of them.
    """
    started = time.perf_counter()
    candidates = found.order[:top]
    read = [content_of(found.documents[key], contents.get(key[1], Contents())) for key, _ in candidates]
    readable = [i for i, content in enumerate(read) if content is not None]
    if candidates and not readable:
        raise InputError(
            f"None of the {len(candidates)} documents found has a text that {reranker.name} could read.",
            hint="Rerank where documents hold their text; jina-reranker-m0 reads images too.",
        )
    order: list[Scored] = []
    if readable:
        ranking = reranker.rerank(query, [read[i] for i in readable], return_documents=False, progress=False)
        order = [(candidates[readable[item.index]][0], float(item.relevance_score)) for item in ranking]
    behind = [entry for entry, content in zip(candidates, read, strict=True) if content is None]
    notes = [f"without text, so behind the reranked documents: {len(behind)}"] if behind else []
    after = found.then("rerank", order, time.perf_counter() - started, notes)
    return replace(after, order=(*after.order, *behind))


def content_of(document: Document, contents: Contents) -> str | Path | None:
    """What was embedded of it: its image where that is a file here, else its texts joined or the chunk that matched."""
    reference = value_at(document.source, contents.image) if contents.image else None
    if isinstance(reference, str) and Path(reference).is_file():
        return Path(reference)
    texts = [text for name in contents.texts if (text := _text(value_at(document.source, name)))]
    return "\n".join(texts) or document.passage


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(text for part in value if (text := _text(part)))
    return value.strip() if isinstance(value, str) else ""
