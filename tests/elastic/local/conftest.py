"""Fakes small enough to read: a Java that lists modules, an Elasticsearch folder, folders that every user can enter."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from jina_notebook.elastic.local.java import MODULES


@pytest.fixture
def folder() -> Iterator[Path]:
    """Like `tmp_path`, which only its owner can enter, while the server of a root session runs as another user."""
    made = Path(tempfile.mkdtemp(prefix="jina-notebook-tests-")).resolve()
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and data folder, no Elasticsearch and no Maven repository of the user's own."""
    monkeypatch.setenv("JINA_NOTEBOOK_CACHE", str(folder / "cache"))
    monkeypatch.setenv("HOME", str(folder / "user"))
    monkeypatch.delenv("ES_HOME", raising=False)
    return folder / "cache"


@pytest.fixture
def program() -> Callable[[Path, str], Path]:
    """Writes an executable shell script."""

    def write(path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def java(program: Callable[[Path, str], Path]) -> Callable[..., Path]:
    """Makes a folder that looks like a Java: `java(home, "25.0.3", lacking=["jdk.jdi"])`."""

    def make(home: Path, version: str, *, lacking: Sequence[str] = ()) -> Path:
        lines = "\n".join(f"{name}@{version}" for name in ("java.base", *MODULES) if name not in lacking)
        listing = f"cat <<END\n{lines}\nEND"
        telling = f"echo 'openjdk version \"{version}\"' >&2"
        program(home / "bin" / "java", f'if [ "$1" = --list-modules ]; then\n{listing}\nelse\n{telling}\nfi')
        return home

    return make


@pytest.fixture
def elasticsearch_home(program: Callable[[Path, str], Path]) -> Callable[..., Path]:
    """Makes a folder that looks like an Elasticsearch; `script` is what its program does."""

    def make(home: Path, *, version: str = "9.4.3", bundled_java: bool = True, script: str = "exit 0") -> Path:
        program(home / "bin" / "elasticsearch", script)
        (home / "lib").mkdir()
        (home / "lib" / f"elasticsearch-{version}.jar").touch()
        (home / "config").mkdir()
        (home / "config" / "jvm.options").write_text(
            "-XX:+UseG1GC\n-Xlog:gc*:file=gc.log\n-Djava.io.tmpdir=${ES_TMPDIR}\n"
        )
        if bundled_java:
            program(home / "jdk" / "bin" / "java", "exit 0")
        return home

    return make
