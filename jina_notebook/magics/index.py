"""`%jina_index`: documents into Elasticsearch, embedded on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError, OptionError
from jina_notebook.magics.models import MODEL_OPTIONS, model_of
from jina_notebook.magics.options import DRY_RUN, Command, Option

if TYPE_CHECKING:
    from jina_notebook.magics.request import Request
    from jina_notebook.results import IndexReport

__all__ = ["COMMAND", "act"]

COMMAND = Command(
    name="jina_index",
    summary="embeds documents and stores them in an Elasticsearch index",
    words="[VARIABLE or FILE.jsonl]",
    body="one document per line, or JSON lines",
    options=(
        Option(name="index", help="index to fill; it is made where there is none", source="indices"),
        *MODEL_OPTIONS,
        Option(name="input", help="Python object with the documents: dicts, table, generator", source="variables"),
        Option(name="text", help="field with the text"),
        Option(name="image", help="field with the picture"),
        Option(name="vector", help="field with vectors that are there already"),
        Option(name="id", help="field with the document's id; without it the content gives one"),
        Option(name="dimensions", help="size of the vectors", kind="number", source="dimensions", least=1),
        Option(name="multivector", help="stores one vector per token as well", kind="bool"),
        Option(name="chunk-tokens", help="cuts texts into chunks of at most so many tokens", kind="number", least=1),
        Option(name="late-chunking", help="embeds chunks with the whole document in view", kind="bool"),
        Option(name="index-options", help="kind of vector index, as Elasticsearch's index_options", kind="json"),
        Option(name="recreate", help="deletes the index first", kind="bool"),
        DRY_RUN,
        Option(name="connection", help="named connection to use", source="connections"),
        Option(name="raw", help="leaves {{ name }} as it is", kind="bool"),
    ),
    examples=(
        "%jina_index products --index shop --text description --id sku",
        "%jina_index corpus.jsonl --index kb",
    ),
    models=lambda card: card.embeds,
)


def act(request: Request) -> IndexReport:
    """Indexes the documents."""
    from jina_notebook import indexing

    index = request.options.get("index")
    if not index:
        raise OptionError("There is no index to fill.", hint="Name it: %jina_index VARIABLE --index NAME.")
    documents = _documents(request)
    options = request.only("text", "image", "vector", "id", "dimensions", "multivector", "chunk_tokens",
                           "late_chunking", "index_options", "recreate", "connection")  # fmt: skip
    if request.options.get("dry_run"):
        options["estimate"] = True
    return indexing.index(documents, index, model=model_of(request), **options)


def _documents(request: Request) -> Any:
    """A variable or a file as it is, so that streams stay streams; or the cell's lines."""
    if request.words:
        if "input" in request.options or (request.body and request.body.strip()):
            raise InputError("The documents are given twice.", hint=request.command.usage())
        return request.variable_or_file(request.words)
    if "input" in request.options:
        return request.variable(request.options["input"])
    return [item if isinstance(item, dict) else {"text": item} for item in request.items()]
