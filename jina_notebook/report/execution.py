"""A notebook run unattended: parameters checked first, executed by papermill, written as notebook and as page."""

from __future__ import annotations

import logging
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from jina_notebook.errors import MissingExtraError, OptionError, ReportError, ThresholdError, did_you_mean
from jina_notebook.report.archive import KEEP, Place, check_keep, place_of, prune
from jina_notebook.report.lock import holding
from jina_notebook.report.record import Recorded, read

if TYPE_CHECKING:
    from traitlets.config import Config

__all__ = ["Outcome", "Step", "find_notebook", "notebooks", "parse_parameters", "run"]

KERNEL = "python3"  # the kernel of the environment that runs this, never one of another environment
HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.MULTILINE)
HISTORY = "history"  # the parameter of a report that compares itself with earlier runs: where they are
PLAIN = {"int": "a whole number", "float": "a number", "bool": "True or False", "str": "a text"}


@dataclass(frozen=True, slots=True)
class Step:
    """A code cell that starts (`seconds` is None) or is done; `title` is the heading it stands under."""

    number: int
    title: str
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run has written and recorded. `kept` is the notebook's copy in the history, or itself."""

    notebook: Path
    page: Path
    kept: Path
    recorded: Recorded
    seconds: float


def notebooks() -> dict[str, Path]:
    """The notebooks that come with the package, by name."""
    package = Path(__file__).parent.parent
    folders = (package / "notebooks", package.parent / "notebooks")  # installed from a wheel; a clone
    folder = next((f for f in folders if f.is_dir()), None)
    if folder is None:
        return {}
    return {path.stem: path for path in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts}


def find_notebook(name: str | Path) -> Path:
    """A notebook by its path, or by the name of one that comes with the package (`"quickstart"`).

    Raises `ReportError` with the nearest name where there is none.
    """
    path = Path(name).expanduser()
    if path.suffix == ".ipynb" and path.is_file():
        return path
    known = notebooks()
    if str(name) not in known:
        raise ReportError(
            f"There is no notebook {str(name)!r}.",
            hint=did_you_mean(str(name), known) or f"Give the path of an .ipynb, or one of: {', '.join(known)}.",
        )
    return known[str(name)]


def parse_parameters(notebook: Path, given: Mapping[str, str]) -> dict[str, Any]:
    """What was typed on a command line as values of the types that the notebook's parameters cell declares.

    Raises `OptionError` naming a parameter that the notebook does not have, or whose value is not of its type.
    """
    declared = _papermill().inspect_notebook(str(notebook))
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name not in declared:
            raise OptionError(
                f"There is no parameter {name!r} in {notebook.name}.",
                hint=did_you_mean(name, declared) or f"Its parameters: {', '.join(declared) or 'none'}.",
            )
        kind = declared[name]["inferred_type_name"]
        try:
            values[name] = _typed(text, kind)
        except ValueError:
            raise OptionError(
                f"The parameter {name!r} is {text!r}, but takes {PLAIN[kind]}.", hint=_help(declared[name])
            ) from None
    return values


def run(
    notebook: str | Path,
    output: str | Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    on_step: Callable[[Step], None] | None = None,
    stderr: TextIO | None = None,
    code: bool = True,
    keep: int = KEEP,
) -> Outcome:
    """Executes a notebook into `output` and writes the page beside it.

    `output` is a folder, which has the last run and in `history/NAME/` the newest `keep` ones, or an .ipynb, of which
    no history is kept. A notebook that has a parameter `history` gets that folder, unless `parameters` has it.
    Progress and warnings that cells write to their standard error go to `stderr` as they come. All files are written
    when a cell fails too.

    Raises `ReportBusyError` while another run of this notebook writes to `output`, `OptionError` where nothing can be
    written there, `ThresholdError` where the notebook has found metrics further than it allows, and `ReportError` with
    its heading and error where another cell failed.
    """
    source = find_notebook(notebook)
    check_keep(keep)
    place = place_of(source, output)
    with holding(place.lock, doing=f"{source.stem} into {place.folder}"):
        place = place_of(source, output)  # the name of a run is that of the moment it began
        place.written.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        try:
            _execute(source, place, _with_history(source, parameters or {}, place.folder), _Watch(on_step), stderr)
        finally:
            place.publish(code=code)
            prune(place, keep)
        seconds = time.monotonic() - began
        return Outcome(
            notebook=place.notebook,
            page=place.page,
            kept=place.written,
            recorded=read(place.notebook),
            seconds=seconds,
        )


def _with_history(source: Path, parameters: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    if HISTORY in parameters or HISTORY not in _papermill().inspect_notebook(str(source)):
        return dict(parameters)
    return {**parameters, HISTORY: str(folder)}


def _execute(source: Path, place: Place, parameters: dict[str, Any], watch: _Watch, stderr: TextIO | None) -> None:
    """Lets papermill do it, and gives its errors their sentence."""
    papermill = _papermill()
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        with _private_channel() as channel:
            papermill.execute_notebook(
                str(source),
                str(place.written),
                parameters=parameters,
                kernel_name=KERNEL,
                progress_bar=False,
                stderr_file=stderr,
                on_cell_start=watch.started,
                on_cell_executed=watch.done,
                config=channel,
            )
    except PapermillExecutionError as error:
        hint = f"The executed notebook, with this error in place, is {place.notebook}."
        if error.ename == ThresholdError.__name__:
            raise ThresholdError(f"{source.name}: {error.evalue}", hint=hint) from error
        raise ReportError(
            f"{source.name} failed at {watch.title!r}: {error.ename}: {error.evalue}", hint=hint
        ) from error
    except DeadKernelError as error:
        raise ReportError(
            f"{source.name} failed at {watch.title!r}: its kernel died.",
            hint="Most often the machine was out of memory: use a smaller model, or close other programs.",
        ) from error


@contextmanager
def _private_channel() -> Iterator[Config]:
    """The kernel's sockets in a folder that only this user can enter, instead of ports that everyone here can read."""
    from traitlets.config import Config

    if os.name != "posix":
        yield Config()
        return
    with tempfile.TemporaryDirectory(prefix="jn-") as folder:
        yield Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})


class _Watch:
    """Turns nbclient's hooks into steps."""

    def __init__(self, tell: Callable[[Step], None] | None) -> None:
        self.title = "start"
        self._tell = tell
        self._number = 0
        self._began = 0.0

    def started(self, cell: Any, **_: Any) -> None:
        if cell.cell_type == "markdown":
            headings = HEADING.findall(cell.source)
            self.title = headings[-1] if headings else self.title
        elif cell.cell_type == "code" and cell.source.strip():
            self._number += 1
            self._began = time.monotonic()
            self._report(None)

    def done(self, **_: Any) -> None:
        self._report(time.monotonic() - self._began)

    def _report(self, seconds: float | None) -> None:
        if self._tell is not None:
            self._tell(Step(self._number, self.title, seconds))


def _help(declared: Mapping[str, str]) -> str | None:
    """The parameter's own words, without the mark that papermill leaves before them."""
    text = declared["help"].lstrip("# ")
    return f"{text[:1].upper()}{text[1:]}." if text else None


def _typed(text: str, kind: str) -> Any:
    if kind == "bool":
        if text.lower() not in {"true", "false"}:
            raise ValueError(text)
        return text.lower() == "true"
    return int(text) if kind == "int" else float(text) if kind == "float" else text


def _papermill() -> Any:
    try:
        import papermill
    except ImportError as error:
        raise MissingExtraError(
            "Running a notebook needs papermill.", hint="pip install 'jina-notebook[notebook]'."
        ) from error
    logging.getLogger("papermill").setLevel(logging.ERROR)  # its own account of each cell; ours goes through on_step
    return papermill
