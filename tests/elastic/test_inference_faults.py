"""What Elasticsearch's answers mean when the model server behind an endpoint fails."""

from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.elastic.inference_faults import meaning_of
from jina_notebook.elastic.refusals import refusal


def tree(reason: str, **inner: Any) -> dict[str, Any]:
    cause = {"type": "inference_exception", "reason": "Exception when running inference id [x] on field [t]"}
    return {"error": {**cause, "caused_by": {"reason": reason, **inner}}, "status": 400}


@pytest.mark.parametrize(
    ("reason", "means"),
    [
        ("Failed to send OpenAI embeddings request. Cause: Connection refused", "does not answer"),
        ("Received an authentication error status code for request from inference entity id [x]", "not the login"),
        ("Received a rate limit status code. Token limit [unknown]", "is full"),
        ("Request timed out after [10s] for inference id [x]", "slower than Elasticsearch waits"),
        ("Received a server error status code for request from inference entity id [x] status [500]", "itself failed"),
        ("The vector has a different number of dimensions [32] than defined in the mapping [64]", "another size"),
        ("Inference id [x] not found for field [t]", "not registered"),
        ("Error message: [There is no model 'x' on this server]", "does not serve that model"),
    ],
)
def test_the_meaning_is_found_below_the_outer_reason(reason: str, means: str) -> None:
    found = meaning_of(tree(reason))
    assert found is not None
    assert means in found[0]


def test_a_rerankers_failure_is_found_where_it_is_suppressed() -> None:
    inner = {"caused_by": {"reason": "inference: Connection refused"}}
    assert meaning_of({"error": {"reason": "reranking failed", "suppressed": [inner]}}) is not None


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"type": "connect_transport_exception", "reason": "remote cluster: Connection refused"}},
        {"error": {"type": "security_exception", "reason": "unable to authenticate user"}},
        "no tree at all",
        None,
    ],
)
def test_other_failures_are_left_to_their_own_explanations(error: object) -> None:
    assert meaning_of(error) is None


def test_a_refused_search_says_the_meaning_and_the_next_step() -> None:
    error = refusal(500, tree("Connection refused")["error"], indices=["shop"])
    assert "shop" in error.message
    assert "does not answer" in error.message
    assert "register_inference" in (error.hint or "")
