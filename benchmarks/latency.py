"""A part of `make bench-elasticsearch`: how long `jn.search` takes in each mode, p50 and p99, and where the time goes.

Vectors are drawn, not embedded, so what is measured is the search: the package, the client and the server. MaxSim reads
the token vectors of 100 candidates: packed and scored here, as on a basic licence, then scored on the server
(`rank_vectors`, trial licence).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from elasticsearch import Elasticsearch

import jina_notebook as jn
from jina_notebook.catalog import CATALOGUE
from jina_notebook.results import Embeddings

__all__ = ["latency"]

DOCUMENTS, LATE_DOCUMENTS = 20_000, 2_000
DIMENSIONS, TOKEN_DIMENSIONS = 1024, 128
WORDS_EACH, TOKENS_EACH, QUERY_TOKENS = 50, 130, 32
VOCABULARY = 20_000
QUERIES, WARM = 300, 30
MODES = ("lexical", "vector", "exact", "hybrid")
PLAIN, LATE = "latency", "latency-late"


class Drawn:
    """An embedder whose vectors are random: 1,024 numbers a text, or 128 for each token."""

    name, revision = "drawn", "r1"
    card = replace(CATALOGUE["offline-minilm"], name=name, revision=revision)
    dimensions = (TOKEN_DIMENSIONS, DIMENSIONS)

    def __init__(self) -> None:
        self._generator = np.random.default_rng(0)

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        items = [inputs] if isinstance(inputs, str) else list(inputs)
        multi = bool(options.get("return_multivector"))
        size = TOKEN_DIMENSIONS if multi else options.get("dimensions") or DIMENSIONS
        counts = [TOKENS_EACH if len(item.split()) == WORDS_EACH else QUERY_TOKENS for item in items]
        vectors: Any = [self._unit(n, size) for n in counts] if multi else self._unit(len(items), size)
        return Embeddings(
            vectors=vectors,
            model=self.name,
            revision=self.revision,
            task=options.get("task"),
            dimensions=size,
            token_counts=tuple(counts),
            truncated=(False,) * len(items),
            inputs=tuple(items),
        )

    def _unit(self, rows: int, size: int) -> Any:
        drawn = self._generator.standard_normal((rows, size), dtype=np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def texts(count: int, words: int, seed: int) -> list[str]:
    """Words as frequent as in a language: the n-th most frequent in proportion to 1/n."""
    shares = 1 / np.arange(1, VOCABULARY + 1)
    drawn = np.random.default_rng(seed).choice(VOCABULARY, size=(count, words), p=shares / shares.sum())
    return [" ".join(f"w{number}" for number in row) for row in drawn]


def documents(count: int) -> Iterator[dict[str, str]]:
    return ({"id": str(i), "text": text} for i, text in enumerate(texts(count, WORDS_EACH, 1)))


def latency(url: str) -> str:
    """The table; `url` is a server on a basic licence, which goes on to a trial licence on the way."""
    model = Drawn()
    late = f"late interaction: {LATE_DOCUMENTS:,} of {TOKENS_EACH} token vectors, 100 candidates"
    lines = [
        f"\nSearch in {DOCUMENTS:,} documents of {DIMENSIONS:,} dimensions ({late}), {QUERIES} queries",
        f"{'mode':44} {'p50 ms':>7} {'p99 ms':>7}  p50 of its stages, ms",
    ]
    options: dict[str, Any] = {"model": model, "id": "id", "progress": False, "recreate": True}
    jn.index(documents(DOCUMENTS), PLAIN, index_options="int8_hnsw", **options)
    lines += [_row(mode, PLAIN, mode, model) for mode in MODES]
    jn.index(documents(LATE_DOCUMENTS), LATE, multivector=True, **options)
    lines.append(_row("late-interaction, packed, scored here", LATE, "late-interaction", model))
    Elasticsearch(url).license.post_start_trial(acknowledge=True)
    jn.connect(url)
    jn.index(documents(LATE_DOCUMENTS), LATE, multivector=True, **options)
    lines.append(_row("late-interaction, scored on the server", LATE, "late-interaction", model))
    return "\n".join(lines)


def _row(title: str, index: str, mode: str, model: Drawn) -> str:
    seconds: list[float] = []
    stages: dict[str, list[float]] = {}
    for number, query in enumerate(texts(WARM + QUERIES, 6, 2)):
        started = time.perf_counter()
        hits = jn.search(query, index, mode=mode, k=10, model=None if mode == "lexical" else model)
        took = time.perf_counter() - started
        assert len(hits) > 0, (title, query)
        if number >= WARM:
            seconds.append(took)
            _count(stages, hits.latency)
    middle, worst = np.percentile(seconds, [50, 99]) * 1e3
    parts = ", ".join(f"{name} {np.median(each) * 1e3:.1f}" for name, each in stages.items())
    return f"{title:44} {middle:7.1f} {worst:7.1f}  {parts}"


def _count(stages: dict[str, list[float]], latency: Mapping[str, float]) -> None:
    for name, took in latency.items():
        stages.setdefault(name, []).append(took)
