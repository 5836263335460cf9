"""`jina-notebook read [FILE]`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.cli.inputs import STANDARD_INPUT, read_text
from jina_notebook.cli.options import AsJson, Device, Dtype, ModelPath, Revision, Weights, meaning, option
from jina_notebook.cli.output import show, tell
from jina_notebook.errors import InputError, OptionError
from jina_notebook.magics.read import COMMAND

if TYPE_CHECKING:
    from jina_notebook.results import Reading

__all__ = ["app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def read(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE|-", help="A file of HTML; without one or with -, a pipe.")
    ] = None,
    model: Annotated[str | None, option(COMMAND, "model")] = None,
    path: ModelPath = None,
    revision: Revision = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    instruction: Annotated[str | None, option(COMMAND, "instruction")] = None,
    schema: Annotated[
        str | None, typer.Option(metavar="FILE|JSON", help=meaning(COMMAND, "schema", "A file of it, or itself."))
    ] = None,
    max_new_tokens: Annotated[int | None, option(COMMAND, "max-new-tokens")] = None,
    as_json: AsJson = False,
) -> None:
    """Read HTML as Markdown, or as JSON by a schema. Pages are not fetched: curl URL | jina-notebook read."""
    if file is not None and file.startswith(("http://", "https://")):
        raise InputError(f"{file} is an address, and pages are not fetched.", hint=f"curl {file} | jina-notebook read")
    wanted = _schema(schema)
    html = read_text(file or STANDARD_INPUT, asked=file is not None, what="lines of HTML")
    if not html.strip():
        raise InputError("There is no HTML in the input.", hint="Check what writes into the pipe.")
    loaded = Weights(path, revision, device, dtype).load("read", COMMAND, model, usual="ReaderLM-v2")
    reading: Reading = loaded.read(html, instruction=instruction, schema=wanted, max_new_tokens=max_new_tokens)
    show(reading.text, _record(reading), as_json=as_json)
    for note in () if as_json else reading.page().notes:
        tell(note)


def _schema(given: str | None) -> Any:
    if given is None:
        return None
    text = given if given.lstrip().startswith("{") else read_text(given, what="schema")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise OptionError(
            f"--schema is not JSON: {error.msg} at line {error.lineno}, column {error.colno} of {given[:80]!r}.",
            hint='Give a JSON schema, such as {"type": "object", "properties": {"price": {"type": "number"}}}.',
        ) from error


def _record(reading: Reading) -> dict[str, Any]:
    return {
        "text": reading.text,
        "data": reading.data,
        "truncated": reading.truncated,
        "tokens": reading.tokens,
        "model": reading.model,
        "revision": reading.revision,
        "notes": list(reading.notes),
    }
