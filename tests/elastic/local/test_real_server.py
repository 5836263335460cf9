"""The life of a real server: start, answer, be found again, be killed, come back with its data, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from jina_notebook.elastic.local import probe, server
from jina_notebook.errors import LocalServerError

NAME = f"tests-life-{os.getpid()}"
HEAP = "256m"

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture(scope="module")
def started_elsewhere() -> Iterator[dict[str, object]]:
    """Started by another Python process, which has ended since."""
    options = {"name": NAME, "heap": HEAP, "fresh": True, "java_options": "-XX:TieredStopAtLevel=1"}
    code = (
        "import json; from jina_notebook.elastic.local import server; "
        f"s = server.start(**{options!r}); print(json.dumps([s.url, s.pid]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    try:
        yield {"stdout": done.stdout, "stderr": done.stderr}
    finally:
        server.stop(NAME, delete_data=True)


def running() -> server.LocalServer:
    found = server.status(NAME)
    assert found is not None
    return found


def test_it_outlives_the_process_that_started_it_and_tells_its_progress_on_stderr(
    started_elsewhere: dict[str, object],
) -> None:
    found = running()
    assert str(started_elsewhere["stdout"]) == f'["{found.url}", {found.pid}]\n'
    assert str(started_elsewhere["stderr"]).startswith("Starting Elasticsearch")
    assert (found.answers, found.license, found.heap) == (True, "basic", HEAP)
    assert psutil.Process(found.pid).uids().real != 0


def test_starting_it_again_gives_the_one_that_runs(started_elsewhere: dict[str, object]) -> None:
    said: list[str] = []
    assert server.start(name=NAME, progress=said.append) == running()
    assert said == []


def test_another_port_than_the_one_it_runs_at_is_refused_with_the_way_out(started_elsewhere: dict[str, object]) -> None:
    with pytest.raises(LocalServerError, match="runs already, at http") as caught:
        server.start(name=NAME, port=19200, progress=False)
    assert f"stop --name {NAME}" in str(caught.value.hint)


def test_it_listens_on_loopback_only(started_elsewhere: dict[str, object]) -> None:
    listening = {
        each.laddr.ip
        for each in psutil.Process(running().pid).net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    }
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_one_that_hangs_runs_but_does_not_answer(
    started_elsewhere: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = psutil.Process(running().pid)
    process.suspend()
    try:
        found = running()
    finally:
        process.resume()
    assert (found.pid, found.answers) == (process.pid, False)


def test_a_killed_one_is_noticed_and_comes_back_with_its_data_at_the_same_address(
    started_elsewhere: dict[str, object],
) -> None:
    before = running()
    assert probe.request(before.url, "/kept", method="PUT", timeout_s=60)[0] == 200
    os.kill(before.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(before.pid)] if psutil.pid_exists(before.pid) else [], timeout=20)
    assert server.status(NAME) is None

    after = server.start(name=NAME, heap=HEAP, progress=False)
    assert (after.url, after.pid != before.pid) == (before.url, True)
    assert probe.request(after.url, "/_cluster/health/kept?wait_for_status=yellow&timeout=60s", timeout_s=90)[0] == 200


def test_a_trial_is_switched_on_while_it_runs_and_can_be_had_once(started_elsewhere: dict[str, object]) -> None:
    pid = running().pid
    trial = server.start(name=NAME, license="trial", progress=False)
    assert (trial.pid, trial.license) == (pid, "trial")
    assert server.start(name=NAME, progress=False).license == "trial"
    assert server.start(name=NAME, license="basic", progress=False).license == "basic"
    with pytest.raises(LocalServerError, match=r"stays basic: trial is refused \(.*already activated") as caught:
        server.start(name=NAME, license="trial", progress=False)
    assert "once per data folder" in str(caught.value.hint)


def test_stopping_it_ends_the_process_keeps_the_data_and_is_said_once(started_elsewhere: dict[str, object]) -> None:
    found = running()
    assert server.stop(NAME) is True
    assert not psutil.pid_exists(found.pid)
    assert server.status(NAME) is None
    assert found.data_path.is_dir()
    assert server.stop(NAME) is False
    assert server.stop(NAME, delete_data=True) is False
    assert not found.data_path.exists()
    assert NAME not in server.names()
