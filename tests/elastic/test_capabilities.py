"""Features are found by trying: what each kind of answer means, for servers that are not here as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jina_notebook.elastic.capabilities import FEATURES, Capabilities, parse_version
from jina_notebook.errors import CapabilityError, ConnectError, OptionError
from tests.elastic.doubles import connected

LICENCE = {
    "type": "mapper_parsing_exception",
    "reason": "Failed to parse mapping",
    "caused_by": {"type": "security_exception", "reason": "no", "license.expired.feature": "Rank Vectors"},
}
UNKNOWN = {"error": {"type": "parsing_exception", "reason": "unknown retriever [rrf]"}, "status": 400}
FORBIDDEN = {"error": {"type": "security_exception", "reason": "action is unauthorized"}, "status": 403}


def server(status: int, body: Any, **options: Any) -> Capabilities:
    settings: dict[str, Any] = {"version": "9.4.3", "licence": "basic", **options}
    return Capabilities(lambda method, target, sent: (status, body), **settings)


def simulated(error: dict[str, Any] | None) -> dict[str, Any]:
    return {"docs": [{"doc": {"_id": "1", **({"error": error} if error else {})}}]}


def test_a_feature_that_answers_works() -> None:
    feature = server(200, {"hits": {}}).feature("rrf")
    assert (feature.allowed, feature.tried) == (True, True)


@pytest.mark.parametrize(
    ("name", "status", "body", "reason"),
    [
        ("rrf", 400, UNKNOWN, "no retriever of that name"),
        ("rank_eval", 400, {"error": "no handler found for uri [/x/_rank_eval] and method [POST]"}, "no such endpoint"),
        ("rank_vectors", 200, simulated(LICENCE), "licence does not cover Rank Vectors"),
        ("inference", 403, {"error": LICENCE}, "licence does not cover"),
        (
            "base64_vectors",
            200,
            simulated({"type": "document_parsing_exception", "reason": "expecting array"}),
            "expecting",
        ),
    ],
)
def test_a_feature_that_is_refused_says_why(name: str, status: int, body: Any, reason: str) -> None:
    feature = server(status, body).feature(name)
    assert not feature.allowed
    assert reason in feature.reason
    assert feature.tried


def test_an_unknown_service_shows_that_inference_endpoints_may_be_made() -> None:
    body = {"error": {"type": "status_exception", "reason": "Unknown service [jina-notebook-trial]"}}
    assert server(400, body, licence="trial").allows("inference")
    assert not server(400, body, licence="basic", version="8.16.6").allows("inference")


@pytest.mark.parametrize(
    ("version", "licence", "serverless", "rrf", "base64"),
    [
        ("8.18.2", "basic", False, False, False),
        ("8.18.2", "enterprise", False, True, False),
        ("9.2.0", "trial", False, True, False),
        ("9.3.0", "basic", False, False, True),
        ("9.5.0-SNAPSHOT", "enterprise", False, True, True),
        ("8.11.0", None, True, True, True),
        (None, None, False, True, True),
    ],
)
def test_where_a_login_may_not_try_version_and_licence_decide_and_it_is_said(
    version: str | None, licence: str | None, serverless: bool, rrf: bool, base64: bool
) -> None:
    capabilities = server(403, FORBIDDEN, version=version, licence=licence, serverless=serverless)
    assert capabilities.allows("rrf") is rrf
    assert capabilities.allows("base64_vectors") is base64
    assert not capabilities.feature("rrf").tried
    assert "could not be tried" in capabilities.feature("rrf").reason


def test_a_server_without_the_simulation_is_judged_by_its_version() -> None:
    gone = {"error": "no handler found for uri [/_ingest/_simulate] and method [POST]"}
    assert not server(400, gone, version="8.14.0").allows("base64_vectors")
    assert server(400, gone, version="8.19.0").allows("bbq_hnsw")


def test_a_feature_is_tried_once() -> None:
    sent: list[str] = []

    def ask(method: str, target: str, body: Any) -> tuple[int, Any]:
        sent.append(target)
        return 200, {}

    capabilities = Capabilities(ask, version="9.4.3", licence="basic")
    assert [capabilities.allows("rrf") for _ in range(3)] == [True] * 3
    assert len(sent) == 1


def test_a_later_refusal_turns_a_feature_off() -> None:
    capabilities = server(200, simulated(None))
    assert capabilities.allows("rank_vectors")
    assert capabilities.learn("rank_vectors", {"error": LICENCE})
    assert not capabilities.allows("rank_vectors")
    assert "Rank Vectors" in capabilities.feature("rank_vectors").reason


def test_an_error_that_is_not_about_the_feature_changes_nothing() -> None:
    capabilities = server(200, {})
    assert not capabilities.learn("rrf", {"error": {"type": "search_phase_execution_exception", "reason": "boom"}})
    assert capabilities.allows("rrf")


def test_requiring_a_missing_feature_names_the_other_way() -> None:
    with pytest.raises(CapabilityError, match=r"reranking on the server: .*no retriever of that name") as refused:
        server(400, UNKNOWN).require("text_similarity_reranker", hint="Pass rerank=.")
    assert refused.value.hint == "Pass rerank=."


def test_an_unknown_feature_suggests_a_near_one() -> None:
    with pytest.raises(OptionError, match="no feature named 'rfr'") as refused:
        server(200, {}).feature("rfr")
    assert "rrf" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("number", "release"), [("9.4.3", (9, 4)), ("9.5.0-SNAPSHOT", (9, 5)), ("10.0.0", (10, 0)), ("odd", (0, 0))]
)
def test_versions_are_compared_by_their_first_two_numbers(number: str, release: tuple[int, int]) -> None:
    assert parse_version(number) == release


def test_the_display_lists_every_feature_with_its_reason() -> None:
    text = repr(server(400, UNKNOWN))
    assert all(name in text for name in FEATURES)
    assert "Elasticsearch 9.4.3, basic licence" in text
    assert "no retriever of that" in text


def test_the_display_of_a_server_that_went_away_keeps_what_was_known() -> None:
    answers: list[Callable[[], tuple[int, Any]]] = [lambda: (200, {})]

    def ask(method: str, target: str, body: Any) -> tuple[int, Any]:
        if answers:
            return answers.pop()()
        raise ConnectError("The connection is gone.")

    capabilities = Capabilities(ask, version="9.4.3", licence="basic")
    assert capabilities.allows("linear")
    text = repr(capabilities)
    assert "linear" in text
    assert "The connection is gone." in text


def test_the_basic_server_is_seen_as_it_is(elasticsearch_url: str) -> None:
    with connected(elasticsearch_url) as es:
        allowed = {feature.name for feature in es.capabilities if feature.allowed}
        assert all(feature.tried for feature in es.capabilities)
    assert {"base64_vectors", "bbq_hnsw", "bfloat16", "rescorer"} <= allowed
    assert not {"rank_vectors", "inference", "text_similarity_reranker"} & allowed


def test_the_trial_server_is_seen_as_it_is_and_nothing_is_made(elasticsearch_trial_url: str) -> None:
    with connected(elasticsearch_trial_url) as es:
        allowed = {feature.name for feature in es.capabilities if feature.allowed}
        assert not es.client.indices.get(index="jina-notebook-trial*").body
        assert not any(e["inference_id"] == "jina-notebook-trial" for e in es.client.inference.get()["endpoints"])
    assert {"rank_vectors", "inference", "text_similarity_reranker"} <= allowed
