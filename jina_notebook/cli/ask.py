"""`jina-notebook ask IMAGE QUESTION`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.cli.inputs import picture
from jina_notebook.cli.options import AsJson, Device, Dtype, ModelPath, Revision, Weights, option
from jina_notebook.cli.output import show, tell
from jina_notebook.magics.ask import COMMAND

if TYPE_CHECKING:
    from jina_notebook.results import Answer

__all__ = ["app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def ask(
    image: Annotated[str, typer.Argument(metavar="IMAGE|-", help="The file of a picture; - reads a pipe.")],
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="The question about it.")],
    model: Annotated[str | None, option(COMMAND, "model")] = None,
    path: ModelPath = None,
    revision: Revision = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    max_new_tokens: Annotated[int | None, option(COMMAND, "max-new-tokens")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a question about a picture."""
    seen = picture(image)
    loaded = Weights(path, revision, device, dtype).load("ask", COMMAND, model, usual="jina-vlm")
    answer: Answer = loaded.ask(seen, question, max_new_tokens=max_new_tokens)
    show(answer.text, _record(answer, question), as_json=as_json)
    for note in () if as_json else answer.page().notes:
        tell(note)


def _record(answer: Answer, question: str) -> dict[str, Any]:
    return {
        "question": question,
        "text": answer.text,
        "truncated": answer.truncated,
        "tokens": answer.tokens,
        "model": answer.model,
        "revision": answer.revision,
        "notes": list(answer.notes),
    }
