"""The tools are function definitions that an agent could be given."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from jina_notebook import data


@pytest.fixture(scope="module")
def tools() -> data.Collection:
    return data.load("tools")


@pytest.fixture(scope="module")
def parameters(tools: data.Collection) -> dict[str, Any]:
    return {tool["title"]: tool["schema"]["parameters"] for tool in tools.corpus}


def test_there_are_44_tools_and_35_requests_mostly_in_english(tools: data.Collection) -> None:
    assert len(tools.corpus) == 44
    languages = Counter(fields["lang"] for fields in tools.query_fields.values())
    assert languages == {"en": 30, "de": 2, "es": 2, "pt": 1}


def test_a_definition_has_the_name_and_description_of_its_document(tools: data.Collection) -> None:
    for tool in tools.corpus:
        assert set(tool) == {"_id", "title", "text", "schema"}
        assert set(tool["schema"]) == {"name", "description", "parameters"}
        assert (tool["schema"]["name"], tool["schema"]["description"]) == (tool["title"], tool["text"])
        assert "\n" not in tool["text"]


def test_parameters_are_valid_json_schemas_of_described_properties(parameters: dict[str, Any]) -> None:
    for name, schema in parameters.items():
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", name
        assert set(schema["required"]) <= set(schema["properties"]), name
        assert all(field["description"] for field in schema["properties"].values()), name


def test_a_schema_takes_a_good_call_and_refuses_a_bad_one(parameters: dict[str, Any]) -> None:
    forecast = Draft202012Validator(parameters["weather_forecast"])
    forecast.validate({"place": "Porto", "days": 3})
    for call in ({"place": "Porto"}, {"place": "Porto", "days": 11}, {"place": "Porto", "days": 3, "units": "metric"}):
        with pytest.raises(ValidationError):
            forecast.validate(call)


def test_exactly_one_tool_answers_a_request(tools: data.Collection) -> None:
    assert {list(judgments.values()).count(2) for judgments in tools.qrels.values()} == {1}
