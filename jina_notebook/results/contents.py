"""How a caller's own object, a text, a picture, a document, appears in a result's table."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jina_notebook.render.blocks import Cell, Passage, Picture
from jina_notebook.render.passages import excerpt

__all__ = ["ROWS", "as_text", "labelled", "quoted", "shown", "stand_in_notes"]

ROWS = 100  # rows handed to a display; `.to_frame()` always has all
THUMBNAIL = 96  # pixels of a picture's longer side


def shown(value: Any, query: Any = "", *, text_field: str = "text", highlights: Sequence[str] = ()) -> Cell:
    """A passage around the words that `highlights` mark, else around the query's words, or a thumbnail."""
    if _is_image(value):
        return _thumbnail(value)
    text = as_text(value, text_field)
    return excerpt(text, query if isinstance(query, str) else "", marks=_spans(text, highlights))


def _spans(text: str, highlights: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words that the fragments mark stand in the whole text; a fragment of another field stands nowhere."""
    spans = []
    for fragment in highlights:
        at = text.find(fragment)
        if at >= 0:
            spans += [(at + start, at + end) for start, end in getattr(fragment, "spans", ())]
    return spans


def as_text(value: Any, text_field: str = "text") -> str:
    """The text by which people know the object."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"array {' x '.join(map(str, value.shape))}"
    if _is_image(value):
        return f"image {value.width} x {value.height}"
    value = getattr(value, "source", value)
    if isinstance(value, Mapping):
        named = [value[name] for name in (text_field, "title") if isinstance(value.get(name), str)]
        return named[0] if named else json.dumps(dict(value), ensure_ascii=False, default=str)
    return str(value)


def quoted(query: Any, limit: int = 80) -> str:
    """A query for a title: in quotes, or the kind of thing that it is."""
    text = as_text(query)
    if not isinstance(query, str):
        return text
    return f'"{text}"' if len(text) <= limit else f'"{text[:limit].rstrip()}…"'


def labelled(model: str, stand_in: bool) -> str:
    """The model's name, and what it is where it is no Jina model."""
    return f"{model}, a stand-in: not a Jina model" if stand_in else model


def stand_in_notes(stand_in: bool) -> tuple[str, ...]:
    """The sentence that keeps a stand-in's numbers from being taken for a Jina model's."""
    if not stand_in:
        return ()
    return ("Computed with a stand-in, not with a Jina model: Jina's models give other scores and another quality.",)


def _is_image(value: Any) -> bool:
    """A PIL image, told without importing PIL."""
    return hasattr(value, "thumbnail") and hasattr(value, "convert") and hasattr(value, "width")


def _thumbnail(image: Any) -> Cell:
    small = image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    if small.mode not in {"L", "LA", "RGB", "RGBA"}:
        small = small.convert("RGBA" if "transparency" in small.info else "RGB")
    stream = io.BytesIO()
    small.save(stream, format="PNG")
    if not stream.tell():
        return Passage(as_text(image))
    name = getattr(image, "filename", "")
    alt = f"{as_text(image)}, {Path(name).name}" if name else as_text(image)
    return Picture(stream.getvalue(), alt, small.width, small.height)
