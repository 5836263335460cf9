"""What an index shall remember, agreed with what it remembers already, before anything is embedded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.fit import field_of_others, require_fit, require_same_model
from jina_notebook.elastic.mapping import check_index_options
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.passages import Chunks, chunked
from jina_notebook.elastic.plan import Columns
from jina_notebook.elastic.wanted import Model, wanted_meta
from jina_notebook.errors import OptionError
from jina_notebook.results import Embeddings

__all__ = ["Choices", "agreed_meta", "require_room_for"]


class Choices(NamedTuple):
    """What a caller may leave open."""

    dimensions: int | None = None
    multivector: bool = False
    index_options: str | Mapping[str, Any] | None = None
    chunks: Chunks | None = None


def require_room_for(destination: Destination, named: Model, choices: Choices) -> None:
    """Raises `IndexFitError` where another model filled the index; needs no loaded model."""
    require_same_model(destination, named.card.name, choices.dimensions or named.sizes[-1])


def agreed_meta(
    destination: Destination,
    model: Model,
    columns: Columns,
    choices: Choices,
    *,
    version: str,
    given: Embeddings | None = None,
) -> IndexMeta:
    """What the index shall remember; of an index of another tool, with its fields.

    `given`: embeddings that are already there. Raises `IndexFitError`, `OptionError`.
    """
    wanted = wanted_meta(
        model,
        text=columns.text,
        image=columns.image,
        dimensions=choices.dimensions,
        multivector=choices.multivector,
        given=given if given is not None else columns.vector is not None,
        there=destination.meta,
        capabilities=destination.connection.capabilities,
        version=version,
    )
    wanted = chunked(wanted, choices.chunks, model.card, there=destination.meta)
    if wanted.chunk_field and (given is not None or columns.vector is not None):
        raise OptionError(
            "Vectors that are already there are of whole documents, and chunks have vectors of their own.",
            hint="Leave out vector and chunk_tokens, or choose another index.",
        )
    require_fit(destination, wanted)
    if not destination.vacant and destination.meta is None:
        wanted = field_of_others(destination, wanted)
    if choices.index_options is not None:
        check_index_options(choices.index_options, wanted.dimensions)
    return wanted
