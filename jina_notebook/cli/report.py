"""`jina-notebook report`: notebooks run unattended, and what they recorded."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from jina_notebook import report
from jina_notebook.errors import OptionError, ReportBusyError, ReportError, ThresholdError
from jina_notebook.report.archive import Place, place_of

__all__ = ["app"]

OUTPUT = Path("output")
AsJson = Annotated[bool, typer.Option("--json", help="Print what was recorded as JSON.")]

app = typer.Typer(
    help="Notebooks run unattended, and what they recorded.", no_args_is_help=True, pretty_exceptions_enable=False
)


class _Pairs(TyperCommand):
    """Takes `-p NAME VALUE`, as papermill does, beside `-p NAME=VALUE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _joined(args))


@app.command("run", cls=_Pairs)
def run(
    notebook: Annotated[
        str, typer.Argument(metavar="NOTEBOOK", help="The name of a notebook of the package, or a path.")
    ],
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME VALUE", help="A parameter of it; repeatable.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write: a folder, or an .ipynb.")] = OUTPUT,
    code: Annotated[bool, typer.Option(help="Whether the page shows the code.")] = True,
    keep: Annotated[int, typer.Option(min=1, help="How many runs stay in the output folder's history.")] = report.KEEP,
    as_json: AsJson = False,
) -> None:
    """Run a notebook; write it executed and as an HTML page; print its highlights and the metrics that it recorded.

    The parameters are checked before a kernel starts. The last line says how the run ended, in any case.

    Exit status: 0 it ran and every threshold holds; 1 it failed; 4 it ran and a threshold was crossed; 75 another run
    of it into the same folder is under way; 130 interrupted, 143 ended by SIGTERM. Notebook and page are written but
    for 75.
    """
    source = report.find_notebook(notebook)
    values = report.parse_parameters(source, _pairs(parameter or []))
    place = place_of(source, output)
    began = time.monotonic()
    failed: ReportError | None = None
    with _ending_on_sigterm():
        try:
            report.run(source, output, parameters=values, on_step=_Teller(), stderr=sys.stderr, code=code, keep=keep)
        except ReportBusyError:
            raise
        except (KeyboardInterrupt, SystemExit):
            typer.echo(f"{place.name} interrupted after {time.monotonic() - began:.0f} s, {place.page}")
            raise
        except ReportError as error:
            failed = error
    _tell(place, failed, time.monotonic() - began, as_json=as_json)
    if failed is not None:
        raise failed


def _tell(place: Place, failed: ReportError | None, seconds: float, *, as_json: bool) -> None:
    """What was recorded, and how it ended, on stdout."""
    recorded = report.read(place.notebook) if place.notebook.is_file() else report.Recorded()
    summary = _summary(place, recorded, failed, seconds)
    if as_json:
        found: dict[str, Any] = {
            "report": place.name,
            "outcome": _outcome(failed),
            "failure": failed.message if failed is not None else None,
            "notebook": str(place.notebook),
            "page": str(place.page),
            "seconds": round(seconds, 1),
            "metrics": dict(recorded.metrics),
            "provenance": dict(recorded.provenance),
        }
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        typer.echo(summary, err=True)
        return
    for text in (*recorded.highlights, *([str(report.metrics(recorded.metrics))] if recorded.metrics else ())):
        typer.echo(f"\n{text}")
    typer.echo(f"\nNotebook  {place.notebook}\nPage      {place.page}", err=True)
    typer.echo(f"\n{summary}")


def _outcome(failed: ReportError | None) -> str:
    return "ok" if failed is None else "crossed" if isinstance(failed, ThresholdError) else "failed"


def _summary(place: Place, recorded: report.Recorded, failed: ReportError | None, seconds: float) -> str:
    """One line for a log: name, outcome, seconds, how many metrics, and where to look."""
    figures = f"{len(recorded.metrics)} metric{'' if len(recorded.metrics) == 1 else 's'}"
    return f"{place.name} {_outcome(failed)} in {seconds:.0f} s, {figures}, {place.page}"


@contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """A scheduler's SIGTERM ends the run as an interrupt would: the kernel is stopped and what there is is written."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@app.command("show")
def show(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="An executed .ipynb.")],
    as_json: AsJson = False,
) -> None:
    """Print what an executed notebook recorded: metrics, provenance, and the failure that ended it, if one did."""
    recorded = report.read(notebook)
    if as_json:
        typer.echo(json.dumps(asdict(recorded), ensure_ascii=False, indent=2))
        return
    typer.echo(f"{report.metrics(recorded.metrics)}\n\n{report.Provenance(recorded.provenance)}")
    if recorded.failure:
        typer.echo(f"\nFailed: {recorded.failure}", err=True)


class _Teller:
    """Says each heading when its first cell starts, and how long a cell took that took long."""

    def __init__(self) -> None:
        self._title = ""

    def __call__(self, step: report.Step) -> None:
        if step.seconds is None and step.title != self._title:
            self._title = step.title
            typer.echo(f"- {step.title}", err=True)
        elif step.seconds is not None and step.seconds >= 1:
            typer.echo(f"  {step.seconds:.1f} s", err=True)


def _joined(args: list[str]) -> list[str]:
    """`-p k 5` as `-p k=5`; what is a pair already stays."""
    joined: list[str] = []
    rest = iter(args)
    for arg in rest:
        joined.append(arg)
        if arg in {"-p", "--parameter"} and (name := next(rest, None)) is not None:
            value = None if "=" in name else next(rest, None)
            joined.append(name if value is None else f"{name}={value}")
    return joined


def _pairs(parameters: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in parameters:
        name, found, value = pair.partition("=")
        if not found:
            raise OptionError(f"The parameter {name!r} has no value.", hint=f"Write -p {name} VALUE.")
        pairs[name] = value
    return pairs
