"""What the mapping of an index offers to a search: texts, vectors, token vectors, fields to filter by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jina_notebook.elastic.meta import IndexMeta

__all__ = ["COUNT_SUFFIX", "Fields", "TokenField", "VectorField", "fields_of", "filtered_fields", "walk"]

COUNT_SUFFIX = "_count"
"""`<token field>_count` holds the number of token vectors that a `binary` token field packs."""

BUILT_IN = frozenset({"_id", "_index", "_field_names", "_ignored", "_routing", "_seq_no", "_tier", "_doc_count"})
ANY_SUBFIELD = frozenset({"flattened", "passthrough"})  # their keys are data, not mapping


@dataclass(frozen=True, slots=True)
class VectorField:
    """A `dense_vector` field. `nested` is the path of the nested object that holds it, None at the top."""

    path: str
    dimensions: int | None
    similarity: str = "cosine"
    element_type: str = "float"
    indexed: bool = True
    nested: str | None = None


@dataclass(frozen=True, slots=True)
class TokenField:
    """One vector per token: `storage` is `"rank_vectors"` or `"binary"` (little-endian float16, base64)."""

    path: str
    storage: str
    dimensions: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of one index.

    `texts` are the fields that lexical search reads, best first; `heavy` every field that holds vectors, or our chunks,
    which no search needs to send back; `names` every name that a filter may use, `open_prefixes` those below which any
    may be.
    """

    texts: tuple[str, ...] = ()
    vectors: tuple[VectorField, ...] = ()
    tokens: TokenField | None = None
    heavy: tuple[str, ...] = ()
    names: frozenset[str] = field(default_factory=frozenset)
    open_prefixes: tuple[str, ...] = ()

    def vector(self, path: str | None = None) -> VectorField | None:
        """The vector field at `path`; without a path the first one."""
        if path is None:
            return self.vectors[0] if self.vectors else None
        return next((v for v in self.vectors if v.path == path), None)

    def knows(self, name: str) -> bool:
        """Whether a filter may name this field. Patterns (`title.*`) always may."""
        return (
            "*" in name
            or name in self.names
            or name in BUILT_IN
            or any(name.startswith(f"{prefix}.") or not prefix for prefix in self.open_prefixes)
        )


def fields_of(mapping: Mapping[str, Any], meta: IndexMeta | None = None) -> Fields:
    """Reads a mapping, `{"properties": …}` as the server gives it, beside what the index remembers.

    With `meta` its text field comes first and its token field is the one used.
    """
    texts: list[str] = []
    vectors: list[VectorField] = []
    tokens: list[TokenField] = []
    names: set[str] = set(mapping.get("runtime") or {})
    open_prefixes: list[str] = []
    for path, spec, nested in walk(mapping.get("properties") or {}):
        kind = spec.get("type", "object")
        names.add(path)
        names.update(f"{path}.{sub}" for sub in spec.get("fields") or {})
        if kind in ANY_SUBFIELD or spec.get("dynamic") == "runtime":
            open_prefixes.append(path)
        if kind in {"text", "match_only_text"} and (nested is None):
            texts.append(path)
        elif kind == "dense_vector":
            vectors.append(_vector_field(path, spec, nested))
        elif kind == "rank_vectors":
            tokens.append(TokenField(path, kind, spec.get("dims")))
        elif kind == "binary" and meta is not None and path == meta.token_field:
            tokens.append(TokenField(path, kind, meta.token_dimensions))
    if mapping.get("dynamic") == "runtime":
        open_prefixes.append("")
    chosen = meta.text_field if meta is not None else None
    if chosen in texts:
        texts = [str(chosen)]
    token_path = meta.token_field if meta is not None else None
    token = next((t for t in tokens if t.path == token_path), tokens[0] if tokens and token_path is None else None)
    vectors.sort(key=lambda v: (meta is None or v.path != meta.vector_field, v.nested is not None))
    return Fields(
        texts=tuple(texts),
        vectors=tuple(vectors),
        tokens=token,
        heavy=(
            *(v.path for v in vectors),
            *(path for t in tokens for path in _token_paths(t)),
            *([meta.chunk_field] if meta is not None and meta.chunk_field else []),  # the text again, in pieces
        ),
        names=frozenset(names),
        open_prefixes=tuple(open_prefixes),
    )


def walk(
    properties: Mapping[str, Any], prefix: str = "", nested: str | None = None
) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
    """(path, mapping, path of the nested object it is in) of every field, those inside others too."""
    for name, spec in properties.items():
        path = f"{prefix}{name}"
        inside = path if spec.get("type") == "nested" else nested
        yield path, spec, nested
        yield from walk(spec.get("properties") or {}, f"{path}.", inside)


def _token_paths(field: TokenField) -> tuple[str, ...]:
    return (field.path, f"{field.path}{COUNT_SUFFIX}") if field.storage == "binary" else (field.path,)


def _vector_field(path: str, spec: Mapping[str, Any], nested: str | None) -> VectorField:
    element = str(spec.get("element_type", "float"))
    return VectorField(
        path=path,
        dimensions=spec.get("dims"),
        similarity=str(spec.get("similarity", "l2_norm" if element == "bit" else "cosine")),
        element_type=element,
        indexed=bool(spec.get("index", True)),
        nested=nested,
    )


NAMES_A_FIELD = frozenset(
    {
        "fuzzy",
        "geo_bounding_box",
        "geo_distance",
        "geo_shape",
        "intervals",
        "match",
        "match_bool_prefix",
        "match_phrase",
        "match_phrase_prefix",
        "prefix",
        "range",
        "regexp",
        "term",
        "terms",
        "terms_set",
        "wildcard",
    }
)
OPTIONS_BESIDE_THE_FIELD = frozenset({"boost", "_name", "distance", "distance_type", "validation_method", "type"})
HOLDS_QUERIES = ("must", "should", "filter", "must_not", "query", "positive", "negative", "queries")


def filtered_fields(query: Mapping[str, Any] | Sequence[Any]) -> Iterator[str]:
    """Every field that a filter names, in order, as far as its kinds of query are known here.

    >>> list(filtered_fields({"bool": {"must_not": {"term": {"lang": "fr"}}}}))
    ['lang']
    """
    if not isinstance(query, Mapping):
        for part in query if isinstance(query, Sequence) and not isinstance(query, str) else ():
            yield from filtered_fields(part)
        return
    for kind, body in query.items():
        if not isinstance(body, Mapping):
            continue
        if kind in NAMES_A_FIELD:
            yield from (name for name in body if name not in OPTIONS_BESIDE_THE_FIELD)
        elif kind == "exists" and isinstance(body.get("field"), str):
            yield body["field"]
        else:
            for part in HOLDS_QUERIES:
                if isinstance(body.get(part), Mapping | Sequence):
                    yield from filtered_fields(body[part])
