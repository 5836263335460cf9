from __future__ import annotations

from collections.abc import Iterator

import pytest

from jina_notebook.elastic import fetching
from jina_notebook.elastic.answers import Document
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.fetching import fetched
from jina_notebook.elastic.targets import resolve
from tests.elastic.doubles import WordModel, connected, fill

MODEL = WordModel(size=64)
TEXTS = [{"id": id_, "text": f"green tea {id_}"} for id_ in "abcde"]

pytestmark = pytest.mark.server


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


def test_documents_come_whole_without_vectors_and_with_the_words_marked(server: Connection, index_name: str) -> None:
    fill(server, index_name, TEXTS, model=MODEL, tokens="binary")
    keys = [("c", index_name), ("a", index_name), ("gone", index_name)]
    found = fetched(server.client, resolve(server.client, [index_name]), keys, text="tea", passages={})
    assert set(found) == set(keys[:2])
    assert found["c", index_name].source == {"text": "green tea c"}
    (fragment,) = found["c", index_name].highlights
    assert [fragment[a:b] for a, b in fragment.spans] == ["tea"]


def test_the_chunk_that_matched_is_kept(server: Connection, index_name: str) -> None:
    fill(server, index_name, TEXTS, model=MODEL)
    key = ("a", index_name)
    passages = {key: Document(source={}, passage="the chunk")}
    found = fetched(server.client, resolve(server.client, [index_name]), [key], text=None, passages=passages)
    assert found[key].passage == "the chunk"
    assert found[key].highlights == ()


def test_the_same_id_of_two_indices_is_two_documents(server: Connection, index_name: str) -> None:
    first, second = f"{index_name}-1", f"{index_name}-2"
    fill(server, first, TEXTS, model=MODEL)
    fill(server, second, TEXTS, model=MODEL)
    keys = [("a", second), ("b", first)]
    found = fetched(server.client, resolve(server.client, [f"{index_name}-*"]), keys, text=None, passages={})
    assert set(found) == set(keys)


def test_many_documents_come_in_batches(server: Connection, index_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "DOCUMENTS_PER_FETCH", 2)
    fill(server, index_name, TEXTS, model=MODEL)
    keys = [(text["id"], index_name) for text in TEXTS]
    assert len(fetched(server.client, resolve(server.client, [index_name]), keys, text=None, passages={})) == 5


def test_nothing_asked_for_sends_nothing(server: Connection, index_name: str) -> None:
    fill(server, index_name, [], model=MODEL)
    assert fetched(server.client, resolve(server.client, [index_name]), [], text="tea", passages={}) == {}
