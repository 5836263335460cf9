"""One bulk request and what its answer means for every document in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.failures import field_of, kind_of, licence_refusal, reason_of, translate
from jina_notebook.elastic.records import Item
from jina_notebook.errors import CapabilityError, ElasticsearchError, RequestError
from jina_notebook.results import Failure

if TYPE_CHECKING:
    from elasticsearch import ApiError, Elasticsearch

__all__ = ["MOST_BYTES", "MOST_ITEMS", "Answer", "bodies", "send"]

MOST_BYTES = 8 * 2**20  # the server's indexing pressure allows 10 % of its heap, of which the smallest is 256 MB
MOST_ITEMS = 2_000
TIMEOUT_S = 120.0
BUSY = frozenset({429, 502, 503, 504})
TOO_LARGE = 413
FIELDS_OF_THE_ANSWER = "errors,items.*.status,items.*.error"


@dataclass(slots=True)
class Answer:
    """What became of one request.

    `stored`: documents confirmed. `refused`: documents to send again, `why` the reason. `failures`: documents that the
    server will not take. `smaller`: the body was too much at once; `oversize`: for this server ever. `lost`: no answer
    came, the documents may or may not be stored (sending them again is safe). `fatal`: nothing more can be stored.
    """

    stored: int = 0
    refused: list[Item] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    smaller: bool = False
    oversize: bool = False
    lost: bool = False
    why: str = ""
    fatal: ElasticsearchError | None = None


def bodies(
    items: Sequence[Item], *, most_bytes: int = MOST_BYTES, most_items: int = MOST_ITEMS
) -> Iterator[list[Item]]:
    """Cuts documents into requests by bytes and by number; a larger document goes alone."""
    part: list[Item] = []
    size = 0
    for item in items:
        if part and (size + len(item.lines) > most_bytes or len(part) >= most_items):
            yield part
            part, size = [], 0
        part.append(item)
        size += len(item.lines)
    if part:
        yield part


def send(client: Elasticsearch, index: str, items: Sequence[Item]) -> Answer:
    """Sends one request and sorts its documents by what the server says of each."""
    from elastic_transport import TransportError
    from elasticsearch import ApiError

    body: Any = b"".join([item.lines for item in items])
    once = client.options(max_retries=0, request_timeout=TIMEOUT_S)
    try:
        answer = once.bulk(index=index, operations=[body], filter_path=FIELDS_OF_THE_ANSWER)
    except ApiError as error:
        return _whole(error, items)
    except TransportError as error:
        return Answer(refused=list(items), lost=True, why=str(translate(error, "store documents").message))
    if not answer.get("errors", False):
        return Answer(stored=len(items))
    return _sorted(items, answer["items"])


def _whole(error: ApiError, items: Sequence[Item]) -> Answer:
    """An answer that holds for every document of the request."""
    status, why = error.meta.status, reason_of(error)
    if status == TOO_LARGE or (status in BUSY and not _blocked(error.body)):
        # what is over the limit now may always be: the next bodies are smaller
        oversize = status == TOO_LARGE
        why = f"{why} (status {status})"
        return Answer(refused=list(items), smaller=oversize or status == 429, oversize=oversize, why=why)
    return Answer(refused=list(items), why=why, fatal=_fatal(error.body, status) or translate(error, "store documents"))


def _sorted(items: Sequence[Item], outcomes: Sequence[Mapping[str, Any]]) -> Answer:
    answer = Answer()
    for item, outcome in zip(items, outcomes, strict=True):
        result = next(iter(outcome.values()))
        error, status = result.get("error"), int(result.get("status", 0))
        if error is None:
            answer.stored += 1
            continue
        fatal = _fatal(error, status)
        if fatal is not None:
            answer.fatal = answer.fatal or fatal
            answer.refused.append(item)
        elif status in BUSY:
            answer.refused.append(item)
            answer.smaller = answer.smaller or status == 429
            answer.why = f"{reason_of(error)} (status {status})"
        else:
            answer.failures.append(Failure(item.id, reason_of(error), field_of(error)))
    return answer


def _blocked(error: Any) -> bool:
    return kind_of(error) == "cluster_block_exception"


def _fatal(error: Any, status: int) -> ElasticsearchError | None:
    """An error after which no further document can be stored, None where it concerns one document or one moment."""
    reason = reason_of(error).rstrip(".")
    licence = licence_refusal(error)
    if licence:
        return CapabilityError(
            f"The licence of this server does not cover {licence}, so nothing more could be stored.",
            hint='Choose other index_options, such as "bbq_hnsw", or fill the index anew with recreate=True.',
        )
    if _blocked(error):
        full = "disk" in reason or "read-only-allow-delete" in reason
        what = "The disk of the Elasticsearch server is full" if full else "The index is blocked"
        hint = "Free disk space on the server, then run the cell again: what is stored is skipped."
        return RequestError(f"{what}: {reason}.", hint=hint if full else "Remove the block, then run the cell again.")
    if status in {401, 403}:
        return RequestError(f"This login may not store documents: {reason}.", hint="Connect with a key that may write.")
    if status == 404 and kind_of(error) == "index_not_found_exception":
        return RequestError(f"The index is gone: {reason}.", hint="Run the cell again to build it anew.")
    return None
