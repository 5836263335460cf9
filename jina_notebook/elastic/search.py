"""Runs one search: the first stage in one round trip, the fusion there or here, then MaxSim where it is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from jina_notebook.elastic import fusion
from jina_notebook.elastic.answers import Answer, Document, Request, ask, ask_all
from jina_notebook.elastic.fields import VectorField
from jina_notebook.elastic.fusion import Key, Scored
from jina_notebook.elastic.late_interaction import has_tokens, maxsim_stage
from jina_notebook.elastic.queries import (
    Body,
    Dialect,
    Knobs,
    affordable,
    exact_body,
    lexical_body,
    linear_body,
    places_only,
    rrf_body,
    vector_body,
)
from jina_notebook.elastic.targets import Target
from jina_notebook.errors import IndexFitError

if TYPE_CHECKING:
    from jina_notebook.elastic.connection import Connection

__all__ = ["FUSIONS", "MODES", "Found", "Fusion", "Leg", "Mode", "Plan", "find", "vector_field"]

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

    `on_client` says why the fusion does not run on the server, None where it does.
    """

    mode: Mode
    knobs: Knobs
    text: str | None
    dialect: Dialect = field(default_factory=Dialect)
    filters: tuple[Body, ...] = ()
    oversample: float | None = None
    fusion: Fusion = "rrf"
    weights: Mapping[str, float] = field(default_factory=dict)
    on_client: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Documents in order, with every list they were ranked in, in the order of the stages."""

    order: tuple[Scored, ...]
    lists: tuple[tuple[str, tuple[Scored, ...]], ...]
    documents: Mapping[Key, Document]
    latency: Mapping[str, float]
    notes: tuple[str, ...] = ()

    def then(self, stage: str, order: Sequence[Scored], seconds: float, notes: Sequence[str] = ()) -> Found:
        """The same documents in the order of one more stage."""
        return replace(
            self,
            order=tuple(order),
            lists=(*self.lists, (stage, tuple(order))),
            latency={**self.latency, stage: seconds},
            notes=(*self.notes, *notes),
        )


@dataclass(frozen=True, slots=True)
class _Search:
    stage: Literal["lexical", "vector"]
    request: Request


def find(connection: Connection, legs: Sequence[Leg], plan: Plan) -> Found:
    """The documents that a search finds, best first, at least `knobs.wanted` where there are as many.

    Raises `IndexFitError` where an index has nothing to search in this mode, `RequestError` for a refusal.
    """
    searches = [search for leg in legs for search in _searches(leg, plan)]
    notes = tuple(dict.fromkeys(note for leg in legs for note in _shortfalls(leg, plan)))
    found = None
    if plan.mode == "hybrid" and len(searches) == 2 and plan.on_client is None:
        if "inner_hits" in searches[1].request.body.get("knn", {"inner_hits": None}):
            plan = replace(plan, on_client="the server fuses indexed vectors of whole documents only")
        else:
            found, plan = _fused_there(connection, searches, plan)
    if found is None:
        found = _first_stage(connection, searches, plan)
    if plan.mode == "late-interaction":
        found = _maxsim(connection, legs, found)
    return replace(found, notes=(*notes, *found.notes))


def _shortfalls(leg: Leg, plan: Plan) -> Iterator[str]:
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


def _searches(leg: Leg, plan: Plan) -> Iterator[_Search]:
    size = plan.knobs.window if plan.mode == "hybrid" else plan.knobs.wanted
    filters = (*plan.filters, *leg.target.filters)
    fields = leg.target.fields
    late = plan.mode == "late-interaction"
    if late:
        filters = (*filters, *has_tokens(leg.target))
    by_words = plan.mode in {"lexical", "hybrid"} or (late and leg.vector is None)
    if by_words and plan.text is not None and fields.texts:
        body = lexical_body(plan.text, fields.texts, size=size, filters=filters, hide=fields.heavy, also_unmatched=late)
        yield _Search("lexical", Request(leg.target.path, body))
    elif leg.vector is None:
        raise IndexFitError(
            f"The index {leg.target.label} has no text field to search in.", hint='Search it with mode="vector".'
        )
    if leg.vector is not None:
        yield _Search("vector", Request(leg.target.path, _vector_search(leg, leg.vector, plan, size, filters)))


def _vector_search(leg: Leg, vector: Sequence[float], plan: Plan, size: int, filters: Sequence[Body]) -> Body:
    fields = leg.target.fields
    where = vector_field(leg.target)
    if where is None:
        raise IndexFitError(f"The index {leg.target.label} has no vector field.", hint='Search with mode="lexical".')
    if plan.mode == "exact" or not where.indexed:
        return exact_body(
            vector, where, size=size, filters=filters, hide=fields.heavy, text=plan.text, fields=fields.texts
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


def _first_stage(connection: Connection, searches: Sequence[_Search], plan: Plan) -> Found:
    started = time.perf_counter()
    if len(searches) == 1:
        answers = [ask(connection.client, searches[0].request)]
    else:
        answers = [_accepted(answer) for answer in ask_all(connection.client, [search.request for search in searches])]
    seconds = time.perf_counter() - started
    lists = tuple((search.stage, answer.places) for search, answer in zip(searches, answers, strict=True))
    documents = {key: document for answer in answers for key, document in (answer.documents or {}).items()}
    notes = tuple(dict.fromkeys(note for answer in answers for note in answer.notes))
    found = Found(order=(), lists=lists, documents=documents, latency={"search": seconds}, notes=notes)
    if len(lists) == 1:
        return replace(found, order=lists[0][1])
    if plan.mode == "late-interaction":
        return found  # its lists meet after MaxSim
    if plan.on_client is not None and plan.mode == "hybrid":
        found = replace(found, notes=(*found.notes, f"{plan.fusion} runs on the client: {plan.on_client}"))
    started = time.perf_counter()
    order = _fused_here(lists, plan)
    return found.then("fusion", order, time.perf_counter() - started)


def _accepted(answer: Answer) -> Answer:
    if answer.error is not None:
        raise answer.error
    return answer


def _fused_here(lists: Sequence[tuple[str, Sequence[Scored]]], plan: Plan) -> list[Scored]:
    weights = [plan.weights.get(stage, 1.0) for stage, _ in lists]
    fuse = fusion.linear if plan.fusion == "linear" else fusion.rrf
    return fuse([places for _, places in lists], weights=weights)


def _fused_there(connection: Connection, searches: Sequence[_Search], plan: Plan) -> tuple[Found | None, Plan]:
    """Fuses on the server. The fused list does not tell the places in each list, so these travel along as bare ids.

    None, and a plan that says why, where the server turns out to lack the feature.
    """
    lexical, vector = (search.request.body for search in searches)
    weights = [plan.weights.get(search.stage, 1.0) for search in searches]
    window = plan.knobs.window
    if plan.fusion == "rrf":
        body = rrf_body(lexical, vector, window=window, weights=weights, dialect=plan.dialect)
    else:
        body = linear_body(lexical, vector, window=window, weights=weights)
    path = searches[0].request.path
    started = time.perf_counter()
    bodies = (body, places_only(lexical), places_only(vector))
    fused, *parts = ask_all(connection.client, [Request(path, each) for each in bodies])
    seconds = time.perf_counter() - started
    if fused.error is not None:
        if connection.capabilities.learn(plan.fusion, fused.refused):
            return None, replace(plan, on_client=connection.capabilities.feature(plan.fusion).reason)
        raise fused.error
    lists = tuple((s.stage, _accepted(part).places) for s, part in zip(searches, parts, strict=True))
    order = sorted(fused.places, key=lambda entry: (-entry[1], entry[0]))
    notes = tuple(dict.fromkeys(note for answer in (fused, *parts) for note in answer.notes))
    found = Found(
        order=tuple(order),
        lists=(*lists, ("fusion", tuple(order))),
        documents=fused.documents or {},
        latency={"search": seconds},
        notes=notes,
    )
    return found, plan


def _maxsim(connection: Connection, legs: Sequence[Leg], found: Found) -> Found:
    started = time.perf_counter()
    lists: list[tuple[str, tuple[Scored, ...]]] = []
    notes: list[str] = []
    for leg, (_, places) in zip(legs, found.lists, strict=True):
        tokens = leg.target.fields.tokens
        if tokens is None or leg.tokens is None:
            raise IndexFitError(
                f"The index {leg.target.label} stores no token vectors.",
                hint="Index with multivector=True for late interaction.",
            )
        scored, more = maxsim_stage(connection.client, leg.target, tokens, leg.tokens, [key for key, _ in places])
        lists.append(("maxsim", tuple(scored)))
        notes += more
    seconds = time.perf_counter() - started
    if len(lists) == 1:
        return found.then("maxsim", lists[0][1], seconds, notes)
    found = replace(
        found,
        lists=(*found.lists, *lists),
        latency={**found.latency, "maxsim": seconds},
        notes=(*found.notes, *notes),
    )
    return found.then("fusion", fusion.rrf([places for _, places in lists]), 0.0)
