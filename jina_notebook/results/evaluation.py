"""What evaluating gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jina_notebook.render.blocks import Bar, Cell, Column, Page, Table
from jina_notebook.render.display import Displayed
from jina_notebook.results.contents import ROWS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Evaluation"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Evaluation(Displayed):
    """What `jn.evaluate` gives.

    `metrics[run][metric]` are means over all judged queries, `per_query[run][metric][query]` the values they are of.
    """

    metrics: Mapping[str, Mapping[str, float]]
    per_query: Mapping[str, Mapping[str, Mapping[str, float]]]
    queries: int

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

    def page(self) -> Page:
        """Runs by metrics, the best of each metric marked where there is more than one run."""
        names = self.names
        best = {name: max(values.get(name, float("-inf")) for values in self.metrics.values()) for name in names}
        columns = (Column("run", "run"), *(Column(name, name) for name in names))
        rows = tuple(
            (run, *(self._cell(values.get(name), best[name]) for name in names))
            for run, values in list(self.metrics.items())[:ROWS]
        )
        runs = len(self.metrics)
        judged = f"{self.queries:,} judged quer{'y' if self.queries == 1 else 'ies'}"
        return Page(
            "evaluation",
            f"{runs} run{'' if runs == 1 else 's'} over {judged}",
            (("values", "means over all judged queries"),),
            (Table(columns, rows, empty="no runs", total=runs),),
        )

    def _cell(self, value: float | None, best: float) -> Cell:
        return None if value is None else Bar(value, best=len(self.metrics) > 1 and value == best)
