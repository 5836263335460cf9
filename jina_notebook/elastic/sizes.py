"""What an index takes on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jina_notebook.elastic.refusals import refusals_named

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["IndexSize", "index_size"]


class IndexSize(NamedTuple):
    """Documents, and the bytes that they take with all that belongs to them; copies are not counted."""

    documents: int
    bytes: int


def index_size(client: Elasticsearch, index: str) -> IndexSize:
    """Of an index, alias or data stream, as the server counts it, after making visible what was written.

    Chunks inside a document are not documents. Raises `RequestError`, `IndexFitError` or `ConnectError`.
    """
    with refusals_named(client, (index,), doing="read the size of"):
        client.indices.refresh(index=index)
        stats = client.indices.stats(index=index, metric="store").body["_all"]["primaries"]
        count = client.count(index=index)["count"]
    return IndexSize(count, stats["store"]["size_in_bytes"])
