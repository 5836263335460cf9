"""`jina-notebook embed [TEXT]...`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.cli.inputs import contents, items
from jina_notebook.cli.options import AsJson, Device, Dtype, ModelPath, Revision, Weights, option
from jina_notebook.cli.output import as_line, show, tell
from jina_notebook.errors import InputError
from jina_notebook.magics.embed import COMMAND
from jina_notebook.render.clean import counted

if TYPE_CHECKING:
    from jina_notebook.protocols import Embedder
    from jina_notebook.results import Embeddings

__all__ = ["app"]

AT_ONCE = 512  # inputs after which lines are written: what reads them need not wait for the end

Texts = Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="Texts; - reads a pipe.", show_default=False)]
Source = Annotated[
    str | None,
    typer.Option("--input", metavar="FILE", help="File with one text per line, or JSON lines. [default: a pipe]"),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="A .jsonl, .npy or .parquet file to write them to."),
]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def embed(
    text: Texts = None,
    source: Source = None,
    model: Annotated[str | None, option(COMMAND, "model")] = None,
    path: ModelPath = None,
    revision: Revision = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    task: Annotated[str | None, option(COMMAND, "task")] = None,
    dimensions: Annotated[int | None, option(COMMAND, "dimensions")] = None,
    return_multivector: Annotated[bool, option(COMMAND, "return-multivector")] = False,
    late_chunking: Annotated[bool, option(COMMAND, "late-chunking")] = False,
    truncate: Annotated[bool, option(COMMAND, "truncate", "--truncate/--no-truncate")] = True,
    batch_tokens: Annotated[int | None, option(COMMAND, "batch-tokens")] = None,
    output: Output = None,
    dry_run: Annotated[bool, option(COMMAND, "dry-run")] = False,
    as_json: AsJson = False,
) -> None:
    """Embed texts or images as unit vectors: one line of JSON each, with index, embedding, tokens and truncated.

    Texts are words of the line, lines of --input FILE, or lines of a pipe; JSON lines with "text" or "image" too.
    """
    from jina_notebook.cli import vectors

    if output is not None:
        vectors.check(output, multivector=return_multivector)
    inputs = contents(items(text or [], source, what="texts"))
    options = {
        "task": task,
        "dimensions": dimensions,
        "return_multivector": return_multivector,
        "late_chunking": late_chunking,
        "truncate": truncate,
        "batch_tokens": batch_tokens,
    }
    loaded = Weights(path, revision, device, dtype).load("embed", COMMAND, model)
    if dry_run:
        from jina_notebook.planning import plan

        planned = plan(loaded, inputs, options)
        show(planned, {str(row["what"]): row["estimate"] for row in planned}, as_json=as_json)
        return
    parts = _parts(loaded, inputs, options)
    if output is None:
        for start, part in parts:
            typer.echo("\n".join(as_line(record) for record in vectors.records(part, start)))
        return
    _write(output, parts, as_json)


def _write(output: Path, parts: Iterator[tuple[int, Embeddings]], as_json: bool) -> None:
    """The file, also of what was finished when an interrupt came."""
    from jina_notebook.cli import vectors

    finished = []
    try:
        for _, part in parts:
            finished.append(part)
    except typer.Exit:
        if finished:
            vectors.write(output, finished)
        raise
    written = vectors.write(output, finished)
    if as_json:
        typer.echo(as_line(written))
    else:
        tell(f"{counted(written['vectors'], 'vector')} of {written['dimensions']} dimensions in {output}.")


def _parts(model: Embedder, inputs: list[Any], options: dict[str, Any]) -> Iterator[tuple[int, Embeddings]]:
    """The position of the first input of each part, and its embeddings; what an interrupt left is a part too."""
    from jina_notebook.progress import reporting

    if options["late_chunking"]:  # the items belong together
        yield 0, model.embed(inputs, **options)
        return
    if len(inputs) <= AT_ONCE:
        yield from _whole(model, inputs, options)
        return
    with reporting(None, total=len(inputs), unit="inputs", label=f"Embedding with {model.name}") as report:
        for start in range(0, len(inputs), AT_ONCE):
            part = inputs[start : start + AT_ONCE]
            yield from _whole(model, part, {**options, "progress": False}, start, len(inputs))
            report.advance(len(part))


def _whole(
    model: Embedder, inputs: list[Any], options: dict[str, Any], start: int = 0, total: int | None = None
) -> Iterator[tuple[int, Embeddings]]:
    try:
        embedded: Embeddings = model.embed(inputs, **options)
    except InputError as error:
        if not start:
            raise
        where = f"Inputs {start:,} to {start + len(inputs) - 1:,}, counted from {start:,} on"
        raise type(error)(f"{where}: {error.message}", hint=error.hint) from error
    except KeyboardInterrupt as stop:
        finished = getattr(stop, "done", 0)
        if finished:
            yield start, stop.partial  # type: ignore[attr-defined]  # the engine's own kind of interrupt
        count = total or len(inputs)
        tell(f"Stopped after {start + finished:,} of {count:,} inputs; what was finished is written.")
        raise typer.Exit(130) from None
    yield start, embedded
