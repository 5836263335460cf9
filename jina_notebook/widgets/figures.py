"""The pictures of the static forms: PNG on white, so that a page of either colour shows them alike."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jina_notebook.plots.fonts import save
from jina_notebook.render.blocks import Column, Picture, Table

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from jina_notebook.widgets.colours import Colouring

__all__ = ["blank", "picture", "pictured", "rank_lines", "scattered", "similarity_map", "trade_off_curves"]

# Okabe and Ito's palette without yellow: told apart by colour-blind readers, dark enough on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#8A4B7D", "#000000", "#56B4E9", "#A67C00")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
SHADES = (*COLOURS, "#7F7F7F")  # one more: eight names on a map, the last often all others
SIGNS = (*MARKERS, ".")
DASHES = ("-", "--", ":", "-.", "-", "--", ":")
DPI = 100
NAME = 28  # characters of a label beside a line
NAME_INCHES = 0.14  # height of one beside its neighbours
TOKEN = 16  # characters of a token on an axis
ROWS, WORDS = 40, 45  # tokens of query and document in a static map


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
    save(figure, stream, metadata={"Software": None})
    width, height = figure.get_size_inches()
    return Picture(stream.getvalue(), alt, round(width * DPI), round(height * DPI))


def pictured(figure: Figure, alt: str, caption: str) -> Table:
    """The figure as the only cell of a table, which every display shows."""
    return Table((Column("picture", caption),), ((picture(figure, alt),),))


def rank_lines(ranks: Mapping[str, Mapping[str, int]], stages: Sequence[str]) -> Figure:
    """One line per document through its ranks: `ranks[document][stage]`, best at the top."""
    height = min(1.2 + 0.24 * len(ranks), 5)
    figure = blank(6.4, height)
    axes: Any = figure.subplots()
    ends: dict[int, list[tuple[int, str]]] = {}
    for number, (name, places) in enumerate(ranks.items()):
        at = [i for i, stage in enumerate(stages) if stage in places]
        style = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        axes.plot(at, [places[stages[i]] for i in at], linewidth=1.4, markersize=4, **style)
        ends.setdefault(at[-1], []).append((places[stages[at[-1]]], name))
    lowest = max(max(places.values()) for places in ranks.values())
    for at_stage, ended in ends.items():
        # Names of neighbouring ranks would lie on each other where the axis is long: each has its own line.
        lines = _apart([rank for rank, _ in sorted(ended)], NAME_INCHES / (0.75 * height) * max(lowest - 1, 1))
        for (rank, name), line in zip(sorted(ended), lines, strict=True):
            axes.annotate(
                _short(name, NAME), (at_stage, rank), (at_stage + 0.08, line), fontsize=7, va="center",
                arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": "0.5", "shrinkA": 0, "shrinkB": 3},
            )  # fmt: skip
    axes.set_xticks(range(len(stages)), stages)
    axes.set_xlim(-0.2, len(stages) - 0.4)
    axes.invert_yaxis()
    axes.set_ylabel("rank")
    axes.grid(axis="y", alpha=0.3)
    return figure


def _apart(ranks: Sequence[int], gap: float) -> list[float]:
    """Ascending numbers with at least `gap` between them, each as near to its rank as those before it allow."""
    lines: list[float] = []
    for rank in ranks:
        lines.append(max(float(rank), lines[-1] + gap) if lines else float(rank))
    return lines


def similarity_map(
    query_tokens: Sequence[str],
    tokens: Sequence[str],
    similarities: NDArray[np.float32],
    grid: tuple[int, int] | None,
    image: Any,
) -> Figure:
    """Query tokens by document tokens; of a picture, its patches shaded by their best query token."""
    if grid is not None:
        return _on_picture(similarities.max(axis=0).reshape(grid), image)
    shown = similarities[:ROWS, :WORDS]
    figure = blank(min(2.2 + 0.2 * shown.shape[1], 10), min(1.6 + 0.2 * shown.shape[0], 9))
    axes: Any = figure.subplots()
    drawn = axes.imshow(shown, cmap="Blues", aspect="auto")
    axes.set_yticks(range(shown.shape[0]), [_short(token) for token in query_tokens[:ROWS]], fontsize=7)
    axes.set_xticks(range(shown.shape[1]), [_short(token) for token in tokens[:WORDS]], fontsize=7, rotation=90)
    best = shown.argmax(axis=1)
    axes.plot(best, range(len(best)), linestyle="none", marker="s", markersize=5, color="#D55E00", fillstyle="none")
    figure.colorbar(drawn, ax=axes, label="cosine similarity")
    beyond = max(len(tokens) - WORDS, 0)
    axes.set_xlabel(f"document tokens, and {beyond:,} more" if beyond else "document tokens; squares: best matches")
    return figure


def _on_picture(strengths: NDArray[np.float32], image: Any) -> Figure:
    rows, columns = strengths.shape
    figure = blank(7, min(max(7 * image.height / image.width, 2), 9))
    axes: Any = figure.subplots()
    axes.imshow(image, extent=(0, columns, rows, 0), aspect="auto")
    drawn = axes.imshow(strengths, cmap="viridis", alpha=0.55, extent=(0, columns, rows, 0), aspect="auto")
    axes.set_axis_off()
    figure.colorbar(drawn, ax=axes, label="best cosine similarity of any query token")
    return figure


def _short(text: str, limit: int = TOKEN) -> str:
    """Short enough to stand beside others, and no formula."""
    return (text if len(text) <= limit else text[: limit - 1] + "…").replace("$", r"\$")


def trade_off_curves(found: Sequence[Any], metric: str, knee: int) -> Figure:
    """One line per precision: `metric` by bytes per document, which double from tick to tick."""
    figure = blank(6.8, 3.8)
    axes: Any = figure.subplots()
    for number, name in enumerate(dict.fromkeys(one.precision for one in found)):
        own = sorted((one for one in found if one.precision == name), key=lambda one: one.dimensions)
        style = {"color": COLOURS[number], "marker": MARKERS[number], "linestyle": DASHES[number]}
        axes.plot([o.bytes_per_document for o in own], [o.metrics[metric] for o in own], label=name, **style)
    at = found[knee]
    place = (at.bytes_per_document, at.metrics[metric])
    axes.plot(*place, marker="o", markersize=14, fillstyle="none", color="black")
    label = f"knee: {at.dimensions} {at.precision}"
    axes.annotate(label, place, (10, -16), textcoords="offset points", fontsize=8)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_xlabel("bytes per document, without the graph")
    axes.set_ylabel(metric)
    axes.grid(alpha=0.3)
    axes.legend(title="precision")
    return figure


def scattered(places: NDArray[np.float32], legend: Colouring) -> Figure:
    """Points by their colours, small where they are many."""
    import numpy as np

    figure = blank(6.8, 5.2)
    axes: Any = figure.subplots()
    values = np.frombuffer(legend.values, np.uint8)
    style = {"s": max(min(4000 / max(len(places), 1), 24), 0.6), "linewidths": 0, "rasterized": True}
    if legend.kind == "names":
        for number, name in enumerate(legend.names):
            own = places[values == number]
            colour, marker = SHADES[number % len(SHADES)], SIGNS[number % len(SIGNS)]
            axes.scatter(own[:, 0], own[:, 1], color=colour, marker=marker, label=_short(name, NAME), **style)
        axes.legend(title=_short(legend.title, NAME), fontsize=7, loc="best", markerscale=3 if len(places) > 500 else 1)
    elif legend.kind == "numbers":
        shares = legend.low + values / 255 * (legend.high - legend.low)
        drawn = axes.scatter(places[:, 0], places[:, 1], c=shares, cmap="viridis", **style)
        figure.colorbar(drawn, ax=axes, label=_short(legend.title, NAME))
    else:
        axes.scatter(places[:, 0], places[:, 1], color=SHADES[0], **style)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    return figure
