"""`jn.search`: from a query to hits that explain themselves. `more_like`: the same from a stored document."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from jina_notebook.elastic.first_stage import FUSIONS, MODES, Leg, Plan
from jina_notebook.elastic.fusion import Key
from jina_notebook.elastic.neighbours import stored_vector
from jina_notebook.elastic.queries import Dialect, check_oversample, filters_of, knobs
from jina_notebook.elastic.reranking import Contents, reranked
from jina_notebook.elastic.search import Found, find
from jina_notebook.elastic.targets import Target, check_filters, names_of, resolve
from jina_notebook.errors import InputError, OptionError, did_you_mean
from jina_notebook.query_models import QueryModels, check_reranker, reranker_of
from jina_notebook.results import Hit, Hits, Stage

if TYPE_CHECKING:
    from jina_notebook.elastic.capabilities import Capabilities
    from jina_notebook.elastic.connection import Connection
    from jina_notebook.protocols import Embedder, Reranks

__all__ = ["more_like", "search"]

LATE_DEPTH = 100  # documents whose token vectors are compared
FUSED = ("lexical", "vector")


def search(
    query: Any,
    index: str | Sequence[str],
    *,
    mode: str = "hybrid",
    k: int = 10,
    num_candidates: int | None = None,
    filter: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,  # noqa: A002 - Elasticsearch's own name
    rerank: str | Reranks | None = None,
    rerank_top: int = 50,
    connection: Connection | str | None = None,
    model: str | Embedder | None = None,
    oversample: float | None = None,
    fusion: str = "rrf",
    weights: Mapping[str, float] | None = None,
) -> Hits:
    """Searches one index or several and gives the `k` best documents, each with its place in every stage.

    `query`: a text, or an image (PIL image, path, bytes) where the index's model takes images. `index`: a name, alias,
    data stream or pattern, or a list of them; each index is searched with the model it remembers.
    `mode`: "hybrid" (words and meaning, fused), "vector", "exact" (every vector, slow, the truth), "lexical" (loads no
    model), "late-interaction" (MaxSim over stored token vectors).
    `filter`: one query or a list that must all match; it is applied before the nearest neighbours are chosen.
    `num_candidates`: effort of the vector search, `k` to 10,000, by itself 10 times `k`; in late interaction also how
    many documents have their token vectors compared, by itself 100. `oversample`: how many times `k` quantised
    candidates are scored again with full vectors.
    `rerank`: a reranker's name or a loaded one, which orders the first `rerank_top` documents (at least `k`) anew.
    `model`: only for an index that does not say which model filled it. `fusion`: "rrf" or "linear" (min-max scaled
    scores); `weights`: `{"lexical": 0.3, "vector": 0.7}`.

    Raises `InputError`, `OptionError`, `IndexFitError` (missing index, other model), `RequestError`, `ConnectError`.

    >>> jn.search("something warm to drink", "shop", k=3)[0].id
    'tea-4'
    """
    asked, text = _query(query, mode)
    plan = Plan(
        mode=_choice("mode", mode, MODES),
        knobs=knobs(k, num_candidates, depth=_depth(mode, num_candidates, rerank, rerank_top)),
        read=k if rerank is None else max(k, rerank_top),
        text=text,
        filters=tuple(filters_of(filter)),
        oversample=_checked(oversample),
        fusion=_choice("fusion", fusion, FUSIONS),
        weights=_weights(weights, fusion),
    )
    check_reranker(rerank, asked)
    server, targets = _where(index, connection, plan)
    models = QueryModels(asked, model)
    found, plan = _found(server, targets, models, plan)
    if rerank is None:
        return _hits(found, query, plan, targets, models.used)
    reranker = reranker_of(rerank)
    found = _judged(found, asked, reranker, targets, plan, rerank_top)
    return _hits(found, query, plan, targets, models.used, reranker)


def more_like(
    document: Hit | str,
    index: str | Sequence[str] | None = None,
    *,
    k: int = 10,
    num_candidates: int | None = None,
    filter: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,  # noqa: A002 - Elasticsearch's own name
    oversample: float | None = None,
    connection: Connection | str | None = None,
) -> Hits:
    """The `k` documents nearest to one that is stored, by its own vector; no model is loaded.

    `document`: a hit, or an id with its `index`. With a hit, `index` may name other indices of the same model.
    The document itself is not among the hits.

    Raises `InputError` where there is no such document or it has no vector, `IndexFitError` for another model's index.

    >>> more_like(jn.search("tea", "shop")[0], k=3)
    """
    home = document.index if isinstance(document, Hit) else index
    identity = document.id if isinstance(document, Hit) else document
    if home is None or not isinstance(identity, str):
        raise InputError(f"{document!r} does not say which document is meant.", hint="Give a hit, or an id and index=.")
    plan = Plan(
        mode="vector",
        knobs=knobs(k, num_candidates),
        read=k,
        text=None,
        filters=tuple(filters_of(filter)),
        oversample=_checked(oversample),
    )
    server, targets = _where(index if index is not None else home, connection, plan)
    origin = stored_vector(server.client, resolve(server.client, names_of(home)), identity)
    legs = [origin.leg(target) for target in targets]
    plan = replace(plan, dialect=Dialect.of(server.capabilities), filters=(*plan.filters, origin.others))
    hits = _hits(find(server, legs, plan), f"more like {identity}", plan, targets)
    meta = targets[0].meta
    return replace(hits, model=meta.model if meta is not None else None)


def _where(index: object, connection: Connection | str | None, plan: Plan) -> tuple[Connection, list[Target]]:
    """The server and the groups of indices to search, all of which exist and know the fields of the filter."""
    names = names_of(index)
    from jina_notebook.elastic.connection import current

    server = current(connection)
    targets = resolve(server.client, names, by_texts=plan.mode == "lexical")
    check_filters(targets, plan.filters)
    return server, targets


def _found(server: Connection, targets: Sequence[Target], models: QueryModels, plan: Plan) -> tuple[Found, Plan]:
    """What the search finds, and the plan as this server allows it."""
    late = plan.mode == "late-interaction"
    legs = [Leg(target=t) if plan.mode == "lexical" else models.leg(t, tokens=late) for t in targets]
    plan = replace(plan, dialect=Dialect.of(server.capabilities), on_client=_on_client(server.capabilities, plan, legs))
    found = find(server, legs, plan)
    return replace(found, latency={**models.latency, **found.latency}), plan


def _judged(
    found: Found, query: Any, reranker: Reranks, targets: Sequence[Target], plan: Plan, rerank_top: int
) -> Found:
    found = reranked(found, query, reranker, top=plan.read, contents=_contents(targets, reranker))
    if rerank_top >= plan.knobs.k:
        return found
    return replace(found, notes=(*found.notes, f"all {plan.knobs.k} hits were reranked, not only {rerank_top}"))


Choice = TypeVar("Choice", bound=str)


def _choice(name: str, value: object, allowed: Sequence[Choice]) -> Choice:
    for one in allowed:
        if one == value:
            return one
    near = did_you_mean(str(value), allowed)
    raise OptionError(f"{name}={value!r} is not known; allowed are {', '.join(allowed)}.", hint=near or None)


def _weights(given: object, fusion: str) -> dict[str, float]:
    """Weights by list, checked. Alike where none are given: 1 each for rrf, a half each for linear."""
    if given is None:
        return dict.fromkeys(FUSED, 1.0 if fusion == "rrf" else 0.5)
    if not isinstance(given, Mapping) or not given:
        raise OptionError(f"weights={given!r} is not a mapping such as {{'lexical': 0.3, 'vector': 0.7}}.")
    for name, weight in given.items():
        _choice("the weight of", name, FUSED)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not (0 <= weight < math.inf):
            raise OptionError(f"The weight of {name} is {weight!r}; it is a number of 0 or more.")
    shares = {name: float(given.get(name, 0.0)) for name in FUSED}
    if not any(shares.values()):
        raise OptionError(f"weights={dict(given)!r} are all 0.", hint="Give at least one list a weight above 0.")
    return shares


def _checked(oversample: float | None) -> float | None:
    check_oversample(oversample)
    return oversample


def _depth(mode: str, num_candidates: int | None, rerank: object, rerank_top: object) -> int:
    """How many documents the later stages want to see."""
    late = (LATE_DEPTH if not isinstance(num_candidates, int) else num_candidates) if mode == "late-interaction" else 0
    if rerank is None:
        return late
    if not isinstance(rerank_top, int) or isinstance(rerank_top, bool) or not 1 <= rerank_top <= 10_000:
        raise OptionError(f"rerank_top={rerank_top!r} is not allowed: it is a whole number from 1 to 10,000.")
    return max(rerank_top, late)


def _query(query: object, mode: str) -> tuple[Any, str | None]:
    """The query as a model takes it, and its words, None for a picture."""
    from jina_notebook.families.inputs import is_image
    from jina_notebook.unicode import well_formed

    if isinstance(query, str):
        text = well_formed(query)
        if not text.strip():
            raise InputError("The query is empty.", hint="Give some words, or an image.")
        return text, text
    if not is_image(query):
        raise InputError(
            f"A query is a text or an image, not {type(query).__name__}.", hint="Search for several one by one."
        )
    if mode == "lexical":
        raise InputError("Lexical search needs words, and the query is an image.", hint='Search with mode="vector".')
    return (query if not isinstance(query, bytearray) else bytes(query)), None


def _on_client(capabilities: Capabilities, plan: Plan, legs: Sequence[Leg]) -> str | None:
    """Why a hybrid search is fused here and not on the server; None where it is, or where nothing is fused."""
    if plan.mode != "hybrid":
        return None
    if len(legs) > 1:
        return "the indices hold different models or fields"
    feature = capabilities.feature(plan.fusion)
    if not feature.allowed:
        return feature.reason
    if plan.fusion == "rrf" and set(plan.weights.values()) != {1.0} and not capabilities.since(9, 2):
        return "weights in rrf need Elasticsearch 9.2"
    return None


def _contents(targets: Sequence[Target], reranker: Reranks) -> dict[str, Contents]:
    sees = "image" in reranker.card.modalities
    return {
        name: Contents(target.fields.texts, target.meta.image_field if sees and target.meta is not None else None)
        for target in targets
        for name in target.indices
    }


def _hits(
    found: Found,
    query: object,
    plan: Plan,
    targets: Sequence[Target],
    models: Sequence[Embedder] = (),
    reranker: Reranks | None = None,
) -> Hits:
    places: dict[Key, list[Stage]] = {}
    for stage, entries in found.lists:
        for rank, (key, score) in enumerate(entries, start=1):
            places.setdefault(key, []).append(Stage(stage, rank, score))
    items = []
    for rank, (key, score) in enumerate(found.order[: plan.knobs.k], start=1):
        document = found.documents[key]
        items.append(
            Hit(
                id=key[0],
                index=key[1],
                score=score,
                rank=rank,
                source=document.source,
                explanation=tuple(places.get(key, ())),
                highlights=document.highlights,
                passage=document.passage,
            )
        )
    text_fields = [t.fields.texts[0] for t in targets if t.fields.texts]
    return Hits(
        items=tuple(items),
        query=query,
        mode=plan.mode,
        model=", ".join(dict.fromkeys(model.name for model in models)) or None,
        reranker=reranker.name if reranker is not None else None,
        text_field=text_fields[0] if text_fields else "text",
        latency=found.latency,
        notes=found.notes,
        stand_in=any(model.card.stand_in for model in models) or (reranker is not None and reranker.card.stand_in),
    )
