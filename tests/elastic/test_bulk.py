"""One bulk request: how documents are cut into requests, and what every kind of answer means for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from jina_notebook.elastic.bulk import Answer, bodies, send
from jina_notebook.elastic.records import Item
from jina_notebook.errors import CapabilityError, ConnectError, RequestError
from tests.elastic.proxy import CUT_BEFORE, Gate, Reply, Request, gate

REJECTED = {"type": "es_rejected_execution_exception", "reason": "rejected execution of coordinating operation"}
FULL = {
    "type": "cluster_block_exception",
    "reason": "index [k] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has "
    "read-only-allow-delete block];",
}


def item(key: str, size: int = 10) -> Item:
    action = json.dumps({"index": {"_id": key}}).encode()
    return Item(key, action + b"\n" + json.dumps({"text": "x" * size}).encode() + b"\n")


ITEMS = [item("a"), item("b"), item("c")]


@pytest.fixture
def server() -> Iterator[Gate]:
    with gate(lambda request: (200, {"errors": False, "items": []})) as standing:
        yield standing


def answer(server: Gate, reply: Reply | str) -> Answer:
    server.rule = lambda request: reply
    client = Elasticsearch(server.url)
    try:
        return send(client, "kb", ITEMS)
    finally:
        client.close()


def per_item(*outcomes: tuple[int, dict[str, Any] | None]) -> Reply:
    items = [{"index": {"status": status, **({"error": error} if error else {})}} for status, error in outcomes]
    return 200, {"errors": True, "items": items}


def test_requests_are_cut_by_bytes_and_by_number_and_keep_the_order() -> None:
    items = [item(str(i), 100) for i in range(10)]
    size = len(items[0].lines)
    assert [len(part) for part in bodies(items, most_bytes=3 * size, most_items=100)] == [3, 3, 3, 1]
    assert [len(part) for part in bodies(items, most_bytes=10**9, most_items=4)] == [4, 4, 2]
    assert [i for part in bodies(items, most_bytes=3 * size) for i in part] == items


def test_a_document_beyond_the_limit_goes_alone() -> None:
    items = [item("a"), item("large", 5000), item("b")]
    assert [[i.id for i in part] for part in bodies(items, most_bytes=200)] == [["a"], ["large"], ["b"]]
    assert list(bodies([])) == []


def test_a_confirmed_request_stores_all(server: Gate) -> None:
    assert answer(server, (200, {"errors": False, "items": []})) == Answer(stored=3)
    request: Request = server.bulks[0]
    assert request.body == b"".join(i.lines for i in ITEMS)
    assert "/kb/_bulk" in request.target
    assert "filter_path" in request.target


def test_a_refused_document_is_named_with_field_and_reason_and_the_others_are_stored(server: Gate) -> None:
    error = {"type": "document_parsing_exception", "reason": "[1:2] failed to parse field [price] of type [long]"}
    result = answer(server, per_item((201, None), (400, error), (200, None)))
    assert result.stored == 2
    assert [(f.id, f.field, f.reason) for f in result.failures] == [
        ("b", "price", "failed to parse field [price] of type [long]")
    ]
    assert result.refused == []


def test_only_documents_that_a_busy_server_refused_come_back(server: Gate) -> None:
    result = answer(server, per_item((201, None), (429, REJECTED), (503, {"type": "unavailable_shards_exception"})))
    assert result.stored == 1
    assert [i.id for i in result.refused] == ["b", "c"]
    assert result.smaller
    assert not result.failures


@pytest.mark.parametrize(
    ("status", "smaller", "oversize"), [(429, True, False), (503, False, False), (502, False, False), (413, True, True)]
)
def test_a_whole_request_that_is_refused_comes_back(server: Gate, status: int, smaller: bool, oversize: bool) -> None:
    result = answer(server, (status, {"error": REJECTED, "status": status}))
    assert (result.refused, result.smaller, result.oversize) == (ITEMS, smaller, oversize)
    assert result.fatal is None
    assert f"status {status}" in result.why


def test_a_413_without_any_text_is_understood(server: Gate) -> None:
    assert answer(server, (413, b"")).oversize


def test_no_answer_at_all_means_to_send_again(server: Gate) -> None:
    result = answer(server, CUT_BEFORE)
    assert result.lost
    assert result.refused == ITEMS


@pytest.mark.parametrize("whole", [True, False])
def test_a_full_disk_is_not_back_pressure(server: Gate, whole: bool) -> None:
    reply = (429, {"error": FULL, "status": 429}) if whole else per_item((429, FULL), (429, FULL), (429, FULL))
    result = answer(server, reply)
    assert isinstance(result.fatal, RequestError)
    assert "disk of the Elasticsearch server is full" in result.fatal.message
    assert "Free disk space" in str(result.fatal.hint)


def test_a_blocked_index_is_named_as_such(server: Gate) -> None:
    block = {"type": "cluster_block_exception", "reason": "index [k] blocked by: [FORBIDDEN/8/index write (api)];"}
    result = answer(server, per_item((201, None), (403, block), (403, block)))
    assert result.stored == 1
    assert result.fatal is not None
    assert "The index is blocked" in result.fatal.message


def test_a_licence_refusal_ends_the_writing(server: Gate) -> None:
    error = {"type": "security_exception", "reason": "non-compliant", "license.expired.feature": "bbq_disk"}
    result = answer(server, per_item((403, error), (403, error), (403, error)))
    assert isinstance(result.fatal, CapabilityError)
    assert "bbq_disk" in result.fatal.message


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (403, {"type": "security_exception", "reason": "action is unauthorized"}, RequestError),
        (401, {"type": "security_exception", "reason": "missing credentials"}, RequestError),
        (404, {"type": "index_not_found_exception", "reason": "no such index [kb]"}, RequestError),
    ],
)
def test_what_holds_for_every_further_document_is_an_error(
    server: Gate, status: int, error: dict[str, Any], kind: type[Exception]
) -> None:
    assert isinstance(answer(server, per_item((status, error), (status, error), (status, error))).fatal, kind)


def test_a_request_that_is_refused_for_good_is_an_error(server: Gate) -> None:
    result = answer(server, (400, {"error": {"type": "illegal_argument_exception", "reason": "nonsense"}}))
    assert isinstance(result.fatal, RequestError)
    assert "nonsense" in result.fatal.message


def test_a_refused_login_is_an_error(server: Gate) -> None:
    result = answer(server, (401, {"error": {"type": "security_exception", "reason": "expired"}}))
    assert isinstance(result.fatal, RequestError | ConnectError)
