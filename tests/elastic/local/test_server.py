"""Servers that do not start, with a fake program in place of Elasticsearch; the real one is in test_real_server.py."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jina_notebook.elastic.local import server, waiting
from jina_notebook.elastic.local.folders import server_folders
from jina_notebook.elastic.local.state import Record, read_record, write_record
from jina_notebook.errors import LocalServerError, OptionError

LOGS = 'logs="$(dirname "$ES_PATH_CONF")/logs"'


@pytest.fixture
def es_home(
    cache: Path, folder: Path, elasticsearch_home: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Path]:
    """Sets `ES_HOME` to an Elasticsearch whose program is the given script."""

    def make(script: str) -> Path:
        home = elasticsearch_home(folder / "home", script=script)
        monkeypatch.setenv("ES_HOME", str(home))
        return home

    assert not cache.exists()
    return make


def start(**options: object) -> server.LocalServer:
    return server.start(progress=False, **options)  # type: ignore[arg-type]


def test_a_server_that_dies_is_quoted_with_the_end_of_its_log(es_home: Callable[[str], Path]) -> None:
    es_home(f"{LOGS}; echo 'from the launcher'; echo 'the reason' >> \"$logs/server.log\"; exit 1")
    with pytest.raises(LocalServerError, match="ended while it was starting") as caught:
        start()
    assert "from the launcher\nthe reason" in caught.value.message
    assert "server.log" in str(caught.value.hint)
    assert server.status() is None
    assert server.logs() == "from the launcher\nthe reason"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("java.lang.IllegalStateException: failed to obtain node locks, tried [/d]", "in use by another Elasticsearch"),
        ("java.io.IOException: No space left on device", "found no space on the disk"),
    ],
)
def test_a_known_reason_in_the_log_becomes_a_sentence(es_home: Callable[[str], Path], line: str, message: str) -> None:
    es_home(f"echo '{line}'; exit 1")
    with pytest.raises(LocalServerError, match=message):
        start()


def test_a_port_that_is_taken_in_between_is_said_to_be_taken(es_home: Callable[[str], Path]) -> None:
    es_home("echo 'BindHttpException: Failed to bind to 127.0.0.1:19733'; exit 1")
    with pytest.raises(LocalServerError, match="Port 19733 is taken"):
        start(port=19733)


def test_a_server_that_the_system_kills_was_short_of_memory(es_home: Callable[[str], Path]) -> None:
    es_home("exit 137")
    with pytest.raises(LocalServerError, match="most likely for want of memory") as caught:
        start(heap="300m")
    assert "300m" in str(caught.value.hint)


def test_a_server_that_does_not_answer_in_time_is_quoted_and_ended(
    es_home: Callable[[str], Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "TOLD_EVERY_S", 0.2)
    monkeypatch.setattr(waiting, "START_TIMEOUT_S", 1.0)
    es_home('echo $$ > "$ES_TMPDIR/started"; echo thinking; sleep 600')
    said: list[str] = []
    with pytest.raises(LocalServerError, match=r"has not answered in 1 s\. The end of its log:\nthinking"):
        server.start(progress=said.append)
    pid = int((server_folders("default").temporary / "started").read_text())
    assert not psutil.pid_exists(pid)
    assert said[0].startswith("Starting Elasticsearch 9.4.3 ('default'")
    assert any(line.startswith("  waiting for Elasticsearch") for line in said)


def test_an_interrupt_while_it_starts_leaves_no_process_and_no_record(es_home: Callable[[str], Path]) -> None:
    es_home('echo $$ > "$ES_TMPDIR/started"; sleep 600 & wait')

    def interrupt(line: str) -> None:
        if line.startswith("Starting"):
            threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        server.start(progress=interrupt)
    pid = int((server_folders("default").temporary / "started").read_text())
    assert not psutil.pid_exists(pid)
    assert read_record(server_folders("default")) is None


def test_too_little_space_is_said_before_the_start(
    es_home: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    es_home("exit 1")
    monkeypatch.setattr(server, "FREE_SPACE_MB", 10**9)
    with pytest.raises(LocalServerError, match="starting Elasticsearch needs 1,000,000,000 MB"):
        start()


def test_a_taken_port_is_said_before_anything_is_fetched(cache: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(LocalServerError, match="is taken by another program"):
            start(port=listener.getsockname()[1])
    assert not (cache / "elasticsearch").exists()


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("options", [{"license": "gold"}, {"name": "No"}, {"heap": "7"}, {"port": 80}])
def test_an_option_that_cannot_be_is_refused_before_anything_happens(options: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        start(**options)
    assert server.names() == []


def test_the_record_of_a_process_that_is_gone_is_stale(es_home: Callable[[str], Path]) -> None:
    folders = server_folders("default")
    folders.root.mkdir(parents=True)
    write_record(
        folders,
        Record(
            name="default", home="/h", heap="1m", launcher=2**22 + 1, launcher_created=1.0, pid=2**22 + 1, created=1.0
        ),
    )
    assert server.status() is None
    assert server.stop() is False
    assert read_record(folders) is None


def test_stopping_never_ends_a_process_that_only_has_the_same_id(cache: Path) -> None:
    folders = server_folders("default")
    folders.root.mkdir(parents=True)
    me = psutil.Process()
    write_record(
        folders,
        Record(
            name="default",
            home="/h",
            heap="1m",
            launcher=me.pid,
            launcher_created=1.0,
            pid=me.pid,
            created=me.create_time(),
        ),
    )
    assert server.stop() is False
    assert me.is_running()


@pytest.mark.usefixtures("cache")
def test_what_was_never_started_is_not_running_and_has_no_log() -> None:
    assert server.status("nobody") is None
    assert server.stop("nobody", delete_data=True) is False
    with pytest.raises(LocalServerError, match="There is no server 'nobody'; there are: none"):
        server.logs("nobody")


def test_another_system_is_told_where_it_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.name", "nt")
    with pytest.raises(LocalServerError, match="Linux and macOS only") as caught:
        start()
    assert "WSL" in str(caught.value.hint)
