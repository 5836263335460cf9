"""What evaluating gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.render.blocks import Bar, Cell, Column, Page, Table
from jina_notebook.render.clean import counted
from jina_notebook.render.display import Displayed
from jina_notebook.results.comparison import Comparison
from jina_notebook.results.contents import ROWS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Evaluation"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Evaluation(Displayed):
    """What `jn.evaluate` gives.

    `metrics[run][metric]` are means over all judged queries, `per_query[run][metric][query]` the values they are of.
    `latency[run]` has `queries`, `mean`, `p50`, `p99` and `max` in seconds, of runs that were carried out on the way.
    """

    metrics: Mapping[str, Mapping[str, float]]
    per_query: Mapping[str, Mapping[str, Mapping[str, float]]]
    queries: int
    latency: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The metrics' names, in the order they were asked for."""
        return list(dict.fromkeys(name for values in self.metrics.values() for name in values))

    def to_frame(self) -> pd.DataFrame:
        """One row per run (its name is the index), one column per metric."""
        import pandas as pd

        frame = pd.DataFrame.from_dict({run: dict(values) for run, values in self.metrics.items()}, orient="index")
        frame = frame.reindex(columns=self.names)
        frame.index.name = "run"
        return frame

    def deltas(self, a: str, b: str, metric: str | None = None) -> dict[str, float]:
        """Per judged query how much `b` is above `a`. Without `metric` the first one. Raises `OptionError`."""
        return dict(self.compare(a, b, metric).deltas)

    def compare(self, a: str, b: str, metric: str | None = None) -> Comparison:
        """Run `b` against run `a`, query by query, with a paired randomisation test.

        Without `metric` the first one. Raises `OptionError` for an unknown run or metric.
        """
        metric = self.names[0] if metric is None else metric
        for run in (a, b):
            _check_known(run, list(self.metrics), "run")
        _check_known(metric, self.names, "metric")
        return Comparison.of(a, b, metric, self.per_query[a][metric], self.per_query[b][metric])

    def page(self) -> Page:
        """Runs by metrics, the best of each metric marked where there is more than one run."""
        names = self.names
        best = {name: max(values.get(name, float("-inf")) for values in self.metrics.values()) for name in names}
        columns = (Column("run", "run"), *(Column(name, name) for name in names))
        rows = tuple(
            (run, *(self._cell(values.get(name), best[name]) for name in names))
            for run, values in list(self.metrics.items())[:ROWS]
        )
        title = f"{counted(len(self.metrics), 'run')} over {counted(self.queries, 'judged query', 'judged queries')}"
        return Page(
            "evaluation",
            title,
            (("values", "means over all judged queries"),),
            (Table(columns, rows, empty="no runs", total=len(self.metrics)), *self._latencies()),
        )

    def _latencies(self) -> tuple[Table, ...]:
        if not self.latency:
            return ()
        columns = (Column("run", "run"), *(Column(name, f"{name} (ms)", "right") for name in ("p50", "p99")))
        rows = tuple(
            (run, round(1000 * values["p50"], 1), round(1000 * values["p99"], 1))
            for run, values in list(self.latency.items())[:ROWS]
        )
        return (Table(columns, rows, caption="latency per query", total=len(self.latency)),)

    def _cell(self, value: float | None, best: float) -> Cell:
        return None if value is None else Bar(value, best=len(self.metrics) > 1 and value == best)


def _check_known(name: str, known: list[str], what: str) -> None:
    if name not in known:
        near = did_you_mean(name, known)
        raise OptionError(
            f"this evaluation has no {what} {name!r}; it has {', '.join(known)}.",
            hint=near[:1].upper() + near[1:] or f"Name one of its {what}s.",
        )
