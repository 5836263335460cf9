from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jina_notebook.elastic.fields import Fields, TokenField, VectorField, fields_of, filtered_fields
from tests.elastic.doubles import WordModel, meta_of

META = meta_of(WordModel(size=4))
DENSE = {"type": "dense_vector", "dims": 4, "index": True, "similarity": "cosine"}


def read(properties: dict[str, Any], **mapping: Any) -> Fields:
    return fields_of({"properties": properties, **mapping})


def test_texts_vectors_and_names_are_found_at_any_depth() -> None:
    fields = read(
        {
            "title": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
            "author": {"properties": {"bio": {"type": "match_only_text"}, "born": {"type": "date"}}},
            "v": DENSE,
        }
    )
    assert fields.texts == ("title", "author.bio")
    assert fields.vectors == (VectorField("v", 4),)
    assert fields.names == {"title", "title.raw", "author", "author.bio", "author.born", "v"}
    assert fields.heavy == ("v",)


def test_the_text_field_that_the_index_remembers_is_the_one_that_is_searched() -> None:
    mapping = {"properties": {"notes": {"type": "text"}, "text": {"type": "text"}}}
    assert fields_of(mapping, META).texts == ("text",)
    assert fields_of(mapping, replace(META, text_field="gone")).texts == ("notes", "text")


def test_the_vector_field_that_the_index_remembers_comes_first() -> None:
    mapping = {"properties": {"a": {**DENSE, "dims": 8}, "vector": DENSE}}
    assert fields_of(mapping, META).vector() == VectorField("vector", 4)
    assert fields_of(mapping).vector() == VectorField("a", 8)
    assert fields_of(mapping).vector("vector") == VectorField("vector", 4)
    assert fields_of(mapping).vector("none") is None
    assert Fields().vector() is None


def test_a_nested_vector_knows_its_path_and_its_text_is_not_searched_by_words() -> None:
    chunk = {"type": "nested", "properties": {"text": {"type": "text"}, "vec": DENSE}}
    fields = read({"chunks": chunk})
    assert fields.vectors == (VectorField("chunks.vec", 4, nested="chunks"),)
    assert fields.texts == ()


def test_the_details_of_a_vector_field_are_read() -> None:
    fields = read(
        {
            "a": {"type": "dense_vector", "dims": 8, "index": False, "element_type": "byte", "similarity": "l2_norm"},
            "b": {"type": "dense_vector", "element_type": "bit"},
        }
    )
    assert fields.vectors == (
        VectorField("a", 8, "l2_norm", "byte", indexed=False),
        VectorField("b", None, "l2_norm", "bit"),
    )


def test_token_vectors_are_found_in_either_storage() -> None:
    ranked = read({"tok": {"type": "rank_vectors", "dims": 128}})
    assert ranked.tokens == TokenField("tok", "rank_vectors", 128)
    assert ranked.heavy == ("tok",)
    meta = replace(META, token_field="tok", token_storage="binary", token_dimensions=128)
    packed = fields_of({"properties": {"tok": {"type": "binary"}, "tok_count": {"type": "integer"}}}, meta)
    assert packed.tokens == TokenField("tok", "binary", 128)
    assert packed.heavy == ("tok", "tok_count")


def test_a_binary_field_of_another_tool_is_no_token_field() -> None:
    assert read({"pdf": {"type": "binary"}}).tokens is None
    assert fields_of({"properties": {"pdf": {"type": "binary"}}}, META).tokens is None


@pytest.mark.parametrize("name", ["lang", "title.raw", "labels.any.thing", "_id", "_index", "tit*", "seen"])
def test_a_filter_may_name_what_the_mapping_holds(name: str) -> None:
    fields = read(
        {
            "lang": {"type": "keyword"},
            "title": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
            "labels": {"type": "flattened"},
        },
        runtime={"seen": {"type": "boolean"}},
    )
    assert fields.knows(name)


@pytest.mark.parametrize("name", ["lnag", "title.keyword", "label.any"])
def test_a_filter_may_not_name_anything_else(name: str) -> None:
    fields = read({"lang": {"type": "keyword"}, "title": {"type": "text"}, "labels": {"type": "flattened"}})
    assert not fields.knows(name)


def test_fields_made_at_search_time_may_have_any_name() -> None:
    assert read({}, dynamic="runtime").knows("anything")


def test_an_empty_mapping_offers_nothing() -> None:
    assert fields_of({}) == Fields()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"term": {"lang": "fr"}}, ["lang"]),
        ({"term": {"lang": {"value": "fr", "boost": 2}}}, ["lang"]),
        ({"terms": {"lang": ["fr", "de"], "boost": 1}}, ["lang"]),
        ({"range": {"price": {"gte": 1}}}, ["price"]),
        ({"exists": {"field": "price"}}, ["price"]),
        ({"geo_distance": {"distance": "1km", "place": [1, 2]}}, ["place"]),
        ({"bool": {"must": [{"term": {"a": 1}}], "must_not": {"term": {"b": 1}}, "should": []}}, ["a", "b"]),
        ({"nested": {"path": "c", "query": {"match": {"c.text": "x"}}}}, ["c.text"]),
        ({"constant_score": {"filter": {"prefix": {"a": "x"}}}}, ["a"]),
        ([{"term": {"a": 1}}, {"wildcard": {"b": "x*"}}], ["a", "b"]),
        ({"match_all": {}}, []),
        ({"ids": {"values": ["1"]}}, []),
        ({"query_string": {"query": "a:b"}}, []),
        ({"script": {"script": "true"}}, []),
        ({"term": "odd"}, []),
    ],
)
def test_the_fields_that_a_filter_names_are_found(query: Any, expected: list[str]) -> None:
    assert list(filtered_fields(query)) == expected
