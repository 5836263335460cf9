"""How much a server takes on, and how long it lets a caller wait."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`body` is bytes of one request; `jobs` and `waiting` are requests and characters that may wait for one model.

    Elasticsearch gives up on a query after 10 s and on a reranker after 30 s and says only that it was too late; after
    a 429 it asks up to three times, with a growing pause in between. So it is told the reason early enough for all
    three tries; other callers have more patience.
    """

    body: int = 32 * 2**20
    body_s: float = 60.0
    jobs: int = 256
    waiting: int = 64 * 2**20
    query_s: float = 9.0
    elastic_query_s: float = 5.0
    elastic_rerank_s: float = 18.0
    usual_s: float = 600.0
    stop_s: float = 10.0
    step: int = 16384
    """Characters that one step of a model's thread takes from the requests that wait: a few packs on a CPU."""

    def patience(self, *, elastic: bool, query: bool, rerank: bool) -> float:
        """Seconds after which a caller is refused. `query`: one input, embedded to search with."""
        if rerank:
            return self.elastic_rerank_s if elastic else self.usual_s
        if query:
            return self.elastic_query_s if elastic else self.query_s
        return self.usual_s
