"""`jn.index` while the server is killed and comes back."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

import jina_notebook as jn
from jina_notebook.elastic.local import server
from tests.elastic.doubles import WordModel, connected

COUNT = 3000
QUICK = "-XX:TieredStopAtLevel=1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def own_server() -> Iterator[server.LocalServer]:
    name = f"killed-{os.getpid()}"
    try:
        yield server.start(name=name, port=free_port(), heap="320m", java_options=QUICK, fresh=True, progress=False)
    finally:
        server.stop(name, delete_data=True)


@pytest.mark.slow
def test_a_server_that_is_killed_and_restarted_in_the_middle_gets_every_document_once(
    own_server: server.LocalServer,
) -> None:
    port = int(own_server.url.rsplit(":", 1)[1])
    restarts: list[threading.Thread] = []

    def restart() -> None:
        server.start(name=own_server.name, port=port, heap="320m", java_options=QUICK, progress=False)

    def feed() -> Iterator[dict[str, Any]]:
        for position in range(COUNT):
            if position == COUNT // 2:
                os.kill(own_server.pid, signal.SIGKILL)
                psutil.wait_procs([psutil.Process(own_server.pid)] if psutil.pid_exists(own_server.pid) else [], 20)
                restarts.append(threading.Thread(target=restart))
                restarts[0].start()
            yield {"id": str(position), "text": f"text number {position}"}

    with connected(own_server.url) as es:
        report = jn.index(feed(), "kb", model=WordModel(), id="id", connection=es, progress=False)
        restarts[0].join()
        assert (report.indexed, report.failed) == (COUNT, ())
        assert es.client.count(index="kb")["count"] == COUNT
        settings = es.client.indices.get_settings(index="kb")["kb"]["settings"]["index"]
        assert "refresh_interval" not in settings
        again = jn.index(
            ({"id": str(i), "text": f"text number {i}"} for i in range(COUNT)),
            "kb",
            model=WordModel(),
            id="id",
            connection=es,
            progress=False,
        )
        assert (again.indexed, again.skipped) == (0, COUNT)
