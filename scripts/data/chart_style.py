"""How the charts look: one figure, quiet axes, colours that everybody can tell apart."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from scripts.data.drawing import Picture

__all__ = [
    "BLUE",
    "FAINT",
    "GREEN",
    "INK",
    "ORANGE",
    "PINK",
    "RED",
    "SKY",
    "chart",
    "figure",
    "listed",
    "rendered",
    "series",
    "tidy",
    "titled",
]

BLUE, ORANGE, GREEN, PINK, SKY, RED = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
INK, FAINT = "#26323a", "#d9dee2"


def figure(width: float = 8, height: float = 5) -> tuple[Figure, Axes]:
    """A figure of `width` x `height` hundred pixels with one set of axes."""
    made = Figure(
        figsize=(width, height), dpi=100, facecolor="white", layout=ConstrainedLayoutEngine(w_pad=0.18, h_pad=0.18)
    )
    FigureCanvasAgg(made)
    return made, tidy(made.subplots())


def tidy(axes: Axes) -> Axes:
    """No box, quiet lines, dark grey letters."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#8a949b")
    axes.tick_params(colors=INK, labelsize=10, length=3)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    axes.set_axisbelow(True)
    return axes


def rendered(made: Figure) -> Image.Image:
    """The figure's pixels."""
    buffer = io.BytesIO()
    made.savefig(buffer, format="png", dpi=100)
    buffer.seek(0)
    return Image.open(buffer).convert("RGB")


def listed(values: dict[str, Any], unit: str = "") -> str:
    """Names with their numbers, as a sentence has them."""
    return ", ".join(f"{name} {value}{unit}" for name, value in values.items())


def titled(axes: Axes, title: str) -> None:
    """The title, above the left end of the axes."""
    axes.set_title(title, loc="left", fontsize=14, fontweight="bold", color=INK, pad=14)


def chart(id: str, title: str, text: str, draw: Callable[[], Image.Image], lang: str = "en") -> Picture:  # noqa: A002
    """The record of a chart."""
    return Picture(id=id, title=title, text=text, kind="chart", draw=draw, lang=lang)


def series(names: Sequence[str], values: Sequence[float]) -> str:
    """Two rows of equal length as names with numbers."""
    return listed(dict(zip(names, values, strict=True)))
