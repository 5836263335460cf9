"""`jina-notebook index FILE INDEX`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.cli.inputs import documents
from jina_notebook.cli.options import (
    AsJson,
    Device,
    Dtype,
    ModelPath,
    Revision,
    Url,
    Weights,
    indices,
    meaning,
    option,
)
from jina_notebook.cli.output import show, tell
from jina_notebook.errors import OptionError
from jina_notebook.magics.index import COMMAND

if TYPE_CHECKING:
    from jina_notebook.results import IndexReport

__all__ = ["app"]

FAILED = 1

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def index(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A .jsonl or .parquet file; - reads lines of a pipe.")],
    index: Annotated[str, typer.Argument(metavar="INDEX", help=meaning(COMMAND, "index"), autocompletion=indices)],
    model: Annotated[str | None, option(COMMAND, "model")] = None,
    path: ModelPath = None,
    revision: Revision = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    text: Annotated[str, option(COMMAND, "text")] = "text",
    image: Annotated[str | None, option(COMMAND, "image")] = None,
    vector: Annotated[str | None, option(COMMAND, "vector")] = None,
    id: Annotated[str | None, option(COMMAND, "id")] = None,  # noqa: A002 - the field's own word
    dimensions: Annotated[int | None, option(COMMAND, "dimensions")] = None,
    multivector: Annotated[bool, option(COMMAND, "multivector")] = False,
    chunk_tokens: Annotated[int | None, option(COMMAND, "chunk-tokens")] = None,
    late_chunking: Annotated[bool, option(COMMAND, "late-chunking")] = False,
    index_options: Annotated[str | None, option(COMMAND, "index-options", more="Or a type: int8_hnsw.")] = None,
    recreate: Annotated[bool, option(COMMAND, "recreate")] = False,
    estimate: Annotated[bool, option(COMMAND, "dry-run", "--estimate", "--dry-run")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where a document was not stored.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Embed documents and store them in an Elasticsearch index, which is made where there is none.

    A pipe holds JSON lines, or one text per line. What is stored already and unchanged is skipped, so that a run that
    was stopped goes on where it stopped. Documents that cannot be stored are in the report, each with its reason.
    """
    from jina_notebook import indexing
    from jina_notebook.elastic.connection import connect

    given = _documents(file, twice=estimate)
    options = _options(index_options)
    server = connect(url)
    loaded = Weights(path, revision, device, dtype).load("index", COMMAND, model)
    try:
        report = indexing.index(
            given,
            index,
            model=loaded,
            text=text,
            image=image,
            vector=vector,
            id=id,
            dimensions=dimensions,
            multivector=multivector,
            chunk_tokens=chunk_tokens,
            late_chunking=late_chunking,
            index_options=options,
            connection=server,
            recreate=recreate,
            estimate=estimate,
        )
    except KeyboardInterrupt:
        tell("Stopped; what was stored stays, and the same command goes on from there.")
        raise typer.Exit(130) from None
    show(report, _record(report, estimate), as_json=as_json)
    _tell_failures(report, estimate)
    if report.failed and strict:
        raise typer.Exit(FAILED)


def _documents(file: str, *, twice: bool) -> Any:
    """A path, or what a pipe holds; as a list where an estimate looks twice, which a stream does not allow."""
    given = documents(file)
    return list(given) if twice and not isinstance(given, str) else given


def _tell_failures(report: IndexReport, estimate: bool) -> None:
    if report.failed:
        which = f"{len(report.failed):,} of {report.documents:,} documents"
        tell(f"{which} {'cannot be' if estimate else 'were not'} stored; each reason is in the report.")


def _options(text: str | None) -> Any:
    """A JSON object, or the name of a type as it is."""
    if text is None or not text.lstrip().startswith("{"):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise OptionError(
            f"--index-options is {text!r}, which is not JSON: {error.msg} at character {error.pos + 1}.",
            hint="Put it in single quotes.",
        ) from error


def _record(report: IndexReport, estimate: bool) -> dict[str, Any]:
    return {"estimate": estimate, **asdict(report)}
