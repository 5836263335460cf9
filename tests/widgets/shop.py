"""Hits as a search of five documents gives them, so that the explorer is tested without a server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import jina_notebook
from jina_notebook.results import Hit, Hits, Stage

TEXTS = {
    "tea": "green tea from the mountains",
    "mug": "a mug that keeps tea and coffee warm",
    "the": "thé vert de montagne",
    "sock": "wool socks for cold feet",
}


def found(query: str = "warm tea", *, rerank: bool = True, count: int = 4, **about: Any) -> Hits:
    ranks = {"tea": (1, 2, 1, 2), "mug": (2, 3, 2, 1), "the": (3, 1, 3, 3), "sock": (4, 4, 4, 4)}
    stages = ("lexical", "vector", "fusion", *(("rerank",) if rerank else ()))
    order = sorted(ranks, key=lambda one: ranks[one][3 if rerank else 2])[:count]
    items = tuple(
        Hit(
            id=name,
            index="shop",
            score=1 / place,
            rank=place,
            source={"text": TEXTS[name], "lang": "fr" if name == "the" else "en"},
            explanation=tuple(Stage(stage, rank, 1 / rank) for stage, rank in zip(stages, ranks[name], strict=False)),
        )
        for place, name in enumerate(order, start=1)
    )
    latency = {"embed": 0.012, "lexical": 0.003, "vector": 0.005, **({"rerank": 0.08} if rerank else {})}
    values = {"mode": "hybrid", "model": "offline-minilm", "latency": latency, "stand_in": True}
    return Hits(items=items, query=query, reranker="offline-minilm" if rerank else None, **{**values, **about})


class Server:
    """The part of a connection that the explorer uses: names of indices."""

    name = "default"

    def __init__(self, *names: str) -> None:
        answer = SimpleNamespace(body={name: {"aliases": {}} for name in names})
        self.client = SimpleNamespace(indices=SimpleNamespace(get_alias=lambda **_: answer))


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `jn.search` was asked; it finds `found`."""
    asked: list[dict[str, Any]] = []

    def search(query: str, index: list[str], **options: Any) -> Hits:
        asked.append({"query": query, "index": index, **options})
        return found(query, rerank=options.get("rerank") is not None, count=options["k"], mode=options["mode"])

    monkeypatch.setattr("jina_notebook.searching.search", search)
    monkeypatch.setitem(vars(jina_notebook), "search", search)  # kept there by whoever asked for jn.search before
    monkeypatch.setattr("jina_notebook.elastic.connection.current", lambda _: Server("shop", "news", ".hidden"))
    return asked
