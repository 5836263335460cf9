"""Schemas in all their forms, and answers that keep to them or do not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from jina_notebook.errors import InputError
from jina_notebook.families.schema import Schema

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "price": {"type": "number", "minimum": 0}},
    "required": ["title"],
}


class Maker(BaseModel):
    name: str


class Product(BaseModel):
    """With another model inside, so that the schema refers to a part of itself."""

    title: str
    makers: list[Maker]


def test_a_dict_is_written_with_two_blanks_of_indent() -> None:
    assert Schema.read(SCHEMA).text == json.dumps(SCHEMA, indent=2)
    assert Schema.read({"title": "Größe"}).text == '{\n  "title": "Gr\\u00f6\\u00dfe"\n}'


def test_a_text_goes_in_as_it_is() -> None:
    text = ' {"type":"object",\n\t"title":  "Größe"} '
    assert Schema.read(text).text == text
    assert Schema.read(text).content == {"type": "object", "title": "Größe"}


def test_half_a_character_in_a_text_is_replaced() -> None:
    assert Schema.read('{"title": "x\ud83e"}').text == '{"title": "x\ufffd"}'


def test_a_pydantic_model_class_gives_its_schema() -> None:
    read = Schema.read(Product)
    assert read.text == json.dumps(Product.model_json_schema(), indent=2)
    assert read.content["required"] == ["title", "makers"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("", "is not JSON"),
        ("title: string", "is not JSON"),
        ("{'title': 'string'}", "is not JSON"),
        ('{"a": NaN}', "is not JSON: NaN is no JSON value"),
        ("[1, 2]", "is JSON, but not an object"),
        ('"object"', "is JSON, but not an object"),
        ([SCHEMA], "(list), not a JSON schema"),
        (True, "(bool), not a JSON schema"),
        (dict, "(type), not a JSON schema"),
        (b"{}", "(bytes), not a JSON schema"),
        ({"enum": {1, 2}}, "cannot be written as JSON: Object of type set"),
        ({"minimum": float("nan")}, "cannot be written as JSON"),
        ({("a", "b"): 1}, "cannot be written as JSON"),
        ("[" * 100_000, "is not JSON"),
    ],
    ids=range(14),
)
def test_what_is_no_schema_is_an_error(schema: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        Schema.read(schema)
    assert words in caught.value.message
    assert len(caught.value.message) < 300
    assert "dict, a JSON text or a pydantic model class" in str(caught.value.hint)


def test_a_schema_that_holds_itself_is_an_error() -> None:
    schema: dict[str, Any] = {}
    schema["properties"] = schema
    with pytest.raises(InputError, match="cannot be written as JSON"):
        Schema.read(schema)


def test_an_object_of_a_pydantic_model_is_no_schema() -> None:
    with pytest.raises(InputError, match="not one of its objects"):
        Schema.read(Maker(name="Ann"))


@pytest.mark.parametrize("value", [{"title": "Tea"}, {"title": "Tea", "price": 3, "more": []}])
def test_an_answer_that_keeps_to_the_schema_has_no_faults(value: Any) -> None:
    assert Schema.read(SCHEMA).faults(value) == ""


def test_faults_are_named_by_their_place() -> None:
    faults = Schema.read(SCHEMA).faults({"price": -3})
    assert "$: 'title' is a required property" in faults
    assert "$.price: -3 is less than the minimum of 0" in faults


def test_of_many_faults_three_are_named_and_the_rest_counted() -> None:
    schema = Schema.read({"items": {"type": "string"}})
    assert schema.faults(list(range(10))).endswith("$[2]: 2 is not of type 'string' and 7 more)")


def test_a_part_that_the_schema_refers_to_counts() -> None:
    read = Schema.read(Product)
    assert read.faults({"title": "Tea", "makers": [{"name": "Ann"}]}) == ""
    assert "$.makers[0]: 'name' is a required property" in read.faults({"title": "Tea", "makers": [{}]})


def test_a_template_that_is_no_json_schema_checks_nothing() -> None:
    assert "no valid JSON Schema" in Schema.read({"type": "product"}).faults({})


def test_nothing_is_fetched_for_a_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a request was made")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    faults = Schema.read({"$ref": "http://127.0.0.1:9/schema.json"}).faults({})
    assert "refers to what it does not hold" in faults


def test_an_endless_schema_is_said_to_be_unchecked() -> None:
    assert "nested too deeply" in Schema.read({"$ref": "#"}).faults({})


@pytest.mark.parametrize(("schema", "is_list"), [({"type": "array"}, True), ({"type": "object"}, False), ({}, False)])
def test_a_schema_says_whether_a_list_is_wanted(schema: dict[str, Any], is_list: bool) -> None:
    assert Schema.read(schema).is_list is is_list
