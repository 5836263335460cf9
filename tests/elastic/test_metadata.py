"""Types of a document's other fields, from what a sample holds."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jina_notebook.elastic.metadata import KEYWORD, analyzer_for, properties_of


def types(*values: Any) -> Any:
    """The type that a field with these values gets, None where it is left to the server."""
    spec = properties_of([{"f": value} for value in values], without=[]).get("f")
    return None if spec is None else spec.get("type", "object")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "long"),
        ([np.int64(1)], "long"),
        ([1, 2.5], "double"),
        ([decimal.Decimal("1.5")], "double"),
        ([np.float32(1)], "double"),
        ([True, False], "boolean"),
        ([np.bool_(True)], "boolean"),
        (["a", "b"], "keyword"),
        (["x" * 300], "text"),
        ([datetime.date(2024, 1, 2)], "date"),
        ([pd.Timestamp("2024-01-02")], "date"),
        (["2024-01-02", "2024-01-02T10:20:30Z"], "date"),
        (["2024-01-02 10:20"], "date"),
        (["2024-13", "v1"], "keyword"),
        ([[1, 2], [3]], "long"),
        ([["a"], "b"], "keyword"),
        ([{"a": 1}], "object"),
        ([None, float("nan"), pd.NA, pd.NaT], None),
        ([None, 5], "long"),
        ([[]], None),
        ([object()], None),
        ([b"raw"], None),
    ],
)
def test_a_field_gets_the_type_of_its_values(values: list[Any], kind: str | None) -> None:
    assert types(*values) == kind


def test_one_value_of_another_kind_does_not_bend_the_field() -> None:
    assert types(*range(9), "ask us") == "long"
    assert types("red", "blue", 5) == "keyword"
    assert types(*["2024-01-02"] * 5, "unknown") == "date"
    assert types(1, "a") == "keyword"
    assert types(*["red"] * 20, "x" * 40_000) == "keyword"


def test_objects_are_mapped_by_their_own_fields_down_to_a_depth() -> None:
    spec = properties_of([{"m": {"n": {"price": 1}}, "list": [{"tag": "a"}, {"tag": "b", "n": 1.5}]}], without=[])
    assert spec["m"]["properties"]["n"]["properties"]["price"] == {"type": "long"}
    assert spec["list"]["properties"] == {"tag": KEYWORD, "n": {"type": "double"}}
    deep: dict[str, Any] = {"x": 1}
    for _ in range(20):
        deep = {"x": deep}
    assert properties_of([deep], without=[]) == {}


@pytest.mark.parametrize("name", ["", " ", "a.b", ".a", "_id", "_private", "*", 5])
def test_names_that_a_server_may_refuse_are_left_to_the_server(name: Any) -> None:
    assert properties_of([{name: 1, "fine": 1}], without=[]) == {"fine": {"type": "long"}}


def test_fields_that_are_mapped_elsewhere_are_left_out() -> None:
    assert properties_of([{"text": "a", "lang": "fr"}], without=["text"]) == {"lang": KEYWORD}


def test_a_flood_of_fields_is_cut() -> None:
    assert len(properties_of([{f"f{i}": i for i in range(5000)}], without=[])) <= 300


ENGLISH = [
    "The kettle is on the stove and you are not to touch it.",
    "This is the cup that you have in the kitchen.",
] * 15
GERMAN = ["Der Tee ist nicht in der Küche und wird kalt.", "Das ist die Tasse für den Gast auf dem Tisch."] * 15


def test_texts_of_one_language_get_its_analyzer() -> None:
    assert analyzer_for(ENGLISH) == "english"
    assert analyzer_for(GERMAN) == "german"


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ENGLISH[:5],
        ENGLISH + GERMAN,
        ["red shoe"] * 200,
        [f"item {i}" for i in range(100)],
        ["def f(x): return x"] * 50,
    ],
)
def test_few_texts_several_languages_names_and_code_get_the_standard_analyzer(texts: list[str]) -> None:
    assert analyzer_for(texts) == "standard"
