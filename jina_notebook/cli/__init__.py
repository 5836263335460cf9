"""The command line: `jina-notebook …`. Each group is a thin file over the Python API, imported when it is called.

Data goes to stdout, everything else to stderr. Exit status: 0 done, 1 an expected failure (one sentence and a hint on
stderr), 2 a command or an option that there is not, 3 not running (`elasticsearch status`), 4 a report's threshold was
crossed, 75 the same report is running already, 130 interrupted, 143 ended by SIGTERM (`report run`).
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from jina_notebook.errors import JinaNotebookError, ReportBusyError, ThresholdError

__all__ = ["app", "main"]

GROUPS = {
    "ask": "jina_notebook.cli.ask",
    "doctor": "jina_notebook.cli.doctor",
    "elasticsearch": "jina_notebook.cli.elasticsearch",
    "embed": "jina_notebook.cli.embed",
    "evaluate": "jina_notebook.cli.evaluate",
    "index": "jina_notebook.cli.index",
    "models": "jina_notebook.cli.models",
    "notebooks": "jina_notebook.cli.notebooks",
    "read": "jina_notebook.cli.read",
    "report": "jina_notebook.cli.report",
    "rerank": "jina_notebook.cli.rerank",
    "search": "jina_notebook.cli.search",
    "serve": "jina_notebook.cli.serve",
}
"""Command: the module whose `app` (a `typer.Typer`) it is."""

STATUS: dict[type[JinaNotebookError], int] = {ThresholdError: 4, ReportBusyError: 75}
"""Exit status of an expected failure, where it is not 1. 75 is what mailers and schedulers take for "try later"."""


class LazyGroup(TyperGroup):
    """Imports the module of a command only when that command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted({*super().list_commands(ctx), *GROUPS})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        command = get_command(importlib.import_module(GROUPS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=LazyGroup,
    help="Jina's search models on your own machine, and Elasticsearch.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=True,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from jina_notebook import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(  # its callback does the work
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    pass


def main() -> None:
    """The console script."""
    try:
        app()
    except JinaNotebookError as error:
        typer.echo(f"Error: {error.message}", err=True)
        if error.hint:
            typer.echo(f"Hint: {error.hint}", err=True)
        sys.exit(STATUS.get(type(error), 1))
    except KeyboardInterrupt:
        sys.exit(130)
