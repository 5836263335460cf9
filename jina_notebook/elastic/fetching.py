"""Fetches documents whole, by index and id, with the query's words marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jina_notebook.elastic.answers import Document, Request, ask_each
from jina_notebook.elastic.fusion import Key
from jina_notebook.elastic.queries import among, marked_body
from jina_notebook.elastic.targets import Target

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["fetched"]

DOCUMENTS_PER_FETCH = 1_000


def fetched(
    client: Elasticsearch,
    targets: Sequence[Target],
    keys: Sequence[Key],
    *,
    text: str | None,
    passages: Mapping[Key, Document],
) -> dict[Key, Document]:
    """These documents, without vectors; those that are gone are missing. `passages` are the chunks that matched."""
    documents: dict[Key, Document] = {}
    for start in range(0, len(keys), DOCUMENTS_PER_FETCH):
        batch = keys[start : start + DOCUMENTS_PER_FETCH]
        requests = [request for target in targets for request in _requests(target, batch, text)]
        for answer in ask_each(client, requests, doing="read documents of"):
            documents.update(answer.documents or {})
    return {
        key: replace(document, passage=passages[key].passage) if key in passages else document
        for key, document in documents.items()
    }


def _requests(target: Target, keys: Sequence[Key], text: str | None) -> list[Request]:
    by_index: dict[str, list[str]] = {index: [] for index in target.indices}
    for id_, index in keys:
        if index in by_index:
            by_index[index].append(id_)
    count = sum(map(len, by_index.values()))
    if not count:
        return []
    body = marked_body(among(by_index), size=count, hide=target.fields.heavy, text=text, fields=target.fields.texts)
    return [Request(target.path, body)]
