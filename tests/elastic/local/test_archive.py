"""Unpacking, whole or not at all."""

from __future__ import annotations

import errno
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jina_notebook.elastic.local.archive import unpack_tar, unpack_zip
from jina_notebook.errors import LocalServerError

PROGRAMS = {"bin/run": "#!/bin/sh\n"}


def make_zip(path: Path, entries: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return path


def make_tar(path: Path, entries: dict[str, int]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, mode in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = 4, mode
            archive.addfile(entry, io.BytesIO(b"text"))
    return path


def test_only_the_folder_asked_for_comes_out_of_a_zip(tmp_path: Path) -> None:
    archive = make_zip(
        tmp_path / "a.zip", {"x-1/es/lib/a.jar": "a", "x-1/other/b": "b", "x-1/es/../../c": "c", "es/d": "d"}
    )
    unpack_zip(archive, tmp_path / "out" / "home", folder="es", programs=PROGRAMS)
    files = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert files == {"home/lib/a.jar", "home/bin/run"}
    assert (tmp_path / "out" / "home" / "bin" / "run").stat().st_mode & 0o777 == 0o755


def test_the_only_folder_of_a_tar_becomes_the_target_and_modes_are_kept(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tar.gz", {"es-9/bin/run": 0o750, "es-9/config/a.yml": 0o600})
    unpack_tar(archive, tmp_path / "home")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "home").rglob("*")}
    assert modes == {"bin": 0o755, "config": 0o755, "run": 0o755, "a.yml": 0o644}


def test_a_disk_that_runs_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x/es/a": "a"})

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(LocalServerError, match="The disk is full"):
        unpack_zip(archive, tmp_path / "out" / "home", folder="es", programs=PROGRAMS)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_a_damaged_archive_is_named(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(content)
    with pytest.raises(LocalServerError, match=r"a\.zip is damaged"):
        unpack_zip(archive, tmp_path / "h", folder="es", programs={})
    with pytest.raises(LocalServerError, match=r"a\.zip is damaged"):
        unpack_tar(archive, tmp_path / "h")
    assert not (tmp_path / "h").exists()


def test_a_zip_without_the_folder_is_damaged_too(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x/other/a": "a"})
    with pytest.raises(LocalServerError, match="holds no Elasticsearch"):
        unpack_zip(archive, tmp_path / "home", folder="es", programs=PROGRAMS)


def test_what_a_killed_process_left_is_removed_and_a_broken_target_replaced(tmp_path: Path) -> None:
    (tmp_path / ".unpacking-dead").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "half").touch()
    unpack_zip(make_zip(tmp_path / "a.zip", {"x/es/a": "a"}), tmp_path / "home", folder="es", programs={})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "home"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["a"]
