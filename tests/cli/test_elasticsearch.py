"""`jina-notebook elasticsearch …`: options go to the Python API, answers come back as text and as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jina_notebook import cli
from jina_notebook.elastic.local import server
from jina_notebook.errors import LocalServerError

RUNNING = server.LocalServer(
    name="default",
    url="http://127.0.0.1:9200",
    pid=4711,
    version="9.4.3",
    license="basic",
    heap="512m",
    data_path=Path("/d/data"),
    log_path=Path("/d/logs/server.log"),
    home=Path("/h"),
)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Calls the command line in this process: `status, stdout, stderr = call("start", "--json")`."""

    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["jina-notebook", "elasticsearch", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        told = capsys.readouterr()
        return caught.value.code or 0, told.out, told.err

    return run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the Python API was called with; it answers as if one server ran."""
    calls: list[Any] = []

    def remember(name: str, answer: Any) -> None:
        def function(*arguments: Any, **options: Any) -> Any:
            calls.append((name, *arguments, options))
            return answer

        monkeypatch.setattr(server, name, function)

    remember("start", RUNNING)
    remember("stop", True)
    remember("install", Path("/h"))
    remember("logs", "one\ntwo")
    monkeypatch.setattr(server, "names", lambda: ["default", "other"])
    monkeypatch.setattr(server, "status", lambda name: RUNNING if name == "default" else None)
    return calls


def test_start_hands_its_options_on_and_prints_one_line(call: Any, asked: list[Any]) -> None:
    options = ["--name", "a", "--license", "trial", "--port", "9210", "--heap", "1g"]
    assert call("start", *options) == (
        0,
        "default: http://127.0.0.1:9200 (Elasticsearch 9.4.3, basic licence, heap 512m, process 4711)\n",
        "",
    )
    assert asked == [("start", {"name": "a", "license": "trial", "port": 9210, "heap": "1g"})]


def test_start_without_options_leaves_the_choices_to_the_python_api(call: Any, asked: list[Any]) -> None:
    call("start")
    assert asked == [("start", {"name": "default", "license": None, "port": None, "heap": None})]


def test_start_as_json_has_every_field(call: Any, asked: list[Any]) -> None:
    assert json.loads(call("start", "--json")[1]) == {
        "name": "default",
        "url": "http://127.0.0.1:9200",
        "pid": 4711,
        "version": "9.4.3",
        "license": "basic",
        "heap": "512m",
        "data_path": "/d/data",
        "log_path": "/d/logs/server.log",
        "home": "/h",
        "answers": True,
        "running": True,
    }
    assert asked


def test_a_start_that_fails_prints_nothing_on_stdout(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise LocalServerError("Port 9200 is taken.", hint="Choose another port.")

    monkeypatch.setattr(server, "start", fail)
    assert call("start", "--json") == (1, "", "Error: Port 9200 is taken.\nHint: Choose another port.\n")


def test_status_lists_every_server(call: Any, asked: list[Any]) -> None:
    status, out, _ = call("status")
    assert status == 0
    assert [line.partition(": ")[0] for line in out.splitlines()] == ["default", "other"]
    assert out.endswith("other: not running\n")
    states = json.loads(call("status", "--json")[1])
    assert [(each["name"], each["running"]) for each in states] == [("default", True), ("other", False)]


def test_status_of_one_that_does_not_run_has_its_own_exit_status(call: Any, asked: list[Any]) -> None:
    assert call("status", "--name", "other") == (3, "other: not running\n", "")
    assert call("status", "--name", "other", "--json")[0] == 3


def test_status_before_any_start_says_that_the_default_one_does_not_run(
    call: Any, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "names", list)
    monkeypatch.setattr(server, "status", lambda name: None)
    assert call("status") == (3, "default: not running\n", "")


def test_stop_says_what_it_did(call: Any, asked: list[Any]) -> None:
    assert call("stop", "--name", "a", "--delete-data")[1] == "a: stopped, data deleted\n"
    assert json.loads(call("stop", "--json")[1]) == {"name": "default", "stopped": True, "deleted": False}
    assert asked[0] == ("stop", "a", {"delete_data": True, "progress": True})


def test_install_prints_the_folder(call: Any, asked: list[Any]) -> None:
    assert call("install")[1] == "/h\n"
    assert json.loads(call("install", "--source", "maven", "--json")[1]) == {"home": "/h"}
    assert asked == [("install", {"source": "auto"}), ("install", {"source": "maven"})]


def test_logs_prints_the_last_lines(call: Any, asked: list[Any]) -> None:
    assert call("logs", "-n", "2")[1] == "one\ntwo\n"
    assert json.loads(call("logs", "--json")[1]) == {"name": "default", "lines": ["one", "two"]}
    assert asked[0] == ("logs", "default", {"lines": 2})


def test_an_unknown_name_licence_or_source_is_an_error_with_what_is_allowed(call: Any) -> None:
    for arguments, allowed in (
        (["start", "--license", "gold"], "basic and trial are allowed"),
        (["start", "--name", "A B"], "lower-case letters"),
        (["install", "--source", "docker"], "auto, official, maven are allowed"),
        (["logs", "--name", "never-started"], "There is no server 'never-started'"),
    ):
        status, out, err = call(*arguments)
        assert (status, out) == (1, "")
        assert allowed in err
