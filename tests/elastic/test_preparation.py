"""The index made ready: what is inferred from a sample, and what changes as an index grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.elastic import preparation
from jina_notebook.elastic.connection import Connection
from tests.elastic.doubles import WordModel, connected

GERMAN = [f"Das ist die Tasse Nummer {i} und sie ist nicht für den Gast." for i in range(40)]


@pytest.fixture
def es(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


def properties(es: Connection, index: str) -> dict[str, Any]:
    found: dict[str, Any] = es.client.indices.get_mapping(index=index)[index]["mappings"]["properties"]
    return found


def index_type(es: Connection, index: str) -> str:
    return str(properties(es, index)["vector"]["index_options"]["type"])


def fill(es: Connection, index: str, documents: Any, **options: Any) -> None:
    assert not jn.index(documents, index, model=WordModel(), connection=es, **options).failed


def test_fields_are_mapped_by_what_a_sample_holds(es: Connection, index_name: str) -> None:
    rows = [{"text": f"t{i}", "price": i + 0.5, "lang": "fr", "made": "2024-01-02", "new": True} for i in range(5)]
    rows = [{"sku": f"s{i}", **row} for i, row in enumerate(rows)]
    fill(es, index_name, rows, id="sku")
    assert properties(es, index_name)["sku"] == {"type": "keyword"}
    assert properties(es, index_name)["lang"]["fields"] == {"text": {"type": "text"}}
    kinds = {name: spec["type"] for name, spec in properties(es, index_name).items()}
    assert kinds == {
        "_jina_hash": "keyword",
        "sku": "keyword",
        "text": "text",
        "vector": "dense_vector",
        "price": "double",
        "lang": "keyword",
        "made": "date",
        "new": "boolean",
    }


def test_a_stream_is_mapped_by_the_server_as_fields_appear(es: Connection, index_name: str) -> None:
    fill(es, index_name, iter([{"text": "a", "lang": "fr"}, {"text": "b", "made": "2024-01-02", "price": 5}]))
    found = properties(es, index_name)
    assert (found["lang"]["type"], found["made"]["type"], found["price"]["type"]) == ("keyword", "keyword", "long")
    assert found["lang"]["fields"]["text"]["type"] == "text"


def test_texts_of_one_language_are_stemmed(es: Connection, index_name: str) -> None:
    fill(es, index_name, GERMAN)
    assert properties(es, index_name)["text"]["analyzer"] == "german"
    found = es.client.search(index=index_name, query={"match": {"text": "Gästen"}})
    assert found["hits"]["total"]["value"] == 40


def test_a_small_index_is_searched_exactly_and_a_stream_gets_a_graph(es: Connection, index_name: str) -> None:
    fill(es, f"{index_name}-small", ["a"])
    fill(es, f"{index_name}-stream", iter(["a"]))
    fill(es, f"{index_name}-asked", ["a"], index_options={"type": "hnsw", "m": 8})
    assert index_type(es, f"{index_name}-small") == "flat"
    assert index_type(es, f"{index_name}-stream") == "int8_hnsw"
    assert properties(es, f"{index_name}-asked")["vector"]["index_options"]["m"] == 8


@pytest.mark.parametrize(("asked", "becomes"), [(None, "int8_hnsw"), ("flat", "flat")])
def test_an_index_that_grows_gets_a_graph_unless_it_was_asked_to_be_exact(
    es: Connection, index_name: str, monkeypatch: pytest.MonkeyPatch, asked: str | None, becomes: str
) -> None:
    monkeypatch.setattr(preparation, "GROWN", 50)
    fill(es, index_name, ["a", "b"], index_options=asked)
    fill(es, index_name, ["c"])
    assert index_type(es, index_name) == "flat"
    fill(es, index_name, [f"text {i}" for i in range(60)])
    assert index_type(es, index_name) == becomes
    assert es.client.count(index=index_name)["count"] == 63
