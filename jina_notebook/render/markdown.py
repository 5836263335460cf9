"""Pages as Markdown (GitHub's tables), with nothing in anyone's text read as Markdown."""

from __future__ import annotations

import re

from jina_notebook.render.blocks import Bar, Cell, Column, Grid, Page, Passage, Picture, Prose, Table, Trail
from jina_notebook.render.clean import clip, number, one_line, plain, visible

__all__ = ["to_markdown"]

PROSE = 20_000
# Entities where a backslash is not understood everywhere: mathematics, HTML, and bars inside tables.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "|": "&#124;"}
_PUNCTUATION = {char: "\\" + char for char in "\\`*_{}[]#!~"}
_ESCAPES = str.maketrans(_ENTITIES | _PUNCTUATION)


def to_markdown(page: Page) -> str:
    """The page as Markdown."""
    parts = [f"**{_escaped(page.title)}**"]
    if page.facts:
        parts.append(", ".join(f"{_escaped(label)}: {_escaped(clip(value, 120))}" for label, value in page.facts))
    parts += [_block(block) for block in page.blocks]
    parts += [f"*{_escaped(note)}*" for note in page.notes]
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return one_line(text).translate(_ESCAPES)


def _block(block: Table | Prose | Grid) -> str:
    caption = f"{_escaped(block.caption)}\n\n" if block.caption else ""
    if isinstance(block, Prose):
        return caption + _fenced(clip(visible(block.text), PROSE))
    if isinstance(block, Grid):
        columns = (Column("row", ""), *(Column(str(i), label, "right") for i, label in enumerate(block.columns)))
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (label, *values) for label, values in zip(block.rows, block.values, strict=True)
        )
        return caption + _table(Table(columns, rows))
    return caption + _table(block)


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _table(table: Table) -> str:
    if not table.rows:
        return _escaped(table.empty)
    lines = [
        _row([_escaped(column.title) for column in table.columns]),
        _row(["---:" if column.align == "right" else ":---" for column in table.columns]),
        *(_row([_cell(cell) for cell in row]) for row in table.rows),
    ]
    text = "\n".join(lines)
    return f"{text}\n\n… and {table.beyond:,} more" if table.beyond else text


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(cell: Cell) -> str:
    match cell:
        case None | bool() | int() | float():
            return plain(cell)
        case Bar():
            return f"**{number(cell.value)}**" if cell.best else number(cell.value)
        case Passage():
            return _passage(cell)
        case Picture():
            return _escaped(cell.alt)
        case Trail():
            return ", ".join(f"{_escaped(stage)} {rank}" for stage, rank in cell.steps)
        case str():
            return _escaped(clip(cell, 200))


def _passage(passage: Passage) -> str:
    parts, at = [], 0
    for start, end in passage.marks:
        parts += [_inner(passage.text[at:start]), f"**{_inner(passage.text[start:end])}**"]
        at = end
    parts.append(_inner(passage.text[at:]))
    if passage.length:
        parts.append(f"… ({passage.length:,} characters)")
    return ("…" if passage.start else "") + "".join(parts).strip()


def _inner(text: str) -> str:
    """`_escaped`, keeping one blank at either end where the text had some."""
    kept = _escaped(text)
    before = " " if text[:1].isspace() and kept else ""
    after = " " if text[-1:].isspace() else ""
    return before + kept + after
