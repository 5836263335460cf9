"""Metrics and provenance, recorded as outputs of an executed notebook and read back from its file.

They are ordinary display outputs, so they survive papermill, nbconvert and an untrusted JupyterLab: a table as text and
as HTML, and the values under a MIME type of our own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, SupportsFloat

from jina_notebook.errors import InputError, ReportError
from jina_notebook.render.blocks import Cell, Column, Page, Table
from jina_notebook.render.display import Displayed

__all__ = [
    "METRICS_MIME",
    "PROVENANCE_MIME",
    "Metrics",
    "Provenance",
    "Recorded",
    "metrics",
    "open_notebook",
    "read",
    "recorded_in",
]

METRICS_MIME = "application/vnd.jina-notebook.metrics.v1+json"
PROVENANCE_MIME = "application/vnd.jina-notebook.provenance.v1+json"

Value = str | int | float | bool


@dataclass(frozen=True, repr=False)
class Metrics(Displayed):
    """Named figures of a run: the last value of a cell shows them and records them in the notebook's file."""

    values: Mapping[str, Value]

    def page(self) -> Page:
        return _page("metrics", "Metrics", self.values)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, Any]:
        # A list, because notebooks are written with their keys sorted, and the order of figures says something.
        pairs = [{"name": name, "value": value} for name, value in self.values.items()]
        return {**super()._repr_mimebundle_(include, exclude), METRICS_MIME: {"metrics": pairs}}


@dataclass(frozen=True, repr=False)
class Provenance(Displayed):
    """What a run was made with: the last value of a cell shows it and records it in the notebook's file."""

    values: Mapping[str, Any]

    def page(self) -> Page:
        return _page("provenance", "Provenance", self.values)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, Any]:
        return {**super()._repr_mimebundle_(include, exclude), PROVENANCE_MIME: dict(self.values)}


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What `read` finds in an executed notebook.

    `highlights` are the outputs, as text, of its cells tagged "highlight"; `failure` is the sentence of the cell that
    failed, or None.
    """

    metrics: Mapping[str, Value] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    highlights: tuple[str, ...] = ()
    failure: str | None = None


def metrics(values: Mapping[str, Value | SupportsFloat]) -> Metrics:
    """Figures to record: `report.metrics({"hybrid nDCG@10": 0.84, "documents": 320})`.

    Values are numbers (NumPy's too), texts or flags. Raises `InputError` naming a figure that is not finite, or is none
    of these.
    """
    return Metrics({str(name): _value(str(name), value) for name, value in values.items()})


def read(notebook: str | Path) -> Recorded:
    """Metrics and provenance of an executed notebook's file; a name recorded twice has its later value.

    Raises `ReportError` where there is no such file or it is not a notebook.
    """
    return recorded_in(open_notebook(notebook))


def recorded_in(node: Any) -> Recorded:
    """The same of a notebook that was read already."""
    figures: dict[str, Value] = {}
    made_with: dict[str, Any] = {}
    highlights: list[str] = []
    failure: str | None = None
    for tags, output in _outputs(node):
        bundle = output.get("data", {})
        figures.update((pair["name"], pair["value"]) for pair in bundle.get(METRICS_MIME, {}).get("metrics", ()))
        made_with.update(bundle.get(PROVENANCE_MIME, {}))
        if "highlight" in tags and "text/plain" in bundle:
            highlights.append(bundle["text/plain"])
        if output.output_type == "error":
            failure = f"{output.ename}: {output.evalue}"
    return Recorded(metrics=figures, provenance=made_with, highlights=tuple(highlights), failure=failure)


def _outputs(node: Any) -> Iterator[tuple[list[str], Any]]:
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            yield cell.metadata.get("tags", []), output


def open_notebook(notebook: str | Path) -> Any:
    """The notebook at a path, as nbformat reads it.

    Raises `ReportError` where there is no such file or it is not a notebook.
    """
    import nbformat

    path = Path(notebook)
    try:
        text = path.read_text("utf-8")
        is_notebook = isinstance(json.loads(text), dict)
        node: Any = nbformat.reads(text, as_version=4) if is_notebook else None  # type: ignore[no-untyped-call]
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportError(f"The notebook {str(path)!r} cannot be read: {reason}.", hint="Run it first.") from error
    except (ValueError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ReportError(f"{str(path)!r} is not a notebook: {reason}.", hint="Give a path of an .ipynb.") from error
    if node is None:
        raise ReportError(f"{str(path)!r} is not a notebook.", hint="Give the path of an .ipynb.")
    return node


def _value(name: str, value: Any) -> Value:
    if isinstance(value, str | bool):
        return value
    if getattr(value, "ndim", None) == 0:  # NumPy's and torch's scalars
        value = value.item()
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise InputError(
        f"The metric {name!r} is {value!r}, but takes a finite number, a text, or True or False.",
        hint="Leave it out where there is nothing to record.",
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested mappings and lists of mappings as rows: `models 1 revision`."""
    for name, value in values.items():
        here = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{here} ")
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            yield from _flat({str(i): item for i, item in enumerate(value, 1)}, f"{here} ")
        else:
            yield here, value


def _page(kind: str, title: str, values: Mapping[str, Any]) -> Page:
    columns = (Column("name", "name"), Column("value", "value"))
    rows = tuple((name, _cell(value)) for name, value in _flat(values))
    return Page(kind=kind, title=title, blocks=(Table(columns, rows, empty="none recorded"),))


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
