"""Space and rights on disk, each lack of them one sentence."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jina_notebook.elastic.local.folders import VARIABLE
from jina_notebook.errors import LocalServerError

__all__ = ["MIB", "disk_faults", "require_space"]

MIB = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT)
SPACE_HINT = f"Free some space, or set {VARIABLE} to a folder on a larger disk, then try again."


def require_space(folder: Path, megabytes: int, purpose: str) -> None:
    """Checks that the disk of that folder has so many MiB free.

    Raises:
        LocalServerError: it has less; names both figures.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free // MIB
    if free < megabytes:
        raise LocalServerError(
            f"The disk of {folder} has {free:,} MB free, and {purpose} needs {megabytes:,} MB.", hint=SPACE_HINT
        )


@contextmanager
def disk_faults(folder: Path, doing: str) -> Iterator[None]:
    """Turns a full disk, a missing right and the like into one sentence.

    Raises:
        LocalServerError: an `OSError` came out of the block.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise LocalServerError(f"The disk is full: {doing} {folder} stopped half-way.", hint=SPACE_HINT) from error
        raise LocalServerError(
            f"{doing[:1].upper()}{doing[1:]} {folder} failed: {error.strerror or error}.",
            hint=f"Check the rights of that folder, or set {VARIABLE} to another one.",
        ) from error
