"""Pages as versioned JSON for front ends that draw them themselves. Strings are already safe to show."""

from __future__ import annotations

import base64
import math
from typing import Any

from jina_notebook.render.blocks import Bar, Block, Cell, Grid, Page, Passage, Picture, Prose, Table, Trail
from jina_notebook.render.clean import clip, visible

__all__ = ["MIME", "VERSION", "to_vendor"]

MIME = "application/vnd.jina-notebook.v1+json"
VERSION = 1
PROSE = 20_000


def to_vendor(page: Page) -> dict[str, Any]:
    """`{"version", "kind", "title", "facts": [[label, value]], "blocks": [...], "notes": [...]}`.

    A block is `{"type": "table", "caption", "columns": [{"key", "title", "align"}], "rows": [[cell]], "empty",
    "more"}`, `{"type": "prose", "caption", "text"}` or `{"type": "grid", "caption", "rows", "columns", "values"}`. A
    cell is null, a bool, a number, a string, or an object whose `type` is bar, passage, image or trail.
    """
    return {
        "version": VERSION,
        "kind": page.kind,
        "title": visible(page.title),
        "facts": [[visible(label), visible(clip(value, 120))] for label, value in page.facts],
        "blocks": [_block(block) for block in page.blocks],
        "notes": [visible(note) for note in page.notes],
    }


def _block(block: Block) -> dict[str, Any]:
    caption = visible(block.caption)
    match block:
        case Prose():
            return {"type": "prose", "caption": caption, "text": clip(visible(block.text), PROSE)}
        case Grid():
            return {
                "type": "grid",
                "caption": caption,
                "rows": [visible(label) for label in block.rows],
                "columns": [visible(label) for label in block.columns],
                "values": [[_number(value) for value in row] for row in block.values],
            }
        case Table():
            return {
                "type": "table",
                "caption": caption,
                "columns": [
                    {"key": visible(c.key), "title": visible(c.title), "align": c.align} for c in block.columns
                ],
                "rows": [[_cell(cell) for cell in row] for row in block.rows],
                "empty": visible(block.empty),
                "more": block.beyond,
            }


def _number(value: float) -> float | None:
    """JSON has neither NaN nor infinity."""
    return float(value) if math.isfinite(value) else None


def _cell(cell: Cell) -> Any:
    match cell:
        case None | bool() | int():
            return cell
        case float():
            return _number(cell)
        case str():
            return clip(visible(cell), 200)
        case Bar():
            return {
                "type": "bar",
                "value": _number(cell.value),
                "low": _number(cell.low),
                "high": _number(cell.high),
                "best": cell.best,
            }
        case Passage():
            return {"type": "passage", "parts": _parts(cell), "length": cell.length, "start": cell.start}
        case Picture():
            data = base64.b64encode(cell.png).decode("ascii")
            return {"type": "image", "png": data, "alt": visible(cell.alt), "width": cell.width, "height": cell.height}
        case Trail():
            return {"type": "trail", "steps": [[visible(stage), rank] for stage, rank in cell.steps]}


def _parts(passage: Passage) -> list[list[Any]]:
    """`[[text, marked]]`: offsets would not survive spelling out invisible characters."""
    parts: list[list[Any]] = []
    at = 0
    for start, end in passage.marks:
        parts += [[visible(passage.text[at:start]), False], [visible(passage.text[start:end]), True]]
        at = end
    parts.append([visible(passage.text[at:]), False])
    return [part for part in parts if part[0]]
