"""Sends search requests and reads what comes back: documents, places, marked fragments, what went wrong on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.fusion import Key, Scored
from jina_notebook.elastic.queries import MARK_END, MARK_START
from jina_notebook.elastic.refusals import existing_names, refusal, refusals_named, shard_reason
from jina_notebook.errors import ElasticsearchError
from jina_notebook.results.highlights import Highlight

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Answer", "Document", "Request", "ask", "ask_all", "ask_each", "value_at"]


@dataclass(frozen=True, slots=True)
class Request:
    """One search: the names in its path, and its body."""

    path: tuple[str, ...]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the server sent of one document: its `_source`, fragments with marked words, the chunk that matched best."""

    source: Mapping[str, Any]
    highlights: tuple[Highlight, ...] = ()
    passage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: documents in their order, by score; `notes` say what is missing from it.

    `error` is the refusal where this one of several searches was refused, `refused` what the server said.
    """

    places: tuple[Scored, ...] = ()
    documents: Mapping[Key, Document] | None = None
    notes: tuple[str, ...] = ()
    error: ElasticsearchError | None = None
    refused: object = None


def ask(client: Elasticsearch, request: Request, *, doing: str = "search") -> Answer:
    """Sends one search. Raises `RequestError`, `IndexFitError`, `CapabilityError` or `ConnectError`."""
    with refusals_named(client, request.path, doing=doing):
        body: Mapping[str, Any] = client.search(index=",".join(request.path), body=request.body).body
    return _read(body)


def ask_all(client: Elasticsearch, requests: Sequence[Request]) -> list[Answer]:
    """Sends several searches in one round trip. A search refused by itself comes back as an `Answer` with `error`."""
    lines: list[Mapping[str, Any]] = []
    for request in requests:
        lines += [{"index": list(request.path)}, request.body]
    with refusals_named(client, list(dict.fromkeys(name for request in requests for name in request.path))):
        body: Mapping[str, Any] = client.msearch(searches=lines).body
    return [_one(client, request, part) for request, part in zip(requests, body["responses"], strict=True)]


def ask_each(client: Elasticsearch, requests: Sequence[Request], *, doing: str = "search") -> list[Answer]:
    """Sends searches in one round trip and raises what any of them is refused with."""
    if len(requests) == 1:
        return [ask(client, requests[0], doing=doing)]
    answers = ask_all(client, requests)
    for answer in answers:
        if answer.error is not None:
            raise answer.error
    return answers


def _one(client: Elasticsearch, request: Request, part: Mapping[str, Any]) -> Answer:
    if "error" not in part:
        return _read(part)
    status = int(part.get("status", 400))
    known = existing_names(client) if status == 404 else ()
    error = refusal(status, part["error"], indices=request.path, known=known)
    return Answer(error=error, refused=part["error"])


def _read(body: Mapping[str, Any]) -> Answer:
    hits = body["hits"]["hits"]
    keys = [(str(hit["_id"]), str(hit["_index"])) for hit in hits]
    return Answer(
        places=tuple((key, float(hit["_score"] or 0.0)) for key, hit in zip(keys, hits, strict=True)),
        documents={key: _document(hit) for key, hit in zip(keys, hits, strict=True)},
        notes=_warnings(body),
    )


def _warnings(body: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    shards = body.get("_shards") or {}
    if shards.get("failed"):
        reason = shard_reason({"failed_shards": shards.get("failures") or [], "reason": "no reason given"})
        notes.append(f"hits are missing: {shards['failed']} of {shards['total']} shards failed ({reason})")
    if body.get("timed_out"):
        notes.append("hits are missing: the search ran out of its time limit")
    return tuple(notes)


def _document(hit: Mapping[str, Any]) -> Document:
    fragments = [text for texts in (hit.get("highlight") or {}).values() for text in texts]
    return Document(
        source=hit.get("_source") or {},
        highlights=tuple(Highlight.marked(text, MARK_START, MARK_END) for text in fragments),
        passage=_passage(hit),
    )


def _passage(hit: Mapping[str, Any]) -> str | None:
    """The text of the best chunk: the first value that the inner hits of a nested vector bring along."""
    for inner in (hit.get("inner_hits") or {}).values():
        for chunk in inner["hits"]["hits"]:
            found = _first_text(chunk.get("fields") or {})
            if found is not None:
                return found
    return None


def _first_text(value: object) -> str | None:
    """Fields below a nested object come back as lists of objects of lists."""
    if isinstance(value, str):
        return value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next((found for part in inner if (found := _first_text(part)) is not None), None)


def value_at(source: Mapping[str, Any], path: str) -> object:
    """The value of a field in a `_source`, whether `a.b` was written as one key or as an object in an object."""
    if path in source:
        return source[path]
    head, _, rest = path.partition(".")
    inner = source.get(head)
    return value_at(inner, rest) if rest and isinstance(inner, Mapping) else None
