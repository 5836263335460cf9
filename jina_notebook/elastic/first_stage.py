"""The searches of the first stage: for each group of indices what is sent, and what that leaves undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jina_notebook.elastic.answers import Request
from jina_notebook.elastic.fields import VectorField
from jina_notebook.elastic.late_interaction import has_tokens
from jina_notebook.elastic.queries import (
    Body,
    Dialect,
    Knobs,
    affordable,
    exact_body,
    lexical_body,
    places_only,
    vector_body,
)
from jina_notebook.elastic.targets import Target
from jina_notebook.errors import IndexFitError

__all__ = ["FUSIONS", "MODES", "Fusion", "Leg", "Mode", "Plan", "Search", "searches_of", "shortfalls", "vector_field"]

Mode = Literal["vector", "exact", "lexical", "hybrid", "late-interaction"]
MODES: tuple[Mode, ...] = ("vector", "exact", "lexical", "hybrid", "late-interaction")
Fusion = Literal["rrf", "linear"]
FUSIONS: tuple[Fusion, ...] = ("rrf", "linear")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One group of indices with the query as its model sees it: a vector, token vectors, or neither."""

    target: Target
    vector: tuple[float, ...] | None = None
    tokens: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one search does, checked. `text` is None for a picture; `weights` are by stage, for fusion.

    `read` is how many documents are needed whole, for the hits and a reranker. `on_client` says why the fusion does not
    run on the server, None where it does.
    """

    mode: Mode
    knobs: Knobs
    read: int
    text: str | None
    dialect: Dialect = field(default_factory=Dialect)
    filters: tuple[Body, ...] = ()
    oversample: float | None = None
    fusion: Fusion = "rrf"
    weights: Mapping[str, float] = field(default_factory=dict)
    on_client: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """One search of the first stage: the list it makes, and its request."""

    stage: Literal["lexical", "vector"]
    request: Request


def shortfalls(leg: Leg, plan: Plan) -> Iterator[str]:
    """What this search does less than its mode says, and why."""
    yield from leg.target.notes
    fields = leg.target.fields
    if plan.mode == "hybrid" and (plan.text is None or not fields.texts):
        why = "an image has no words" if plan.text is None else f"{leg.target.label} has no text field"
        yield f"{why}: only the vector search ran"
    elif plan.mode in {"hybrid", "lexical"} and plan.text is not None:
        searched = affordable(plan.text, fields.texts)
        if searched is not plan.text:
            yield f"lexical search read the first {len(searched.split()):,} words of the query"
    where = vector_field(leg.target)
    if leg.vector is not None and where is not None and not where.indexed and plan.mode != "exact":
        yield f"{where.path} of {leg.target.label} has no vector index: every vector was compared"


def vector_field(target: Target) -> VectorField | None:
    """The field whose vectors a search compares: the one the index remembers, else the first of its mapping."""
    if target.meta is None:
        return target.fields.vector()
    return target.fields.vector(target.meta.vector_field) if target.meta.vector_field else None


def searches_of(leg: Leg, plan: Plan, *, whole: bool) -> Iterator[Search]:
    """The searches of one group of indices; without `whole` they bring places only.

    Raises `IndexFitError` where the index has nothing to search in this mode.
    """
    size = plan.knobs.window if plan.mode == "hybrid" else plan.knobs.wanted
    filters = (*plan.filters, *leg.target.filters)
    fields = leg.target.fields
    late = plan.mode == "late-interaction"
    if late:
        filters = (*filters, *has_tokens(leg.target))
    by_words = plan.mode in {"lexical", "hybrid"} or (late and leg.vector is None)
    if by_words and plan.text is not None and fields.texts:
        body = lexical_body(plan.text, fields.texts, size=size, filters=filters, hide=fields.heavy, also_unmatched=late)
        yield Search("lexical", Request(leg.target.path, body if whole else places_only(body)))
    elif leg.vector is None:
        raise IndexFitError(
            f"The index {leg.target.label} has no text field to search in.", hint='Search it with mode="vector".'
        )
    if leg.vector is not None:
        body = _vector_search(leg, leg.vector, plan, size, filters)
        yield Search("vector", Request(leg.target.path, body if whole else places_only(body)))


def _vector_search(leg: Leg, vector: Sequence[float], plan: Plan, size: int, filters: Sequence[Body]) -> Body:
    fields = leg.target.fields
    where = vector_field(leg.target)
    if where is None:
        raise IndexFitError(f"The index {leg.target.label} has no vector field.", hint='Search with mode="lexical".')
    if plan.mode == "exact" or not where.indexed:
        return exact_body(
            vector,
            where,
            size=size,
            filters=filters,
            hide=fields.heavy,
            text=plan.text,
            fields=fields.texts,
            passage=_passage_field(where.nested, fields.names),
        )
    return vector_body(
        vector,
        where,
        k=size,
        num_candidates=plan.knobs.num_candidates,
        dialect=plan.dialect,
        filters=filters,
        oversample=plan.oversample,
        hide=fields.heavy,
        text=plan.text,
        fields=fields.texts,
        passage=_passage_field(where.nested, fields.names),
    )


def _passage_field(nested: str | None, names: frozenset[str]) -> str | None:
    """The text beside a nested vector: `chunks.text` for `chunks.vec`."""
    return f"{nested}.text" if nested is not None and f"{nested}.text" in names else None
