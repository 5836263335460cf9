"""A stored document as a query: its own vector, and the filter that keeps it out of its own hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.answers import Request, ask, value_at
from jina_notebook.elastic.first_stage import Leg, vector_field
from jina_notebook.elastic.queries import documents_body
from jina_notebook.elastic.targets import Target
from jina_notebook.errors import IndexFitError, InputError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Origin", "stored_vector"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The document, by id and index, the group of indices it belongs to, and its vector."""

    id: str
    index: str
    target: Target
    vector: tuple[float, ...]

    @property
    def others(self) -> dict[str, Any]:
        """The filter for every document but this one."""
        this = [{"ids": {"values": [self.id]}}, {"term": {"_index": self.index}}]
        return {"bool": {"must_not": [{"bool": {"filter": this}}]}}

    def leg(self, target: Target) -> Leg:
        """Its vector as the query for these indices. Raises `IndexFitError` where they are of another model."""
        field = vector_field(target)
        own, other = self.target.meta, target.meta
        same_model = (own and (own.model, own.revision)) == (other and (other.model, other.revision))
        if field is None or not same_model or field.dimensions not in (None, len(self.vector)):
            there = f"{other.model}, {field.dimensions if field else 'no'} dimensions" if other else "no known model"
            here = f"{own.model if own else 'no known model'}, {len(self.vector)} dimensions"
            raise IndexFitError(
                f"The document {self.id!r} is from {self.index} ({here}), and {target.label} is of {there}.",
                hint="Look for similar documents in indices of the same model.",
            )
        return Leg(target=target, vector=self.vector)


def stored_vector(client: Elasticsearch, targets: Sequence[Target], id_: str) -> Origin:
    """Finds the document in these indices.

    Raises `InputError` where it is in none or in several of them, or has no vector.
    """
    found: list[Origin] = []
    seen = False
    for target in targets:
        field = vector_field(target)
        body = documents_body(
            {"ids": {"values": [id_]}}, size=len(target.indices), source=[field.path] if field is not None else []
        )
        answer = ask(client, Request(target.path, body), doing="read a document of")
        for key, document in (answer.documents or {}).items():
            seen = True
            vector = _numbers(document.source, field.path if field is not None else "")
            if vector:
                found.append(Origin(id=id_, index=key[1], target=target, vector=vector))
    where = "; ".join(target.label for target in targets)
    if not seen:
        raise InputError(f"There is no document {id_!r} in {where}.", hint="Ids are case-sensitive texts.")
    if not found:
        raise InputError(f"The document {id_!r} in {where} has no vector of its own.", hint="Search for its text.")
    if len(found) > 1:
        names = ", ".join(origin.index for origin in found)
        raise InputError(f"The id {id_!r} is in several indices: {names}.", hint="Name one of them.")
    return found[0]


def _numbers(source: Mapping[str, Any], path: str) -> tuple[float, ...]:
    value = value_at(source, path)
    return tuple(value) if isinstance(value, list) and all(isinstance(v, int | float) for v in value) else ()
