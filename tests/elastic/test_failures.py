"""What a server's refusal says, read from the trees that real servers send."""

from __future__ import annotations

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, AuthenticationException, AuthorizationException, NotFoundError
from elasticsearch import ConnectionError as NoConnection

from jina_notebook.elastic.failures import (
    absent,
    explained,
    field_of,
    kind_of,
    licence_refusal,
    reason_of,
    translate,
)
from jina_notebook.errors import ConnectError, ElasticsearchError, IndexFitError, RequestError

PRICE = {
    "type": "document_parsing_exception",
    "reason": "[1:40] failed to parse field [price] of type [long] in document with id '41'.",
    "caused_by": {"type": "illegal_argument_exception", "reason": 'For input string: "ask us"'},
}


def api_error(status: int, body: object, kind: type[ApiError] = ApiError) -> ApiError:
    node = NodeConfig("http", "127.0.0.1", 9200)
    meta = ApiResponseMeta(status=status, http_version="1.1", headers=HttpHeaders(), duration=0.0, node=node)
    return kind(message="m", meta=meta, body=body)


def test_the_reason_joins_the_outermost_and_the_innermost_cause_without_the_place_in_the_json() -> None:
    reason = reason_of({"error": PRICE, "status": 400})
    assert (
        reason == "failed to parse field [price] of type [long] in document with id '41': For input string: \"ask us\""
    )


def test_a_cause_that_says_the_same_is_not_said_twice() -> None:
    tree = {"reason": "[1:2] failed to parse: no vector", "caused_by": {"reason": "no vector"}}
    assert reason_of(tree) == "failed to parse: no vector"


def test_an_error_that_is_a_plain_text_is_its_own_reason() -> None:
    assert reason_of({"error": "no handler found for uri [/x]"}) == "no handler found for uri [/x]"
    assert kind_of({"error": "no handler found for uri [/x]"}) == ""


def test_a_long_reason_is_cut() -> None:
    assert len(reason_of({"error": {"type": "x", "reason": "y" * 5000}})) == 600


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        ("failed to parse field [price] of type [long]", "price"),
        ("The [dense_vector] field [v] in doc [document with id 'x'] has", "v"),
        ("object mapping for [meta] tried to parse field [null] as object", "meta"),
        ('Document contains at least one immense term in field="note" (whose UTF8', "note"),
        ("something else", None),
    ],
)
def test_the_field_is_found_in_the_reason(reason: str, field: str | None) -> None:
    assert field_of({"type": "x", "reason": reason}) == field


def test_a_licence_refusal_is_found_however_deep_it_sits() -> None:
    tree = {"error": {"root_cause": [{"a": 1}], "caused_by": {"caused_by": {"license.expired.feature": "inference"}}}}
    assert licence_refusal(tree) == "inference"
    assert licence_refusal({"error": PRICE}) is None
    item = {"type": "security_exception", "reason": "current license is non-compliant for [bbq_disk]"}
    assert licence_refusal(item) == "bbq_disk"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("unknown retriever [rrf]", True),
        ("no handler found for uri [/a/_rank_eval] and method [POST]", True),
        ("Invalid index name [_query], must not start with '_'", True),
        ("failed to parse field [price]", False),
    ],
)
def test_a_missing_module_is_told_from_a_bad_request(text: str, gone: bool) -> None:
    assert absent({"error": text}) is gone


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (
            api_error(401, {"error": {"reason": "unable to authenticate"}}, AuthenticationException),
            ConnectError,
            "login",
        ),
        (api_error(403, {"error": {"reason": "is unauthorized"}}, AuthorizationException), RequestError, "may not"),
        (
            api_error(
                404, {"error": {"type": "index_not_found_exception", "reason": "no such index [x]"}}, NotFoundError
            ),
            IndexFitError,
            "no such index",
        ),
        (api_error(400, {"error": PRICE}), RequestError, "status 400"),
        (NoConnection("Connection refused by peer"), ConnectError, "Connection refused by peer"),
    ],
)
def test_an_exception_of_the_client_becomes_one_of_ours(
    error: ApiError, kind: type[ElasticsearchError], text: str
) -> None:
    translated = translate(error, "read 'x'")
    assert type(translated) is kind
    assert text in translated.message
    assert "read 'x'" in translated.message


def test_within_explained_the_original_stays_the_cause() -> None:
    original = api_error(400, {"error": PRICE})
    with pytest.raises(RequestError, match="could not count") as refused, explained("count"):
        raise original
    assert refused.value.__cause__ is original
