"""What Elasticsearch says when a model server behind an inference endpoint fails, and what it means.

It passes the model server's refusals on with statuses and words that point elsewhere: a wrong token of the model server
looks like a wrong password of Elasticsearch, a model server that is gone like a fault of Elasticsearch itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["meaning_of"]

SERVE = "Start it with jn.serve(model) and call es.register_inference(model) again."
ABOUT = re.compile(
    r"inference|Failed to send|call to service", re.IGNORECASE
)  # other faults are refused connections too
MEANINGS: tuple[tuple[str, str, str], ...] = (
    (
        r"Connection refused|Connection reset|No route to host|UnknownHost|connect timed out|Connection is closed",
        "the model server behind the inference endpoint does not answer; it was stopped, or runs at another address",
        f"{SERVE} Where Elasticsearch runs elsewhere, or in a container, serve with host= an address that it reaches.",
    ),
    (
        r"Received an authentication error status code",
        "the model server refused the token of the inference endpoint, which is not the login of Elasticsearch",
        "The model server was started anew with another token: call es.register_inference(model) again.",
    ),
    (
        r"Received a rate limit status code",
        "the model server behind the inference endpoint is full, or was slower than a search may be",
        "Send less at once or wait, or serve a smaller model.",
    ),
    (
        r"Request timed out",
        "the model server was slower than Elasticsearch waits (10 s for a query, 30 s for a reranker)",
        "Serve a smaller model, or raise the cluster setting xpack.inference.query_timeout.",
    ),
    (
        r"Received a server error status code",
        "the model itself failed in the model server, or that was stopping",
        "The log of jina_notebook.serving says where; then run the cell again.",
    ),
    (
        r"different number of dimensions|Has the configuration for inference endpoint",
        "the model server gives vectors of another size than those that the index was made for",
        "Serve the model that filled the index, or make a new index with es.semantic_index.",
    ),
    (
        r"Inference (?:id|endpoint) \[?[^ ]*\]? (?:not found|does not exist)|Inference endpoint not found",
        "the inference endpoint that the index names is not registered on this server",
        "Register it with es.register_inference(model).",
    ),
    (
        r"There is no model '",
        "the model server behind the inference endpoint does not serve that model",
        SERVE,
    ),
)


def meaning_of(error: object) -> tuple[str, str] | None:
    """(what it means, the next step) of an answer with a failed inference anywhere in it; None where there is none.

    `error`: an exception of the client or a decoded body, as of one item of a bulk request. The cause may sit deep: a
    reranker's is under `suppressed`.
    """
    text = _text(getattr(error, "body", error))
    if not ABOUT.search(text):
        return None
    for pattern, meaning, step in MEANINGS:
        if re.search(pattern, text):
            return meaning, step
    return None


def _text(tree: Any) -> str:
    return json.dumps(tree, default=str, ensure_ascii=False) if isinstance(tree, Mapping | list) else str(tree)
