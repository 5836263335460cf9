"""Figures of reports and evaluations, for readers of every kind of sight.

Each function returns a matplotlib Figure that shows itself in a notebook, with its text alternative in `alt_text`;
nothing global in matplotlib is changed, no window opens. Colours are Okabe and Ito's, told apart in every kind of
colour blindness, and never carry meaning alone: bars have values, lines have markers.
"""

from __future__ import annotations

import base64
import functools
import html
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from jina_notebook.errors import InputError
from jina_notebook.render.clean import counted, one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jina_notebook.results import Evaluation, Hits, Ranking

__all__ = [
    "PALETTE",
    "canvas",
    "heat_map",
    "late_interaction",
    "lines",
    "metric_bars",
    "pictures",
    "rank_changes",
    "recall_by_dimensions",
]

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")
DPI, SHOWN_DPI = 144, 72  # pixels are twice as fine as the size at which a figure is shown
LABEL = 32  # characters of a name that a figure shows
LONG = 60  # characters of a name that has a line, or the figure's width, for itself
MOST_LINES = 20  # documents whose way is drawn
LINE = 26  # characters of a caption's line
MOST_TICKS = 12  # settings that are all named below a line chart


def canvas(*, width: float, height: float, columns: int = 1) -> tuple[Any, Any]:
    """A figure for a drawing of one's own, and its axes (an array of them where there are more `columns`).

    It shows itself as the figures here do; `width` and `height` are inches. What there is to see for those who do not
    see it goes into its `alt_text`.
    """
    drawn = _figure_class()(figsize=(width, height), layout="constrained", facecolor="white")
    return drawn, drawn.subplots(1, columns)


def metric_bars(evaluation: Evaluation) -> Figure:
    """One group of bars per metric, one bar per run, each with its value.

    Raises `InputError` for an evaluation without runs.
    """
    runs, names = list(evaluation.metrics), evaluation.names
    if not runs or not names:
        raise InputError(
            "There are no runs to draw.", hint="Evaluate at least one run: jn.evaluate(queries, qrels, runs)."
        )
    figure, axes = _figure(width=max(6.0, 1.2 + 0.55 * len(runs) * len(names)), height=3.6)
    share = 0.8 / len(runs)
    for i, run in enumerate(runs):
        values = [evaluation.metrics[run].get(name, 0.0) for name in names]
        places = [j - 0.4 + share * (i + 0.5) for j in range(len(names))]
        bars = axes.bar(places, values, width=share * 0.94, color=_colour(i), label=_label(run), hatch=_hatch(i))
        axes.bar_label(bars, labels=[f"{value:.3f}" for value in values], padding=2, fontsize=8)
    axes.set_xticks(range(len(names)), [_label(name) for name in names])
    axes.set_ylim(0, 1.1)
    axes.set_ylabel("mean over queries")
    _legend(axes, len(runs))
    told = [f"{_name(run)}: {_listed(evaluation.metrics[run])}" for run in runs]
    title = f"{', '.join(map(_name, names))} over {counted(evaluation.queries, 'query', 'queries')}"
    return _described(figure, axes, title, f"Bar chart, {title}. {'; '.join(told)}.")


def rank_changes(before: Ranking | Hits | Sequence[Any], after: Ranking | Hits | Sequence[Any]) -> Figure:
    """Where each document stood before and after reranking: a line from its old rank to its new one.

    `before` and `after` are hits, rankings or lists of ids, best first. A ranking of hits is compared by the hits' ids,
    a ranking of other documents by their positions.

    Raises `InputError` where they have no document in common.
    """
    first, second = _places(before), _places(after)
    both = [key for key in second if key in first][:MOST_LINES]
    if not both:
        raise InputError(
            "The two orders have no document in common.",
            hint="Compare the hits of a search with a ranking of those hits.",
        )
    figure, axes = _figure(width=6.0, height=max(2.4, 0.6 + 0.3 * len(both)))
    told = []
    for i, key in enumerate(both):
        old, new = first[key], second[key]
        better = old > new
        colour = PALETTE[0] if better else PALETTE[5] if old < new else "#777777"
        style = "-" if better else "--" if old < new else ":"
        axes.plot([0, 1], [old, new], color=colour, linestyle=style, marker=MARKERS[i % len(MARKERS)], markersize=5)
        _beside(axes, 0, old, f"{old}", right=False)
        _beside(axes, 1, new, f"{new}  {_label(key)}", right=True)
        told.append(f"{_name(key)} from {old} to {new}")
    axes.invert_yaxis()
    axes.set_xticks([0, 1], ["before", "after"])
    axes.set_xlim(-0.2, 1.8)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    up = sum(first[key] > second[key] for key in both)
    down = sum(first[key] < second[key] for key in both)
    title = f"Ranks before and after: {up} up (solid), {down} down (dashed)"
    return _described(figure, axes, title, f"Line chart of ranks. {title}. {'; '.join(told)}.")


def recall_by_dimensions(
    recall: Mapping[int, float] | Mapping[str, Mapping[int, float]], *, metric: str = "R@10"
) -> Figure:
    """How much is still found with shorter vectors. `recall` maps dimensions to the metric, or names to such mappings.

    Raises `InputError` for nothing to draw.
    """
    lines = cast("dict[str, Mapping[int, float]]", dict(recall))
    if lines and not all(isinstance(line, Mapping) for line in lines.values()):
        lines = {"": cast("Mapping[int, float]", recall)}
    if not lines or not all(lines.values()):
        raise InputError("There are no dimensions to draw.", hint="Give a mapping such as {64: 0.71, 256: 0.84}.")
    figure, axes = _figure(width=6.0, height=3.6)
    told = []
    for i, (name, line) in enumerate(lines.items()):
        sizes = sorted(line)
        values = [line[size] for size in sizes]
        axes.plot(sizes, values, color=_colour(i), marker=MARKERS[i % len(MARKERS)], label=_label(name) or None)
        told.append((f"{_name(name)}: " if name else "") + _listed({size: line[size] for size in sizes}))
    every = sorted({size for line in lines.values() for size in line})
    axes.set_xscale("log", base=2)
    axes.set_xticks(every, [str(size) for size in every], rotation=45 if len(every) > 7 else 0)
    axes.minorticks_off()
    axes.set_xlabel("dimensions (4 bytes each)")
    axes.set_ylabel(_label(metric))
    axes.grid(visible=True, alpha=0.3)
    if any(lines):
        _legend(axes, len(lines))
    alternative = f"Line chart, {metric} by dimensions. {'; '.join(told)}."
    return _described(figure, axes, f"{_name(metric)} by dimensions", alternative)


def heat_map(values: Any, *, label: str, title: str = "", rows: str = "", columns: str = "") -> Figure:
    """A table of numbers as shaded cells, each with its number: languages by languages, tasks by tasks.

    `values`: row to column to number, or a DataFrame; a cell that is missing or NaN stays empty. `label` says what the
    numbers are, `rows` and `columns` what stands on the two sides.

    Raises `InputError` for nothing to draw.
    """
    import numpy as np

    table: dict[Any, Mapping[Any, Any]] = dict(values.to_dict("index") if hasattr(values, "to_dict") else values)
    names = list(dict.fromkeys(column for row in table.values() for column in row))
    grid = np.array([[row.get(name, np.nan) for name in names] for row in table.values()], dtype=np.float64)
    if not grid.size or np.isnan(grid).all():
        raise InputError("There are no values to draw.", hint="Give a table such as {'en': {'de': 0.71, 'es': 0.84}}.")
    figure, axes = _figure(width=min(2.6 + 0.75 * len(names), 12.0), height=min(1.6 + 0.42 * len(table), 12.0))
    image = axes.imshow(grid, cmap="cividis", aspect="auto")
    middle = (np.nanmin(grid) + np.nanmax(grid)) / 2
    for (row, column), value in np.ndenumerate(grid):
        if not np.isnan(value):
            colour = "black" if value > middle else "white"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
    slant: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if _wide(names) else {}
    axes.set_xticks(range(len(names)), [_label(name) for name in names], **slant)
    axes.set_yticks(range(len(table)), [_label(name) for name in table])
    axes.set_xlabel(_label(columns, LONG))
    axes.set_ylabel(_label(rows, LONG))
    figure.colorbar(image, ax=axes, label=_label(label, LONG))
    told = [f"{_name(row)}: {_listed({c: v for c, v in cells.items() if v == v})}" for row, cells in table.items()]
    title = title or f"{label} by {rows or 'row'} and {columns or 'column'}"
    return _described(figure, axes, title, f"Heat map, {title}. {'; '.join(told)}.")


def lines(series: Mapping[str, Mapping[float, float]], *, x: str, y: str, title: str = "", log: bool = False) -> Figure:
    """How a measure goes with a setting: name to x to y, one line each. `log` doubles x from tick to tick.

    Raises `InputError` for nothing to draw.
    """
    if not series or not all(series.values()):
        raise InputError("There are no points to draw.", hint="Give a mapping such as {'hybrid': {5: 0.71, 10: 0.84}}.")
    figure, axes = _figure(width=6.0, height=3.6)
    for i, (name, line) in enumerate(series.items()):
        places = sorted(line)
        look: dict[str, Any] = {
            "color": _colour(i),
            "marker": MARKERS[i % len(MARKERS)],
            "linestyle": DASHES[i % len(DASHES)],
        }
        axes.plot(places, [line[place] for place in places], label=_label(name, LONG), **look)
    every = sorted({place for line in series.values() for place in line})
    if log:
        axes.set_xscale("log", base=2)
        axes.minorticks_off()
    if len(every) <= MOST_TICKS:
        axes.set_xticks(every, [f"{place:,g}" for place in every], rotation=45 if len(every) > 7 else 0)
    axes.set_xlabel(_label(x, LONG))
    axes.set_ylabel(_label(y, LONG))
    axes.grid(visible=True, alpha=0.3)
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=9)
    told = [
        f"{_name(name, LONG)}: {_listed({f'{place:g}': line[place] for place in sorted(line)})}"
        for name, line in series.items()
    ]
    title = title or f"{y} by {x}"
    return _described(figure, axes, title, f"Line chart, {title}. {'; '.join(told)}.")


def pictures(
    images: Sequence[Any],
    captions: Sequence[str] = (),
    *,
    boxes: Sequence[Sequence[Sequence[float]]] = (),
    columns: int = 5,
    width: float = 2.3,
) -> Figure:
    """Pictures side by side, each under its caption, `width` inches for each.

    `images`: whatever `jn.read_image` reads. `boxes`: for each picture the rectangles to frame on it, `(left, top,
    width, height)` in its pixels.

    Raises `InputError` for no picture, one that cannot be read, and captions or boxes for more or fewer of them.
    """
    import textwrap

    from matplotlib.patches import Rectangle

    from jina_notebook.images import as_rgb, read_image

    if not len(images):
        raise InputError("There are no pictures to draw.", hint="Give a list of images, paths or bytes.")
    for what, given in (("captions", captions), ("boxes", boxes)):
        if len(given) not in {0, len(images)}:
            raise InputError(f"There are {len(given)} {what} for {counted(len(images), 'picture')}.")
    across = min(columns, len(images))
    down = -(-len(images) // across)
    figure: Any = _figure_class()(
        figsize=(width * across, (width + 0.3) * down), layout="constrained", facecolor="white"
    )
    cells = list(figure.subplots(down, across, squeeze=False).flat)
    for axes in cells[len(images) :]:
        axes.set_axis_off()
    for i, (axes, image) in enumerate(zip(cells, images, strict=False)):
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("#cccccc")
        axes.imshow(as_rgb(read_image(image), alpha="white"))
        if captions:
            axes.set_title("\n".join(textwrap.wrap(one_line(captions[i]), LINE)[:3]).replace("$", r"\$"), fontsize=8)
        for left, top, *size in boxes[i] if boxes else ():
            look = {"fill": False, "edgecolor": PALETTE[5], "linewidth": 2, "clip_on": False}
            axes.add_patch(Rectangle((left, top), *size, **look))
    told = "; ".join(one_line(caption) for caption in captions)
    figure.alt_text = counted(len(images), "picture") + (f": {told}." if told else ".")
    shown: Figure = figure
    return shown


def late_interaction(scores: Any, *, query_tokens: Sequence[str], document_tokens: Sequence[str]) -> Figure:
    """A heat map of token similarities, `(query tokens, document tokens)`; each row's best match has a frame.

    Raises `InputError` where the shape does not fit the tokens.
    """
    import numpy as np
    from matplotlib.patches import Rectangle

    grid = np.asarray(scores, dtype=np.float32)
    if grid.shape != (len(query_tokens), len(document_tokens)) or not grid.size:
        raise InputError(
            f"The scores have the shape {grid.shape} for {counted(len(query_tokens), 'query token')} and "
            f"{counted(len(document_tokens), 'document token')}."
        )
    rows, columns = grid.shape
    figure, axes = _figure(width=min(2.0 + 0.35 * columns, 16.0), height=min(1.6 + 0.35 * rows, 12.0))
    image = axes.imshow(grid, cmap="cividis", aspect="auto")
    best = grid.argmax(axis=1)
    for row, column in enumerate(best):
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=PALETTE[5], linewidth=2))
    axes.set_xticks(range(columns), [_label(token) for token in document_tokens], rotation=90)
    axes.set_yticks(range(rows), [_label(token) for token in query_tokens])
    figure.colorbar(image, ax=axes, label="similarity")
    told = [
        f"{_name(query_tokens[row])} best matches {_name(document_tokens[column])} ({grid[row, column]:.2f})"
        for row, column in enumerate(best)
    ]
    title = f"Late interaction, sum of maxima {float(grid.max(axis=1).sum()):.2f}"
    return _described(figure, axes, title, f"Heat map of token similarities. {'; '.join(told)}.")


@functools.cache
def _figure_class() -> type[Figure]:
    """A Figure that shows itself with its text alternative, also where no plotting backend was chosen."""
    from matplotlib.figure import Figure

    class DescribedFigure(Figure):
        alt_text = ""

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
            stream = io.BytesIO()
            self.savefig(stream, format="png", dpi=DPI, metadata={"Description": self.alt_text})
            png = base64.b64encode(stream.getvalue()).decode("ascii")
            alt = html.escape(self.alt_text, quote=True)
            width = round(self.get_figwidth() * SHOWN_DPI)
            image = f'<img alt="{alt}" width="{width}" src="data:image/png;base64,{png}">'
            return {"image/png": png, "text/html": image, "text/plain": self.alt_text}

    return DescribedFigure


def _figure(*, width: float, height: float) -> tuple[Figure, Axes]:
    """A figure that belongs to no window and no global list of figures."""
    figure = _figure_class()(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.subplots()


def _described(figure: Figure, axes: Axes, title: str, alt_text: str) -> Figure:
    axes.set_title(title.replace("$", r"\$"), fontsize=10, loc="left")
    described: Any = figure
    described.alt_text = one_line(alt_text)
    return figure


def _beside(axes: Axes, x: float, y: float, text: str, *, right: bool) -> None:
    axes.annotate(
        text,
        (x, y),
        xytext=(8 if right else -8, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        fontsize=8,
    )


def _listed(values: Mapping[Any, float]) -> str:
    """`"nDCG@10 0.612, R@100 0.830"`."""
    return ", ".join(f"{_name(name)} {value:.3f}" for name, value in values.items())


def _legend(axes: Axes, count: int) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=min(count, 4), frameon=False, fontsize=9)


def _colour(i: int) -> str:
    return PALETTE[i % len(PALETTE)]


def _hatch(i: int) -> str:
    """A pattern where the colours start again."""
    return ("", "//", "..", "xx")[i // len(PALETTE) % 4]


def _name(text: Any, limit: int = LABEL) -> str:
    """Anyone's text on one line and not too long."""
    line = one_line(str(text))
    return f"{line[: limit - 1]}…" if len(line) > limit else line


def _label(text: Any, limit: int = LABEL) -> str:
    """A name as matplotlib takes it, so that a dollar sign does not begin a formula."""
    return _name(text, limit).replace("$", r"\$")


def _wide(names: Sequence[Any]) -> bool:
    """Whether the names do not fit side by side."""
    return any(len(_name(name)) > 8 for name in names)


def _places(order: Ranking | Hits | Sequence[Any]) -> dict[Any, int]:
    """Rank by id: of hits, of ranked hits, else of the entry itself; ranked documents without an id by position."""
    return {_key(item): rank for rank, item in reversed(list(enumerate(order, 1)))}


def _key(item: Any) -> Any:
    document = getattr(item, "document", item)
    if hasattr(document, "id"):
        return document.id
    return item.index if hasattr(item, "relevance_score") else item
