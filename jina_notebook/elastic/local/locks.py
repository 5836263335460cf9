"""One process at a time: a lock file that the system releases when its holder dies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jina_notebook.elastic.local.disk import disk_faults
from jina_notebook.elastic.local.folders import make_folder
from jina_notebook.elastic.local.narration import Say
from jina_notebook.errors import LocalServerError

__all__ = ["holding"]

POLL_S = 0.2


@contextmanager
def holding(path: Path, *, timeout_s: float, waiting: str, say: Say) -> Iterator[None]:
    """Holds the lock of that file; while another process has it, says `waiting` once and waits.

    Raises:
        LocalServerError: the other process still has it after `timeout_s` seconds.
    """
    make_folder(path.parent)
    deadline = time.monotonic() + timeout_s
    told = False
    while (descriptor := _try(path)) is None:
        if time.monotonic() > deadline:
            raise LocalServerError(
                f"{waiting} It has not finished in {timeout_s:.0f} s.",
                hint=f"Find the process that holds {path} and end it, then try again.",
            )
        if not told:
            say(waiting)
            told = True
        time.sleep(POLL_S)
    try:
        yield
    finally:
        os.close(descriptor)


def _try(path: Path) -> int | None:
    """The open lock file once it is ours; None while another process has it, or has just deleted it."""
    import fcntl

    with disk_faults(path.parent, "locking"):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        os.close(descriptor)
        return None
    os.close(descriptor)
    return None
