"""A connection in another process: the same server and login, and no secret in a display."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.passing import Passage, _login
from tests.elastic.doubles import connected


def passage(**login: Any) -> Passage:
    client = Elasticsearch("http://127.0.0.1:1", **login)
    return Passage.of(Connection(client, None, name="n", url="http://127.0.0.1:1"))  # type: ignore[arg-type]


def test_the_other_process_reaches_the_same_server(elasticsearch_url: str) -> None:
    with connected(elasticsearch_url) as here:
        there = pickle.loads(pickle.dumps(Passage.of(here))).connect()  # noqa: S301 - our own
        try:
            ids = [connection.client.info()["cluster_uuid"] for connection in (here, there)]
            assert ids[0] == ids[1]
            assert (there.url, there.capabilities.version) == (here.url, here.capabilities.version)
        finally:
            there.close()


@pytest.mark.parametrize(
    ("login", "kind"),
    [
        ({"api_key": "c2VjcmV0OmtleQ=="}, "api_key"),
        ({"basic_auth": ("elastic", "pass:word")}, "basic_auth"),
        ({}, "none"),
    ],
)
def test_the_login_comes_along(login: dict[str, Any], kind: str) -> None:
    passed = pickle.loads(pickle.dumps(passage(**login)))  # noqa: S301 - our own
    found = _login(passed.authorization)
    assert (found.kind, found.client_options) == (kind, login)


def test_no_display_shows_the_secret() -> None:
    for passed in (passage(api_key="c2VjcmV0OmtleQ=="), passage(basic_auth=("elastic", "pass:word"))):
        assert passed.authorization is not None
        assert passed.authorization.split()[1] not in repr(passed)
        assert "pass:word" not in repr(passed)
