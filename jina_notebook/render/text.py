"""Pages as plain text for a terminal: one line per row, columns fitted to the width."""

from __future__ import annotations

import itertools

from jina_notebook.render.blocks import Bar, Cell, Column, Grid, Page, Passage, Picture, Prose, Table, Trail
from jina_notebook.render.clean import clip, number, one_line, plain, visible, width

__all__ = ["to_text"]

ROWS = 30
PROSE = 20_000
CELL = 1000  # characters of a cell that are looked at; a line shows as many as fit
GAP = "  "
NARROWEST = 8
READABLE = 16
BAR = 10
SHADES = "▁▂▃▄▅▆▇█"
GRID_COLUMNS = 60


def to_text(page: Page, *, columns: int = 100) -> str:
    """The page in at most `columns` columns per table line."""
    lines = [one_line(page.title)]
    if page.facts:
        lines.append(", ".join(f"{one_line(label)}: {clip(one_line(value), 120)}" for label, value in page.facts))
    for block in page.blocks:
        lines += _block(block, columns)
    lines += [one_line(note) for note in page.notes]
    return "\n".join(lines)


def _block(block: Table | Prose | Grid, columns: int) -> list[str]:
    caption = [one_line(block.caption)] if block.caption else []
    if isinstance(block, Prose):
        return [*caption, clip(visible(block.text), PROSE)]
    if isinstance(block, Grid):
        return caption + _grid(block)
    return caption + _table(block, columns)


def _table(table: Table, columns: int) -> list[str]:
    if not table.rows:
        return [table.empty]
    shown = table.rows[:ROWS]
    titles = [(one_line(column.title), "") for column in table.columns]
    grid = [titles, *([_cell(cell) for cell in row] for row in shown)]
    widths = _fit(
        [max(width(text + tail) for text, tail in line) for line in zip(*grid, strict=True)], table.columns, columns
    )
    lines = [line for row in grid for line in _lines(row, widths, table.columns)]
    left = len(table.rows) - len(shown) + table.beyond
    return [*lines, f"… and {left:,} more"] if left else lines


def _fit(widths: list[int], columns: tuple[Column, ...], room: int) -> list[int]:
    """Takes from the columns that yield, down to a readable width, then from the widest."""
    widths = list(widths)
    over = sum(widths) + len(GAP) * (len(widths) - 1) - room
    yielding = [i for i, column in enumerate(columns) if column.yields]
    giving = [i for i, column in enumerate(columns) if not column.keeps]
    for among, least in ((yielding, READABLE), (giving, NARROWEST)):
        while over > 0 and any(widths[i] > least for i in among):
            widths[max(among, key=widths.__getitem__)] -= 1
            over -= 1
    return widths


def _lines(cells: list[tuple[str, str]], widths: list[int], columns: tuple[Column, ...]) -> list[str]:
    parts = [
        _wrapped(text + tail, room) if column.wraps else [_ended(text, tail, room)]
        for (text, tail), room, column in zip(cells, widths, columns, strict=True)
    ]
    return [
        GAP.join(
            _pad(text, room, right=column.align == "right")
            for text, room, column in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in itertools.zip_longest(*parts, fillvalue="")
    ]


def _wrapped(text: str, room: int) -> list[str]:
    """Lines of whole words; a word longer than a line is broken."""
    lines = [""]
    for word in text.split():
        if lines[-1] and width(lines[-1]) + 1 + width(word) > room:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
        while width(lines[-1]) > room:
            kept = lines[-1][:room]
            while width(kept) > room:
                kept = kept[:-1]
            lines[-1:] = [kept, lines[-1][len(kept) :]]
    return lines


def _pad(text: str, room: int, *, right: bool) -> str:
    blanks = " " * max(room - width(text), 0)
    return blanks + text if right else text + blanks


def _ended(text: str, tail: str, room: int) -> str:
    """The text, cut before its end; where hardly a word would be left of it, the end gives way."""
    left = room - width(tail)
    return _cut(text, left) + tail if left >= min(NARROWEST, width(text)) else _cut(text, room)


def _cut(text: str, room: int) -> str:
    if width(text) <= room:
        return text
    room = max(room, 2)
    kept, used = [], 0
    for char in text:
        used += width(char)
        if used > room - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip("… ") + "…"


def _cell(cell: Cell) -> tuple[str, str]:
    """The cell's text, and the end that stays when the text is cut."""
    match cell:
        case None | bool() | int() | float():
            return plain(cell), ""
        case Bar():
            return f"{number(cell.value)} {_bar(cell)}{' best' if cell.best else ''}", ""
        case Passage():
            text = ("…" if cell.start else "") + one_line(cell.text[:CELL])
            return (text + "…", f" ({cell.length:,} characters)") if cell.length else (text, "")
        case Picture():
            return f"[{one_line(cell.alt)}]", ""
        case Trail():
            return ", ".join(f"{one_line(stage)} {rank}" for stage, rank in cell.steps), ""
        case str():
            if len(cell) > CELL:
                return one_line(cell[:CELL]) + "…", f" ({len(cell):,} characters)"
            return one_line(cell), ""


def _bar(bar: Bar) -> str:
    full = round(BAR * _share(bar.value, bar.low, bar.high))
    return "█" * full + "·" * (BAR - full)


def _share(value: float, low: float, high: float) -> float:
    if not low < high or value != value:
        return 0.0
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _grid(grid: Grid) -> list[str]:
    """Each row as shades from low to high: a map that reads at a glance; the exact numbers are in the other forms."""
    if not grid.values:
        return ["nothing"]
    numbers = [value for row in grid.values for value in row]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    labels = [clip(one_line(label), 24) for label in grid.rows]
    room = max(map(width, labels))
    lines = [
        f"{_pad(label, room, right=False)}  " + "".join(_shade(v, low, high) for v in row[:GRID_COLUMNS])
        for label, row in zip(labels, grid.values, strict=True)
    ]
    return [*lines, f"columns: {clip(' '.join(one_line(label) for label in grid.columns), 300)}"]


def _shade(value: float, low: float, high: float) -> str:
    return SHADES[min(int(_share(value, low, high) * len(SHADES)), len(SHADES) - 1)]
