"""`%%jina_read`: a web page's HTML to Markdown, or to JSON by a schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jina_notebook.errors import InputError
from jina_notebook.magics.models import MODEL_OPTIONS, model_of
from jina_notebook.magics.options import Command, Option

if TYPE_CHECKING:
    from jina_notebook.magics.request import Request
    from jina_notebook.results import Reading

__all__ = ["COMMAND", "act"]

COMMAND = Command(
    name="jina_read",
    summary="reads HTML as Markdown, or as JSON by a schema",
    words="[FILE.html]",
    body="the HTML",
    options=(
        *MODEL_OPTIONS,
        Option(name="instruction", help="what to extract, in words"),
        Option(name="schema", help="JSON schema, or a variable that holds one", source="variables"),
        Option(name="max-new-tokens", help="most tokens of the answer", kind="number", least=1),
        Option(name="input", help="Python object with the HTML", source="variables"),
        Option(name="raw", help="leaves {{ name }} as it is", kind="bool"),
    ),
    examples=("%jina_read page.html --out page", "%jina_read --input html --schema product_schema"),
    models=lambda card: card.kind == "reader",
)


def act(request: Request) -> Reading:
    """Reads the page."""
    html = _html(request)
    options = request.only("instruction", "schema", "max_new_tokens")
    if options.get("schema") in request.namespace:
        options["schema"] = request.variable(options["schema"])
    model = model_of(request, usual="ReaderLM-v2")
    return cast("Reading", model.read(html, **options))


def _html(request: Request) -> Any:
    if "input" in request.options:
        return request.variable(request.options["input"])
    if request.words:
        path = Path(request.words).expanduser()
        if not path.is_file():
            raise InputError(
                f"There is no file {request.words!r}.",
                hint="Pages are not fetched: write the HTML below the magic, or name a variable with --input NAME.",
            )
        return path.read_text("utf-8", "replace")
    return request.text()
