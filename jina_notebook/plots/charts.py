"""Bars and lines: what runs are worth, and how a measure goes with a setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from jina_notebook.errors import InputError, OptionError
from jina_notebook.plots.canvas import (
    DASHES,
    LONG,
    MARKERS,
    MOST_TICKS,
    SHORT,
    colour_of,
    described,
    hatch_of,
    labelled,
    legend,
    listed,
    named,
    sheet,
)
from jina_notebook.render.clean import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jina_notebook.results import Evaluation, IndexComparison

__all__ = ["index_trade_offs", "lines", "metric_bars", "recall_by_dimensions"]


def metric_bars(evaluation: Evaluation) -> Figure:
    """One group of bars per metric, one bar per run, each with its value.

    Raises `InputError` for an evaluation without runs.
    """
    runs, names = list(evaluation.metrics), evaluation.names
    if not runs or not names:
        raise InputError(
            "There are no runs to draw.", hint="Evaluate at least one run: jn.evaluate(queries, qrels, runs)."
        )
    figure, axes = sheet(width=max(6.0, 1.2 + 0.55 * len(runs) * len(names)), height=3.6)
    share = 0.8 / len(runs)
    for i, run in enumerate(runs):
        values = [evaluation.metrics[run].get(name, 0.0) for name in names]
        places = [j - 0.4 + share * (i + 0.5) for j in range(len(names))]
        bars = axes.bar(places, values, width=share * 0.94, color=colour_of(i), label=labelled(run), hatch=hatch_of(i))
        axes.bar_label(bars, labels=[f"{value:.3f}" for value in values], padding=2, fontsize=8)
    axes.set_xticks(range(len(names)), [labelled(name) for name in names])
    axes.set_ylim(0, 1.1)
    axes.set_ylabel("mean over queries")
    legend(axes, len(runs))
    told = [f"{named(run)}: {listed(evaluation.metrics[run])}" for run in runs]
    title = f"{', '.join(map(named, names))} over {counted(evaluation.queries, 'query', 'queries')}"
    return described(figure, axes, title, f"Bar chart, {title}. {'; '.join(told)}.")


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
    figure, axes = sheet(width=6.0, height=3.6)
    told = []
    for i, (name, line) in enumerate(lines.items()):
        sizes = sorted(line)
        values = [line[size] for size in sizes]
        axes.plot(sizes, values, color=colour_of(i), marker=MARKERS[i % len(MARKERS)], label=labelled(name) or None)
        told.append((f"{named(name)}: " if name else "") + listed({size: line[size] for size in sizes}))
    every = sorted({size for line in lines.values() for size in line})
    axes.set_xscale("log", base=2)
    axes.set_xticks(every, [str(size) for size in every], rotation=45 if len(every) > 7 else 0)
    axes.minorticks_off()
    axes.set_xlabel("dimensions (4 bytes each)")
    axes.set_ylabel(labelled(metric))
    axes.grid(visible=True, alpha=0.3)
    if any(lines):
        legend(axes, len(lines))
    alternative = f"Line chart, {metric} by dimensions. {'; '.join(told)}."
    return described(figure, axes, f"{named(metric)} by dimensions", alternative)


def lines(series: Mapping[str, Mapping[float, float]], *, x: str, y: str, title: str = "", log: bool = False) -> Figure:
    """How a measure goes with a setting: name to x to y, one line each. `log` doubles x from tick to tick.

    Raises `InputError` for nothing to draw.
    """
    if not series or not all(series.values()):
        raise InputError("There are no points to draw.", hint="Give a mapping such as {'hybrid': {5: 0.71, 10: 0.84}}.")
    abreast = 4 if all(len(named(name, LONG)) <= SHORT for name in series) else 1  # names beside each other
    figure, axes = sheet(width=6.0, height=3.6 + 0.2 * -(-len(series) // abreast))
    for i, (name, line) in enumerate(series.items()):
        places = sorted(line)
        look: dict[str, Any] = {
            "color": colour_of(i),
            "marker": MARKERS[i % len(MARKERS)],
            "linestyle": DASHES[i % len(DASHES)],
        }
        axes.plot(places, [line[place] for place in places], label=labelled(name, LONG), **look)
    every = sorted({place for line in series.values() for place in line})
    if log:
        axes.set_xscale("log", base=2)
        axes.minorticks_off()
    if len(every) <= MOST_TICKS:
        axes.set_xticks(every, [f"{place:,g}" for place in every], rotation=45 if len(every) > 7 else 0)
    axes.set_xlabel(labelled(x, LONG))
    axes.set_ylabel(labelled(y, LONG))
    axes.grid(visible=True, alpha=0.3)
    if len(series) > 1:
        # below, where no line can pass behind it
        figure.legend(loc="outside lower center", ncols=abreast, frameon=False, fontsize=9)
    told = [
        f"{named(name, LONG)}: {listed({f'{place:g}': line[place] for place in sorted(line)})}"
        for name, line in series.items()
    ]
    title = title or f"{y} by {x}"
    return described(figure, axes, title, f"Line chart, {title}. {'; '.join(told)}.")


def index_trade_offs(comparison: IndexComparison, *, metric: str = "") -> Figure:
    """What is found by bytes per document, one marked point per index: recall against exact search, or a metric.

    Raises `InputError` for nothing to draw, `OptionError` for a metric that was not measured.
    """
    if not comparison.indices:
        raise InputError(
            "There are no indices to draw.", hint="Compare at least one: jn.compare_indices(queries, [...])."
        )
    if metric and metric not in comparison.names:
        raise OptionError(
            f"this comparison has no metric {metric!r}; it has {', '.join(comparison.names) or 'recall only'}.",
            hint="Give qrels= and metrics= to jn.compare_indices.",
        )
    figure, axes = sheet(width=6.0, height=3.6)
    told = []
    for i, (name, one) in enumerate(comparison.indices.items()):
        value = one.metrics[metric] if metric else one.recall
        look: dict[str, Any] = {"color": colour_of(i), "marker": MARKERS[i % len(MARKERS)], "s": 60}
        axes.scatter([one.bytes_per_document], [value], label=labelled(name, LONG), **look)
        told.append(
            f"{named(name, LONG)}: {value:.3f} at {one.bytes_per_document:,.0f} bytes, p50 {1000 * one.p50:.1f} ms"
        )
    what = metric or f"recall of the {comparison.k} nearest"
    axes.set_xlim(left=0)
    axes.set_xlabel("bytes per document on disk")
    axes.set_ylabel(labelled(what, LONG))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
    title = f"{what} by bytes per document"
    return described(figure, axes, title, f"Scatter chart, {title}. {'; '.join(told)}.")
