"""Tools and tables as documents for a reranker: the text form in which jina-reranker-v2 saw them in training.

Source: the model card's function-calling and text-to-SQL examples: a name, a description and the parameters as JSON; a
`CREATE TABLE` statement.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jina_notebook.errors import InputError

__all__ = ["table_document", "tool_document"]


def tool_document(schema: Mapping[str, Any]) -> str:
    """A tool's JSON schema as one line of JSON: name, description, parameters, in this order.

    `schema`: a function schema, bare or wrapped as `{"type": "function", "function": {...}}`.
    Raises `InputError` where it has no name.

    >>> tool_document({"name": "get_weather", "description": "Weather of a city", "parameters": {}})
    '{"name": "get_weather", "description": "Weather of a city", "parameters": {}}'
    """
    tool = schema.get("function", schema) if isinstance(schema, Mapping) else schema
    if not isinstance(tool, Mapping) or not isinstance(tool.get("name"), str):
        raise InputError(
            f"A tool's schema needs a name; got {json.dumps(schema, default=str)[:80]}.",
            hint='Give {"name": ..., "description": ..., "parameters": {...}}.',
        )
    first = ("name", "description", "parameters")
    ordered = {key: tool[key] for key in first if key in tool} | {k: v for k, v in tool.items() if k not in first}
    return json.dumps(ordered, ensure_ascii=False)


def table_document(name: str, columns: Mapping[str, str] | Sequence[str], *, comment: str = "") -> str:
    """A table as a `CREATE TABLE` statement.

    `columns`: name to SQL type, or column definitions ready made. Raises `InputError` where there are none.

    >>> table_document("orders", {"id": "INTEGER", "total": "REAL"})
    'CREATE TABLE orders (id INTEGER, total REAL)'
    """
    definitions = [f"{c} {t}" for c, t in columns.items()] if isinstance(columns, Mapping) else list(columns)
    if not name or not definitions:
        raise InputError(f"The table {name!r} needs a name and at least one column.")
    return f"CREATE TABLE {name} ({', '.join(definitions)})" + (f" -- {comment}" if comment else "")
