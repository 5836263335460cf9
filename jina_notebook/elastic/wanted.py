"""What an index shall remember: model, tasks and sizes, from the model's facts and what is there already."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.capabilities import Capabilities
from jina_notebook.elastic.mapping import RANK_VECTORS, TOKEN_FIELD, VECTOR_FIELD
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.errors import InputError, OptionError
from jina_notebook.protocols import Embedder
from jina_notebook.results import Embeddings

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard

__all__ = ["Model", "check_given", "tasks_for", "wanted_meta"]


@dataclass(frozen=True, slots=True)
class Model:
    """The model that vectors come from: its facts, and itself where it is loaded."""

    card: ModelCard
    loaded: Embedder | None = None

    @property
    def revision(self) -> str:
        """Its revision, the pinned one where it is not loaded."""
        return self.loaded.revision if self.loaded is not None else self.card.revision

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of its vectors, ascending; of its token vectors where those are the only ones."""
        of_checkpoint: tuple[int, ...] = ()
        if self.loaded is not None:
            of_checkpoint = self.loaded.dimensions or getattr(self.loaded, "token_dimensions", ())
        return tuple(sorted(of_checkpoint or self.card.dimensions or self.card.token_dimensions))


def check_given(embeddings: Embeddings, card: ModelCard) -> None:
    """Raises `InputError` for embeddings of another model, or made for queries."""
    if embeddings.model != card.name:
        raise InputError(
            f"These embeddings are from {embeddings.model}, not from {card.name}.",
            hint=f"Pass model={embeddings.model!r}.",
        )
    task = embeddings.task or card.index_task or ""
    if task.endswith(".query"):
        raise InputError(
            f"These embeddings were made with task={task!r}, which is for queries.",
            hint=f"Embed the documents with task={card.index_task!r}.",
        )


def tasks_for(card: ModelCard, given: Embeddings | None) -> tuple[str | None, str | None]:
    """(task of documents, task of queries): the catalogue's pair, else the pair to which given embeddings belong."""
    task = given.task if given is not None else None
    if task is None or task == card.index_task:
        return card.index_task, card.query_task
    partner = f"{task.removesuffix('.passage')}.query"
    return task, partner if task.endswith(".passage") and partner in card.tasks else task


def wanted_meta(
    model: Model,
    *,
    text: str,
    image: str | None,
    dimensions: int | None,
    multivector: bool,
    given: Embeddings | bool,
    there: IndexMeta | None,
    capabilities: Capabilities | None,
    version: str,
) -> IndexMeta:
    """What the index shall remember; `dimensions` is 0 where the first given vector will tell.

    `given`: embeddings, or whether vectors come with the documents. `there`: what an existing index remembers; what the
    caller left open follows it. `capabilities`: those of the server, None where vectors go to files.

    Raises `OptionError` for a size or for multi-vectors that the model does not have.
    """
    card = model.card
    embeddings = given if isinstance(given, Embeddings) else None
    tokens = _tokens(card, multivector, embeddings, there)
    dense = bool(card.dimensions) and not (given and tokens)
    task, query_task = tasks_for(card, embeddings)
    storage = None
    if tokens:
        ranks = capabilities is not None and capabilities.allows("rank_vectors")
        remembered = there.token_storage if there is not None else None
        storage = remembered or (RANK_VECTORS if ranks else "binary")
    return IndexMeta(
        model=card.name,
        revision=embeddings.revision if embeddings is not None else model.revision,
        task=task,
        query_task=query_task,
        dimensions=_dimensions(model, dimensions, there, given=bool(given)),
        normalized=embeddings is not None or not given,
        text_field=text,
        image_field=image,
        vector_field=VECTOR_FIELD if dense else None,
        token_field=TOKEN_FIELD if tokens else None,
        token_storage=storage,
        version=version,
    )


def _tokens(card: ModelCard, multivector: bool, embeddings: Embeddings | None, there: IndexMeta | None) -> bool:
    if embeddings is not None:
        return isinstance(embeddings.vectors, list)
    if multivector and not card.multivector:
        raise OptionError(
            f"{card.name} gives no multi-vectors.",
            hint="Leave multivector out, or use jina-colbert-v2 or jina-embeddings-v4.",
        )
    return multivector or not card.dimensions or (there is not None and there.token_field is not None)


def _dimensions(model: Model, asked: int | None, there: IndexMeta | None, *, given: bool) -> int:
    sizes = model.sizes
    if asked is not None:
        whole = _whole(asked)
        if whole < 1 or (whole not in sizes and not given):
            raise OptionError(
                f"{model.card.name} gives no vectors of {asked!r} dimensions; allowed: {', '.join(map(str, sizes))}."
            )
        return whole
    if there is not None and (given or there.dimensions in sizes):
        return there.dimensions
    return 0 if given else sizes[-1]


def _whole(value: Any) -> int:
    """The whole number that a value is, numpy's too; 0 for anything else."""
    try:
        return 0 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return 0
