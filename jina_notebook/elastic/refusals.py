"""The search side of what a server refuses: the failing shard's reason, the missing name, the closed index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.failures import kind_of, licence_refusal, reason_of, translate
from jina_notebook.elastic.inference_faults import meaning_of
from jina_notebook.errors import CapabilityError, ElasticsearchError, IndexFitError, RequestError, did_you_mean

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["existing_names", "missing_index", "refusal", "refusals_named", "shard_reason"]

LISTED_NAMES = 10


def shard_reason(error: object) -> str:
    """The reason of a refused search. The server says "all shards failed" and hides the reason in the first shard.

    >>> shard_reason({"reason": "all shards failed", "failed_shards": [{"reason": {"reason": "no such field"}}]})
    'no such field'
    """
    if not isinstance(error, Mapping):
        return reason_of(error).rstrip(".")
    for outer in ("failed_shards", "root_cause"):
        parts = error.get(outer)
        if isinstance(parts, Sequence) and parts and isinstance(parts[0], Mapping):
            inner = parts[0].get("reason") if outer == "failed_shards" else parts[0]
            if isinstance(inner, Mapping):
                return reason_of(inner).rstrip(".")
    return reason_of(error).rstrip(".")


def _first_index(error: object) -> str | None:
    if isinstance(error, Mapping):
        if isinstance(error.get("index"), str):
            return str(error["index"])
        return next((found for value in error.values() if (found := _first_index(value))), None)
    if isinstance(error, list):
        return next((found for value in error if (found := _first_index(value))), None)
    return None


def refusal(
    status: int, error: object, *, indices: Sequence[str] = (), known: Sequence[str] = (), doing: str = "search"
) -> ElasticsearchError:
    """The error for an answer with this status and this value of `"error"`.

    `indices` are the names that were asked for, `known` those that exist.
    """
    named = ", ".join(indices)
    index = _first_index(error) or named
    kind = kind_of(error)
    feature = licence_refusal(error)
    if feature is not None:
        return CapabilityError(
            f"The licence of this server does not include {feature}.",
            hint="Leave that option out, or start a trial licence.",
        )
    if kind == "index_not_found_exception":
        return missing_index(index, known)
    if kind == "index_closed_exception":
        return IndexFitError(
            f"The index {index!r} is closed.", hint=f"Open it: es.client.indices.open(index={index!r})."
        )
    inference = meaning_of(error)
    if inference is not None:
        meaning, step = inference
        return RequestError(f"Elasticsearch could not {doing} {named}: {meaning} ({shard_reason(error)}).", hint=step)
    busy = status in {429, 503}
    return RequestError(
        f"Elasticsearch could not {doing} {named}: {shard_reason(error)} (status {status}).",
        hint="The server is busy or short of memory; run the cell again in a moment." if busy else None,
    )


def missing_index(name: str, known: Sequence[str]) -> IndexFitError:
    """No index, alias or data stream has this name."""
    shown = sorted(k for k in known if not k.startswith("."))
    listed = (
        f"There are: {', '.join(shown[:LISTED_NAMES])}{', …' if len(shown) > LISTED_NAMES else ''}." if shown else ""
    )
    return IndexFitError(
        f"There is no index, alias or data stream named {name!r}.",
        hint=did_you_mean(name, shown) or listed or "This server holds no index yet: fill one with jn.index.",
    )


@contextmanager
def refusals_named(client: Elasticsearch, indices: Sequence[str], *, doing: str = "search") -> Iterator[None]:
    """Within it, what the client library raises becomes an error of ours that names the indices."""
    from elasticsearch import ApiError, TransportError

    try:
        yield
    except ApiError as error:
        status = error.meta.status
        if status in {401, 403} and licence_refusal(error) is None and meaning_of(error) is None:
            raise translate(error, f"{doing} {', '.join(indices)}") from error
        body: Any = error.body
        value = body.get("error", body) if isinstance(body, Mapping) else body
        known = existing_names(client) if status == 404 else ()
        raise refusal(status, value, indices=indices, known=known, doing=doing) from error
    except TransportError as error:
        raise translate(error, f"{doing} {', '.join(indices)}") from error


def existing_names(client: Elasticsearch) -> list[str]:
    """Indices, aliases and data streams; empty where the login may not list them."""
    from elasticsearch import ApiError, TransportError

    try:
        found = client.indices.resolve_index(name="*", expand_wildcards="open")
    except (ApiError, TransportError):
        return []
    return [entry["name"] for kind in ("indices", "aliases", "data_streams") for entry in found.get(kind, [])]
