"""What all figures stand on: size, colours, markers, names, and a text alternative that travels with the picture."""

from __future__ import annotations

import base64
import functools
import html
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jina_notebook.plots.fonts import save
from jina_notebook.render.clean import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")
DPI, SHOWN_DPI = 144, 72  # pixels are twice as fine as the size at which a figure is shown
LABEL = 32  # characters of a name that a figure shows
LONG = 60  # characters of a name that has a line, or the figure's width, for itself
MOST_LINES = 20  # documents whose way is drawn
LINE = 26  # characters of a caption's line
MOST_TICKS = 12  # settings that are all named below a line chart
SHORT = 14  # characters of a name that has its place in a row of four


def canvas(*, width: float, height: float, columns: int = 1) -> tuple[Any, Any]:
    """A figure for a drawing of one's own, and its axes (an array of them where there are more `columns`).

    It shows itself as the figures here do; `width` and `height` are inches. What there is to see for those who do not
    see it goes into its `alt_text`.
    """
    drawn = figure_class()(figsize=(width, height), layout="constrained", facecolor="white")
    return drawn, drawn.subplots(1, columns)


@functools.cache
def figure_class() -> type[Figure]:
    """A Figure that shows itself with its text alternative, also where no plotting backend was chosen."""
    from matplotlib.figure import Figure

    class DescribedFigure(Figure):
        alt_text = ""

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
            stream = io.BytesIO()
            save(self, stream, dpi=DPI, metadata={"Description": self.alt_text})
            png = base64.b64encode(stream.getvalue()).decode("ascii")
            alt = html.escape(self.alt_text, quote=True)
            width = round(self.get_figwidth() * SHOWN_DPI)
            image = f'<img alt="{alt}" width="{width}" src="data:image/png;base64,{png}">'
            return {"image/png": png, "text/html": image, "text/plain": self.alt_text}

    return DescribedFigure


def sheet(*, width: float, height: float) -> tuple[Figure, Axes]:
    """A figure that belongs to no window and no global list of figures."""
    figure = figure_class()(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.subplots()


def described(figure: Figure, axes: Axes, title: str, alt_text: str) -> Figure:
    axes.set_title(title.replace("$", r"\$"), fontsize=10, loc="left")
    described: Any = figure
    described.alt_text = one_line(alt_text)
    return figure


def beside(axes: Axes, x: float, y: float, text: str, *, right: bool) -> None:
    axes.annotate(
        text,
        (x, y),
        xytext=(8 if right else -8, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        fontsize=8,
    )


def listed(values: Mapping[Any, float]) -> str:
    """`"nDCG@10 0.612, R@100 0.830"`."""
    return ", ".join(f"{named(name)} {value:.3f}" for name, value in values.items())


def legend(axes: Axes, count: int) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=min(count, 4), frameon=False, fontsize=9)


def colour_of(i: int) -> str:
    return PALETTE[i % len(PALETTE)]


def hatch_of(i: int) -> str:
    """A pattern where the colours start again."""
    return ("", "//", "..", "xx")[i // len(PALETTE) % 4]


def named(text: Any, limit: int = LABEL) -> str:
    """Anyone's text on one line and not too long."""
    line = one_line(str(text))
    return f"{line[: limit - 1]}…" if len(line) > limit else line


def labelled(text: Any, limit: int = LABEL) -> str:
    """A name as matplotlib takes it, so that a dollar sign does not begin a formula."""
    return named(text, limit).replace("$", r"\$")


def are_wide(names: Sequence[Any]) -> bool:
    """Whether the names do not fit side by side."""
    return any(len(named(name)) > 8 for name in names)
