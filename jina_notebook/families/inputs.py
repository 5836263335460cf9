"""What callers hand over, made into a list of texts in the order given; faults are named by position."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any

from jina_notebook.errors import InputError

__all__ = ["as_text", "is_image", "read_inputs", "well_formed"]

SHOWN = 60  # characters of a bad value that an error repeats


def well_formed(text: str) -> str:
    """The text with every lone surrogate (half an emoji) as U+FFFD; pairs are joined; anything else as it is.

    >>> well_formed("price 12" + chr(0xD83E)) == "price 12" + chr(0xFFFD)
    True
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def is_image(item: Any) -> bool:
    """Whether an item stands for a picture: a PIL image, a path, or encoded bytes. A `str` is always text."""
    if isinstance(item, (Path, bytes, bytearray)):
        return True
    return any(kind.__module__.startswith("PIL.") for kind in type(item).__mro__)


def read_inputs(inputs: Any, *, model: str, what: str = "input") -> list[str]:
    """A list of texts, from one text or an iterable of them.

    Raises `InputError` naming the position and the value of an item that is no text.
    """
    if isinstance(inputs, str) or is_image(inputs):
        inputs = [inputs]
    elif isinstance(inputs, (Mapping, Set)) or hasattr(inputs, "columns"):
        raise InputError(
            f"A {type(inputs).__name__} is not a list of {what}s: its order or its keys would be guessed.",
            hint=f"Pass a list, for example list(values.values()) or a table's column, one {what} each.",
        )
    elif not isinstance(inputs, Iterable):
        raise InputError(f"The {what} {_shown(inputs)} is not a text or a list of texts.")
    return [as_text(item, position, model=model, what=what) for position, item in enumerate(inputs)]


def as_text(item: Any, position: int, *, model: str, what: str) -> str:
    """One text, well formed, or an `InputError` that names its position and value."""
    if isinstance(item, str):
        return well_formed(str(item))
    if is_image(item):
        raise InputError(
            f"{what.capitalize()} {position} is an image ({type(item).__name__}), but {model} takes text only.",
            hint="A str is always text; a path, bytes or a PIL image stands for a picture.",
        )
    raise InputError(
        f"{what.capitalize()} {position} is {_shown(item)}, not a text.",
        hint="Drop missing values (Series.dropna) and make numbers text (str) first.",
    )


def _shown(value: Any) -> str:
    text = repr(value)
    clipped = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return clipped if text in {"None", "nan"} else f"{clipped} ({type(value).__name__})"
