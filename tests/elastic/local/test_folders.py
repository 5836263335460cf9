"""Where servers and distributions lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook.elastic.local import folders
from jina_notebook.elastic.local.folders import (
    cache_folder,
    data_folder,
    distribution_folder,
    make_folder,
    server_folders,
    server_names,
)
from jina_notebook.errors import LocalServerError, OptionError


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    environ = {"JINA_NOTEBOOK_CACHE": str(tmp_path)}
    assert distribution_folder(environ) == tmp_path / "elasticsearch"
    assert server_folders("default", environ).data == tmp_path / "servers" / "default" / "data"


def test_root_keeps_it_outside_its_home_where_the_servers_user_can_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "is_root", lambda: True)
    assert cache_folder({}) == Path("/var/cache/jina-notebook")
    assert data_folder({}) == Path("/var/lib/jina-notebook")


@pytest.mark.parametrize(
    ("system", "environ", "cache", "data"),
    [
        ("linux", {}, ".cache/jina-notebook", ".local/share/jina-notebook"),
        ("linux", {"XDG_CACHE_HOME": "/c", "XDG_DATA_HOME": "/d"}, "/c/jina-notebook", "/d/jina-notebook"),
        ("darwin", {}, "Library/Caches/jina-notebook", "Library/Application Support/jina-notebook"),
    ],
)
def test_other_users_have_the_folders_of_their_platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, environ: dict[str, str], cache: str, data: str
) -> None:
    monkeypatch.setattr(folders, "is_root", lambda: False)
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder(environ) == tmp_path / cache
    assert data_folder(environ) == tmp_path / data


@pytest.mark.parametrize("name", ["", "Default", "a/b", "..", "-a", "a b", "x" * 64, None])
def test_a_name_that_is_no_folder_name_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(OptionError, match="lower-case letters, digits") as caught:
        server_folders(name)
    assert repr(name) in caught.value.message


def test_names_are_those_of_the_folders_and_not_of_the_locks(tmp_path: Path) -> None:
    environ = {"JINA_NOTEBOOK_CACHE": str(tmp_path)}
    assert server_names(environ) == []
    for name in ("b", "a"):
        server_folders(name, environ).root.mkdir(parents=True)
    server_folders("c", environ).lock.touch()
    assert server_names(environ) == ["a", "b"]


def test_a_folder_that_cannot_be_made_names_the_variable_that_moves_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalServerError, match="cannot be made") as caught:
        make_folder(tmp_path / "file" / "below")
    assert "JINA_NOTEBOOK_CACHE" in str(caught.value.hint)


def test_made_folders_can_be_entered_by_every_user(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o755, 0o755]
