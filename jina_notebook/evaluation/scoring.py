"""`jn.evaluate`: runs against judgments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from jina_notebook.errors import InputError, did_you_mean
from jina_notebook.evaluation.latency import latency_summary
from jina_notebook.evaluation.measures import measures_of
from jina_notebook.evaluation.runs import Run, identity, ranked_run
from jina_notebook.protocols import Progress
from jina_notebook.results import Evaluation

__all__ = ["evaluate"]

METRICS = ("nDCG@10", "R@100", "RR@10")


def evaluate(
    queries: Mapping[Any, Any],
    qrels: Mapping[Any, Mapping[Any, int]],
    runs: Mapping[str, Run],
    *,
    metrics: str | Sequence[str] = METRICS,
    progress: Progress = None,
) -> Evaluation:
    """What each run is worth, measured by the judgments.

    `queries`: id to text. `qrels`: query id to document id to grade (0 not relevant, from 1 relevant; below 0 counts as
    0). `runs`: name to a run, which is a dict from query id to results, or a function from a query's text to results.
    Results are `{document id: score}`, `Hits`, a `Ranking` of hits or of dicts with `_id`, or ids, best first.
    A function is carried out for each judged query, which `progress` counts and `latency` times.
    `metrics`: names as `ir_measures` writes them: "nDCG@10", "R@100", "RR@10", "AP", "AP@10", "P@5".

    Means run over all judged queries: one that a run lacks counts 0, one without any relevant document too. The ideal
    ranking is made of all judged documents, and a document whose id equals the query's is a document like any other.
    Equal scores keep the order they were given in. Ids may be strings or whole numbers.

    Raises `InputError` for judgments or a run that cannot be used (empty, unknown query, NaN, a document twice) and
    `OptionError` for an unknown metric.

    >>> evaluate({"q": "tea"}, {"q": {"d1": 1}}, {"mine": {"q": ["d2", "d1"]}}, metrics="RR@10").metrics
    {'mine': {'RR@10': 0.5}}
    """
    measures = measures_of(metrics)
    texts = {identity(query, "a query id"): text for query, text in queries.items()}
    grades = _grades(qrels, texts)
    if callable(runs) or not isinstance(runs, Mapping):
        raise InputError(
            f"runs is a {type(runs).__name__}, not a dict from a name to a run.", hint='Give {"mine": run}.'
        )
    if not runs:
        raise InputError("there are no runs to evaluate.", hint='Give at least one, as {"mine": run}.')
    judged = list(grades)
    per_query: dict[str, dict[str, dict[str, float]]] = {}
    latency: dict[str, dict[str, float]] = {}
    for name, run in runs.items():
        ranked = ranked_run(str(name), run, texts, judged, progress=progress)
        per_query[str(name)] = _values(measures, grades, ranked.documents)
        if ranked.seconds:
            latency[str(name)] = latency_summary(ranked.seconds.values())
    return Evaluation(
        metrics={name: _means(measures, values) for name, values in per_query.items()},
        per_query=per_query,
        queries=len(judged),
        latency=latency,
    )


def _grades(qrels: Mapping[Any, Mapping[Any, Any]], queries: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Judged queries only, ids as text, grades as whole numbers from 0."""
    if not isinstance(qrels, Mapping):
        raise InputError(
            f"qrels is a {type(qrels).__name__}, not a dict from query id to grades.",
            hint="Give {query id: {document id: grade}}.",
        )
    grades: dict[str, dict[str, int]] = {}
    for key, judgments in qrels.items():
        query = identity(key, "qrels, a query id")
        if not isinstance(judgments, Mapping):
            raise InputError(
                f"qrels of query {query!r} is a {type(judgments).__name__}, not a dict from document id to grade.",
                hint="Give {query id: {document id: grade}}.",
            )
        if query not in queries:
            near = did_you_mean(query, queries)
            raise InputError(
                f"qrels judges query {query!r}, which is not among the {len(queries)} queries.",
                hint=near[:1].upper() + near[1:] or "To evaluate some of the queries, give only their judgments.",
            )
        graded = {
            identity(document, f"qrels of query {query!r}, a document id"): _grade(grade, query, document)
            for document, grade in judgments.items()
        }
        if graded:
            grades[query] = graded
    if not grades:
        raise InputError("qrels is empty: no query is judged.", hint="Give {query id: {document id: grade}}.")
    return grades


def _grade(grade: Any, query: str, document: Any) -> int:
    if isinstance(grade, Real) and float(grade).is_integer():
        return max(int(float(grade)), 0)
    raise InputError(
        f"qrels of query {query!r} grades document {document!r} with {grade!r}, which is not a whole number.",
        hint="0 stands for not relevant, 1 and above for relevant.",
    )


def _values(
    measures: Mapping[str, Any], grades: dict[str, dict[str, int]], ranked: Mapping[str, list[str]]
) -> dict[str, dict[str, float]]:
    """Per metric and judged query. Ranks go in as scores: there are no ties that one program breaks unlike another."""
    import ir_measures

    scores = {
        query: {document: float(len(documents) - place) for place, document in enumerate(documents)}
        for query, documents in ranked.items()
        if documents
    }
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(grades, 0.0) for name in measures}
    names: dict[Any, list[str]] = {}
    for name, measure in measures.items():
        names.setdefault(measure, []).append(name)
    for value in ir_measures.iter_calc(list(names), grades, scores):
        for name in names[value.measure]:
            values[name][value.query_id] = float(value.value)
    return values


def _means(measures: Mapping[str, Any], values: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Each measure's own way from queries to one number: a mean, for counts a sum."""
    means = {}
    for name, measure in measures.items():
        total = measure.aggregator()
        for value in values[name].values():
            total.add(value)
        means[name] = float(total.result())
    return means
