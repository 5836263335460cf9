"""The second stage of late interaction: MaxSim between the query's token vectors and those stored with each document.

Where the server has `rank_vectors` and may use them it scores there; else the token vectors are fetched and scored
here.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pybase64
from numpy.typing import NDArray

from jina_notebook.elastic.answers import Request, ask, value_at
from jina_notebook.elastic.fields import COUNT_SUFFIX, TokenField
from jina_notebook.elastic.fusion import Key, Scored
from jina_notebook.elastic.queries import among, documents_body, maxsim_body
from jina_notebook.elastic.targets import Target
from jina_notebook.errors import CapabilityError, IndexFitError
from jina_notebook.inference.maxsim import maxsim

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["decoded", "has_tokens", "maxsim_stage"]

Tokens = NDArray[np.float32]

DECIMALS = 5  # beyond, sums differ with a document's place in the batch: equal documents would not tie
DOCUMENTS_PER_FETCH = 100  # a page of a visual model has over a thousand vectors, 256 kB packed


def has_tokens(target: Target) -> list[dict[str, Any]]:
    """The filter that leaves documents with token vectors only; none where the mapping offers nothing to ask by."""
    field = target.fields.tokens
    if field is None:
        return []
    if field.storage == "rank_vectors":
        return [{"exists": {"field": field.path}}]
    count = f"{field.path}{COUNT_SUFFIX}"
    return [{"range": {count: {"gte": 1}}}] if count in target.fields.names else []


def maxsim_stage(
    client: Elasticsearch, target: Target, field: TokenField, query: Tokens, keys: Sequence[Key]
) -> tuple[list[Scored], tuple[str, ...]]:
    """Scores the documents `keys` by MaxSim, best first, ties by `_id`; and notes on how.

    `query` is float32 `(query tokens, dimensions)`. Documents without token vectors are left out, and a note says so.
    """
    notes: list[str] = []
    scored: list[Scored] | None = None
    if field.storage == "rank_vectors":
        try:
            scored = _on_server(client, target, field, query, keys)
        except CapabilityError as error:
            notes.append(f"maxsim runs on the client: {error.message}")
    if scored is None:
        scored = _here(client, target, field, query, keys)
    if len(scored) < len(keys):
        notes.append(f"without token vectors, so left out: {len(keys) - len(scored)}")
    rounded = [(key, round(score, DECIMALS)) for key, score in scored]
    return sorted(rounded, key=lambda entry: (-entry[1], entry[0])), tuple(notes)


def _on_server(
    client: Elasticsearch, target: Target, field: TokenField, query: Tokens, keys: Sequence[Key]
) -> list[Scored]:
    body = maxsim_body(query.tolist(), field.path, _these(target, keys), size=len(keys))
    answer = ask(client, Request(target.path, body), doing="score the token vectors of")
    return [(key, score - len(query)) for key, score in answer.places]


def _these(target: Target, keys: Sequence[Key]) -> dict[str, Any]:
    """The filter for these documents; the index is named only where the same id may be in another."""
    if len(target.indices) == 1:
        return among({target.indices[0]: [id_ for id_, _ in keys]})
    by_index: dict[str, list[str]] = {index: [] for index in target.indices}
    for id_, index in keys:
        by_index.setdefault(index, []).append(id_)
    return among(by_index)


def _here(client: Elasticsearch, target: Target, field: TokenField, query: Tokens, keys: Sequence[Key]) -> list[Scored]:
    scored: list[Scored] = []
    for start in range(0, len(keys), DOCUMENTS_PER_FETCH):
        batch = keys[start : start + DOCUMENTS_PER_FETCH]
        body = documents_body(_these(target, batch), size=len(batch), source=[field.path])
        answer = ask(client, Request(target.path, body), doing="read the token vectors of")
        documents = answer.documents or {}
        found = {
            key: decoded(value, query.shape[1], key)
            for key in batch
            if key in documents and (value := value_at(documents[key].source, field.path)) is not None
        }
        scores = maxsim(query, list(found.values()))
        scored += zip(found, scores.tolist(), strict=True)
    return scored


def decoded(value: object, dimensions: int, key: Key) -> Tokens:
    """Stored token vectors as float32 `(tokens, dimensions)`: packed little-endian float16, or a list of lists.

    Raises `IndexFitError` naming the document where the value does not hold vectors of that size.
    """
    try:
        if isinstance(value, str):
            flat = np.frombuffer(pybase64.b64decode(value, validate=True), dtype="<f2").astype(np.float32)
            vectors = flat.reshape(-1, dimensions)
        else:
            vectors = np.asarray(value, dtype=np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != dimensions:
            raise ValueError(f"shape {vectors.shape}")
    except (ValueError, TypeError, binascii.Error) as error:
        raise IndexFitError(
            f"Document {key[0]!r} in {key[1]} holds no token vectors of {dimensions} dimensions: {error}.",
            hint="Index the document again with the model of this index.",
        ) from error
    return vectors
