"""Where a run is written, what is kept of the runs before it, and how they are found again.

```
output/quickstart.ipynb, .html                           the last run that ended, however it ended
output/history/quickstart/20261125T030000Z.ipynb, .html  every run
```
"""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jina_notebook.errors import OptionError, ReportError
from jina_notebook.report.export import export_html
from jina_notebook.report.record import Recorded, open_notebook, recorded_in

__all__ = ["KEEP", "Past", "Place", "history", "place_of", "previous", "prune"]

KEEP = 30  # a month of nights
FOLDER = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The files of one run. `written` is where the notebook grows; `notebook` and `page` are where it is looked for."""

    name: str
    folder: Path
    written: Path
    notebook: Path

    @property
    def page(self) -> Path:
        return self.notebook.with_suffix(".html")

    @property
    def lock(self) -> Path:
        return self.folder / f".{self.notebook.stem}.lock"

    def publish(self, *, code: bool) -> None:
        """Puts what was written where it is looked for, with its page, however the run has ended."""
        if not self.written.is_file():
            return
        if self.written != self.notebook:
            _copy(self.written, self.notebook)
        export_html(self.notebook, self.page, code=code)
        if self.written != self.notebook:
            _copy(self.page, self.written.with_suffix(".html"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An earlier run: where it is, when it recorded its metrics (UTC, ISO 8601), and what it recorded."""

    path: Path
    recorded_at: str
    recorded: Recorded

    @property
    def failed(self) -> bool:
        """Whether a cell failed: a threshold that was crossed, most often."""
        return self.recorded.failure is not None


def place_of(source: Path, output: str | Path) -> Place:
    """Where a run of that notebook goes; `output` is a folder, or an .ipynb of which no history is kept."""
    target = Path(output)
    if target.suffix == ".ipynb":
        return Place(name=source.stem, folder=target.parent, written=target, notebook=target)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = target / FOLDER / source.stem
    names = (stamp, *(f"{stamp}-{i}" for i in range(2, 1000)))
    written = next(path for name in names if not (path := kept / f"{name}.ipynb").exists())
    return Place(name=source.stem, folder=target, written=written, notebook=target / source.name)


def prune(place: Place, keep: int) -> None:
    """Deletes all but the newest `keep` runs; the newest that later ones are compared with stays in any case."""
    if place.written == place.notebook:
        return
    runs = sorted(place.written.parent.glob("*.ipynb"), key=lambda path: path.stem, reverse=True)
    old = runs[keep:]
    if not any(_is_baseline(path) for path in runs[:keep]):
        old = list(_all_but_first_baseline(old))
    for path in old:
        path.unlink(missing_ok=True)
        path.with_suffix(".html").unlink(missing_ok=True)


def check_keep(keep: int) -> int:
    """The number itself. Raises `OptionError` below 1."""
    if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
        raise OptionError(f"keep is {keep!r}, but takes a whole number of at least 1.", hint=f"{KEEP} is usual.")
    return keep


def history(
    name: str,
    folder: str | Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    models: Iterable[str] | None = None,
    machine: Mapping[str, Any] | None = None,
) -> tuple[Past, ...]:
    """The runs of a report that recorded metrics to their end, oldest first, failed ones among them.

    `name`: the notebook's name without `.ipynb`. `folder`: where `jina-notebook report run` or papermill wrote to; a
    blank one, or one that is not there, holds no runs. Like is compared with like: `parameters` are values that the
    run must have recorded, `models` the names of its models in order, `machine` such as
    `report.provenance().values["machine"]`, of which processor and cores count.

    A run that goes on or was killed is not among them.
    """
    if not str(folder).strip():
        return ()
    wanted = {**(parameters or {})}
    names = None if models is None else list(models)
    found: dict[str, Past] = {}
    for path in _candidates(name, Path(folder).expanduser()):
        run = _past(path, name)
        if run is not None and _alike(run[1].recorded, wanted, names, machine):
            found.setdefault(*run)
    return tuple(sorted(found.values(), key=lambda past: (past.recorded_at, past.path.stem)))


def previous(
    name: str,
    folder: str | Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    models: Iterable[str] | None = None,
    machine: Mapping[str, Any] | None = None,
) -> Past | None:
    """The last run of a report that ended well, to compare with; None where there is none. See `history`.

    A run that crossed a threshold did not end well: the next one is compared with the one before it.

    >>> report.previous("retrieval-quality", "output").recorded.metrics["hybrid nDCG@10"]
    0.4579
    """
    runs = history(name, folder, parameters=parameters, models=models, machine=machine)
    return next((past for past in reversed(runs) if not past.failed), None)


def _candidates(name: str, folder: Path) -> Iterator[Path]:
    yield from sorted((folder / FOLDER / name).glob("*.ipynb"))
    yield from sorted(folder.glob("*.ipynb"))


def _past(path: Path, name: str) -> tuple[str, Past] | None:
    """The run in that file under what tells it from others, so that a copy counts once; None where it is no run."""
    try:
        node = open_notebook(path)
    except ReportError:  # cut off in the middle of writing by whatever killed the run: nothing to compare with
        return None
    made = node.metadata.get("papermill", {})
    if Path(str(made.get("input_path") or path)).stem != name:
        return None
    recorded = recorded_in(node)
    if not recorded.metrics or not (recorded.failure or _ran_to_its_end(node)):
        return None
    when = str(recorded.provenance.get("recorded at") or made.get("end_time") or "")
    return str(made.get("start_time") or path), Past(path=path, recorded_at=when, recorded=recorded)


def _ran_to_its_end(node: Any) -> bool:
    return all(cell.execution_count for cell in node.cells if cell.cell_type == "code" and cell.source.strip())


def _alike(
    recorded: Recorded, parameters: Mapping[str, Any], models: list[str] | None, machine: Mapping[str, Any] | None
) -> bool:
    made_with = recorded.provenance
    given = made_with.get("parameters", {})
    if any(given.get(name) != value for name, value in parameters.items()):
        return False
    if models is not None and [model["name"] for model in made_with.get("models", ())] != models:
        return False
    there = made_with.get("machine", {})
    return machine is None or all(there.get(key) == machine.get(key) for key in ("processor", "cores"))


def _is_baseline(path: Path) -> bool:
    run = _past(path, path.parent.name)
    return run is not None and not run[1].failed


def _all_but_first_baseline(paths: Iterable[Path]) -> Iterator[Path]:
    kept = False
    for path in paths:
        if not kept and _is_baseline(path):
            kept = True
        else:
            yield path


def _copy(source: Path, target: Path) -> None:
    """At once, so that whoever reads the target never finds half a file."""
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    os.close(handle)
    try:
        shutil.copyfile(source, draft)
        Path(draft).chmod(source.stat().st_mode & 0o777)
        Path(draft).replace(target)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
