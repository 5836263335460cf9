"""What embedding gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jina_notebook.render.blocks import Cell, Column, Page, Table
from jina_notebook.render.clean import counted
from jina_notebook.render.display import Displayed
from jina_notebook.results.contents import ROWS, labelled, shown, stand_in_notes
from jina_notebook.results.indexing import IndexReport

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Embeddings", "PatchGrid", "Vector"]

Vector = NDArray[np.float32]


class PatchGrid(NamedTuple):
    """Which of a picture's vectors lie where: vector `first + row * columns + column` is the patch at that place."""

    rows: int
    columns: int
    first: int


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Embeddings(Displayed):
    """What `.embed` gives.

    `vectors`: float32 `(n, dimensions)`, unit length; with `return_multivector=True` a list of `(tokens_i,
    dimensions)`. `token_counts` and `truncated` hold one entry per input; `inputs` are the caller's own objects.
    `grids`: with `return_multivector=True`, where the vectors of a picture lie on it (None for a text). `report` says
    what happened where the vectors were indexed as well.
    """

    vectors: Vector | list[Vector]
    model: str
    revision: str
    task: str | None
    dimensions: int
    token_counts: tuple[int, ...]
    truncated: tuple[bool, ...]
    inputs: tuple[Any, ...] = ()
    grids: tuple[PatchGrid | None, ...] = ()
    stand_in: bool = False
    report: IndexReport | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def multivector(self) -> bool:
        """Whether every input has one vector per token."""
        return isinstance(self.vectors, list)

    def to_frame(self) -> pd.DataFrame:
        """One row per vector: `input`, `token_count`, `truncated`, `vector` (an ndarray each).

        With late chunking there are more vectors than inputs; `input` is then empty where it is not known.
        """
        import pandas as pd

        count = len(self)
        return pd.DataFrame(
            {
                "input": _filled(self.inputs, count),
                "token_count": _filled(self.token_counts, count),
                "truncated": _filled(self.truncated, count),
                "vector": list(self.vectors),
            },
            columns=["input", "token_count", "truncated", "vector"],
        )

    def page(self) -> Page:
        """The inputs with their token counts and the first numbers of each vector."""
        cut = sum(self.truncated)
        notes = (f"{cut} of {len(self.truncated)} truncated at the model's limit.",) if cut else ()
        kind = "multi-vector" if self.multivector else "embedding"
        facts = [("model", labelled(self.model, self.stand_in)), ("revision", self.revision[:12])]
        if self.task:
            facts.insert(1, ("task", self.task))
        facts.append(("tokens", f"{sum(self.token_counts):,}"))
        report = self.report.page() if self.report else None
        return Page(
            "embeddings",
            f"{counted(len(self), kind)} of {self.dimensions} dimensions",
            tuple(facts),
            (self._table(), *((report.blocks) if report else ())),
            stand_in_notes(self.stand_in) + notes + ((f"{report.title}.",) if report else ()),
        )

    def _table(self) -> Table:
        columns = (
            Column("position", "#", "right"),
            Column("input", "input", yields=True),
            Column("token_count", "tokens", "right"),
            Column("truncated", "truncated"),
            Column("vector", "vector"),
        )
        count = min(len(self), ROWS)
        inputs = _filled(self.inputs, count)
        tokens, cut = _filled(self.token_counts, count), _filled(self.truncated, count)
        rows = tuple(
            (i, shown(inputs[i]), tokens[i], None if cut[i] is None else bool(cut[i]), _preview(self.vectors[i]))
            for i in range(count)
        )
        return Table(columns, rows, empty="no inputs", total=len(self))


def _filled(values: tuple[Any, ...], count: int) -> list[Any]:
    """The values where there is one per vector, else nothing: chunks of one document share its counts."""
    return list(values[:count]) if len(values) >= count else [None] * count


def _preview(vector: Vector) -> Cell:
    if vector.ndim == 2:
        return f"{vector.shape[0]} x {vector.shape[1]}"
    return "[" + ", ".join(f"{value:+.3f}" for value in vector[:4]) + (", …]" if len(vector) > 4 else "]")
