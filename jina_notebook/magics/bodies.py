"""A cell's body as items: one per line, or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from jina_notebook.errors import InputError

__all__ = ["items", "lines"]

FIELDS = {"text", "image"}


def lines(body: str) -> list[str]:
    """The lines that are not blank, exactly as written."""
    return [line for line in body.replace("\r\n", "\n").split("\n") if line.strip()]


def items(body: str, expand: Callable[[str], str] = str) -> list[Any]:
    """One item per line; where every line is a JSON string or an object with a "text" or "image", what they say.

    JSON objects with neither field are text like any other: a log line, a snippet of code. `expand` is applied to each
    line after splitting, and to the strings inside JSON after parsing, so that a value with line breaks or quotes stays
    within its item.

    Raises `InputError` where only some of the objects have a text or an image.
    """
    texts = lines(body)
    parsed = _json_lines(texts)
    if parsed is None:
        return [expand(text) for text in texts]
    return [_expanded(value, expand) for value in parsed]


def _json_lines(texts: list[str]) -> list[Any] | None:
    values: list[Any] = []
    for text in texts:
        if text.strip()[:1] not in {"{", '"'}:
            return None
        try:
            values.append(json.loads(text))
        except json.JSONDecodeError:
            return None
    lacking = [i for i, value in enumerate(values) if isinstance(value, dict) and not FIELDS & value.keys()]
    if lacking and len(lacking) == len(values):
        return None
    if lacking:
        fields = ", ".join(values[lacking[0]]) or "none"
        raise InputError(
            f'Item {lacking[0]} has neither "text" nor "image"; its fields are: {fields}.',
            hint='Name the field with the content "text", or "image" for the path of a picture.',
        )
    return values


def _expanded(value: Any, expand: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return expand(value)
    if isinstance(value, dict):
        return {key: _expanded(item, expand) for key, item in value.items()}
    if isinstance(value, list):
        return [_expanded(item, expand) for item in value]
    return value
