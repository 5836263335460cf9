"""Tools and tables as documents for a reranker."""

from __future__ import annotations

import json

import pytest

import jina_notebook as jn
from jina_notebook.errors import InputError


def test_a_tool_is_one_line_of_json_with_its_name_first() -> None:
    schema = {
        "parameters": {"type": "object"},
        "strict": True,
        "description": "Wetter für eine Stadt",
        "name": "weather",
    }
    text = jn.tool_document(schema)
    assert list(json.loads(text)) == ["name", "description", "parameters", "strict"]
    assert "für" in text
    assert "\n" not in text


def test_a_wrapped_function_is_the_function() -> None:
    function = {"name": "weather", "description": "of a city", "parameters": {}}
    assert jn.tool_document({"type": "function", "function": function}) == jn.tool_document(function)


def test_a_tool_without_a_name_is_refused() -> None:
    with pytest.raises(InputError, match="needs a name"):
        jn.tool_document({"description": "nameless"})


def test_a_table_is_a_create_statement() -> None:
    assert jn.table_document("orders", {"id": "INTEGER", "total": "REAL"}, comment="web shop") == (
        "CREATE TABLE orders (id INTEGER, total REAL) -- web shop"
    )
    assert jn.table_document("t", ["id INTEGER PRIMARY KEY"]) == "CREATE TABLE t (id INTEGER PRIMARY KEY)"


def test_a_table_without_columns_is_refused() -> None:
    with pytest.raises(InputError, match="at least one column"):
        jn.table_document("empty", {})
