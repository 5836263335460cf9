"""Which model servers run in this process."""

from __future__ import annotations

import os

import pytest

from jina_notebook import endpoints
from jina_notebook.endpoints import Endpoint, announce, offering, running, withdraw


@pytest.fixture(autouse=True)
def _none_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "_running", [])


def test_the_server_started_last_is_the_one_that_offers_a_model() -> None:
    first, second = Endpoint("http://a:1", "t", ("m", "n")), Endpoint("http://a:2", "t", ("m",))
    announce(first)
    announce(second)
    assert running() == (first, second)
    assert (offering("m"), offering("n"), offering("other")) == (second, first, None)
    withdraw(second)
    withdraw(second)
    assert offering("m") == first


def test_a_forked_child_has_none_of_its_parents() -> None:
    announce(Endpoint("http://a:1", "t", ("m",), process=os.getpid() + 1))
    assert running() == ()
    assert offering("m") is None


def test_the_token_is_in_no_display() -> None:
    assert "secret" not in repr(Endpoint("http://a:1", "secret", ("m",)))
