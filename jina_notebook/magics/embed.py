"""`%%jina_embed`: texts and pictures to vectors, and into an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jina_notebook.errors import InputError, OptionError
from jina_notebook.magics.models import MODEL_OPTIONS, model_of
from jina_notebook.magics.options import DRY_RUN, Command, Option

if TYPE_CHECKING:
    from jina_notebook.magics.request import Request
    from jina_notebook.protocols import Embedder
    from jina_notebook.results import Embeddings, IndexReport, Listing

__all__ = ["COMMAND", "act"]

VECTOR = "vector"

COMMAND = Command(
    name="jina_embed",
    summary="embeds texts or images as unit vectors",
    words="[TEXT]",
    body="one text per line, or JSON lines",
    options=(
        *MODEL_OPTIONS,
        Option(name="task", help="what the vectors are for", source="tasks"),
        Option(name="dimensions", help="size to cut the vectors to", kind="number", source="dimensions", least=1),
        Option(name="return-multivector", help="one vector per token", kind="bool"),
        Option(name="late-chunking", help="the items are the chunks of one document", kind="bool"),
        Option(name="truncate", help="cut at the model's limit (true), or refuse (false)", kind="bool"),
        Option(name="batch-tokens", help="tokens per batch", kind="number", least=1),
        Option(name="input", help="Python object with the items, or frame.column", source="variables"),
        Option(name="index", help="Elasticsearch index that stores what was embedded", source="indices"),
        Option(name="id", help="field of JSON lines that holds the document's id"),
        Option(name="connection", help="named connection to use", source="connections"),
        DRY_RUN,
        Option(name="whole", help="the whole cell is one item", kind="bool"),
        Option(name="raw", help="leaves {{ name }} as it is", kind="bool"),
    ),
    examples=(
        "%%jina_embed --model jina-embeddings-v3 --task retrieval.passage --out e",
        "green tea",
        "black coffee",
        "",
        "%jina_embed --input frame.text --index shop",
    ),
    models=lambda card: card.embeds,
)


def act(request: Request) -> Embeddings | IndexReport | Listing:
    """Embeds the items, and indexes them where `--index` says so; `--dry-run` says what that would take."""
    from jina_notebook.planning import plan

    items = request.items()
    inputs, documents = _apart(items)
    model = model_of(request)
    options = request.only("task", "dimensions", "return_multivector", "late_chunking", "truncate", "batch_tokens")
    if request.options.get("dry_run") and "index" not in request.options:
        return plan(model, inputs, options)
    if "index" not in request.options:
        return cast("Embeddings", model.embed(inputs, **options))
    return _indexed(request, model, inputs, documents, options)


def _indexed(
    request: Request, model: Embedder, inputs: list[Any], documents: list[dict[str, Any]], options: dict[str, Any]
) -> Embeddings | IndexReport:
    from jina_notebook import indexing

    if options.get("late_chunking"):
        raise OptionError(
            "--late-chunking gives vectors of chunks, which --index does not store.", hint="Leave one of the two out."
        )
    options.setdefault("task", model.card.index_task)
    more = request.only("id", "dimensions", "connection")
    if any("image" in document for document in documents):
        more["image"] = "image"
    if request.options.get("dry_run"):
        multivector = options.get("return_multivector", False)
        return indexing.index(
            documents, request.options["index"], model=model, multivector=multivector, estimate=True, **more
        )
    embeddings = model.embed(inputs, **options)
    given: Any = embeddings
    if embeddings.multivector:
        given, more["multivector"] = documents, True
    elif any(document.keys() - {"text"} for document in documents):
        given = [document | {VECTOR: row} for document, row in zip(documents, embeddings.vectors, strict=True)]
        more["vector"] = VECTOR
    report = indexing.index(given, request.options["index"], model=model, **more)
    return replace(embeddings, report=report)


def _apart(items: list[Any]) -> tuple[list[Any], list[dict[str, Any]]]:
    """What the model reads, and the documents it comes from: hits and ranked documents stand for their own."""
    inputs, documents = [], []
    for position, item in enumerate(items):
        own = getattr(item, "source", getattr(item, "document", item))
        if not isinstance(own, Mapping):
            inputs.append(own)
            documents.append({"text" if isinstance(own, str) else "image": own})
            continue
        if "text" not in own and "image" not in own:
            raise InputError(
                f'Item {position} has neither "text" nor "image"; its fields are: {", ".join(map(str, own))}.',
                hint="Hand over the texts themselves, for example as a list.",
            )
        inputs.append(own["text"] if "text" in own else Path(own["image"]))
        documents.append(dict(own))
    return inputs, documents
