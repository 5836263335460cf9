"""Runs one search: the first stage in one round trip, the fusion there or here, then MaxSim where it is asked for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jina_notebook.elastic import fusion
from jina_notebook.elastic.answers import Document, Request, ask_all, ask_each
from jina_notebook.elastic.fetching import fetched
from jina_notebook.elastic.first_stage import Leg, Plan, Search, searches_of, shortfalls
from jina_notebook.elastic.fusion import Key, Scored
from jina_notebook.elastic.late_interaction import maxsim_stage
from jina_notebook.elastic.queries import linear_body, rrf_body
from jina_notebook.errors import IndexFitError

if TYPE_CHECKING:
    from jina_notebook.elastic.connection import Connection

__all__ = ["Found", "find"]


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


def find(connection: Connection, legs: Sequence[Leg], plan: Plan) -> Found:
    """The documents that a search finds, best first, `plan.read` of them where there are as many.

    Where several lists meet, only places travel at first; then the documents that came out on top are fetched whole.
    Raises `IndexFitError` where an index has nothing to search in this mode, `RequestError` for a refusal.
    """
    whole = len(legs) == 1 and plan.mode not in {"hybrid", "late-interaction"}
    searches = [search for leg in legs for search in searches_of(leg, plan, whole=whole)]
    notes = tuple(dict.fromkeys(note for leg in legs for note in shortfalls(leg, plan)))
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
    found = replace(found, notes=(*notes, *found.notes))
    return found if whole else _read(connection, legs, found, plan)


def _read(connection: Connection, legs: Sequence[Leg], found: Found, plan: Plan) -> Found:
    """Fetches the first documents whole. Those that were deleted in the meantime are no hits."""
    started = time.perf_counter()
    targets = [leg.target for leg in legs]
    keys = [key for key, _ in found.order[: plan.read]]
    documents = fetched(connection.client, targets, keys, text=plan.text, passages=found.documents)
    seconds = time.perf_counter() - started
    return replace(
        found,
        order=tuple(entry for entry in found.order if entry[0] in documents),
        documents=documents,
        latency={**found.latency, "fetch": seconds},
    )


def _first_stage(connection: Connection, searches: Sequence[Search], plan: Plan) -> Found:
    started = time.perf_counter()
    answers = ask_each(connection.client, [search.request for search in searches])
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


def _fused_here(lists: Sequence[tuple[str, Sequence[Scored]]], plan: Plan) -> list[Scored]:
    weights = [plan.weights.get(stage, 1.0) for stage, _ in lists]
    fuse = fusion.linear if plan.fusion == "linear" else fusion.rrf
    return fuse([places for _, places in lists], weights=weights)


def _fused_there(connection: Connection, searches: Sequence[Search], plan: Plan) -> tuple[Found | None, Plan]:
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
    fused, *parts = ask_all(connection.client, [Request(path, each) for each in (body, lexical, vector)])
    seconds = time.perf_counter() - started
    if fused.error is not None and connection.capabilities.learn(plan.fusion, fused.refused):
        return None, replace(plan, on_client=connection.capabilities.feature(plan.fusion).reason)
    for answer in (fused, *parts):
        if answer.error is not None:
            raise answer.error
    lists = tuple((search.stage, part.places) for search, part in zip(searches, parts, strict=True))
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
