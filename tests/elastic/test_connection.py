"""Connections: which server is meant, what is remembered, and that no secret shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from jina_notebook.elastic import connection as connection_module
from jina_notebook.elastic.connection import Connection, connect, connections, current
from jina_notebook.elastic.local import server as local_server
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.errors import ConnectError, IndexFitError
from tests.elastic.doubles import connected
from tests.elastic.proxy import CUT_BEFORE, Reply, Request, gate

SECRET = "c2VjcmV0LWtleQ"


@pytest.fixture(autouse=True)
def own_connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(connection_module, "_known", {})
    monkeypatch.delenv("ELASTICSEARCH_URL", raising=False)
    monkeypatch.delenv("ELASTICSEARCH_API_KEY", raising=False)
    yield
    for connection in connections():
        connection.close()


def healthy(request: Request) -> Reply:
    if request.target == "/_license":
        return 200, {"license": {"type": "basic"}}
    return 200, {"version": {"number": "9.4.3", "build_flavor": "default"}}


def test_a_connection_is_remembered_by_name_and_the_default_one_is_used_without_being_told() -> None:
    with gate(healthy) as server:
        first = connect(server.url)
        second = connect(server.url, name="other")
        assert current() is first
        assert current("other") is second
        assert current(second) is second
        assert connections() == (first, second)


def test_a_name_that_was_not_connected_suggests_a_near_one() -> None:
    with gate(healthy) as server:
        connect(server.url, name="production")
        with pytest.raises(ConnectError, match="no connection named 'produktion'") as refused:
            current("produktion")
    assert "did you mean production?" in str(refused.value.hint)


def test_a_closed_connection_is_forgotten() -> None:
    with gate(healthy) as server:
        connect(server.url, name="gone").close()
        with pytest.raises(ConnectError):
            current("gone")


def test_a_connection_that_replaced_another_stays_when_the_other_is_closed() -> None:
    with gate(healthy) as server:
        old = connect(server.url)
        new = connect(server.url)
        old.close()
        assert current() is new


def test_the_environment_names_the_server_and_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with gate(healthy) as server:
        monkeypatch.setenv("ELASTICSEARCH_URL", server.url)
        monkeypatch.setenv("ELASTICSEARCH_API_KEY", SECRET)
        assert connect().url == server.url
    assert server.requests[0].headers["authorization"] == f"ApiKey {SECRET}"


def test_the_key_of_the_environment_does_not_go_to_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELASTICSEARCH_API_KEY", SECRET)
    with gate(healthy) as server:
        connect(server.url)
    assert all("authorization" not in {name.lower() for name in r.headers} for r in server.requests)


@pytest.mark.parametrize("answers", [True, False])
def test_without_an_address_the_running_local_server_is_used_else_one_is_started(
    monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    with gate(healthy) as server:
        running = SimpleNamespace(url=server.url, answers=True)
        monkeypatch.setattr(local_server, "status", lambda: running if answers else None)
        started: list[str] = []

        def start() -> SimpleNamespace:
            started.append("yes")
            return running

        monkeypatch.setattr(local_server, "start", start)
        assert current().url == server.url
        assert started == ([] if answers else ["yes"])


def test_no_secret_shows_in_a_display_an_attribute_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with gate(healthy) as server:
        by_key = connect(server.url, api_key=SECRET)
        by_user = connect(server.url.replace("http://", f"http://elastic:{SECRET}@"), name="by-user")
        shown = [repr(es) + repr(es.client) + repr(es.capabilities) + es.url for es in (by_key, by_user)]
        attributes = [str(vars(es)) for es in (by_key, by_user)]
    for text in (*shown, *attributes, caplog.text):
        assert SECRET not in text


def test_no_secret_shows_in_the_error_of_a_server_that_is_gone() -> None:
    with gate(healthy) as server:
        es = connect(server.url.replace("http://", f"http://elastic:{SECRET}@"))
        server.rule = lambda request: CUT_BEFORE
        with pytest.raises(ConnectError) as refused:
            es.meta("any")
    assert SECRET not in f"{refused.value!r} {refused.value.__cause__!r} {refused.value.__cause__}"


def meta(**changes: object) -> IndexMeta:
    facts = {"model": "m", "revision": "r", "task": None, "query_task": None, "dimensions": 4}
    return IndexMeta(**{**facts, **changes})  # type: ignore[arg-type]


def make(es: Connection, index: str, remembered: IndexMeta | None, alias: str | None = None) -> None:
    mappings = {"_meta": remembered.to_mapping()} if remembered else {}
    es.client.indices.create(index=index, mappings=mappings, aliases={alias: {}} if alias else None)


def test_what_an_index_remembers_is_found_through_its_alias(elasticsearch_url: str, index_name: str) -> None:
    with connected(elasticsearch_url) as es:
        make(es, index_name, meta(), f"{index_name}-alias")
        assert es.meta(f"{index_name}-alias") == meta()


def test_an_index_of_another_tool_remembers_nothing(elasticsearch_url: str, index_name: str) -> None:
    with connected(elasticsearch_url) as es:
        make(es, index_name, None)
        assert es.meta(index_name) is None


def test_an_alias_over_indices_of_different_models_is_refused(elasticsearch_url: str, index_name: str) -> None:
    with connected(elasticsearch_url) as es:
        make(es, f"{index_name}-a", meta(), f"{index_name}-alias")
        make(es, f"{index_name}-b", meta(model="other"), f"{index_name}-alias")
        with pytest.raises(IndexFitError, match="different models"):
            es.meta(f"{index_name}-alias")


def test_a_missing_index_suggests_a_near_name(elasticsearch_url: str, index_name: str) -> None:
    with connected(elasticsearch_url) as es:
        make(es, index_name, None)
        with pytest.raises(IndexFitError, match=f"named '{index_name}x'") as refused:
            es.meta(f"{index_name}x")
    assert f"did you mean {index_name}?" in str(refused.value.hint)
