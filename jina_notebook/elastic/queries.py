"""Builds the bodies of search requests: pure functions over plain values, plain dictionaries out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from jina_notebook.elastic.fields import VectorField
from jina_notebook.errors import CapabilityError, OptionError

if TYPE_CHECKING:
    from jina_notebook.elastic.capabilities import Capabilities

__all__ = [
    "MAX_CANDIDATES",
    "MAX_QUERY_CLAUSES",
    "RANK_CONSTANT",
    "Dialect",
    "Knobs",
    "affordable",
    "among",
    "check_oversample",
    "documents_body",
    "exact_body",
    "filters_of",
    "knobs",
    "lexical_body",
    "linear_body",
    "marked_body",
    "maxsim_body",
    "places_only",
    "rrf_body",
    "vector_body",
]

Body = dict[str, Any]

MAX_CANDIDATES = 10_000  # the server's limit for num_candidates, and its default limit for size
MAX_QUERY_CLAUSES = 1_024  # the smallest limit that any server has
RANK_CONSTANT = 60
NEWEST = (9, 5)
FUSION_WINDOW = 50  # how many of each list take part in a fusion, at the least
MARK_START, MARK_END = "\ue000", "\ue001"  # private-use characters: text holds none, so no markup is mistaken for ours
MAX_HIGHLIGHTED_CHARACTERS = 100_000
FRAGMENTS = 2
FRAGMENT_CHARACTERS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a server lets a search request say. `serverless` has every feature of the newest version."""

    version: tuple[int, int] = (9, 0)
    serverless: bool = False

    @classmethod
    def of(cls, capabilities: Capabilities) -> Dialect:
        """What the capabilities of a connection amount to. A version that may not be read counts as the newest."""
        release = capabilities.release
        newest = capabilities.serverless or release is None
        return cls(version=NEWEST if newest or release is None else release, serverless=newest)

    def since(self, *version: int) -> bool:
        """Whether the server is at least this version."""
        return self.serverless or self.version >= version

    @property
    def weighted_rrf(self) -> bool:
        """Whether `rrf` takes a weight per list."""
        return self.since(9, 2)

    @property
    def rescores(self) -> bool:
        """Whether a query may set how many candidates are scored again with full vectors."""
        return self.since(8, 18)

    @property
    def rescoring_can_be_off(self) -> bool:
        """Whether oversample 0 is understood: 8.19, and 9.1 of the 9.x line."""
        return self.since(9, 1) or (8, 19) <= self.version < (9, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """The sizes of one search, checked: `k` hits, `wanted` documents from the first stage, `window` per fused list."""

    k: int
    wanted: int
    window: int
    num_candidates: int


def knobs(k: int, num_candidates: int | None, *, depth: int = 0) -> Knobs:
    """Checks `k` and `num_candidates` and chooses what is left open.

    `depth` is how many documents a later stage (MaxSim, a reranker) wants to see. Raises `OptionError`.
    """
    _check_size("k", k)
    wanted = min(max(k, depth), MAX_CANDIDATES)
    window = min(max(2 * wanted, FUSION_WINDOW), MAX_CANDIDATES)
    if num_candidates is None:
        chosen = min(max(10 * k, 100, window), MAX_CANDIDATES)
        return Knobs(k=k, wanted=wanted, window=window, num_candidates=chosen)
    _check_size("num_candidates", num_candidates)
    if k > num_candidates:
        raise OptionError(
            f"k={k} is more than num_candidates={num_candidates}; the rule is k <= num_candidates <= 10,000.",
            hint=f"Leave num_candidates out, or give {k} to {MAX_CANDIDATES:,}: more finds better hits, slower.",
        )
    return Knobs(k=k, wanted=wanted, window=window, num_candidates=num_candidates)


def _check_size(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_CANDIDATES:
        raise OptionError(
            f"{name}={value!r} is not allowed: {name} is a whole number from 1 to {MAX_CANDIDATES:,}.",
            hint="The rule is 1 <= k <= num_candidates <= 10,000.",
        )


def filters_of(value: object) -> list[Body]:
    """The caller's `filter`, one query or a list of queries that must all match, as a list.

    Raises `OptionError` for anything else.
    """
    parts: Sequence[object] = [] if value is None else [value] if isinstance(value, Mapping) else _listed(value)
    if not all(isinstance(part, Mapping) for part in parts):
        raise OptionError(
            f"filter={value!r} is not a query such as {{'term': {{'lang': 'fr'}}}}, nor a list of queries.",
            hint="Several queries in a list must all match.",
        )
    return [dict(part) for part in parts if isinstance(part, Mapping) and part]


def _listed(value: object) -> Sequence[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def affordable(text: str, fields: Sequence[str]) -> str:
    """As many of its words as a query over `fields` may hold: a clause per word and field, 1,024 on small servers."""
    words = text.split()
    most = MAX_QUERY_CLAUSES // max(len(fields), 1)
    return text if len(words) <= most else " ".join(words[:most])


def lexical_query(text: str, fields: Sequence[str]) -> Body:
    """The words of `text` in one field, or in the best of several."""
    text = affordable(text, fields)
    if len(fields) == 1:
        return {"match": {fields[0]: {"query": text}}}
    return {"multi_match": {"query": text, "fields": list(fields)}}


def _must(query: Body, filters: Sequence[Body]) -> Body:
    return {"bool": {"must": [query], "filter": list(filters)}} if filters else query


def lexical_body(
    text: str,
    fields: Sequence[str],
    *,
    size: int,
    filters: Sequence[Body] = (),
    hide: Sequence[str] = (),
    also_unmatched: bool = False,
) -> Body:
    """BM25 over `fields`; with `also_unmatched` the documents without any of the words follow those with."""
    query = lexical_query(text, fields)
    if also_unmatched:
        query = {"bool": {"should": [query], "must": [{"match_all": {"boost": 0}}]}}
    return _shown({"size": size, "query": _must(query, filters), "track_total_hits": False}, text, fields, hide)


def knn_clause(
    vector: Sequence[float],
    field: VectorField,
    *,
    k: int,
    num_candidates: int,
    dialect: Dialect,
    filters: Sequence[Body] = (),
    oversample: float | None = None,
    passage: str | None = None,
) -> Body:
    """Approximate nearest neighbours; the filter goes inside, so that filtering leaves k hits where there are k."""
    clause: Body = {
        "field": field.path,
        "query_vector": list(vector),
        "k": min(k, num_candidates),
        "num_candidates": num_candidates,
    }
    if filters:
        clause["filter"] = list(filters)
    clause.update(_rescore(oversample, dialect))
    if field.nested is not None:
        clause["inner_hits"] = _best_chunk(passage)
    return clause


def _best_chunk(passage: str | None) -> Body:
    """Brings the text of the chunk that matched best along; `passage` is its field."""
    return {"size": 1, "_source": False, "fields": [passage] if passage else []}


def check_oversample(oversample: object) -> None:
    """Raises `OptionError` unless it is None, 0, or a number from 1 on."""
    if oversample is None:
        return
    if not _is_number(oversample) or not (oversample == 0 or oversample >= 1):
        raise OptionError(
            f"oversample={oversample!r} is not allowed: it is 0 (no scoring again) or a number from 1 to 10.",
            hint="Leave it out for the index's own setting; 3 is usual for bbq, more finds more and takes longer.",
        )


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _rescore(oversample: float | None, dialect: Dialect) -> Body:
    if oversample is None:
        return {}
    check_oversample(oversample)
    if not dialect.rescores:
        raise CapabilityError(
            f"oversample={oversample} needs Elasticsearch 8.18 or newer; this server is "
            f"{dialect.version[0]}.{dialect.version[1]}.",
            hint="Leave oversample out, and raise num_candidates for better hits.",
        )
    if oversample == 0 and not dialect.rescoring_can_be_off:
        return {}  # there an index scores again only where the query asks for it
    return {"rescore_vector": {"oversample": float(oversample)}}


def vector_body(
    vector: Sequence[float],
    field: VectorField,
    *,
    k: int,
    num_candidates: int,
    dialect: Dialect,
    filters: Sequence[Body] = (),
    oversample: float | None = None,
    hide: Sequence[str] = (),
    text: str | None = None,
    fields: Sequence[str] = (),
    passage: str | None = None,
) -> Body:
    """The k nearest documents. With `text` the words it shares with the hits are marked in `fields`."""
    clause = knn_clause(
        vector,
        field,
        k=k,
        num_candidates=num_candidates,
        dialect=dialect,
        filters=filters,
        oversample=oversample,
        passage=passage,
    )
    return _shown({"size": k, "knn": clause, "track_total_hits": False}, text, fields, hide)


SCORES = {
    "cosine": "(cosineSimilarity(params.q, {field}) + 1.0) / 2.0",
    "dot_product": "Math.max((dotProduct(params.q, {field}) + 1.0) / 2.0, 0)",
    "l2_norm": "1.0 / (1.0 + Math.pow(l2norm(params.q, {field}), 2))",
    "max_inner_product": "dotProduct(params.q, {field}) < 0 ? 1.0 / (1.0 - dotProduct(params.q, {field})) "
    ": dotProduct(params.q, {field}) + 1.0",
}


def exact_body(
    vector: Sequence[float],
    field: VectorField,
    *,
    size: int,
    filters: Sequence[Body] = (),
    hide: Sequence[str] = (),
    text: str | None = None,
    fields: Sequence[str] = (),
    passage: str | None = None,
) -> Body:
    """Scores every document that has a vector: the truth that approximate search is measured against.

    Scores are on the scale of the approximate search.
    """
    script = {"source": SCORES[field.similarity].format(field=_quoted(field.path)), "params": {"q": list(vector)}}
    present = {"exists": {"field": field.path}}
    if field.nested is None:
        query: Body = {"script_score": {"query": {"bool": {"filter": [present, *filters]}}, "script": script}}
    else:
        scored = {"script_score": {"query": present, "script": script}}
        best = {"path": field.nested, "score_mode": "max", "query": scored, "inner_hits": _best_chunk(passage)}
        query = _must({"nested": best}, filters)
    return _shown({"size": size, "query": query, "track_total_hits": False}, text, fields, hide)


def _quoted(field: str) -> str:
    return "'" + field.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _retrievers(lexical: Body, vector: Body) -> list[Body]:
    return [{"standard": {"query": lexical["query"]}}, {"knn": vector["knn"]}]


def rrf_body(
    lexical: Body, vector: Body, *, window: int, weights: Sequence[float] | None = None, dialect: Dialect
) -> Body:
    """Reciprocal rank fusion on the server, of the query of one body and the neighbours of the other: places only."""
    entries = _retrievers(lexical, vector)
    if weights is not None and any(w != 1 for w in weights):
        if not dialect.weighted_rrf:
            raise CapabilityError(
                "Weights in rrf need Elasticsearch 9.2 or newer.", hint="Fuse on the client, or leave the weights out."
            )
        entries = [{"retriever": entry, "weight": w} for entry, w in zip(entries, weights, strict=True)]
    retriever = {"rank_constant": RANK_CONSTANT, "rank_window_size": window, "retrievers": entries}
    return _fused({"rrf": retriever}, window)


def linear_body(lexical: Body, vector: Body, *, window: int, weights: Sequence[float]) -> Body:
    """A weighted sum of min-max scaled scores on the server."""
    entries = [
        {"retriever": entry, "weight": w, "normalizer": "minmax"}
        for entry, w in zip(_retrievers(lexical, vector), weights, strict=True)
    ]
    return _fused({"linear": {"rank_window_size": window, "retrievers": entries}}, window)


def _fused(retriever: Body, window: int) -> Body:
    return {"size": window, "retriever": retriever, "_source": False}


def places_only(body: Body) -> Body:
    """The same search without any content: ids and scores."""
    return {**{k: v for k, v in body.items() if k != "highlight"}, "_source": False}


def among(documents: Mapping[str, Sequence[str]]) -> Body:
    """The filter for documents by index and id; an id alone may stand for several where there are several indices."""
    if len(documents) == 1:
        return {"ids": {"values": list(*documents.values())}}
    each = [{"bool": {"filter": [{"term": {"_index": i}}, {"ids": {"values": list(v)}}]}} for i, v in documents.items()]
    return {"bool": {"should": each}}


def documents_body(which: Body, *, size: int, source: Sequence[str]) -> Body:
    """The documents that a filter lets through, with these fields of theirs."""
    return {"size": size, "query": {"bool": {"filter": [which]}}, "_source": list(source), "track_total_hits": False}


def marked_body(
    which: Body, *, size: int, hide: Sequence[str] = (), text: str | None = None, fields: Sequence[str] = ()
) -> Body:
    """The documents that a filter lets through, whole, with the words of `text` marked in `fields`."""
    return _shown({"size": size, "query": {"bool": {"filter": [which]}}, "track_total_hits": False}, text, fields, hide)


def maxsim_body(queries: Sequence[Sequence[float]], field: str, which: Body, *, size: int) -> Body:
    """MaxSim of the query's token vectors on the server, over the documents that a filter lets through.

    Its scores are the sum over the query's tokens plus their number, because a score must not be negative.
    """
    script = {
        "source": f"Math.max(maxSimDotProduct(params.q, {_quoted(field)}) + params.q.size(), 0)",
        "params": {"q": [list(q) for q in queries]},
    }
    having = {"bool": {"filter": [which, {"exists": {"field": field}}]}}
    return {
        "size": size,
        "query": {"script_score": {"query": having, "script": script}},
        "_source": False,
        "track_total_hits": False,
    }


def _shown(body: Body, text: str | None, fields: Sequence[str], hide: Sequence[str]) -> Body:
    if hide:
        body["_source"] = {"excludes": list(hide)}
    if text is not None and fields:
        body["highlight"] = {
            "pre_tags": [MARK_START],
            "post_tags": [MARK_END],
            "fragment_size": FRAGMENT_CHARACTERS,
            "number_of_fragments": FRAGMENTS,
            "max_analyzed_offset": MAX_HIGHLIGHTED_CHARACTERS,
            "highlight_query": lexical_query(text, fields),
            "fields": {name: {} for name in fields},
        }
    return body
