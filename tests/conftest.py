"""Servers that the suite starts on first use and stops at its end, and names for throw-away indices."""

from __future__ import annotations

import os
import re
import signal
import uuid
from collections.abc import Iterator

import psutil
import pytest

from jina_notebook.elastic.local import probe, server

HEAP = "320m"
QUICK_START = "-XX:TieredStopAtLevel=1"


def pytest_configure() -> None:
    """A suite started in the background ignores Ctrl+C, and so would every process that a test interrupts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """A real Elasticsearch on the basic licence, empty at first use.

    `JINA_NOTEBOOK_TEST_ELASTICSEARCH_URL` names one that runs already: it is used as it is and left alone.
    """
    yield from _server("basic", os.environ.get("JINA_NOTEBOOK_TEST_ELASTICSEARCH_URL"))


@pytest.fixture(scope="session")
def elasticsearch_trial_url() -> Iterator[str]:
    """The same on a trial licence; `JINA_NOTEBOOK_TEST_ELASTICSEARCH_TRIAL_URL` names one that runs already."""
    yield from _server("trial", os.environ.get("JINA_NOTEBOOK_TEST_ELASTICSEARCH_TRIAL_URL"))


@pytest.fixture
def index_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """A name no other test uses. Indices that begin with it are deleted from the servers the test used."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    yield name
    for fixture in {"elasticsearch_url", "elasticsearch_trial_url"} & set(request.fixturenames):
        delete_indices(request.getfixturevalue(fixture), name)


def delete_indices(url: str, prefix: str) -> None:
    _, found = probe.request(url, f"/{prefix}*?expand_wildcards=all&features=aliases")
    for index in found:
        probe.request(url, f"/{index}", method="DELETE", timeout_s=30.0)


def _server(licence: str, given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    _stop_left_overs()
    name = f"tests-{licence}-{os.getpid()}"
    try:
        yield server.start(name=name, license=licence, heap=HEAP, java_options=QUICK_START, fresh=True).url
    finally:
        server.stop(name, delete_data=True)


def _stop_left_overs() -> None:
    """Servers of test runs that were killed before they could stop them."""
    for name in server.names():
        found = re.fullmatch(r"tests-\w+-(\d+)", name)
        if found and not psutil.pid_exists(int(found[1])):
            server.stop(name, delete_data=True)
