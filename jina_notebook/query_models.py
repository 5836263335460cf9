"""Which model a query needs: the one the index remembers, or the one that is named, never another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.elastic.fields import VectorField
from jina_notebook.elastic.first_stage import Leg, vector_field
from jina_notebook.elastic.fit import LOCAL
from jina_notebook.elastic.targets import Target
from jina_notebook.errors import IndexFitError, InputError, OptionError
from jina_notebook.protocols import Embedder, Reranks

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard
    from jina_notebook.results import Embeddings

__all__ = ["QueryModels", "Remembering", "check_reranker", "reranker_of"]

FLOAT_ELEMENTS = frozenset({"float", "bfloat16"})


class QueryModels:
    """Embeds one query for every group of indices, each with its own model; equal needs are met once.

    `given` is the caller's `model`: a catalogue name, a loaded model, or None.
    """

    def __init__(self, query: object, given: object) -> None:
        self._query = query
        self._given = given
        self._vectors: dict[object, NDArray[np.float32]] = {}
        self.used: list[Embedder] = []
        self.latency: dict[str, float] = {}
        """Seconds: `"load"` where a model was not in memory, `"embed"` where there was something to embed."""

    def leg(self, target: Target, *, tokens: bool = False) -> Leg:
        """The query for this target: a vector where it has a field for one, and token vectors where `tokens`.

        Raises `IndexFitError` where the index has no such vectors or was filled with another model or size.
        """
        field = _float_field(target)
        if not tokens and field is None:
            raise IndexFitError(
                f"The index {target.label} has no vector field.",
                hint='Search it with mode="lexical", or fill an index with jn.index.',
            )
        if tokens and target.fields.tokens is None:
            raise IndexFitError(
                f"The index {target.label} stores no token vectors for late interaction.",
                hint='Index with multivector=True, or search with mode="hybrid" and rerank.',
            )
        model = self.model_for(target)
        vector = token_vectors = None
        if field is not None:
            vector = self._embedded(model, target, field.dimensions, path=field.path, multi=False)[0]
        if tokens and target.fields.tokens is not None:
            stored = target.fields.tokens
            token_vectors = self._embedded(model, target, stored.dimensions, path=stored.path, multi=True)
        return Leg(target=target, vector=None if vector is None else tuple(vector.tolist()), tokens=token_vectors)

    def model_for(self, target: Target) -> Embedder:
        """The model that the target needs, loaded. Raises `IndexFitError` where it is not known or not the caller's."""
        meta = target.meta
        if meta is None and self._given is None:
            raise IndexFitError(
                f"The index {target.label} does not say which model filled it.",
                hint='Name it: jn.search(…, model="jina-embeddings-v3"), or search with mode="lexical".',
            )
        if isinstance(self._given, str) and meta is not None and self._given != meta.model:
            raise _other_model(target, self._given)
        if self._given is None or isinstance(self._given, str):
            name = meta.model if meta is not None else str(self._given)
            model = self._loaded(name, meta.revision if meta is not None else None)
        else:
            model = self._given
        if not isinstance(model, Embedder):
            raise OptionError(
                f"{_named(model)} does not embed, so it cannot search vectors.", hint="Give an embedding model."
            )
        if meta is not None and (model.name != meta.model or not _same_revision(model.revision, meta.revision)):
            raise _other_model(target, f"{model.name} ({model.revision})")
        if model not in self.used:
            self.used.append(model)
        return model

    def _loaded(self, name: str, revision: str | None) -> Any:
        model = model_in_memory(name, revision)
        if model is not None:
            return model
        started = time.perf_counter()
        model = load_model(name, revision)
        self._spent("load", started)
        return model

    def _spent(self, stage: str, started: float) -> None:
        self.latency[stage] = self.latency.get(stage, 0.0) + time.perf_counter() - started

    def _embedded(
        self, model: Embedder, target: Target, dimensions: int | None, *, path: str, multi: bool
    ) -> NDArray[np.float32]:
        meta = target.meta
        task = meta.query_task if meta is not None else model.card.query_task
        _check_size(model, target, dimensions, path=path, multi=multi)
        key = (id(model), task, None if multi else dimensions, multi)
        if key not in self._vectors:
            _check_modality(model, self._query)
            size = None if multi else dimensions
            started = time.perf_counter()
            found = model.embed(self._query, task=task, dimensions=size, return_multivector=multi, progress=False)
            self._spent("embed", started)
            self._vectors[key] = found.vectors[0] if multi else np.asarray(found.vectors, dtype=np.float32)
        vectors = self._vectors[key]
        if dimensions is not None and vectors.shape[1] != dimensions:
            raise IndexFitError(
                f"{model.name} gives {vectors.shape[1]} dimensions, but {target.label} holds {dimensions} in {path!r}.",
                hint="Search with the model that filled the index.",
            )
        return vectors


class Remembering:
    """A model that embeds each text once, for the same queries in several ways and places."""

    def __init__(self, model: Embedder) -> None:
        self.model = model
        self._kept: dict[tuple[str, str | None, int | None, bool], Embeddings] = {}

    @property
    def card(self) -> ModelCard:
        return self.model.card

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def revision(self) -> str:
        return self.model.revision

    @property
    def dimensions(self) -> tuple[int, ...]:
        return self.model.dimensions

    def embed(
        self,
        inputs: Any,
        *,
        task: str | None = None,
        dimensions: int | None = None,
        return_multivector: bool = False,
        **options: Any,
    ) -> Embeddings:
        """As the model's own; `options` say nothing about the vectors of one short text, so they are not looked at."""
        wanted = {"task": task, "dimensions": dimensions, "return_multivector": return_multivector, **options}
        if not isinstance(inputs, str):
            return self.model.embed(inputs, **wanted)
        key = (inputs, task, dimensions, return_multivector)
        if key not in self._kept:
            self._kept[key] = self.model.embed(inputs, **wanted)
        return self._kept[key]


def _float_field(target: Target) -> VectorField | None:
    field = vector_field(target)
    if field is not None and field.element_type not in FLOAT_ELEMENTS:
        raise IndexFitError(
            f"The field {field.path!r} of {target.label} holds {field.element_type} vectors; queries here are float.",
            hint='Search it with mode="lexical", or index again with float vectors.',
        )
    return field


def _check_size(model: Embedder, target: Target, dimensions: int | None, *, path: str, multi: bool) -> None:
    allowed = () if multi else model.dimensions
    if dimensions is None or multi or dimensions in allowed:
        return
    raise IndexFitError(
        f"The index {target.label} holds {dimensions} dimensions in {path!r}, which {model.name} does not give: "
        f"it gives {', '.join(map(str, allowed)) or 'no single vectors'}.",
        hint="Name the model that filled the index.",
    )


def _check_modality(model: Embedder, query: object) -> None:
    if not isinstance(query, str) and "image" not in model.card.modalities:
        raise InputError(
            f"The query is an image, and {model.name} takes text only.",
            hint="Search with words, or in an index of jina-clip-v2 or jina-embeddings-v4.",
        )


def _same_revision(one: str, other: str) -> bool:
    """Which revision a folder holds is not known, so it is taken on trust, as when documents are added."""
    return one == other or LOCAL in (one, other)


def _other_model(target: Target, given: str) -> IndexFitError:
    meta = target.meta
    own = f"{meta.model} ({meta.revision}), {meta.dimensions} dimensions" if meta is not None else "another model"
    return IndexFitError(
        f"The index {target.label} was filled by {own}; a query from {given} does not fit it.",
        hint="Leave model out: the index knows its own.",
    )


def model_in_memory(name: str, revision: str | None = None) -> Any:
    """The model in memory of that name and revision, whatever folder it came from; None where there is none."""
    from jina_notebook.loading import loaded

    return next((m for key, m in loaded().items() if key.name == name and revision in (None, key.revision)), None)


def load_model(name: str, revision: str | None = None) -> Any:
    """Loads a model. Raises `IndexFitError` for one that came from a folder, because nobody remembers which."""
    if revision == LOCAL:
        raise IndexFitError(
            f"The index was filled by {name} from a local folder, and no such model is in memory.",
            hint=f'Load it first: jn.load("{name}", path=…).',
        )
    from jina_notebook.loading import load

    return load(name, revision=revision)


def check_reranker(given: object, query: object) -> None:
    """Refuses a `rerank` that cannot rerank this query, before anything is loaded or sent.

    Raises `UnknownModelError`, `OptionError`, and `InputError` for an image that it cannot read.
    """
    if given is None:
        return
    if isinstance(given, str):
        from jina_notebook.catalog import CATALOGUE, card

        facts = card(given)
        if not facts.reranks:
            able = ", ".join(c.name for c in CATALOGUE if c.reranks)
            raise OptionError(f"rerank={given!r} names a model that does not rerank.", hint=f"These do: {able}.")
    elif isinstance(given, Reranks):
        facts = given.card
    else:
        raise OptionError(
            f"rerank={_named(given)} does not rerank.", hint='Give a name such as "jina-reranker-v3", or a loaded one.'
        )
    if not isinstance(query, str) and "image" not in facts.modalities:
        raise InputError(
            f"The query is an image, and {facts.name} reads text only.", hint="Rerank with jina-reranker-m0."
        )


def reranker_of(given: str | Reranks) -> Reranks:
    """The caller's `rerank`, a catalogue name or a loaded model, as a model in memory."""
    if not isinstance(given, str):
        return given
    reranker: Reranks = model_in_memory(given) or load_model(given)
    return reranker


def _named(model: object) -> str:
    name = getattr(model, "name", None)
    return repr(name) if isinstance(name, str) else type(model).__name__
