"""From every form in which a run comes to ranked lists of document ids, best first."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from jina_notebook.errors import InputError, did_you_mean
from jina_notebook.progress import reporting
from jina_notebook.protocols import Progress
from jina_notebook.results import Hit, Hits, RankedDocument, Ranking

__all__ = ["Result", "Run", "identity", "ranked_run"]

Result = Mapping[Any, float] | Hits | Ranking | Sequence[Any]
Run = Mapping[Any, Result] | Callable[[Any], Result]


@dataclass(frozen=True)
class Ranked:
    """Document ids per query, best first, and seconds per query where the run was carried out here."""

    documents: dict[str, list[str]]
    seconds: dict[str, float]


def ranked_run(
    name: str, run: Run, queries: Mapping[str, Any], judged: Sequence[str], *, progress: Progress = None
) -> Ranked:
    """The run's ranked ids for the judged queries.

    A callable gets each judged query's text; `progress` counts those queries. Raises `InputError` naming run and query.
    """
    if callable(run) and not isinstance(run, Mapping):
        return _carried_out(name, run, queries, judged, progress)
    if not isinstance(run, Mapping):
        raise InputError(
            f"run {name!r} is a {type(run).__name__}, not a dict from query id to results or a function.",
            hint="Give {query id: {document id: score}}, lists of ids, Hits, or a function of the query's text.",
        )
    results = {identity(query, f"run {name!r}, a query id"): result for query, result in run.items()}
    for query in results:
        if query not in queries:
            near = did_you_mean(query, queries)
            raise InputError(
                f"run {name!r} has results for query {query!r}, which is not among the {len(queries)} queries.",
                hint=near[:1].upper() + near[1:] or "A run's keys are the ids of `queries`, not their texts.",
            )
    documents = {
        query: _ranked(results[query], f"run {name!r}, query {query!r}") for query in judged if query in results
    }
    return Ranked(documents, {})


def _carried_out(
    name: str, run: Callable[[Any], Result], queries: Mapping[str, Any], judged: Sequence[str], progress: Progress
) -> Ranked:
    documents: dict[str, list[str]] = {}
    seconds: dict[str, float] = {}
    with reporting(progress, total=len(judged), unit="queries", label=f"Evaluating {name!r}") as report:
        for query in judged:
            start = time.perf_counter()
            result = run(queries[query])
            seconds[query] = time.perf_counter() - start
            documents[query] = _ranked(result, f"run {name!r}, query {query!r}")
            report.advance(1)
    return Ranked(documents, seconds)


def identity(value: Any, where: str) -> str:
    """An id as text: a string as it is, a whole number in digits."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return str(int(value))
    raise InputError(f"{where} is a {type(value).__name__}, not a string.", hint="Ids are strings or whole numbers.")


def _ranked(result: Any, where: str) -> list[str]:
    if isinstance(result, Mapping):
        return _by_score(result, where)
    if isinstance(result, str | bytes) or not isinstance(result, Iterable):
        raise InputError(
            f"{where}: a {type(result).__name__} instead of results.",
            hint="Give {document id: score}, Hits, a Ranking, or a list of document ids, best first.",
        )
    ids = [_document_id(item, f"{where}, rank {rank}") for rank, item in enumerate(result, 1)]
    first: dict[str, int] = {}
    for rank, document in enumerate(ids, 1):
        if document in first:
            raise InputError(
                f"{where}: document {document!r} stands at rank {first[document]} and at rank {rank}.",
                hint="Each document counts once; keep its best rank.",
            )
        first[document] = rank
    return ids


def _by_score(result: Mapping[Any, Any], where: str) -> list[str]:
    """Best first, equal scores in the order in which they were given."""
    scores: dict[str, float] = {}
    for key, score in result.items():
        document = identity(key, f"{where}, a document id")
        if not isinstance(score, Real):
            raise InputError(
                f"{where}: the score of document {document!r} is a {type(score).__name__}, not a number.",
                hint="Scores are numbers, higher is better.",
            )
        if math.isnan(score):
            raise InputError(
                f"{where}: the score of document {document!r} is NaN.",
                hint="A zero vector has no similarity: leave the document out, or mend its vector.",
            )
        scores[document] = float(score)
    return sorted(scores, key=lambda document: -scores[document])


def _document_id(item: Any, where: str) -> str:
    if isinstance(item, RankedDocument):
        item = item.document
        if isinstance(item, str) or item is None:
            raise InputError(
                f"{where}: the ranked document carries no id.",
                hint="Rerank Hits or dicts with _id, or give {ids[d.index]: d.relevance_score for d in ranking}.",
            )
    if isinstance(item, Hit):
        return item.id
    if isinstance(item, Mapping):
        for name in ("_id", "id"):
            if name in item:
                return identity(item[name], f"{where}, {name}")
        raise InputError(f"{where}: the document has neither _id nor id.", hint="Give documents that carry their id.")
    return identity(item, where)
