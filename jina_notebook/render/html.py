"""Pages as HTML that stands alone: native elements and literal inline styles only, so that a sanitizer leaves them.

No style element, script, SVG, id or network. A background always comes with its text colour, or with neither, so both
themes keep their contrast.
"""

from __future__ import annotations

import base64
import html
import re

from jina_notebook.render.blocks import Bar, Cell, Column, Grid, Page, Passage, Picture, Prose, Table, Trail
from jina_notebook.render.clean import clip, number, plain, visible

__all__ = ["to_html"]

PROSE = 20_000
SHORT = 36  # characters of a name or id that stay on one line
CELL = "text-align:{align};vertical-align:top;padding:4px 10px 4px 0"
TEXT = ";white-space:pre-line;max-width:640px"
CAPTION = "text-align:left;caption-side:top;padding:2px 0;font-weight:bold"
MARK = "background-color:#FFE08A;color:#1A1A1A"
NO_MATHEMATICS = "tex2jax_ignore mathjax_ignore"  # or prices such as $5 and $6 are typeset as a formula
NOWRAP = "white-space:nowrap"
METER = "width:80px;vertical-align:middle"
_LONG_WORD = re.compile(r"\S{25,}")
_PIECE = re.compile(r"[^/\\_.,:;=&?-]{0,20}[/\\_.,:;=&?-]+|[^/\\_.,:;=&?-]{20}")
NOTE = "border-left:3px solid #D55E00;padding-left:8px;margin:4px 0"


def to_html(page: Page) -> str:
    """The page as one `div`."""
    parts = [
        f'<div class="{NO_MATHEMATICS}">',
        f'<p style="margin:4px 0"><strong>{_text(page.title)}</strong>{_facts(page)}</p>',
    ]
    parts += [f'<p style="{NOTE}">{_text(note)}</p>' for note in page.notes]
    parts += [_block(block) for block in page.blocks]
    parts.append("</div>")
    return "\n".join(parts)


def _facts(page: Page) -> str:
    if not page.facts:
        return ""
    shown = ", ".join(f"{_text(label)}: {_text(clip(value, 120))}" for label, value in page.facts)
    return f"<br><small>{shown}</small>"


def _text(text: str) -> str:
    """Escaped, and isolated where it holds anything that could run from right to left."""
    escaped = _escaped(text)
    return escaped if text.isascii() else f"<bdi>{escaped}</bdi>"


def _escaped(text: str) -> str:
    """Escaped, with places to break a line in words too long for one: after punctuation, else every so often."""
    parts, at = [], 0
    shown = visible(text)
    for word in _LONG_WORD.finditer(shown):
        for piece in _PIECE.finditer(shown, word.start(), word.end() - 1):
            parts.append(html.escape(shown[at : piece.end()]))
            at = piece.end()
    return "<wbr>".join([*parts, html.escape(shown[at:])])


def _block(block: Table | Prose | Grid) -> str:
    if isinstance(block, Prose):
        caption = f'<p style="margin:4px 0">{_text(block.caption)}</p>' if block.caption else ""
        style = "white-space:pre-wrap;overflow-wrap:break-word;text-align:left"
        return f'{caption}<pre style="{style}">{_text(clip(block.text, PROSE))}</pre>'
    if isinstance(block, Grid):
        return _grid(block)
    return _table(block)


def _table(table: Table) -> str:
    if not table.rows:
        return f'<p style="margin:4px 0"><em>{_text(table.empty)}</em></p>'
    caption = [f'<caption style="{CAPTION}">{_text(table.caption)}</caption>'] if table.caption else []
    head = "".join(_head(column) for column in table.columns)
    rows = [f"<tr>{''.join(map(_td, row, table.columns))}</tr>" for row in table.rows]
    more = [f'<p style="margin:4px 0"><em>… and {table.beyond:,} more</em></p>'] if table.beyond else []
    start = '<table style="margin-left:0;border-collapse:collapse">'
    return "\n".join([start, *caption, f"<thead><tr>{head}</tr></thead>", "<tbody>", *rows, "</tbody></table>", *more])


def _head(column: Column) -> str:
    return f'<th scope="col" style="{CELL.format(align=column.align)}">{_text(column.title)}</th>'


def _td(cell: Cell, column: Column) -> str:
    style = CELL.format(align=column.align)
    if isinstance(cell, Bar | float) or (isinstance(cell, str) and not column.yields and len(cell) <= SHORT):
        style += f";{NOWRAP}"
    elif isinstance(cell, str | Passage):
        style += TEXT
    return f'<td style="{style}">{_cell(cell)}</td>'


def _cell(cell: Cell) -> str:
    match cell:
        case None | bool() | int() | float():
            return plain(cell)
        case Bar():
            return _bar(cell)
        case Passage():
            return _passage(cell)
        case Picture():
            data = base64.b64encode(cell.png).decode("ascii")
            alt = html.escape(visible(cell.alt), quote=True)
            return f'<img alt="{alt}" width="{cell.width}" height="{cell.height}" src="data:image/png;base64,{data}">'
        case Trail():
            return " → ".join(f'<span style="{NOWRAP}">{_text(stage)} {rank}</span>' for stage, rank in cell.steps)
        case str():
            return _text(clip(cell, 200))


def _bar(bar: Bar) -> str:
    value = number(bar.value)
    shown = f"<strong>{value}</strong>" if bar.best else value
    if not bar.low < bar.high or bar.value != bar.value:
        return shown
    meter = f'<meter min="{bar.low:g}" max="{bar.high:g}" value="{bar.value:g}" style="{METER}">{value}</meter>'
    return f"{meter} {shown}"


def _passage(passage: Passage) -> str:
    parts, at = [], 0
    for start, end in passage.marks:
        parts.append(_escaped(passage.text[at:start]))
        parts.append(f'<mark style="{MARK}">{_escaped(passage.text[start:end])}</mark>')
        at = end
    parts.append(_escaped(passage.text[at:]))
    more = f"… <small>({passage.length:,} characters)</small>" if passage.length else ""
    return f"{'…' if passage.start else ''}<bdi>{''.join(parts)}</bdi>{more}"


def _grid(grid: Grid) -> str:
    numbers = [value for row in grid.values for value in row]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    head = "".join(_head(Column(str(i), label, "right")) for i, label in enumerate(grid.columns))
    rows = "\n".join(
        f'<tr><th scope="row" style="{CELL.format(align="left")}">{_text(label)}</th>'
        f"{''.join(_shaded(value, low, high) for value in values)}</tr>"
        for label, values in zip(grid.rows, grid.values, strict=True)
    )
    caption = f'<caption style="{CAPTION}">{_text(grid.caption)}</caption>' if grid.caption else ""
    head = f"<thead><tr><th></th>{head}</tr></thead>"
    return f'<table style="margin-left:0">{caption}{head}<tbody>\n{rows}\n</tbody></table>'


def _shaded(value: float, low: float, high: float) -> str:
    """A blue that darkens with the value; the text on it is the one of black and white that stands out."""
    share = (value - low) / (high - low) if high > low else 0.0
    red, green, blue = (round(255 + (dark - 255) * share) for dark in (0, 60, 120))
    colour = "#FFFFFF" if share > 0.685 else "#000000"
    style = f"text-align:right;padding:2px 6px;background-color:#{red:02X}{green:02X}{blue:02X};color:{colour}"
    return f'<td style="{style}">{value:.2f}</td>'
