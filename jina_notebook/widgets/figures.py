"""The pictures of the static forms: PNG on white, so that a page of either colour shows them alike."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jina_notebook.render.blocks import Column, Picture, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "DASHES", "MARKERS", "blank", "picture", "pictured", "rank_lines"]

# Okabe and Ito's palette without yellow: told apart by colour-blind readers, dark enough on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#8A4B7D", "#000000", "#56B4E9", "#A67C00")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", "--", ":", "-.", "-", "--", ":")
DPI = 100
NAME = 28  # characters of a label beside a line


def blank(width: float, height: float) -> Figure:
    """An empty figure of that many inches, outside pyplot: nobody's current figure changes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def picture(figure: Figure, alt: str) -> Picture:
    """The figure as PNG with its text alternative."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    width, height = figure.get_size_inches()
    return Picture(stream.getvalue(), alt, round(width * DPI), round(height * DPI))


def pictured(figure: Figure, alt: str, caption: str) -> Table:
    """The figure as the only cell of a table, which every display shows."""
    return Table((Column("picture", caption),), ((picture(figure, alt),),))


def rank_lines(ranks: Mapping[str, Mapping[str, int]], stages: Sequence[str]) -> Figure:
    """One line per document through its ranks: `ranks[document][stage]`, best at the top."""
    figure = blank(6.4, min(1.2 + 0.24 * len(ranks), 5))
    axes: Any = figure.subplots()
    for number, (name, places) in enumerate(ranks.items()):
        at = [i for i, stage in enumerate(stages) if stage in places]
        style = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        axes.plot(at, [places[stages[i]] for i in at], linewidth=1.4, markersize=4, **style)
        label = name if len(name) <= NAME else name[: NAME - 1] + "…"
        axes.annotate(
            label.replace("$", r"\$"), (at[-1], places[stages[at[-1]]]), (6, -3), textcoords="offset points", fontsize=7
        )
    axes.set_xticks(range(len(stages)), stages)
    axes.set_xlim(-0.2, len(stages) - 0.4)
    axes.invert_yaxis()
    axes.set_ylabel("rank")
    axes.grid(axis="y", alpha=0.3)
    return figure
