"""Local models as Elasticsearch's own inference: endpoints for passages, queries and reranking, and semantic indices.

The service `openai` sends no task, so the model's name carries it, and there is one endpoint per task; `cohere` is for
reranking. The service `custom` would allow more, but it replaces `${…}` inside the texts of documents and queries.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook import endpoints
from jina_notebook.catalog import CATALOGUE
from jina_notebook.catalog import card as card_of
from jina_notebook.elastic.failures import absent, licence_refusal, reason_of, translate
from jina_notebook.errors import (
    CapabilityError,
    ElasticsearchError,
    IndexFitError,
    InputError,
    OptionError,
    RequestError,
)

if TYPE_CHECKING:
    from elasticsearch import ApiError

    from jina_notebook.cards import ModelCard
    from jina_notebook.elastic.connection import Connection
    from jina_notebook.endpoints import Endpoint

__all__ = [
    "FIELD",
    "InferenceEndpoints",
    "embedding_endpoint",
    "endpoint_ids",
    "register",
    "rerank_endpoint",
    "semantic_index",
    "semantic_mapping",
]

FIELD = "text"
CHUNKING = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}  # words and sentences
REQUESTS_PER_MINUTE = 1_000_000  # the model server queues by itself; the default of 3,000 would throttle searches
ONE_BIT_FROM = 64  # dimensions, fewer are refused by bbq_hnsw
NAME = re.compile(r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?")
CLIENT_SIDE = "jn.index(documents, index, model=…) and jn.search(query, index) do the same with any licence."


@dataclass(frozen=True, slots=True)
class InferenceEndpoints:
    """Ids of the endpoints of one model; None where the model cannot do that.

    `ingest` and `search` belong together: documents are embedded as passages, queries as queries.
    """

    ingest: str | None = None
    search: str | None = None
    rerank: str | None = None


def endpoint_ids(card: ModelCard, name: str | None = None) -> InferenceEndpoints:
    """The ids that `register` uses. `name` replaces the model's name in them.

    Raises `OptionError` for a name that Elasticsearch would not take.
    """
    base = card.name.lower() if name is None else name
    if not isinstance(base, str) or not NAME.fullmatch(base):
        raise OptionError(
            f"name={name!r} is no name for an inference endpoint.",
            hint="Use lower-case letters, digits, dots, dashes and underscores, beginning and ending with one of the "
            "first two.",
        )
    embeds = bool(card.dimensions)
    return InferenceEndpoints(
        ingest=f"{base}-passage" if embeds else None,
        search=f"{base}-query" if embeds else None,
        rerank=f"{base}-rerank" if card.reranks else None,
    )


def embedding_endpoint(endpoint: Endpoint, model: str, task: str | None) -> dict[str, Any]:
    """The body of `PUT _inference/text_embedding/…`."""
    return {
        "service": "openai",
        "service_settings": {
            "url": f"{endpoint.url}/v1/embeddings",
            "api_key": endpoint.token,
            "model_id": f"{model}@{task}" if task else model,
            "similarity": "cosine",
            "rate_limit": {"requests_per_minute": REQUESTS_PER_MINUTE},
        },
        "chunking_settings": CHUNKING,
    }


def rerank_endpoint(endpoint: Endpoint, model: str) -> dict[str, Any]:
    """The body of `PUT _inference/rerank/…`; Elasticsearch calls `/v2/rerank` of that address."""
    return {
        "service": "cohere",
        "service_settings": {
            "url": endpoint.url,
            "api_key": endpoint.token,
            "model_id": model,
            "rate_limit": {"requests_per_minute": REQUESTS_PER_MINUTE},
        },
    }


def semantic_mapping(ids: InferenceEndpoints, *, dimensions: int) -> dict[str, Any]:
    """The mapping of a semantic index: `text` is embedded by `ids.ingest`, queries against it by `ids.search`."""
    kind = "bbq_hnsw" if dimensions >= ONE_BIT_FROM else "hnsw"
    vectors = {"type": kind, "element_type": "float"}  # the default, bfloat16, keeps three digits
    field = {
        "type": "semantic_text",
        "inference_id": ids.ingest,
        "search_inference_id": ids.search,
        "index_options": {"dense_vector": vectors},
    }
    return {"properties": {FIELD: field}}


def register(connection: Connection, model: Any, *, name: str | None = None) -> InferenceEndpoints:
    """See `Connection.register_inference`."""
    card = _card(model)
    ids = endpoint_ids(card, name)
    endpoint = endpoints.offering(card.name)
    if endpoint is None:
        raise InputError(
            f"No server of this process serves {card.name}, so Elasticsearch could not call it.",
            hint=f'Start one first: server = jn.serve("{card.name}").',
        )
    if ids == InferenceEndpoints():
        can = [one.name for one in CATALOGUE if one.dimensions or one.reranks]
        raise InputError(
            f"{card.name} gives neither one vector per text nor a ranking, the two that Elasticsearch takes.",
            hint=f"These do: {', '.join(can)}.",
        )
    if ids.ingest and ids.search:
        _put(connection, "text_embedding", ids.ingest, embedding_endpoint(endpoint, card.name, card.index_task))
        _put(connection, "text_embedding", ids.search, embedding_endpoint(endpoint, card.name, card.query_task))
    if ids.rerank:
        _put(connection, "rerank", ids.rerank, rerank_endpoint(endpoint, card.name))
    return ids


def semantic_index(connection: Connection, index: str, *, model: Any) -> str:
    """See `Connection.semantic_index`."""
    ids = model if isinstance(model, InferenceEndpoints) else register(connection, model)
    if not ids.ingest:
        name = ids.rerank if isinstance(model, InferenceEndpoints) else _card(model).name
        raise InputError(f"{name} gives no vectors of texts, so it cannot fill an index.", hint="Use it to rerank.")
    doing = f"make the index {index!r}"
    settings = _request(connection, "GET", f"/_inference/text_embedding/{ids.ingest}", None, doing)
    dimensions = int(settings["endpoints"][0]["service_settings"]["dimensions"])
    mapping = semantic_mapping(ids, dimensions=dimensions)
    try:
        _request(connection, "PUT", f"/{index}", {"mappings": mapping}, doing)
    except _Exists:
        _check_same(connection, index, ids)
    return index


class _Exists(RequestError):
    """Something of that name is there."""


def _check_same(connection: Connection, index: str, ids: InferenceEndpoints) -> None:
    """Making the same index once more is fine: a notebook's cell is run again."""
    answer = _request(connection, "GET", f"/{index}/_mapping", None, f"read the mapping of {index!r}")
    for entry in answer.values():
        field = ((entry.get("mappings") or {}).get("properties") or {}).get(FIELD) or {}
        if (field.get("inference_id"), field.get("search_inference_id")) != (ids.ingest, ids.search):
            raise IndexFitError(
                f"The index {index!r} exists, and its field {FIELD!r} is not embedded by {ids.ingest}.",
                hint="Choose another name, or delete that index first.",
            )


def _put(connection: Connection, kind: str, name: str, body: Mapping[str, Any]) -> None:
    """Creates the endpoint, or replaces the one of that name.

    An address cannot be updated, and a key that was updated is not used at once. So the old endpoint is deleted, also
    where indices use it, after a trial has shown that Elasticsearch reaches the new address.
    """
    doing = f"register the inference endpoint {name!r}"
    try:
        _request(connection, "PUT", f"/_inference/{kind}/{name}", body, doing)
    except _Exists:
        trial = f"{name}-trial-{uuid.uuid4().hex[:8]}"
        _request(connection, "PUT", f"/_inference/{kind}/{trial}", body, doing)
        _request(connection, "DELETE", f"/_inference/{kind}/{trial}", None, doing)
        _request(connection, "DELETE", f"/_inference/{kind}/{name}?force=true", None, doing)
        _request(connection, "PUT", f"/_inference/{kind}/{name}", body, doing)


def _request(connection: Connection, method: str, target: str, body: Any, doing: str) -> Any:
    from elasticsearch import ApiError, TransportError

    headers = {"accept": "application/json"}
    if body is not None:
        headers["content-type"] = "application/json"
    try:
        return connection.client.perform_request(method, target, headers=headers, body=body).body
    except ApiError as error:
        raise _refusal(connection, error, doing) from error
    except TransportError as error:
        raise translate(error, doing) from error


def _refusal(connection: Connection, error: ApiError, doing: str) -> ElasticsearchError:
    refused = licence_refusal(error)
    if refused is not None:
        connection.capabilities.learn("inference", error)
        return CapabilityError(
            f"The licence of this server does not include {refused}, so it cannot {doing}.", hint=CLIENT_SIDE
        )
    reason = reason_of(error)
    if "already exists" in reason:
        return _Exists(f"Elasticsearch could not {doing}: {reason}.")
    if absent(error):
        connection.capabilities.learn("inference", error)
        return CapabilityError(f"This server has no inference endpoints, so it cannot {doing}.", hint=CLIENT_SIDE)
    return translate(error, doing)


def _card(model: Any) -> ModelCard:
    if isinstance(model, str):
        return card_of(model)
    card: ModelCard | None = getattr(model, "card", None)
    if card is None:
        raise InputError(f"{model!r} is no model.", hint="Give a catalogue name or a loaded model.")
    return card
