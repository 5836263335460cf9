"""What callers hand over, made into a list of texts and pictures in the order given; faults are named by position."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from jina_notebook.errors import InputError
from jina_notebook.images import is_image
from jina_notebook.unicode import well_formed

__all__ = ["as_content", "as_text", "is_image", "listed", "read_items", "well_formed"]

SHOWN = 60  # characters of a bad value that an error repeats


def listed(inputs: Any, *, what: str = "input") -> list[Any]:
    """The caller's own objects, from one text or picture or an iterable of them.

    Raises `InputError` for what has no order, or is no collection.
    """
    if isinstance(inputs, str) or is_image(inputs):
        return [inputs]
    if isinstance(inputs, (Mapping, Set)) or hasattr(inputs, "columns"):
        raise InputError(
            f"A {type(inputs).__name__} is not a list of {what}s: its order or its keys would be guessed.",
            hint=f"Pass a list, for example list(values.values()) or a table's column, one {what} each.",
        )
    if not isinstance(inputs, Iterable):
        raise InputError(
            f"The {what} {_shown(inputs)} is not a text or a list of texts.", hint=f"Pass a list, one {what} each."
        )
    return list(inputs)


def read_items(items: Sequence[Any], *, model: str, what: str = "input", images: bool = False) -> list[Any]:
    """The items as texts, well formed; with `images`, pictures stay as they are, not yet opened.

    Raises `InputError` naming the position and the value of an item that the model does not take.
    """
    read = as_content if images else as_text
    return [read(item, position, model=model, what=what) for position, item in enumerate(items)]


def as_text(item: Any, position: int | None, *, model: str, what: str) -> str:
    """One text, well formed, or an `InputError` that names its position and value."""
    if isinstance(item, str):
        return well_formed(str(item))
    if is_image(item):
        raise InputError(
            f"{_named(what, position)} is an image ({type(item).__name__}), but {model} takes text only.",
            hint="A str is always text; a path, bytes or a PIL image stands for a picture.",
        )
    raise InputError(
        f"{_named(what, position)} is {_shown(item)}, not a text.",
        hint="Drop missing values (Series.dropna) and make numbers text (str) first.",
    )


def as_content(item: Any, position: int | None, *, model: str, what: str) -> Any:
    """One text, well formed, or a picture as it is, or an `InputError` that names position and value."""
    if is_image(item):
        return item
    if isinstance(item, str):
        return well_formed(str(item))
    raise InputError(
        f"{_named(what, position)} is {_shown(item)}, neither a text nor a picture; {model} takes both.",
        hint="A picture is a path, bytes, a PIL image or an array of pixels; drop missing values first.",
    )


def _named(what: str, position: int | None) -> str:
    return f"The {what}" if position is None else f"{what.capitalize()} {position}"


def _shown(value: Any) -> str:
    text = repr(value)
    clipped = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return clipped if text in {"None", "nan"} else f"{clipped} ({type(value).__name__})"
