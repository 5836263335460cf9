"""The mapping and settings of an index: pure functions over plain values, plain dictionaries out.

Sizes, similarity and index type are always written: what a server would choose by itself changes with its version and
its licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jina_notebook.elastic.capabilities import Capabilities
from jina_notebook.elastic.fields import COUNT_SUFFIX
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.metadata import DYNAMIC_TEMPLATES
from jina_notebook.errors import OptionError, did_you_mean

__all__ = [
    "FINGERPRINT_FIELD",
    "FLAT_BELOW",
    "INDEX_TYPES",
    "RANK_VECTORS",
    "STATE_KEY",
    "TOKEN_FIELD",
    "VECTOR_FIELD",
    "check_index_options",
    "index_options_for",
    "is_loading",
    "lasting_settings",
    "loading_settings",
    "mapping_of",
    "own_properties",
    "reserved_fields",
    "restored_settings",
]

VECTOR_FIELD = "vector"
TOKEN_FIELD = "token_vectors"  # noqa: S105 - token as in late interaction
RANK_VECTORS = "rank_vectors"
FINGERPRINT_FIELD = "_jina_hash"
STATE_KEY = "jina_notebook_state"
"""Beside what the index remembers in `_meta`: `"automatic"` where we chose `index_options`."""

FLAT_BELOW = 2_000  # documents up to which exact search is both the fastest and the best
BINARY_FROM = 384  # dimensions from which one bit each, re-scored, loses nothing that matters
INDEX_TYPES = (
    "flat",
    "int8_flat",
    "int4_flat",
    "bbq_flat",
    "hnsw",
    "int8_hnsw",
    "int4_hnsw",
    "bbq_hnsw",
    "bbq_disk",
)
HNSW = {"m": 16, "ef_construction": 100}
LARGEST_DIMENSIONS = 4096


def index_options_for(
    dimensions: int,
    capabilities: Capabilities,
    *,
    asked: str | Mapping[str, Any] | None = None,
    documents: int | None = None,
) -> dict[str, Any]:
    """`index_options` of the vector field: what was asked for, else by size and what the server can do.

    Exact (`flat`) where fewer than 2,000 documents are known to come, else `bbq_hnsw` from 384 dimensions on, else
    `int8_hnsw`.

    Raises `OptionError` for a type that there is not, or that does not take this number of dimensions.
    """
    if asked is not None:
        return check_index_options(asked, dimensions)
    if documents is not None and documents < FLAT_BELOW:
        return {"type": "flat"}
    binary = dimensions >= BINARY_FROM and capabilities.allows("bbq_hnsw")
    return {"type": "bbq_hnsw" if binary else "int8_hnsw", **HNSW}


def check_index_options(asked: str | Mapping[str, Any], dimensions: int) -> dict[str, Any]:
    """What the caller asked for as a dict. `dimensions` is 0 where they are not known yet.

    Raises `OptionError`.
    """
    options: dict[str, Any] = {"type": asked} if isinstance(asked, str) else dict(asked)
    kind = options.get("type")
    if kind not in INDEX_TYPES:
        raise OptionError(
            f"index_options has no type {kind!r}; allowed: {', '.join(INDEX_TYPES)}.",
            hint=did_you_mean(str(kind), INDEX_TYPES) or None,
        )
    if str(kind).startswith("bbq") and 0 < dimensions < 64:
        raise OptionError(
            f"{kind} needs 64 dimensions or more, and the vectors have {dimensions}.", hint="Use int8_hnsw."
        )
    if str(kind).startswith("int4") and dimensions % 2:
        raise OptionError(
            f"{kind} needs an even number of dimensions, and the vectors have {dimensions}.", hint="Use int8_hnsw."
        )
    return options


def reserved_fields(meta: IndexMeta, *, but: str | None) -> frozenset[str]:
    """Fields that a document may not bring along, except the one its vectors are read from."""
    tokens = [meta.token_field, f"{meta.token_field}{COUNT_SUFFIX}"] if meta.token_field else []
    names = {FINGERPRINT_FIELD, *(name for name in (meta.chunk_field or meta.vector_field, *tokens) if name)}
    return frozenset(names - {but})


def own_properties(
    meta: IndexMeta, *, index_options: Mapping[str, Any] | None, analyzer: str = "standard"
) -> dict[str, Any]:
    """The fields that we fill: text, image reference, vector, token vectors, and the hash that tells what is new."""
    properties: dict[str, Any] = {FINGERPRINT_FIELD: {"type": "keyword", "index": False}}
    if meta.text_field:
        properties[meta.text_field] = {"type": "text", "analyzer": analyzer}
    if meta.image_field:
        properties[meta.image_field] = {"type": "keyword", "ignore_above": 8191}
    vector = {
        "type": "dense_vector",
        "dims": meta.dimensions,
        "element_type": "float",
        "index": True,
        "similarity": "cosine",
        "index_options": dict(index_options or {}),
    }
    if meta.chunk_field:
        passage = {"text": {"type": "text", "index": False}, "vector": vector}  # words are searched in the whole text
        properties[meta.chunk_field] = {"type": "nested", "dynamic": False, "properties": passage}
    elif meta.vector_field:
        properties[meta.vector_field] = vector
    if meta.token_field and meta.token_storage == RANK_VECTORS:
        properties[meta.token_field] = {
            "type": RANK_VECTORS,
            "element_type": "float",
            **({"dims": meta.token_dimensions} if meta.token_dimensions else {}),
        }
    elif meta.token_field:
        properties[meta.token_field] = {"type": "binary"}
        properties[meta.token_field + COUNT_SUFFIX] = {"type": "integer"}
    return properties


def mapping_of(
    meta: IndexMeta,
    *,
    index_options: Mapping[str, Any] | None,
    metadata: Mapping[str, Any],
    analyzer: str = "standard",
    state: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole mapping of a new index.

    The hash is kept out of `_source`: hits do not show it, and an update by someone else drops it, so that the document
    counts as changed the next time.
    """
    own = own_properties(meta, index_options=index_options, analyzer=analyzer)
    return {
        "_meta": {**meta.to_mapping(), **({STATE_KEY: dict(state)} if state else {})},
        "_source": {"excludes": [FINGERPRINT_FIELD]},
        "dynamic": True,
        "date_detection": False,
        "numeric_detection": False,
        "dynamic_templates": DYNAMIC_TEMPLATES,
        "properties": {**own, **{name: spec for name, spec in metadata.items() if name not in own}},
    }


def loading_settings() -> dict[str, Any]:
    """Settings while a new index is filled: no refresh, no copies."""
    return {"index": {"refresh_interval": "-1", "number_of_replicas": 0}}


def is_loading(settings: Mapping[str, Any]) -> bool:
    """Whether one of our indices still has the settings of loading; a finished one always has the other key."""
    return settings.get("refresh_interval") == "-1" and "auto_expand_replicas" not in settings


def lasting_settings() -> dict[str, Any]:
    """Settings of an index of ours: one copy where there is a second node; refresh is left to the server."""
    return {"index": {"auto_expand_replicas": "0-1"}}


def restored_settings() -> dict[str, Any]:
    """What takes the settings of loading back."""
    return {"index": {**lasting_settings()["index"], "refresh_interval": None}}
