"""`jina-notebook notebooks list|copy`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from jina_notebook.cli.options import AsJson, complete
from jina_notebook.cli.output import as_line, show
from jina_notebook.errors import InputError

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    help="The notebooks that come with the package.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _names(_: object) -> list[str]:
    from jina_notebook import report

    return list(report.notebooks())


@app.command("list")
def list_notebooks(as_json: AsJson = False) -> None:
    """Print the name, the title and the path of each."""
    from jina_notebook import report
    from jina_notebook.results.listing import Listing

    rows = tuple({"name": name, "title": _title(path), "path": str(path)} for name, path in report.notebooks().items())
    listing = Listing("notebooks", "Notebooks", ("name", "title", "path"), rows, "none")
    show(listing, rows, as_json=as_json)


@app.command()
def copy(
    name: Annotated[str, typer.Argument(help="One of the list.", autocompletion=complete(_names))],
    to: Annotated[Path, typer.Argument(metavar="FOLDER|FILE.ipynb", help="Where to.", show_default=False)] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy a notebook to a folder, the working folder by itself, and print where it is."""
    from jina_notebook import report

    source = report.find_notebook(name)
    to = to.expanduser()
    target = to if to.suffix == ".ipynb" else to / source.name
    if not target.parent.is_dir():
        raise InputError(f"There is no folder {str(target.parent)!r}.", hint="Make it first.")
    if target.exists() and not force:
        raise InputError(f"{str(target)!r} is there already.", hint="Name another file, or replace it with --force.")
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(f"{str(target)!r} cannot be written: {error.strerror}.") from error
    typer.echo(as_line({"name": source.stem, "path": str(target)}) if as_json else str(target))


def _title(path: Path) -> str:
    """The first heading of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    lines = (line for cell in cells if cell["cell_type"] == "markdown" for line in "".join(cell["source"]).split("\n"))
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), "")
