"""Two runs against each other, query by query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jina_notebook.render.blocks import Column, Page, Table
from jina_notebook.render.display import Displayed
from jina_notebook.results.contents import ROWS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "randomisation_test"]

EXACT = 14  # up to this many differing queries every assignment of signs is tried
DRAWS, BLOCK = 20_000, 500
SEED = 20_250_101
SAME = 1e-12
LEAST = 0.0001  # below it a display says no more


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Comparison(Displayed):
    """Run `b` against run `a` on one metric. `deltas` are `b` minus `a` per judged query.

    `p_value`: two-sided paired randomisation test of the mean difference, the same at each call.
    """

    a: str
    b: str
    metric: str
    mean_a: float
    mean_b: float
    deltas: Mapping[str, float]
    p_value: float

    @classmethod
    def of(
        cls, a: str, b: str, metric: str, values_a: Mapping[str, float], values_b: Mapping[str, float]
    ) -> Comparison:
        """From the two runs' values per query, over the same queries."""
        deltas = {query: values_b[query] - values_a[query] for query in values_a}
        return cls(
            a=a,
            b=b,
            metric=metric,
            mean_a=float(np.mean(list(values_a.values()))),
            mean_b=float(np.mean([values_b[query] for query in values_a])),
            deltas=deltas,
            p_value=randomisation_test(np.array(list(deltas.values()), dtype=np.float64)),
        )

    @property
    def delta(self) -> float:
        """How much the mean of `b` is above that of `a`."""
        return self.mean_b - self.mean_a

    @property
    def wins(self) -> int:
        """Queries on which `b` is better."""
        return sum(delta > SAME for delta in self.deltas.values())

    @property
    def losses(self) -> int:
        """Queries on which `a` is better."""
        return sum(delta < -SAME for delta in self.deltas.values())

    @property
    def ties(self) -> int:
        """Queries on which both are equal."""
        return len(self.deltas) - self.wins - self.losses

    def to_frame(self) -> pd.DataFrame:
        """One row per judged query (its id is the index) with `delta`, the largest gain of `b` first."""
        import pandas as pd

        frame = pd.DataFrame({"delta": pd.Series(dict(self.deltas), dtype="float64")})
        frame.index.name = "query"
        return frame.sort_values("delta", ascending=False, kind="stable")

    def page(self) -> Page:
        """Means, wins and losses, and the queries that moved most."""
        moved = [(query, delta) for query, delta in self.deltas.items() if abs(delta) > SAME]
        moved.sort(key=lambda item: -abs(item[1]))
        columns = (Column("query", "query"), Column("delta", f"{self.metric}, {self.b} minus {self.a}", "right"))
        facts = (
            (self.a, f"{self.mean_a:.4f}"),
            (self.b, f"{self.mean_b:.4f}"),
            ("difference", f"{self.delta:+.4f}"),
            ("better, equal, worse", f"{self.wins}, {self.ties}, {self.losses}"),
            ("p (paired randomisation test)", f"{self.p_value:.4f}" if self.p_value >= LEAST else f"below {LEAST}"),
        )
        table = Table(
            columns,
            tuple((query, round(delta, 4)) for query, delta in moved[:ROWS]),
            empty="no query differs",
            total=len(moved),
        )
        return Page("comparison", f"{self.b} against {self.a} by {self.metric}", facts, (table,))


def randomisation_test(deltas: NDArray[np.float64]) -> float:
    """Two-sided p that a mean as far from 0 arises when each difference's sign is left to chance.

    Exact for few differences, else from 20,000 draws of a fixed generator. 1.0 where nothing differs.
    """
    deltas = deltas[np.abs(deltas) > SAME]
    if not deltas.size:
        return 1.0
    reached = abs(float(deltas.sum())) - SAME * deltas.size
    if deltas.size <= EXACT:
        bits = np.arange(2**deltas.size)[:, None] >> np.arange(deltas.size) & 1
        return float(np.mean(np.abs((2.0 * bits - 1.0) @ deltas) >= reached))
    generator = np.random.default_rng(SEED)
    beyond = 0
    for _ in range(DRAWS // BLOCK):
        signs = generator.integers(0, 2, size=(BLOCK, deltas.size), dtype=np.int8) * 2.0 - 1.0
        beyond += int(np.count_nonzero(np.abs(signs @ deltas) >= reached))
    return (beyond + 1) / (DRAWS + 1)
