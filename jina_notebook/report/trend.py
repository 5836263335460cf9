"""Metrics over the runs of a report, as a figure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from jina_notebook.errors import InputError
from jina_notebook.render.clean import counted
from jina_notebook.report.archive import Past
from jina_notebook.report.record import Metrics, Value

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["trend"]

MOST_RUNS = 60
MOST_LABELS = 8


def trend(
    runs: Sequence[Past], names: Sequence[str], *, now: Mapping[str, Value] | Metrics, y: str, title: str = ""
) -> Figure:
    """One line per metric over the runs, oldest left, this run (`now`) rightmost; failed runs have a grey line behind.

    `runs`: what `report.history` gives; the last 60 are drawn. `y`: what the numbers are, with their unit.

    Raises `InputError` where none of the metrics is a number in any run.
    """
    from jina_notebook import plots

    shown = list(runs)[-MOST_RUNS:]
    current = now.values if isinstance(now, Metrics) else now
    columns: list[Mapping[str, Value]] = [*(past.recorded.metrics for past in shown), current]
    series = {
        name: {float(i): float(values[name]) for i, values in enumerate(columns, 1) if _is_number(values.get(name))}
        for name in names
    }
    series = {name: line for name, line in series.items() if line}
    if not series:
        raise InputError(f"No run has a number for {', '.join(names)}.", hint="Name metrics that the runs record.")
    figure = plots.lines(series, x="run (UTC)", y=y, title=title or f"{y} over {counted(len(columns), 'run')}")
    axes = figure.axes[0]
    labels = [*_dates([past.recorded_at for past in shown]), "this run"]
    step = -(-len(labels) // MOST_LABELS)
    places = sorted({*range(len(labels), 0, -step)})
    axes.set_xticks(places, [labels[place - 1] for place in places], rotation=30, ha="right", fontsize=8)
    axes.set_xlim(0.5, len(columns) + 0.5)
    for i, past in enumerate(shown, 1):
        if past.failed:
            axes.axvline(i, color="#999999", linewidth=4, alpha=0.35, zorder=0)
    return figure


def _dates(moments: Sequence[str]) -> list[str]:
    """Day and time of each, as short as can be told apart."""
    parsed = [datetime.datetime.fromisoformat(moment) if moment else None for moment in moments]
    return [f"{moment:%b %d %H:%M}" if moment is not None else "?" for moment in parsed]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
