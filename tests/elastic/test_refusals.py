from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.elastic.refusals import missing_index, refusal, refusals_named, shard_reason
from jina_notebook.errors import CapabilityError, ConnectError, ElasticsearchError, IndexFitError, RequestError
from tests.elastic.stub import StubServer, refused


def all_failed(reason: dict[str, Any], kind: str = "search_phase_execution_exception") -> dict[str, Any]:
    return {
        "type": kind,
        "reason": "all shards failed",
        "root_cause": [{"type": "x", "reason": "the root"}],
        "failed_shards": [{"shard": 0, "index": "shop", "reason": reason}],
    }


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (all_failed({"reason": "failed to create query", "caused_by": {"reason": "4 dims, not 8."}}), "4 dims, not 8"),
        ({"reason": "all shards failed", "root_cause": [{"reason": "the root"}], "failed_shards": []}, "the root"),
        ({"reason": "[knn] unknown field [z]", "root_cause": []}, "[knn] unknown field [z]"),
        ("no handler found for uri [/x]", "no handler found for uri [/x]"),
    ],
)
def test_the_reason_is_dug_out_of_the_failing_shard(error: Any, reason: str) -> None:
    assert shard_reason(error).endswith(reason)


def test_a_reason_of_any_length_stays_one_sentence() -> None:
    assert len(shard_reason(all_failed({"reason": "x" * 10_000}))) <= 600


def test_a_missing_index_is_named_with_the_nearest_that_exists() -> None:
    error = {"type": "index_not_found_exception", "reason": "no such index [shpo]", "index": "shpo"}
    found = refusal(404, error, indices=["shpo", "docs"], known=["shop", "docs", ".hidden"])
    assert isinstance(found, IndexFitError)
    assert found.message == "There is no index, alias or data stream named 'shpo'."
    assert found.hint == "did you mean shop?"


def test_a_missing_index_far_from_all_lists_what_there_is() -> None:
    assert missing_index("zzz", ["b", "a", ".secret"]).hint == "There are: a, b."
    assert missing_index("zzz", [f"index-{i:02}" for i in range(12)]).hint == (
        "There are: " + ", ".join(f"index-{i:02}" for i in range(10)) + ", …."
    )
    assert "holds no index yet" in str(missing_index("zzz", []))


def test_a_closed_index_says_how_to_open_it() -> None:
    found = refusal(400, {"type": "index_closed_exception", "reason": "closed", "index": "shop"}, indices=["sh*"])
    assert isinstance(found, IndexFitError)
    assert str(found) == "The index 'shop' is closed. Open it: es.client.indices.open(index='shop')."


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_by_licence_is_recognised_at_any_status_and_depth(status: int) -> None:
    error = all_failed({"type": "script_exception", "caused_by": refused("Rank Vectors")["error"]})
    found = refusal(status, error, indices=["shop"])
    assert isinstance(found, CapabilityError)
    assert "does not include Rank Vectors" in found.message


@pytest.mark.parametrize(("status", "hint"), [(429, True), (503, True), (400, False), (500, False)])
def test_a_busy_server_is_worth_another_try(status: int, hint: bool) -> None:
    found = refusal(status, {"type": "x", "reason": "rejected execution"}, indices=["shop"])
    assert isinstance(found, RequestError)
    assert found.message == f"Elasticsearch could not search shop: rejected execution (status {status})."
    assert ("run the cell again" in (found.hint or "")) is hint


def answering(status: int, error: Any) -> StubServer:
    return StubServer(search=lambda _: {"error": error, "status": status})


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RequestError), (401, ConnectError), (403, RequestError), (404, IndexFitError), (500, RequestError)],
)
def test_what_the_client_raises_becomes_an_error_of_ours(status: int, kind: type[ElasticsearchError]) -> None:
    name = "index_not_found_exception" if status == 404 else "some_exception"
    server = answering(status, {"type": name, "reason": "because", "index": "shop"})
    client = server.connection().client
    with pytest.raises(kind) as caught, refusals_named(client, ["shop"]):
        client.search(index="shop", body={"size": 1})
    assert "shop" in caught.value.message


def test_a_server_that_is_gone_is_a_connection_error_without_secrets() -> None:
    from elasticsearch import Elasticsearch

    client = Elasticsearch("http://127.0.0.1:9", basic_auth=("elastic", "hunter2"), max_retries=0)
    with pytest.raises(ConnectError) as caught, refusals_named(client, ["shop"]):
        client.search(index="shop")
    assert "hunter2" not in str(caught.value)
    assert "search shop" in caught.value.message
