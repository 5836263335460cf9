"""Embedding map: vectors as points, coloured by a field, lassoed into a DataFrame, with the neighbours of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from jina_notebook.errors import InputError, OptionError, did_you_mean
from jina_notebook.render.blocks import Column, Page, Table
from jina_notebook.render.clean import clip, counted, one_line
from jina_notebook.results import Embeddings
from jina_notebook.results.contents import as_text, labelled, shown, stand_in_notes
from jina_notebook.widgets.base import STATIC, Act, JinaWidget, refuse_unknown
from jina_notebook.widgets.colours import Colouring, colouring
from jina_notebook.widgets.figures import pictured, scattered
from jina_notebook.widgets.projections import available, packed, projected

if TYPE_CHECKING:
    import pandas as pd

    from jina_notebook.widgets.jobs import Job

__all__ = ["EmbeddingMap"]

MOST = 2_000_000
NEIGHBOURS = 10
FIELD, LABEL = 200, 120  # characters
ROWS = 20


def _bytes(value: Any, _: Any) -> bytes:
    """Browsers send binary state as a view of a buffer."""
    return bytes(value)


class EmbeddingMap(JinaWidget):
    """Shows vectors as points, 100,000 of them and more.

    `vectors`: `Embeddings`, or an array `(n, dimensions)`. `data`: a DataFrame or a list of dicts, one row per vector;
    without it the embedded inputs. `color`: the column whose values colour the points. `label`: the column that names
    one, by itself `title`, `text` or the first. `projection`: "pca", "umap" (with umap-learn), or positions `(n, 2)`.
    `.selection` are the rows that were lassoed or picked.

    Raises `InputError` for data that does not fit, `OptionError` for unknown columns and projections,
    `MissingExtraError` without umap-learn.

    >>> jn.widgets.EmbeddingMap(model.embed(texts, task="text-matching"), data=frame, color="language")
    """

    _esm = STATIC / "embedding_map.js"
    _css = STATIC / "embedding_map.css"

    positions = traitlets.Bytes().tag(sync=True)  # uint16 x, y
    values = traitlets.Bytes().tag(sync=True)  # uint8
    legend = traitlets.Dict().tag(sync=True)
    columns = traitlets.List(traitlets.Unicode()).tag(sync=True)
    projections = traitlets.List(traitlets.Unicode()).tag(sync=True)
    projection = traitlets.Unicode().tag(sync=True)
    selected = traitlets.Bytes().tag(sync=True, from_json=_bytes)  # uint32
    point: Any = traitlets.Dict({"position": -1}).tag(sync=True)

    def __init__(
        self,
        vectors: Any,
        *,
        data: Any = None,
        color: str | None = None,
        label: str | None = None,
        projection: Any = "pca",
        **unknown: Any,
    ) -> None:
        refuse_unknown(type(self), unknown)
        self._source = vectors if isinstance(vectors, Embeddings) else None
        self._vectors = _matrix(vectors)
        self._data = _table(data, self._source, len(self._vectors))
        columns = [str(name) for name in self._data.columns]
        for what, name in (("color", color), ("label", label)):
            if name is not None and name not in columns:
                raise OptionError(
                    f"{what}={name!r} is no column of the data; it has {', '.join(columns) or 'none'}.",
                    hint=did_you_mean(name, columns) or None,
                )
        known = [name for name in ("title", "text", "input", *columns) if name in columns]
        self._label = label or (known[0] if known else None)
        self._places = projected(self._vectors, projection)
        self._colouring = self._coloured(color)
        super().__init__(
            positions=packed(self._places),
            values=self._colouring.values,
            legend=self._colouring.legend(),
            columns=columns,
            projections=[*available(), *([] if isinstance(projection, str) else ["given"])],
            projection=projection if isinstance(projection, str) else "given",
        )

    @property
    def coordinates(self) -> NDArray[np.float32]:
        """Where the points lie, float32 `(n, 2)`."""
        return self._places

    @property
    def selection(self) -> pd.DataFrame:
        """The rows of the data whose points are selected; their index is the position of the vector."""
        return self._data.iloc[np.frombuffer(self.selected, "<u4").astype(np.int64)]

    def select(self, positions: Sequence[int]) -> None:
        """Selects points by the position of their vectors."""
        self.selected = np.unique(np.asarray(positions, dtype=np.uint32)).astype("<u4").tobytes()

    def neighbours(self, position: int, k: int = NEIGHBOURS) -> pd.DataFrame:
        """The `k` vectors nearest to one, in all dimensions: the data's rows after `position` and `similarity`."""
        if not 0 <= position < len(self._vectors):
            raise InputError(f"There is no point {position}; there are {len(self._vectors):,}, from 0.")
        found, similarities = self._nearest(position, k)
        rows = self._data.iloc[found].reset_index(drop=True)
        rows.insert(0, "similarity", similarities, allow_duplicates=True)
        rows.insert(0, "position", found, allow_duplicates=True)
        return rows

    def page(self) -> Page:
        """The map as a picture, and how many points each colour has."""
        dimensions = self._vectors.shape[1]
        title = f"{counted(len(self._vectors), 'vector')} of {dimensions} dimensions on a map"
        facts = [("projection", self.projection)]
        if self._source is not None:
            facts.insert(0, ("model", labelled(self._source.model, self._source.stand_in)))
        legend = self._colouring
        alt = f"{title}, {self.projection}" + (f", coloured by {legend.title}" if legend.title else "")
        figure = scattered(self._places, legend)
        blocks = (pictured(figure, clip(one_line(alt), 300), "map"), self._listed())
        notes = stand_in_notes(self._source.stand_in) if self._source is not None else ()
        return Page("embedding-map", title, tuple(facts), blocks, notes)

    def acts(self) -> Mapping[str, Act]:
        return {"point": self._pointed, "find": self._find, "project": self._project, "color": self._recolour}

    def _listed(self) -> Table:
        legend = self._colouring
        if legend.kind == "names":
            columns = (Column("value", legend.title), Column("count", "points", "right"))
            return Table(columns, tuple(zip(legend.names, legend.counts, strict=True)), caption="colours")
        rows = tuple((i, shown(self._named(i))) for i in range(min(ROWS, len(self._vectors))))
        columns = (Column("position", "#", "right"), Column("label", self._label or "vector"))
        return Table(columns, rows, caption="points", total=len(self._vectors))

    def _coloured(self, name: str | None) -> Colouring:
        if name is None:
            return Colouring("none", "", bytes(len(self._vectors)))
        return colouring(name, self._data[name].tolist())

    def _named(self, position: int) -> str:
        if self._label is None:
            return f"vector {position}"
        return clip(one_line(as_text(self._data[self._label].iloc[position])), LABEL)

    def _nearest(self, position: int, k: int) -> tuple[list[int], list[float]]:
        norms = np.maximum(np.linalg.norm(self._vectors, axis=1), 1e-12)
        similarities = self._vectors @ self._vectors[position] / (norms * norms[position])
        similarities[position] = -np.inf
        k = min(k, len(similarities) - 1)
        best = np.argpartition(-similarities, k)[:k] if k < len(similarities) - 1 else np.arange(len(similarities))
        best = best[np.argsort(-similarities[best], kind="stable")][:k]
        return [int(one) for one in best], [float(similarities[one]) for one in best]

    def _pointed(self, content: Mapping[str, Any]) -> None:
        position = int(content["position"])
        if 0 <= position < len(self._vectors):
            self._begin("Looking for neighbours", lambda job: self._described(position, job))

    def _described(self, position: int, job: Job) -> Any:
        found, similarities = self._nearest(position, NEIGHBOURS)
        job.check()
        row = self._data.iloc[position]
        point = {
            "position": position,
            "label": self._named(position),
            "fields": [[name, clip(one_line(as_text(row.iloc[i])), FIELD)] for i, name in enumerate(self.columns)],
            "neighbours": [[i, self._named(i), s] for i, s in zip(found, similarities, strict=True)],
        }

        def show() -> str:
            self.point = point
            return f"Point {position}: {point['label']}"

        return show

    def _find(self, content: Mapping[str, Any]) -> None:
        words = str(content["words"]).strip().casefold()
        self._begin("Finding", lambda job: self._found(words, job))

    def _found(self, words: str, job: Job) -> Any:
        if not words:
            raise InputError("There is nothing to find.", hint="Give a word of the labels.")
        positions = []
        for position in range(len(self._vectors)):
            if position % 1000 == 0:
                job.progress(position, len(self._vectors))
            if words in self._named(position).casefold():
                positions.append(position)

        def show() -> str:
            self.select(positions)
            return f"{counted(len(positions), 'point')} found."

        return show

    def _project(self, content: Mapping[str, Any]) -> None:
        how = str(content["projection"])
        self._begin(f"Projecting by {how}", lambda job: self._moved(how, job))

    def _moved(self, how: str, job: Job) -> Any:
        places = projected(self._vectors, how)
        job.check()

        def show() -> str:
            self._places = places
            with self.hold_sync():
                self.projection = how
                self.positions = packed(places)
            return f"Projected by {how}."

        return show

    def _recolour(self, content: Mapping[str, Any]) -> None:
        name = str(content["color"]) or None
        if name is None or name in self.columns:
            self._begin("Colouring", lambda _: self._repainted(name))

    def _repainted(self, name: str | None) -> Any:
        found = self._coloured(name)

        def show() -> str:
            self._colouring = found
            with self.hold_sync():
                self.values, self.legend = found.values, found.legend()
            return ""

        return show


def _matrix(vectors: Any) -> NDArray[np.float32]:
    if isinstance(vectors, Embeddings):
        if vectors.multivector:
            raise InputError("Multi-vectors have no single place on a map.", hint="Embed without return_multivector.")
        vectors = vectors.vectors
    matrix = np.asarray(vectors, dtype=np.float32)
    if matrix.ndim != 2 or not matrix.shape[1] or not np.isfinite(matrix).all():
        raise InputError(
            f"The vectors have the shape {matrix.shape}, not (n, dimensions), or hold NaN or infinity.",
            hint="Give Embeddings, or an array of finite numbers.",
        )
    if not 1 <= len(matrix) <= MOST:
        raise InputError(f"There are {len(matrix):,} vectors; a map shows 1 to {MOST:,}.")
    return matrix


def _table(data: Any, source: Embeddings | None, count: int) -> pd.DataFrame:
    import pandas as pd

    if data is None:
        known = source is not None and len(source.inputs) == count
        frame = pd.DataFrame({"input": list(source.inputs)} if known and source is not None else {}, index=range(count))
    else:
        frame = pd.DataFrame(data).reset_index(drop=True)
    if len(frame) != count:
        raise InputError(f"There are {count:,} vectors and {len(frame):,} rows of data.", hint="Give one row for each.")
    return frame.rename(columns=str)
