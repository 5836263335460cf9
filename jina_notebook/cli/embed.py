"""`jina-notebook embed [TEXT]...`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.cli.inputs import contents, items
from jina_notebook.cli.options import AsJson, Device, Dtype, ModelPath, Revision, Weights, meaning, models, of_model
from jina_notebook.cli.output import as_line, show, tell
from jina_notebook.magics.embed import COMMAND

if TYPE_CHECKING:
    from jina_notebook.protocols import Embedder
    from jina_notebook.results import Embeddings

__all__ = ["app"]

AT_ONCE = 512  # inputs after which lines are written: what reads them need not wait for the end

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def embed(
    text: Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="Texts; - reads them too.")] = None,
    source: Annotated[
        str | None,
        typer.Option("--input", metavar="FILE", help="File with one text per line, or JSON lines. [default: a pipe]"),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=meaning(COMMAND, "model"), autocompletion=models(lambda card: card.embeds)),
    ] = None,
    path: ModelPath = None,
    revision: Revision = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    task: Annotated[
        str | None, typer.Option(metavar="NAME", help=meaning(COMMAND, "task"), autocompletion=of_model("tasks"))
    ] = None,
    dimensions: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help=meaning(COMMAND, "dimensions"), autocompletion=of_model("dimensions")),
    ] = None,
    return_multivector: Annotated[
        bool, typer.Option("--return-multivector", help=meaning(COMMAND, "return-multivector"))
    ] = False,
    late_chunking: Annotated[bool, typer.Option("--late-chunking", help=meaning(COMMAND, "late-chunking"))] = False,
    truncate: Annotated[bool, typer.Option(help=meaning(COMMAND, "truncate"))] = True,
    batch_tokens: Annotated[int | None, typer.Option(metavar="N", min=1, help=meaning(COMMAND, "batch-tokens"))] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write them to this .jsonl, .npy or .parquet file instead."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=meaning(COMMAND, "dry-run"))] = False,
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
    written = vectors.write(output, [part for _, part in parts])
    summary = f"{written['vectors']:,} vectors of {written['dimensions']} dimensions are in {output}."
    if as_json:
        typer.echo(as_line(written))
    else:
        tell(summary)


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
    except KeyboardInterrupt as stop:
        finished = getattr(stop, "done", 0)
        if finished:
            yield start, stop.partial  # type: ignore[attr-defined]  # the engine's own kind of interrupt
        count = total or len(inputs)
        tell(f"Stopped after {start + finished:,} of {count:,} inputs; what was finished is written.")
        raise typer.Exit(130) from None
    yield start, embedded
