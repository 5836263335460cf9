"""Unpacks archives: into a temporary folder beside the target, then renamed, so that a target is always whole."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from jina_notebook.elastic.local.disk import MIB, disk_faults
from jina_notebook.elastic.local.folders import make_folder
from jina_notebook.errors import LocalServerError

__all__ = ["NotAvailable", "unpack_tar", "unpack_zip"]

TEMPORARY = ".unpacking-"


class NotAvailable(Exception):
    """A source does not give an archive; the text says why, as the end of a sentence. The next source is tried."""


def unpack_zip(archive: Path, target: Path, *, folder: str, programs: Mapping[str, str]) -> None:
    """Unpacks what lies in `*/folder/` of a zip archive as `target`, and adds `programs` (path: text of a script).

    Raises:
        LocalServerError: the disk is full, or the archive is damaged or has no such folder.
    """

    def fill(temporary: Path) -> None:
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                parts = PurePosixPath(entry.filename).parts
                if entry.is_dir() or len(parts) < 3 or parts[1] != folder or ".." in parts:
                    continue
                path = temporary.joinpath(*parts[2:])
                path.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(entry) as source, path.open("wb") as sink:
                    shutil.copyfileobj(source, sink, MIB)
        for name, text in programs.items() if any(temporary.iterdir()) else ():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            path.chmod(0o755)

    _unpack(archive, target, fill)


def unpack_tar(archive: Path, target: Path) -> None:
    """Unpacks the only folder of a tar archive as `target`, file modes included.

    Raises:
        LocalServerError: the disk is full, or the archive is damaged.
    """

    def fill(temporary: Path) -> None:
        with tarfile.open(archive) as opened:
            opened.extractall(temporary, filter="data")  # the filter refuses paths that lead outside
        inner = list(temporary.iterdir())
        if len(inner) == 1 and inner[0].is_dir():
            for path in list(inner[0].iterdir()):
                path.rename(temporary / path.name)
            inner[0].rmdir()

    _unpack(archive, target, fill)


def _unpack(archive: Path, target: Path, fill: Callable[[Path], None]) -> None:
    make_folder(target.parent)
    for left_over in target.parent.glob(f"{TEMPORARY}*"):  # the caller holds the lock: nobody is at work on it
        shutil.rmtree(left_over, ignore_errors=True)
    with disk_faults(target.parent, "unpacking into"):
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=TEMPORARY))
        try:
            fill(temporary)
            if not any(temporary.iterdir()):
                raise _damaged(archive)
            _open_to_all(temporary)
            if target.exists():
                shutil.rmtree(target)
            temporary.rename(target)
        except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
            raise _damaged(archive) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _damaged(archive: Path) -> LocalServerError:
    return LocalServerError(
        f"The archive {archive} is damaged or holds no Elasticsearch.",
        hint="Remove it and try again; it is fetched anew.",
    )


def _open_to_all(folder: Path) -> None:
    """Every user may read: the server runs as another one than root. Only the owner may write."""
    folder.chmod(0o755)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent) / name
            if not path.is_symlink():
                mode = path.stat().st_mode
                runs = path.is_dir() or mode & stat.S_IXUSR
                path.chmod(0o755 if runs else 0o644)
