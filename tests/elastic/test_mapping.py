"""Mappings for servers of every version and licence, as plain dictionaries."""

from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.elastic.capabilities import Capabilities
from jina_notebook.elastic.mapping import (
    FINGERPRINT_FIELD,
    INDEX_TYPES,
    check_index_options,
    index_options_for,
    is_loading,
    loading_settings,
    mapping_of,
    own_properties,
    reserved_fields,
    restored_settings,
)
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.errors import OptionError
from tests.elastic.doubles import connected


def server(version: str | None = "9.4.3", licence: str | None = "basic", *, serverless: bool = False) -> Capabilities:
    """One that may not be tried, so that version and licence decide."""
    return Capabilities(
        lambda method, target, body: (403, {"error": {"type": "security_exception", "reason": "no"}}),
        version=version,
        licence=licence,
        serverless=serverless,
    )


def remembered(**changes: Any) -> IndexMeta:
    facts: dict[str, Any] = {
        "model": "jina-embeddings-v3",
        "revision": "r",
        "task": "retrieval.passage",
        "query_task": "retrieval.query",
        "dimensions": 1024,
    }
    return IndexMeta(**{**facts, **changes})


BBQ = {"type": "bbq_hnsw", "m": 16, "ef_construction": 100}
INT8 = {"type": "int8_hnsw", "m": 16, "ef_construction": 100}


@pytest.mark.parametrize(
    ("version", "dimensions", "documents", "options"),
    [
        ("9.4.3", 1024, None, BBQ),
        ("9.4.3", 1024, 100_000, BBQ),
        ("9.4.3", 384, 2_000, BBQ),
        ("9.4.3", 383, None, INT8),
        ("9.4.3", 128, 5_000, INT8),
        ("9.4.3", 1024, 1_999, {"type": "flat"}),
        ("9.4.3", 32, 0, {"type": "flat"}),
        ("8.18.0", 1024, None, BBQ),
        ("8.17.4", 1024, None, INT8),
        ("8.14.0", 2048, 10, {"type": "flat"}),
    ],
)
def test_the_index_type_follows_version_size_and_number(
    version: str, dimensions: int, documents: int | None, options: dict[str, Any]
) -> None:
    assert index_options_for(dimensions, server(version), documents=documents) == options


def test_the_index_type_does_not_follow_the_licence() -> None:
    chosen = [index_options_for(1024, server(licence=licence)) for licence in ("basic", "trial", "enterprise", None)]
    assert chosen == [BBQ] * 4
    assert index_options_for(1024, server("8.11.0", None, serverless=True)) == BBQ


def test_what_the_caller_asks_for_is_taken_as_it_is() -> None:
    assert index_options_for(1024, server(), asked="int4_hnsw", documents=5) == {"type": "int4_hnsw"}
    own = {"type": "hnsw", "m": 32}
    assert index_options_for(1024, server(), asked=own) == own


@pytest.mark.parametrize(
    ("asked", "dimensions", "text"),
    [
        ("bqb_hnsw", 1024, "no type 'bqb_hnsw'; allowed: flat, int8_flat"),
        ({"m": 16}, 1024, "no type None"),
        ("bbq_hnsw", 32, "64 dimensions or more, and the vectors have 32"),
        ("bbq_flat", 63, "have 63"),
        ("int4_hnsw", 127, "even number of dimensions"),
    ],
)
def test_an_index_type_that_cannot_be_is_refused(asked: Any, dimensions: int, text: str) -> None:
    with pytest.raises(OptionError, match=text):
        check_index_options(asked, dimensions)


def test_an_index_type_is_taken_while_the_dimensions_are_not_known() -> None:
    assert [check_index_options(kind, 0)["type"] for kind in INDEX_TYPES] == list(INDEX_TYPES)


def test_the_mapping_of_an_index_of_texts() -> None:
    mapping = mapping_of(remembered(), index_options=BBQ, metadata={"lang": {"type": "keyword"}}, analyzer="german")
    assert mapping["properties"] == {
        "_jina_hash": {"type": "keyword", "index": False},
        "text": {"type": "text", "analyzer": "german"},
        "vector": {
            "type": "dense_vector",
            "dims": 1024,
            "element_type": "float",
            "index": True,
            "similarity": "cosine",
            "index_options": BBQ,
        },
        "lang": {"type": "keyword"},
    }
    assert mapping["_source"] == {"excludes": [FINGERPRINT_FIELD]}
    assert mapping["date_detection"] is False
    assert IndexMeta.from_mapping(mapping["_meta"]) == remembered()


def test_our_own_fields_are_not_bent_by_what_the_documents_hold() -> None:
    mapping = mapping_of(
        remembered(), index_options=BBQ, metadata={"vector": {"type": "long"}, "text": {"type": "long"}}
    )
    assert mapping["properties"]["vector"]["type"] == "dense_vector"
    assert mapping["properties"]["text"]["type"] == "text"


@pytest.mark.parametrize(
    ("storage", "fields"),
    [
        ("rank_vectors", {"token_vectors": {"type": "rank_vectors", "element_type": "float", "dims": 128}}),
        ("binary", {"token_vectors": {"type": "binary"}, "token_vectors_count": {"type": "integer"}}),
    ],
)
def test_token_vectors_are_stored_as_the_licence_allows(storage: str, fields: dict[str, Any]) -> None:
    meta = remembered(token_field="token_vectors", token_storage=storage, token_dimensions=128, vector_field=None)
    properties = own_properties(meta, index_options=None)
    assert {name: spec for name, spec in properties.items() if name not in {"_jina_hash", "text"}} == fields


def test_pictures_are_stored_as_a_reference() -> None:
    properties = own_properties(remembered(image_field="page"), index_options=BBQ)
    assert properties["page"] == {"type": "keyword", "ignore_above": 8191}


def test_documents_may_not_bring_our_fields_except_the_one_they_are_read_from() -> None:
    meta = remembered(token_field="token_vectors")
    assert reserved_fields(meta, but=None) == {"_jina_hash", "vector", "token_vectors", "token_vectors_count"}
    assert "vector" not in reserved_fields(meta, but="vector")


def test_load_settings_and_their_end() -> None:
    assert loading_settings()["index"] == {"refresh_interval": "-1", "number_of_replicas": 0}
    assert restored_settings()["index"]["refresh_interval"] is None
    assert is_loading(loading_settings()["index"])
    assert not is_loading({"auto_expand_replicas": "0-1"})
    assert not is_loading({"auto_expand_replicas": "0-1", "refresh_interval": "-1"})  # the user's own wish


def test_a_live_server_takes_every_mapping_that_is_built(elasticsearch_url: str, index_name: str) -> None:
    with connected(elasticsearch_url) as es:
        for number, dimensions in enumerate((32, 383, 384, 1024, 2048)):
            for documents in (10, None):
                options = index_options_for(dimensions, es.capabilities, documents=documents)
                mapping = mapping_of(remembered(dimensions=dimensions), index_options=options, metadata={})
                name = f"{index_name}-{number}-{documents or 'stream'}"
                settings = loading_settings()
                assert es.client.indices.create(index=name, mappings=mapping, settings=settings)["acknowledged"]
                assert es.client.indices.put_settings(index=name, settings=restored_settings())["acknowledged"]
                assert es.meta(name) == remembered(dimensions=dimensions)
