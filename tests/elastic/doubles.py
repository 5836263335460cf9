"""Small deterministic models, and indices filled by hand, so that searching is tested without weights."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from jina_notebook.catalog import CATALOGUE, ModelCard
from jina_notebook.elastic.connection import Connection, connect
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.errors import OptionError
from jina_notebook.results import Embeddings, RankedDocument, Ranking

CARD = CATALOGUE["offline-minilm"]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def vector_of(word: str, size: int, space: str = "") -> np.ndarray:
    """The same random direction for a word every time; another `space` gives other directions."""
    seed = int.from_bytes(hashlib.sha256(f"{space}/{word}".encode()).digest()[:8], "big")
    vector = np.random.default_rng(seed).normal(size=size).astype(np.float32)
    return vector / np.linalg.norm(vector)


class WordModel:
    """Embeds a text as the mean of its words' directions; `synonyms` map a word to the one it means."""

    def __init__(
        self,
        name: str = "offline-minilm",
        *,
        revision: str = "r1",
        size: int = 64,
        sizes: Sequence[int] = (),
        synonyms: Mapping[str, str] | None = None,
        card: ModelCard | None = None,
    ) -> None:
        self.name, self.revision = name, revision
        self.card = card or replace(CARD, name=name, revision=revision)
        self.dimensions = tuple(sizes) or (size,)
        self.size = size
        self.synonyms = dict(synonyms or {})
        self.calls: list[dict[str, Any]] = []

    def _vectors(self, item: Any, size: int) -> np.ndarray:
        meant = [self.synonyms.get(w, w) for w in words(item)] if isinstance(item, str) else ["image", str(item)]
        return np.stack([vector_of(w, size, self.name) for w in meant or ["nothing"]])

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        items = [inputs] if not isinstance(inputs, list | tuple) else list(inputs)
        self.calls.append({"inputs": items, **options})
        size = options.get("dimensions") or self.size
        if size not in self.dimensions:
            raise OptionError(f"dimensions={size} is not one of {self.dimensions}.")
        tokens = [self._vectors(item, size) for item in items]
        means = np.stack([t.mean(axis=0) for t in tokens])
        vectors: Any = means / np.linalg.norm(means, axis=1, keepdims=True)
        return Embeddings(
            vectors=tokens if options.get("return_multivector") else vectors,
            model=self.name,
            revision=self.revision,
            task=options.get("task"),
            dimensions=size,
            token_counts=tuple(len(t) for t in tokens),
            truncated=(False,) * len(items),
            inputs=tuple(items),
        )


class OverlapReranker:
    """Scores a document by the share of its words that the query has, so short exact documents win."""

    def __init__(self, name: str = "overlap") -> None:
        self.name, self.revision = name, "r1"
        self.card = CATALOGUE[name] if name in CATALOGUE else replace(CARD, name=name)
        self.seen: list[list[Any]] = []

    def rerank(self, query: Any, documents: Sequence[Any], **options: Any) -> Ranking:
        self.seen.append(list(documents))
        asked = set(words(str(query)))
        scores = np.array([len(asked & set(words(d))) / max(len(words(d)), 1) for d in documents], dtype=np.float32)
        order = sorted(range(len(documents)), key=lambda i: (-scores[i], i))
        items = tuple(RankedDocument(i, float(scores[i]), rank, None) for rank, i in enumerate(order, start=1))
        return Ranking(items=items, scores=scores, query=query, model=self.name, revision=self.revision)


def packed(tokens: np.ndarray) -> str:
    return base64.b64encode(tokens.astype("<f2").tobytes()).decode()


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection that is not the default one, closed after."""
    connection = connect(url, name=f"test-{hashlib.sha256(url.encode()).hexdigest()[:8]}")
    try:
        yield connection
    finally:
        connection.close()


def meta_of(model: WordModel, **changes: Any) -> IndexMeta:
    return replace(
        IndexMeta(
            model=model.name,
            revision=model.revision,
            task="retrieval.passage",
            query_task="retrieval.query",
            dimensions=model.size,
        ),
        **changes,
    )


def fill(
    connection: Connection,
    index: str,
    documents: Sequence[Mapping[str, Any]],
    *,
    model: WordModel | None,
    meta: IndexMeta | str | None = "own",
    tokens: str | None = None,
    vector: Mapping[str, Any] | None = None,
    properties: Mapping[str, Any] | None = None,
    dense: bool = True,
) -> None:
    """Makes `index` and fills it: `id` and `text` of each document, its vector, its token vectors where asked for."""
    own = meta_of(model) if model is not None else None
    if own is not None and tokens:
        own = replace(own, token_field="token_vectors", token_storage=tokens, token_dimensions=model.size)
    if own is not None and not dense:
        own = replace(own, vector_field=None)
    remembered = own if meta == "own" else meta
    fields: dict[str, Any] = {"text": {"type": "text"}, "lang": {"type": "keyword"}, **(properties or {})}
    if model is not None and dense:
        fields["vector"] = {
            "type": "dense_vector",
            "dims": model.size,
            "index": True,
            "similarity": "cosine",
            "index_options": {"type": "hnsw"},
            **(vector or {}),
        }
    if tokens == "rank_vectors":
        fields["token_vectors"] = {"type": "rank_vectors", "dims": model.size}
    elif tokens == "binary":
        fields |= {"token_vectors": {"type": "binary"}, "token_vectors_count": {"type": "integer"}}
    mappings: dict[str, Any] = {"properties": fields}
    if isinstance(remembered, IndexMeta):
        mappings["_meta"] = remembered.to_mapping()
    connection.client.indices.create(
        index=index, mappings=mappings, settings={"number_of_shards": 1, "number_of_replicas": 0}
    )
    add(connection, index, documents, model=model, tokens=tokens, dense=dense)


def add(
    connection: Connection,
    index: str,
    documents: Sequence[Mapping[str, Any]],
    *,
    model: WordModel | None,
    tokens: str | None = None,
    dense: bool = True,
) -> None:
    lines: list[dict[str, Any]] = []
    for document in documents:
        source = {k: v for k, v in document.items() if k != "id"}
        if model is not None and "text" in document:
            if dense:
                source["vector"] = model.embed(document["text"]).vectors[0].tolist()
            multi = model.embed(document["text"], return_multivector=True).vectors[0] if tokens else None
            if tokens == "rank_vectors":
                source["token_vectors"] = multi.tolist()
            elif tokens == "binary":
                source |= {"token_vectors": packed(multi), "token_vectors_count": len(multi)}
        lines += [{"index": {"_id": document["id"]}}, source]
    if lines:
        answer = connection.client.bulk(index=index, operations=lines, refresh=True)
        assert not answer["errors"], answer
    if model is not None:
        model.calls.clear()
