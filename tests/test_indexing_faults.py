"""`jn.index` while things go wrong: every document ends up stored exactly once, or named with its reason."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.elastic import writer
from jina_notebook.elastic.connection import Connection
from jina_notebook.errors import CapabilityError, ConnectError, ElasticsearchError, RequestError
from tests.elastic.doubles import WordModel, connected
from tests.elastic.proxy import CUT_AFTER, CUT_BEFORE, Gate, Reply, Request, Rule, gate, refused_items

ROOT = Path(__file__).parent.parent
BUSY = {"type": "es_rejected_execution_exception", "reason": "rejected execution of primary operation"}
COUNT = 500


@pytest.fixture
def es(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


def texts(count: int = COUNT) -> list[dict[str, Any]]:
    return [{"id": str(i), "text": f"text number {i}"} for i in range(count)]


def count(es: Connection, index: str) -> int:
    es.client.indices.refresh(index=index)
    return int(es.client.count(index=index)["count"])


def refresh_interval(es: Connection, index: str) -> object:
    settings = es.client.indices.get_settings(index=index)[index]["settings"]["index"]
    return settings.get("refresh_interval"), settings["auto_expand_replicas"]


def wait_for_documents(es: Connection, index: str, still: Callable[[], bool] = lambda: True) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and still():
        if es.client.indices.exists(index=index) and count(es, index):
            return
        time.sleep(0.05)
    raise AssertionError("nothing was stored")


def through(es: Connection, index: str, rule: Rule, documents: Any = None, **options: Any) -> tuple[Any, Gate]:
    """Indexes through a server in front of the real one, and gives the report and what went through."""
    with gate(rule, target=es.url) as between, connected(between.url) as connection:
        documents = texts() if documents is None else documents
        report = jn.index(documents, index, model=WordModel(), id="id", connection=connection, **options)
    return report, between


def first_bulks(number: int, reply: Callable[[Request], Reply | str]) -> Rule:
    """This reply to the first requests of `_bulk`, then none."""
    lock, left = threading.Lock(), [number]

    def rule(request: Request) -> Reply | str | None:
        if not request.is_bulk:
            return None
        with lock:
            left[0] -= 1
            return reply(request) if left[0] >= 0 else None

    return rule


def sent(between: Gate) -> Counter[str]:
    return Counter(key for request in between.bulks for key in request.ids)


def test_a_busy_server_gets_only_the_refused_documents_again(es: Connection, index_name: str) -> None:
    def some(request: Request) -> Reply | str:
        return refused_items(request, status=429, error=BUSY)

    report, between = through(es, index_name, first_bulks(2, some))
    assert (report.indexed, report.failed) == (COUNT, ())
    assert count(es, index_name) == COUNT
    refused = {key for request in between.bulks[:2] for key in request.ids}
    assert all(times == (2 if key in refused else 1) for key, times in sent(between).items())


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_request_that_is_refused_whole_is_sent_again(es: Connection, index_name: str, status: int) -> None:
    report, _ = through(es, index_name, first_bulks(2, lambda request: (status, {"error": BUSY, "status": status})))
    assert (report.indexed, report.failed) == (COUNT, ())
    assert count(es, index_name) == COUNT


def test_parts_get_smaller_where_a_server_takes_little(es: Connection, index_name: str) -> None:
    limit = 10_000
    rule: Rule = lambda request: (413, b"") if request.is_bulk and len(request.body) > limit else None  # noqa: E731
    report, between = through(es, index_name, rule)
    assert (report.indexed, report.failed) == (COUNT, ())
    assert count(es, index_name) == COUNT
    assert any(len(request.body) > limit for request in between.bulks)


def test_a_document_beyond_what_a_server_takes_is_named(es: Connection, index_name: str) -> None:
    limit = 20_000
    rule: Rule = lambda request: (413, b"") if request.is_bulk and len(request.body) > limit else None  # noqa: E731
    documents = [*texts(20), {"id": "huge", "text": "word " * 10_000}]
    report, _ = through(es, index_name, rule, documents)
    assert report.indexed == 20
    assert [failure.id for failure in report.failed] == ["huge"]
    assert "too large for the server" in report.failed[0].reason


@pytest.mark.parametrize("cut", [CUT_BEFORE, CUT_AFTER])
def test_a_connection_that_is_cut_loses_and_doubles_nothing(es: Connection, index_name: str, cut: str) -> None:
    report, _ = through(es, index_name, first_bulks(3, lambda request: cut))
    assert (report.indexed, report.failed) == (COUNT, ())
    assert count(es, index_name) == COUNT


def test_a_server_that_is_gone_for_good_is_said_with_what_is_stored(
    es: Connection, index_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "Patience", lambda: PATIENCE)
    seen: list[int] = []

    def rule(request: Request) -> Reply | str | None:
        if request.is_bulk:
            seen.append(len(request.ids))
        return CUT_BEFORE if len(seen) > 2 else None

    with pytest.raises(ConnectError, match="no document could be stored") as refused:
        through(es, index_name, rule)
    stored = count(es, index_name)
    assert 0 < stored < COUNT
    assert f"{stored} documents are stored in '{index_name}'" in str(refused.value.hint)
    report = jn.index(texts(), index_name, model=WordModel(), id="id", connection=es)
    assert (report.skipped, report.indexed) == (stored, COUNT - stored)
    assert refresh_interval(es, index_name) == (None, "0-1")


PATIENCE = writer.Patience(first=0.01, most=0.05, total=0.5)


def test_a_login_that_ends_in_the_middle_is_said(es: Connection, index_name: str) -> None:
    seen: list[int] = []

    def rule(request: Request) -> Reply | str | None:
        if request.is_bulk:
            seen.append(1)
            if len(seen) > 2:
                return 401, {"error": {"type": "security_exception", "reason": "token expired"}, "status": 401}
        return None

    with pytest.raises(ElasticsearchError, match="token expired"):
        through(es, index_name, rule)
    assert count(es, index_name) > 0
    assert refresh_interval(es, index_name) == (None, "0-1")


def test_a_full_disk_is_said_at_once_and_a_second_run_finishes(es: Connection, index_name: str) -> None:
    model = WordModel()

    def feed() -> Iterator[dict[str, Any]]:
        for position, document in enumerate(texts()):
            if position == 300:
                wait_for_documents(es, index_name)
                block = {"index.blocks.read_only_allow_delete": True}  # what the server does at its flood stage
                es.client.indices.put_settings(index=index_name, settings=block)
            yield document

    with pytest.raises(RequestError, match="disk of the Elasticsearch server is full") as refused:
        jn.index(feed(), index_name, model=model, id="id", connection=es)
    assert "Free disk space" in str(refused.value.hint)
    free = {"index.blocks.read_only_allow_delete": None}
    es.client.indices.put_settings(index=index_name, settings=free)
    stored = count(es, index_name)
    assert 0 < stored < COUNT
    report = jn.index(texts(), index_name, model=model, id="id", connection=es)
    assert (report.skipped, report.indexed) == (stored, COUNT - stored)
    assert refresh_interval(es, index_name) == (None, "0-1")


def test_what_the_licence_refuses_is_said_and_no_empty_index_stays(es: Connection, index_name: str) -> None:
    documents = [{"id": "1", "text": "a", "v": [1.0] * 128}]
    with pytest.raises(CapabilityError, match="bbq_disk") as refused:
        jn.index(documents, index_name, model="jina-embeddings-v3", vector="v", index_options="bbq_disk", connection=es)
    assert "index_options" in str(refused.value.hint)
    assert not es.client.indices.exists(index=index_name)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_a_source_that_stops_keeps_what_was_confirmed(
    es: Connection, index_name: str, stop: type[BaseException]
) -> None:
    def feed() -> Iterator[dict[str, Any]]:
        yield from texts(300)
        raise stop("enough")

    with pytest.raises(stop, match="enough") as stopped:
        jn.index(feed(), index_name, model=WordModel(), id="id", connection=es)
    stored = count(es, index_name)
    assert 0 < stored <= 300
    assert f"{stored} documents are stored" in "".join(stopped.value.__notes__)
    assert refresh_interval(es, index_name) == (None, "0-1")
    report = jn.index(texts(), index_name, model=WordModel(), id="id", connection=es)
    assert (report.skipped, report.indexed) == (stored, COUNT - stored)
    assert count(es, index_name) == COUNT


def test_an_interrupt_while_the_model_works_keeps_what_was_confirmed(es: Connection, index_name: str) -> None:
    class Interrupted(WordModel):
        def embed(self, inputs: Any, **options: Any) -> Any:
            if len(self.calls) == 3:
                raise KeyboardInterrupt
            return super().embed(inputs, **options)

    with pytest.raises(KeyboardInterrupt):
        jn.index(texts(), index_name, model=Interrupted(), id="id", connection=es)
    stored = count(es, index_name)
    assert 0 < stored < COUNT
    assert jn.index(texts(), index_name, model=WordModel(), id="id", connection=es).skipped == stored


def test_two_writers_at_a_time_store_everything_and_leave_the_settings_in_order(
    es: Connection, index_name: str
) -> None:
    parts = [texts()[:300], texts()[200:]]
    with ThreadPoolExecutor(2) as pool:
        work = [
            pool.submit(jn.index, part, index_name, model=WordModel(), id="id", connection=es, progress=False)
            for part in parts
        ]
        reports = [done.result() for done in work]
    assert all(not report.failed for report in reports)
    assert count(es, index_name) == COUNT
    assert refresh_interval(es, index_name) == (None, "0-1")


CLIENT = """
import sys, time
import jina_notebook as jn
from tests.elastic.doubles import WordModel

class Slow(WordModel):
    def embed(self, inputs, **options):
        time.sleep(0.3)
        return super().embed(inputs, **options)

es = jn.connect(sys.argv[1])
documents = [{"id": str(i), "text": f"text number {i}"} for i in range(500)]
jn.index(documents, sys.argv[2], model=Slow(), id="id", connection=es, progress=False)
"""


def started_client(es: Connection, index: str) -> subprocess.Popen[bytes]:
    """Another process that indexes slowly, once its first documents are stored."""
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
    environment = {**os.environ, "PYTHONPATH": path}
    client = subprocess.Popen([sys.executable, "-c", CLIENT, es.url, index], env=environment, cwd=ROOT)
    wait_for_documents(es, index, lambda: client.poll() is None)
    return client


def test_a_client_that_is_killed_is_followed_by_one_that_finishes(es: Connection, index_name: str) -> None:
    client = started_client(es, index_name)
    client.kill()
    client.wait()
    stored = count(es, index_name)
    assert 0 < stored < COUNT
    report = jn.index(texts(), index_name, model=WordModel(), id="id", connection=es)
    assert (report.skipped, report.indexed) == (stored, COUNT - stored)
    assert count(es, index_name) == COUNT
    assert refresh_interval(es, index_name) == (None, "0-1")


def test_ctrl_c_leaves_the_index_in_order(es: Connection, index_name: str) -> None:
    client = started_client(es, index_name)
    client.send_signal(signal.SIGINT)
    assert client.wait(60) == -signal.SIGINT
    stored = count(es, index_name)
    assert 0 < stored < COUNT
    assert refresh_interval(es, index_name) == (None, "0-1")
    assert jn.index(texts(), index_name, model=WordModel(), id="id", connection=es).skipped == stored
