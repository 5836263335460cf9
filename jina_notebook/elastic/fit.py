"""Whether an index takes the vectors of a model: checked before anything is embedded, said with the ways out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.fields import VectorField, fields_of
from jina_notebook.elastic.mapping import VECTOR_FIELD
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.errors import IndexFitError

__all__ = ["LOCAL", "field_of_others", "require_fit", "require_same_model"]

LOCAL = "local"
"""The revision of a model that was loaded from a folder: which one it is, is not known."""

WAYS_OUT = "Pass recreate=True to fill it anew, or choose another name."
FLOATS = frozenset({"float", "bfloat16"})


def require_same_model(destination: Destination, model: str, dimensions: int | None) -> None:
    """Raises `IndexFitError` where the index was filled by another model; needs the model's name only."""
    meta = destination.meta
    if meta is None or meta.model == model:
        return
    size = f" with {dimensions} dimensions" if dimensions else ""
    raise IndexFitError(
        f"{destination.asked!r} was filled by {meta.model} with {meta.dimensions} dimensions; "
        f"{model}{size} does not fit.",
        hint=WAYS_OUT,
    )


def require_fit(destination: Destination, wanted: IndexMeta) -> None:
    """Raises `IndexFitError` where what is to be stored does not fit what the index remembers."""
    meta = destination.meta
    if meta is None:
        return
    require_same_model(destination, wanted.model, wanted.dimensions)
    name = repr(destination.asked)
    for what, there, here in (
        ("dimensions", meta.dimensions, wanted.dimensions or meta.dimensions),
        ("the task", meta.task, wanted.task),
        (
            "the revision",
            meta.revision,
            meta.revision if LOCAL in (meta.revision, wanted.revision) else wanted.revision,
        ),
        ("the text field", meta.text_field, wanted.text_field),
        ("chunks of tokens", meta.chunk_tokens, wanted.chunk_tokens),
        ("late chunking", meta.late_chunking, wanted.late_chunking),
        ("token vectors of size", meta.token_dimensions, wanted.token_dimensions or meta.token_dimensions),
    ):
        if there != here:
            raise IndexFitError(
                f"{name} was filled by {meta.model} with {what} {there!r}; {here!r} does not fit.", hint=WAYS_OUT
            )
    if wanted.token_field and not meta.token_field:
        raise IndexFitError(
            f"{name} was filled without token vectors, so multivector=True does not fit.", hint=WAYS_OUT
        )


def field_of_others(destination: Destination, wanted: IndexMeta) -> IndexMeta:
    """`wanted` with the fields of an index that another tool made, where they fit.

    An empty index is completed. Raises `IndexFitError` where documents are there and no field takes these vectors.
    """
    if wanted.chunk_field:
        if destination.documents:
            raise _no_field(destination, "field of chunks")
        return wanted
    fields = fields_of({"properties": destination.mapping.get("properties") or {}})
    changes: dict[str, Any] = {}
    if wanted.vector_field:
        changes["vector_field"] = _vector_field(destination, fields.vectors, wanted.dimensions)
    token = fields.tokens
    if wanted.token_field:
        if token is not None and token.storage == "rank_vectors":
            changes |= {"token_field": token.path, "token_storage": token.storage, "token_dimensions": token.dimensions}
        elif destination.documents:
            raise _no_field(destination, "rank_vectors field for token vectors")
    return replace(wanted, **changes)


def _vector_field(destination: Destination, found: tuple[VectorField, ...], dimensions: int) -> str:
    top = [v for v in found if v.nested is None]
    field = next((v for v in top if v.path == VECTOR_FIELD), top[0] if len(top) == 1 else None)
    if field is None:
        if destination.documents:
            raise _no_field(destination, "dense_vector field")
        return VECTOR_FIELD
    if field.element_type not in FLOATS:
        raise IndexFitError(
            f"The field {field.path!r} of {destination.asked!r} holds {field.element_type} vectors, not float ones.",
            hint=WAYS_OUT,
        )
    if field.dimensions is not None and dimensions and field.dimensions != dimensions:
        raise IndexFitError(
            f"The field {field.path!r} of {destination.asked!r} holds vectors of {field.dimensions} dimensions; "
            f"these have {dimensions}.",
            hint=WAYS_OUT,
        )
    return field.path


def _no_field(destination: Destination, what: str) -> IndexFitError:
    return IndexFitError(
        f"{destination.asked!r} was made by another tool, holds {destination.documents:,} documents and has no {what}.",
        hint=WAYS_OUT,
    )
