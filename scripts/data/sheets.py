"""A4 pages of PDFs with a text layer, written from top to bottom in one or more columns."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from scripts.data.chart_style import tidy
from scripts.data.drawing import Family, font, wrapped

__all__ = ["Flow", "Sheet", "write_pdf"]

WIDTH, HEIGHT = 595, 842  # points
NAMES: dict[Family, str] = {
    "sans": "DejaVu Sans",
    "serif": "DejaVu Serif",
    "mono": "DejaVu Sans Mono",
    "times": "STIXGeneral",
}
INK = "#222b31"
FINE = 20  # widths are measured at this many times the size, where they are not rounded


class Sheet:
    """One page. Places are points from its upper left corner."""

    def __init__(self, *, family: Family = "sans", colour: str = INK, ground: str = "white", size: float = 10) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), facecolor=ground)
        self.family = family
        self.colour = colour
        self.size = size

    def text(self, x: float, y: float, text: str, size: float = 10, **options: Any) -> None:
        """One line, by its upper left corner unless `ha` and `va` say otherwise."""
        settings = {"color": INK, "va": "top", "family": NAMES[self.family], "parse_math": False, **options}
        self.figure.text(x / WIDTH, 1 - y / HEIGHT, text, fontsize=size, **settings)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        """A filled rectangle."""
        place = (left / WIDTH, 1 - bottom / HEIGHT)
        size = ((right - left) / WIDTH, (bottom - top) / HEIGHT)
        self.figure.add_artist(Rectangle(place, *size, color=colour, linewidth=0, zorder=-1))

    def rule(self, left: float, right: float, y: float, *, width: float = 0.7, colour: str = "#9aa5ad") -> None:
        """A level line."""
        height = 1 - y / HEIGHT
        self.figure.add_artist(Line2D([left / WIDTH, right / WIDTH], [height] * 2, linewidth=width, color=colour))

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Room for a chart or a drawing."""
        made = self.figure.add_axes((left / WIDTH, 1 - (top + height) / HEIGHT, width / WIDTH, height / HEIGHT))
        return tidy(made)

    def flow(self, *, left: float = 62, width: float = 471, top: float = 62) -> Flow:
        """A column to write into."""
        return Flow(self, left, width, top)

    def foot(self, text: str, number: int) -> None:
        """Name of the document and number of the page."""
        self.rule(62, 533, 792)
        self.text(62, 799, text, 8, color="#66727a")
        self.text(533, 799, f"{number}", 8, color="#66727a", ha="right")


class Flow:
    """A column of a page: what is written goes below what was written before."""

    def __init__(self, sheet: Sheet, left: float, width: float, top: float) -> None:
        self.sheet = sheet
        self.left, self.width, self.top, self.y = left, width, top, top

    def gap(self, points: float) -> Flow:
        self.y += points
        return self

    def heading(self, text: str, size: float = 15) -> Flow:
        if self.y > self.top:
            self.gap(size * 0.5)
        for line in self._lines(text, size, self.width, bold=True):
            self.sheet.text(self.left, self.y, line, size, fontweight="bold", color=self.sheet.colour)
            self.y += size * 1.25
        return self.gap(size * 0.35)

    def paragraph(self, text: str, size: float = 0, *, spacing: float = 1.45, **options: Any) -> Flow:
        size = size or self.sheet.size
        bold = options.get("fontweight") == "bold"
        for line in self._lines(text, size, self.width, bold=bold):
            self.sheet.text(self.left, self.y, line, size, **options)
            self.y += size * spacing
        return self.gap(size * 0.6)

    def points(self, items: Sequence[str], size: float = 0, *, numbered: bool = False) -> Flow:
        size = size or self.sheet.size
        for index, item in enumerate(items, 1):
            self.sheet.text(self.left + 4, self.y, f"{index}." if numbered else "•", size, color=self.sheet.colour)
            for line in self._lines(item, size, self.width - 22):
                self.sheet.text(self.left + 22, self.y, line, size)
                self.y += size * 1.4
            self.y += size * 0.3
        return self.gap(size * 0.4)

    def table(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], *, size: float = 0, right: Sequence[int] = ()
    ) -> Flow:
        """Rows of cells, the first one as a heading; `widths` in parts of the column, `right`: cells flush right."""
        size = size or self.sheet.size - 1
        edges = [self.left]
        for part in widths:
            edges.append(edges[-1] + part * self.width)
        for number, row in enumerate(rows):
            cells = [self._lines(cell, size, edges[i + 1] - edges[i] - 12) for i, cell in enumerate(row)]
            height = max(map(len, cells)) * size * 1.3 + size * 0.9
            if number == 0:
                self.sheet.box(self.left, self.y, self.left + self.width, self.y + height, self.sheet.colour)
            elif number % 2 == 0:
                self.sheet.box(self.left, self.y, self.left + self.width, self.y + height, "#f1f4f6")
            for index, lines in enumerate(cells):
                side = {"ha": "right"} if index in right else {}
                x = edges[index + 1] - 6 if index in right else edges[index] + 6
                look = {"color": "white", "fontweight": "bold"} if number == 0 else {}
                for step, line in enumerate(lines):
                    self.sheet.text(x, self.y + size * 0.5 + step * size * 1.3, line, size, **side, **look)
            self.y += height
        self.sheet.rule(self.left, self.left + self.width, self.y)
        return self.gap(12)

    def chart(self, height: float, *, indent: float = 34) -> Axes:
        """Axes across the column; their labels need `indent` points on the left and 30 below."""
        made = self.sheet.axes(self.left + indent, self.y + 14, self.width - indent - 6, height - 44)
        made.tick_params(labelsize=7.5)
        self.y += height + 6
        return made

    def _lines(self, text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
        family = self.sheet.family
        return wrapped(text, font(size * FINE, bold=bold, family=family), width * FINE * 0.985)


def write_pdf(path: Path, sheets: Sequence[Sheet], *, title: str, scan: Image.Image | None = None) -> None:
    """Writes pages; `scan` is appended as a page that is nothing but a picture, as a scanner makes it."""
    import pypdfium2

    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    with (
        matplotlib.rc_context({"pdf.fonttype": 42, "pdf.compression": 9}),
        PdfPages(written, metadata={"Title": title, "CreationDate": None}) as pdf,
    ):
        for sheet in sheets:
            pdf.savefig(sheet.figure, facecolor=sheet.figure.get_facecolor())
    if scan is None:
        path.write_bytes(written.getvalue())
        return
    picture = io.BytesIO()
    scan.save(picture, "PDF", resolution=100.0, quality=45, title=title)
    merged = pypdfium2.PdfDocument(written.getvalue())
    merged.import_pages(pypdfium2.PdfDocument(picture.getvalue()))
    merged.save(str(path))
