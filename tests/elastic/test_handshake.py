"""The first requests: every kind of server that may stand at an address, and what is said about it."""

from __future__ import annotations

import elasticsearch
import pytest

from jina_notebook.elastic.access import Login, place_of
from jina_notebook.elastic.capabilities import Capabilities
from jina_notebook.elastic.handshake import greet
from jina_notebook.errors import ConnectError
from tests.elastic.proxy import CERTIFICATES, Reply, Request, gate

INSTALLED = ".".join(map(str, elasticsearch.__version__))


def root(number: str, **version: str) -> dict[str, object]:
    return {"name": "n", "version": {"number": number, "build_flavor": "default", **version}, "tagline": "You Know"}


def greet_at(url: str, **login: object) -> Capabilities:
    place = place_of(url)
    client, capabilities = greet(place, Login.of(place, **{"api_key": None, "basic_auth": None, **login}))  # type: ignore[arg-type]
    client.close()
    return capabilities


def rule(status: int, body: object, licence: str | None = "basic") -> object:
    def answer(request: Request) -> Reply:
        if request.target == "/_license":
            return (200, {"license": {"type": licence}}) if licence else (404, {"error": "no handler"})
        return status, body

    return answer


def connected(status: int, body: object, *, licence: str | None = "basic", **gate_options: object) -> Capabilities:
    with gate(rule(status, body, licence), **gate_options) as server:  # type: ignore[arg-type]
        return greet_at(server.url)


def refusal(status: int, body: object, **options: object) -> ConnectError:
    with pytest.raises(ConnectError) as refused:
        connected(status, body, **options)  # type: ignore[arg-type]
    return refused.value


def test_version_and_licence_are_read() -> None:
    capabilities = connected(200, root("9.5.1"), licence="enterprise")
    assert (capabilities.version, capabilities.license) == ("9.5.1", "enterprise")
    assert capabilities.title == "Elasticsearch 9.5.1, enterprise licence"


def test_a_server_one_major_version_behind_the_client_is_named_with_the_remedy() -> None:
    error = refusal(200, root("8.17.3"))
    assert "Elasticsearch 8.17.3" in error.message
    assert INSTALLED in error.message
    assert 'pip install "elasticsearch>=8,<9"' in str(error.hint)


def test_the_version_is_asked_for_without_the_headers_that_such_a_server_refuses() -> None:
    with gate(rule(200, root("8.17.3"))) as server, pytest.raises(ConnectError):
        greet_at(server.url)
    assert server.requests[0].headers["accept"] == "application/json"


@pytest.mark.parametrize("number", ["7.17.0", "8.13.4", "6.8.23"])
def test_a_server_too_old_for_us_is_named_with_the_oldest_that_works(number: str) -> None:
    error = refusal(200, root(number))
    assert number in error.message
    assert "8.14 or newer" in error.message


def test_another_product_with_the_same_interface_is_named() -> None:
    error = refusal(200, root("2.11.0", distribution="opensearch"), headers={})
    assert "not an Elasticsearch" in error.message
    assert "opensearch" in error.message


def test_a_reply_without_the_product_header_is_no_elasticsearch() -> None:
    assert "no product name" in refusal(200, root("9.4.3"), headers={}).message


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>hello</html>"), (200, {"hello": "world"}), (404, {"a": 1})])
def test_a_web_server_is_no_elasticsearch(status: int, body: object) -> None:
    assert "is not an Elasticsearch" in refusal(status, body).message


def test_a_server_that_is_not_up_yet_says_to_wait() -> None:
    error = refusal(503, {"error": {"type": "x", "reason": "not started"}})
    assert "status 503" in error.message
    assert "Wait" in str(error.hint)


def test_a_key_that_may_not_read_the_version_still_connects() -> None:
    reason = "action [cluster:monitor/main] is unauthorized for API key id [x]"
    capabilities = connected(403, {"error": {"type": "security_exception", "reason": reason}}, licence=None)
    assert capabilities.version is None
    assert capabilities.license is None
    assert capabilities.since(9, 3)
    assert "not readable" in capabilities.title


def test_serverless_counts_as_the_newest_version() -> None:
    capabilities = connected(200, root("8.11.0", build_flavor="serverless"))
    assert capabilities.serverless
    assert capabilities.license is None
    assert capabilities.since(9, 4)
    assert capabilities.title == "Elasticsearch Serverless"


@pytest.mark.parametrize(
    ("login", "hint"),
    [
        ({}, "Give jn.connect"),
        ({"api_key": "c2VjcmV0"}, "API key"),
        ({"basic_auth": ("elastic", "c2VjcmV0")}, "password"),
    ],
)
def test_a_refused_login_says_what_to_check_and_no_secret(login: dict[str, object], hint: str) -> None:
    body = {"error": {"type": "security_exception", "reason": "unable to authenticate user [elastic]"}}
    with gate(rule(401, body)) as server, pytest.raises(ConnectError) as refused:
        greet_at(server.url, **login)
    assert "refused the login: unable to authenticate user" in refused.value.message
    assert hint in str(refused.value.hint)
    assert "c2VjcmV0" not in f"{refused.value!r} {refused.value.__cause__!r}"


def test_the_login_is_sent_with_the_first_request() -> None:
    with gate(rule(200, root("9.4.3"))) as server:
        greet_at(server.url, api_key="abc")
    assert {r.headers["authorization"] for r in server.requests} == {"ApiKey abc"}


@pytest.mark.parametrize(
    ("url", "text", "hint"),
    [
        ("http://127.0.0.1:9", "connection refused", "jina-notebook elasticsearch start"),
        ("http://no-such-host.invalid:9200", "name of the host", "Check the address"),
    ],
)
def test_nothing_there_is_said_in_words(url: str, text: str, hint: str) -> None:
    with pytest.raises(ConnectError, match=text) as refused:
        greet_at(url)
    assert hint in str(refused.value.hint)


def test_https_to_a_plain_port_says_to_use_http() -> None:
    with gate(rule(200, root("9.4.3"))) as server, pytest.raises(ConnectError, match="No secure connection") as refused:
        greet_at(server.url.replace("http://", "https://"))
    assert "http://" in str(refused.value.hint)


def test_a_certificate_that_nobody_vouches_for_says_what_to_give() -> None:
    with (
        gate(rule(200, root("9.4.3")), tls=True) as server,
        pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED") as refused,
    ):
        greet_at(server.url)
    assert "ca_certs" in str(refused.value.hint)


@pytest.mark.parametrize(("authority", "trusted"), [("ca.crt", True), ("node.crt", False)])
def test_the_right_authority_is_needed(authority: str, trusted: bool) -> None:
    with gate(rule(200, root("9.4.3")), tls=True) as server:
        place = place_of(server.url, ca_certs=CERTIFICATES / authority)
        login = Login.of(place, api_key=None, basic_auth=None)
        if trusted:
            client, capabilities = greet(place, login)
            client.close()
            assert capabilities.version == "9.4.3"
        else:
            with pytest.raises(ConnectError, match="No secure connection"):
                greet(place, login)


def test_a_broken_cloud_id_is_refused() -> None:
    place = place_of(None, cloud_id="nonsense")
    with pytest.raises(ConnectError, match="cloud id"):
        greet(place, Login.of(place, api_key="abc", basic_auth=None))
