"""One of every result, small."""

from __future__ import annotations

import numpy as np

from jina_notebook.results import (
    Answer,
    Embeddings,
    Evaluation,
    Failure,
    Hit,
    Hits,
    IndexReport,
    Listing,
    RankedDocument,
    Ranking,
    Reading,
    Stage,
)
from jina_notebook.results.searches import Searches


def embeddings(**changes: object) -> Embeddings:
    values: dict[str, object] = {
        "vectors": np.eye(2, 8, dtype=np.float32),
        "model": "jina-embeddings-v3",
        "revision": "ab036b023d30b4d1138c4c3bfa9f0c445ab455d6",
        "task": "separation",
        "dimensions": 8,
        "token_counts": (8192, 3),
        "truncated": (True, False),
        "inputs": ("word " * 20_000, "short"),
    }
    return Embeddings(**(values | changes))  # type: ignore[arg-type]


def ranking(*documents: object, **changes: object) -> Ranking:
    scores = np.linspace(0.9, 0.1, len(documents), dtype=np.float32)
    items = tuple(RankedDocument(i, float(scores[i]), i + 1, document) for i, document in enumerate(documents))
    values = {"items": items, "scores": scores, "query": "warm soup", "model": "jina-reranker-m0", "revision": "94bfe0"}
    return Ranking(**(values | changes))  # type: ignore[arg-type]


def hits(*texts: str, query: object = "green tea", **changes: object) -> Hits:
    items = tuple(
        Hit(f"id-{i}", "shop", 1.0 / i, i, {"text": text}, (Stage("lexical", i + 1, 2.0), Stage("vector", i, 0.5)))
        for i, text in enumerate(texts, 1)
    )
    values = {"items": items, "query": query, "mode": "hybrid", "model": "jina-embeddings-v3"}
    return Hits(**(values | changes))  # type: ignore[arg-type]


def report(**changes: object) -> IndexReport:
    values: dict[str, object] = {
        "index": "prices",
        "model": "jina-embeddings-v3",
        "revision": "ab036b",
        "dimensions": 1024,
        "indexed": 97,
        "skipped": 2,
        "failed": (Failure("41", "failed to parse field [price]", "price"),),
        "tokens": 970,
        "embed_seconds": 9.7,
        "write_seconds": 0.97,
        "seconds": 11.0,
        "bytes_sent": 2_500_000,
    }
    return IndexReport(**(values | changes))  # type: ignore[arg-type]


def evaluation() -> Evaluation:
    metrics = {"lexical": {"nDCG@10": 0.5, "RR@10": 0.75}, "vector": {"nDCG@10": 0.625, "RR@10": 0.75}}
    per_query = {run: {name: {"q1": value, "q2": value} for name, value in of.items()} for run, of in metrics.items()}
    return Evaluation(metrics=metrics, per_query=per_query, queries=2)


EVERY = {
    "embeddings": embeddings(),
    "ranking": ranking("hot soup", "cold beer"),
    "hits": hits("Fresh green tea", "black coffee"),
    "searches": Searches((hits("green tea"), hits("soup", query="soup"))),
    "index-report": report(),
    "evaluation": evaluation(),
    "reading": Reading(text="# Tea\n\nwarm", model="ReaderLM-v2", revision="1d07", tokens=5),
    "answer": Answer(text="A cup.", question="What is it?", model="jina-vlm", revision="ddfa", tokens=3),
    "status": Listing("status", "models in memory", ("model",), ({"model": "jina-clip-v2"},)),
}
