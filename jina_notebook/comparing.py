"""`jn.compare_indices`: the same documents kept in several ways, measured beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError
from jina_notebook.progress import reporting
from jina_notebook.results import Evaluation, Hits, IndexComparison, IndexFigures

if TYPE_CHECKING:
    from jina_notebook.elastic.connection import Connection
    from jina_notebook.progress import Reporter
    from jina_notebook.protocols import Embedder, Progress

__all__ = ["compare_indices"]

BEFORE_SEARCH = ("load", "embed")


def compare_indices(
    queries: Mapping[Any, Any],
    indices: Mapping[str, str] | Sequence[str],
    *,
    qrels: Mapping[Any, Mapping[Any, int]] | None = None,
    k: int = 10,
    num_candidates: int | None = None,
    oversample: float | None = None,
    metrics: str | Sequence[str] = ("nDCG@10",),
    connection: Connection | str | None = None,
    model: str | Embedder | None = None,
    progress: Progress = None,
) -> IndexComparison:
    """What quantisation, dimensions or another model cost and save: one row per index.

    `queries`: id to text. `indices`: names, or what to call each mapped to its name. Each is searched with the model it
    remembers (`model` for those that say none), for the `k` nearest of every query, once as it is kept and once
    exactly; recall is what both have in common. With `qrels` (query id to document id to grade) the `metrics` are
    measured too. `num_candidates` and `oversample` as in `jn.search`.

    Raises `InputError` for no query or no index, and what `jn.search` and `jn.evaluate` raise.

    >>> jn.compare_indices(support.queries, ["support-int8", "support-bbq"], qrels=support.qrels).to_frame()
    """
    from jina_notebook.elastic.connection import current

    named = dict(indices) if isinstance(indices, Mapping) else {name: name for name in _listed(indices)}
    if not queries or not named:
        raise InputError(
            f"There are {len(queries)} queries and {len(named)} indices to compare; one of each is needed.",
            hint='Give {"q1": "a text"} and ["an-index", "another"].',
        )
    server = current(connection)
    knobs: dict[str, Any] = {"k": k, "num_candidates": num_candidates, "oversample": oversample, "connection": server}
    figures = {}
    models: dict[int, Embedder] = {}
    total = 2 * len(queries) * len(named)
    with reporting(progress, total=total, unit="searches", label="Comparing indices") as report:
        for name, index in named.items():
            knobs["model"] = _remembering(server, index, model, models)
            found = _runs(queries, index, "vector", knobs, report)
            exact = _runs(queries, index, "exact", knobs | {"num_candidates": None, "oversample": None}, report)
            figures[name] = _figures(server, index, found, exact, _judged(queries, qrels, found, metrics))
    return IndexComparison(k=k, queries=len(queries), indices=figures)


def _listed(indices: Any) -> Sequence[str]:
    return [indices] if isinstance(indices, str) else indices


def _remembering(
    server: Connection, index: str, model: str | Embedder | None, known: dict[int, Embedder]
) -> str | Embedder | None:
    """The model of an index, which embeds each query once for all indices; as it was given where there are several."""
    from jina_notebook.elastic.first_stage import vector_field
    from jina_notebook.elastic.targets import names_of, resolve
    from jina_notebook.query_models import QueryModels, Remembering

    needed = QueryModels(None, model)
    for target in resolve(server.client, names_of(index)):
        if vector_field(target) is None:
            return model  # the search says so
        needed.model_for(target)
    if len(needed.used) != 1:
        return model
    [only] = needed.used
    return known.setdefault(id(only), Remembering(only))


def _runs(
    queries: Mapping[Any, Any], index: str, mode: str, knobs: Mapping[str, Any], report: Reporter
) -> dict[Any, Hits]:
    from jina_notebook.searching import search

    runs = {}
    for query, text in queries.items():
        runs[query] = search(text, index, mode=mode, **knobs)
        report.advance(1)
    return runs


def _judged(
    queries: Mapping[Any, Any],
    qrels: Mapping[Any, Mapping[Any, int]] | None,
    found: Mapping[Any, Hits],
    metrics: str | Sequence[str],
) -> Evaluation | None:
    from jina_notebook.evaluation import evaluate

    return None if qrels is None else evaluate(queries, qrels, {"found": found}, metrics=metrics)


def _figures(
    server: Connection, index: str, found: Mapping[Any, Hits], exact: Mapping[Any, Hits], judged: Evaluation | None
) -> IndexFigures:
    from jina_notebook.elastic.sizes import index_size
    from jina_notebook.evaluation import latency_summary

    shares = [_share(found[query], exact[query]) for query in exact]
    size = index_size(server.client, index)
    times = latency_summary(
        sum(seconds for stage, seconds in hits.latency.items() if stage not in BEFORE_SEARCH) for hits in found.values()
    )
    return IndexFigures(
        index=index,
        documents=size.documents,
        bytes_per_document=size.bytes / size.documents if size.documents else 0.0,
        recall=sum(shares) / len(shares),
        p50=times["p50"],
        p99=times["p99"],
        metrics={} if judged is None else judged.metrics["found"],
    )


def _share(found: Hits, exact: Hits) -> float:
    """How many of the nearest were found; 1 where there are none to find."""
    nearest = {(hit.index, hit.id) for hit in exact}
    return len(nearest & {(hit.index, hit.id) for hit in found}) / len(nearest) if nearest else 1.0
