"""What callers hand over, made into a list: texts and pictures in the order given, faults named by position."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

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


def read_inputs(inputs: Any, *, images: bool, model: str, what: str = "input") -> list[str | Image]:
    """A list of texts (and pictures where `images`), from one item or an iterable of them.

    Raises `InputError` naming the position and the value of an item that is neither.
    """
    if isinstance(inputs, str) or is_image(inputs):
        inputs = [inputs]
    elif isinstance(inputs, (Mapping, Set)) or hasattr(inputs, "columns"):
        raise InputError(
            f"A {type(inputs).__name__} is not a list of {what}s: its order or its keys would be guessed.",
            hint=f"Pass a list, for example list(values.values()) or a table's column, one {what} each.",
        )
    elif not isinstance(inputs, Iterable):
        raise InputError(
            f"{_shown(inputs)} is not an {what}; give a text or a list of texts{' and images' if images else ''}."
        )
    return [_item(item, position, images=images, model=model, what=what) for position, item in enumerate(inputs)]


def _item(item: Any, position: int, *, images: bool, model: str, what: str) -> str | Image:
    if isinstance(item, str):
        return well_formed(str(item))
    if is_image(item):
        if not images:
            raise InputError(
                f"{what.capitalize()} {position} is an image ({type(item).__name__}), but {model} takes text only.",
                hint="Use jina-clip-v2 or jina-embeddings-v4 for images; a str is always text.",
            )
        from jina_notebook.images import read_image

        return read_image(item, position=position)
    raise InputError(
        f"{what.capitalize()} {position} is {_shown(item)}, not a text{' or an image' if images else ''}.",
        hint="Drop missing values (Series.dropna) and make numbers text (str) first.",
    )


def as_text(item: Any, position: int, *, model: str, what: str) -> str:
    """One text, or an `InputError` that names its position."""
    text = _item(item, position, images=False, model=model, what=what)
    assert isinstance(text, str)  # noqa: S101 - images were refused above
    return text


def _shown(value: Any) -> str:
    text = repr(value)
    clipped = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return clipped if text in {"None", "nan"} else f"{clipped} ({type(value).__name__})"
