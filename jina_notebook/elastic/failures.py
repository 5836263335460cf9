"""What a server's refusal says: the reason, the field, whether a licence or a missing module is behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.inference_faults import meaning_of
from jina_notebook.errors import ConnectError, ElasticsearchError, IndexFitError, RequestError

if TYPE_CHECKING:
    from elasticsearch import ApiError, TransportError

__all__ = ["absent", "explained", "field_of", "kind_of", "licence_refusal", "reason_of", "translate"]

LICENCE_KEY = "license.expired.feature"
ABSENT = (
    "unknown retriever",
    "no handler found for uri",
    "invalid index name [_",
    "unknown field [",
    "no processor type exists",
    "failed to find action",
    "no handler for type",
)
LICENCE_TEXT = re.compile(r"license is non-compliant for \[([^\]]+)\]")
WHERE = re.compile(r"^\[\d+:\d+\] ")
FIELD = re.compile(r"field(?: name)? \[([^\]]+)\]|field=\"([^\"]+)\"|object mapping for \[([^\]]+)\]")
LONGEST_REASON = 600


def _tree(error: object) -> object:
    """The decoded body of an exception of the client; anything else as it is."""
    return getattr(error, "body", error)


def _nodes(error: object) -> Iterator[Mapping[str, Any]]:
    """Every object of an error tree, outermost first."""
    tree = _tree(error)
    if isinstance(tree, Mapping):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def licence_refusal(error: object) -> str | None:
    """The feature that the licence refuses, wherever in the tree it is named; the status is 403 or 400.

    The errors of single documents in a bulk request hold it in their text only.
    """
    for node in _nodes(error):
        if LICENCE_KEY in node:
            return str(node[LICENCE_KEY])
        reason = node.get("reason")
        found = LICENCE_TEXT.search(reason) if isinstance(reason, str) else None  # a tree in its place is walked itself
        if found:
            return found[1]
    return None


def absent(error: object) -> bool:
    """Whether the server has no such module, endpoint or option at all."""
    return any(text in reason_of(error).lower() for text in ABSENT)


def kind_of(error: object) -> str:
    """The server's own name of the error, `"mapper_parsing_exception"`; empty where it gives none."""
    tree = _tree(error)
    if isinstance(tree, Mapping):
        inner = tree.get("error", tree)
        if isinstance(inner, Mapping):
            return str(inner.get("type", ""))
    return ""


def reason_of(error: object) -> str:
    """The reason in the server's words: the outermost one, and the innermost cause where that says more."""
    tree = _tree(error)
    if isinstance(tree, Mapping) and "error" in tree:
        tree = tree["error"]
    if not isinstance(tree, Mapping):
        return _shortened(str(tree))
    outer = str(tree.get("reason") or tree.get("error_message") or tree.get("type") or tree)
    inner = ""
    cause = tree.get("caused_by")
    while isinstance(cause, Mapping):
        inner = str(cause.get("reason") or inner)
        cause = cause.get("caused_by")
    unsuccessful = tree.get("additional_unsuccessful_credentials")
    parts = [WHERE.sub("", outer).rstrip(".")]
    parts += [WHERE.sub("", more) for more in (inner, str(unsuccessful or "")) if more and more not in outer]
    return _shortened(": ".join(parts))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "\u2026"


def field_of(error: object) -> str | None:
    """The field that a refused document was refused for, as far as the reason names one."""
    for node in _nodes(error):
        found = FIELD.search(str(node.get("reason", "")))
        if found:
            return next(name for name in found.groups() if name)
    return None


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turns the client's exceptions into ours: `with explained("read the mapping of 'shop'"): …`."""
    from elasticsearch import ApiError, TransportError

    try:
        yield
    except (ApiError, TransportError) as error:
        raise translate(error, doing) from error


def translate(error: ApiError | TransportError, doing: str) -> ElasticsearchError:
    """One sentence for an exception of the client; `doing` completes "could not …"."""
    from elasticsearch import ApiError

    if not isinstance(error, ApiError):
        return ConnectError(
            f"The connection to Elasticsearch failed, so it could not {doing}: {_cause(error)}.",
            hint="Check that the server is running, then run the cell again.",
        )
    reason = reason_of(error).rstrip(".")
    status = error.meta.status
    inference = meaning_of(error)
    if inference is not None:  # first, for it may come as a 401 that has nothing to do with this login
        meaning, step = inference
        return RequestError(f"Elasticsearch could not {doing}: {meaning} ({reason}).", hint=step)
    if status == 401:
        return ConnectError(
            f"Elasticsearch refused the login, so it could not {doing}: {reason}.",
            hint="Connect again with jn.connect(url, api_key=…) or basic_auth=(user, password).",
        )
    if status == 403 and not licence_refusal(error):
        return RequestError(
            f"This login may not {doing}: {reason}.", hint="Ask for that privilege, or connect with another key."
        )
    if status == 404 and kind_of(error) == "index_not_found_exception":
        return IndexFitError(f"Elasticsearch could not {doing}: {reason}.", hint="Check the name of the index.")
    return RequestError(f"Elasticsearch could not {doing}: {reason} (status {status}).")


def _cause(error: TransportError) -> str:
    """`str(error)` is only "TLS error" or "Connection error"; the cause sits in `message`."""
    return _shortened(str(error.message or error).rstrip("."))
