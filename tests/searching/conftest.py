"""A shop of five documents in two languages, a small model for it, and a way to ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jina_notebook.elastic.connection import Connection
from jina_notebook.results import Hits
from jina_notebook.searching import search
from tests.elastic.doubles import WordModel, connected, fill

MODES = ("lexical", "vector", "exact", "hybrid", "late-interaction")
SHOP = [
    {"id": "tea", "text": "green tea from the mountains", "lang": "en"},
    {"id": "mug", "text": "a mug that keeps coffee warm", "lang": "en"},
    {"id": "the", "text": "thé vert de montagne", "lang": "fr"},
    {"id": "tax", "text": "formulaire pour les impôts", "lang": "fr"},
    {"id": "sock", "text": "wool socks for cold feet", "lang": "en"},
]
SYNONYMS = {"infusion": "tea", "thé": "tea", "vert": "green", "montagne": "mountains"}


@pytest.fixture
def model() -> WordModel:
    return WordModel(size=64, synonyms=SYNONYMS)


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


@pytest.fixture
def shop(server: Connection, index_name: str, model: WordModel) -> Any:
    """An index with token vectors, searched with its own model."""
    fill(server, index_name, SHOP, model=model, tokens="binary")

    def ask(query: Any, **options: Any) -> Hits:
        return search(query, index_name, connection=server, **{"model": model, **options})

    return ask


def ids(hits: Hits) -> list[str]:
    return [hit.id for hit in hits]


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts models where `jn.load` would keep them."""
    from jina_notebook import loading

    def put(*models: WordModel) -> None:
        keys = {loading.Loaded(m.name, "/", m.revision, "cpu", "float32"): m for m in models}
        monkeypatch.setattr(loading, "loaded", lambda: keys)

    return put
