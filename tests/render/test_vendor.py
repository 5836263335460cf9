"""The JSON that front ends draw: versioned, plain, and safe to show as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jina_notebook.render.blocks import Bar, Column, Page, Passage, Table
from jina_notebook.render.vendor import MIME, VERSION, to_vendor
from tests.render.pages import FOREIGN, PAGES


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [s for item in value.values() for s in strings(item)]
    return [s for item in value for s in strings(item)] if isinstance(value, list) else []


def test_the_type_names_its_version() -> None:
    assert f"application/vnd.jina-notebook.v{VERSION}+json" == MIME


@pytest.mark.parametrize("name", PAGES)
def test_it_survives_json_without_nan(name: str) -> None:
    vendor = to_vendor(PAGES[name])
    assert json.loads(json.dumps(vendor, allow_nan=False)) == vendor


def test_numbers_that_json_has_not_become_null() -> None:
    vendor = to_vendor(Page("test", "t", (), (Table((Column("a", "a"),), ((Bar(float("nan")),), (float("inf"),))),)))
    assert vendor["blocks"][0]["rows"][0][0]["value"] is None
    assert vendor["blocks"][0]["rows"][1][0] is None


def test_strings_are_already_safe_to_show() -> None:
    shown = "".join(strings(to_vendor(FOREIGN)))
    assert "<img src=x onerror=alert(1)>" in shown
    assert not {"\x00", "\u202e", "\ud83e"} & set(shown)


def test_the_parts_of_a_passage_are_the_text_and_say_which_are_marked() -> None:
    passage = Passage("\u202egreen tea", ((1, 6),), 99, 7)
    cell = to_vendor(Page("t", "t", (), (Table((Column("a", "a"),), ((passage,),)),)))["blocks"][0]["rows"][0][0]
    assert cell == {
        "type": "passage",
        "parts": [["[U+202E]", False], ["green", True], [" tea", False]],
        "length": 99,
        "start": 7,
    }
