"""`{{ name }}` in a line or a body: the value of a variable, and nothing else is touched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jina_notebook.errors import TemplateError, did_you_mean

__all__ = ["expand", "guarded", "public_names"]

_BRACES = re.compile(r"\{\{([^{}\n]*)\}\}")
_EXPRESSION = re.compile(r"[^\W\d]\w*\s*[.\[(|+*/%-]")
_GUARD = re.compile("\ue000(\\d+)\ue001")


def expand(text: str, namespace: Mapping[str, Any]) -> str:
    """`text` with each `{{ name }}` replaced by that variable's value.

    Text and numbers are written as they are, lists and dicts as JSON. Single braces, `$`, `%` and double braces around
    something that is no name stay.

    Raises `TemplateError`: an undefined name, an expression, a value that has no text form.
    """
    return _BRACES.sub(lambda match: _value(match, namespace), text)


def guarded(text: str, namespace: Mapping[str, Any]) -> tuple[str, Callable[[str], str]]:
    """The text with each `{{ name }}` as one mark without blanks or quotes, and the function that fills the marks in.

    So a line can be split first, and a value with blanks or quotes stays one part.
    """
    values: list[str] = []

    def mark(match: re.Match[str]) -> str:
        value = _value(match, namespace)
        if value == match.group():
            return value
        values.append(value)
        return f"\ue000{len(values) - 1}\ue001"

    marked = _BRACES.sub(mark, text)
    return marked, lambda part: _GUARD.sub(lambda match: values[int(match.group(1))], part)


def public_names(namespace: Mapping[str, Any]) -> list[str]:
    """The user's own variables."""
    shell_names = {"In", "Out", "get_ipython", "exit", "quit", "open"}
    return [name for name in namespace if not name.startswith("_") and name not in shell_names]


def _value(match: re.Match[str], namespace: Mapping[str, Any]) -> str:
    name = match.group(1).strip()
    if name.isidentifier():
        if name not in namespace:
            raise TemplateError(
                f"{match.group()} is not defined.",
                hint=did_you_mean(name, public_names(namespace))
                or f"Assign {name} first, or leave braces alone with --raw.",
            )
        return _written(name, namespace[name])
    if _EXPRESSION.match(name):
        raise TemplateError(
            f"{match.group()} is an expression, and only a plain name is expanded.",
            hint="Assign it to a variable first, or leave braces alone with --raw.",
        )
    return match.group()


def _written(name: str, value: Any) -> str:
    if isinstance(value, str | Path):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple | dict):
        try:
            return json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            raise TemplateError(
                f"{{{{ {name} }}}} holds something that cannot be written as JSON: {error}.",
                hint=f"Hand it over as an object: --input {name}.",
            ) from error
    raise TemplateError(
        f"{{{{ {name} }}}} is a {type(value).__name__}; text, numbers, lists and dicts can be expanded.",
        hint=f"Hand it over as an object: --input {name}.",
    )
