"""`jina-notebook report`: notebooks run unattended, and what they recorded."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from jina_notebook import report
from jina_notebook.errors import OptionError

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
    as_json: AsJson = False,
) -> None:
    """Run a notebook; write it executed and as an HTML page; print its highlights and the metrics that it recorded.

    The parameters are checked before a kernel starts.
    """
    source = report.find_notebook(notebook)
    values = report.parse_parameters(source, _pairs(parameter or []))
    outcome = report.run(source, output, parameters=values, on_step=_Teller(), stderr=sys.stderr, code=code)
    recorded = outcome.recorded
    if as_json:
        found: dict[str, Any] = {
            "notebook": str(outcome.notebook),
            "page": str(outcome.page),
            "seconds": round(outcome.seconds, 1),
            "metrics": dict(recorded.metrics),
            "provenance": dict(recorded.provenance),
        }
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for text in (*recorded.highlights, str(report.metrics(recorded.metrics))):
        typer.echo(f"\n{text}")
    typer.echo(f"\nNotebook  {outcome.notebook}\nPage      {outcome.page}\nSeconds   {outcome.seconds:.0f}", err=True)


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
