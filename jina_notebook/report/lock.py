"""One run of a report into a folder at a time: a lock that the system releases when its holder dies."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jina_notebook.errors import OptionError, ReportBusyError

__all__ = ["holding"]


@contextmanager
def holding(path: Path, *, doing: str) -> Iterator[None]:
    """Holds the lock of that file, and makes its folder; `doing` says what for: `"quickstart into output"`.

    Raises `ReportBusyError` at once where another run has it, with that run's process and start, and `OptionError`
    where nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OptionError(
            f"Nothing can be written to the folder {str(path.parent)!r}: {error.strerror}.",
            hint="Name another --output.",
        ) from error
    try:
        if not _locked(descriptor):
            holder = path.read_text("utf-8", errors="replace").strip()
            raise ReportBusyError(
                f"A run of {doing} is under way{f' ({holder})' if holder else ''}.",
                hint="Wait until it has ended, or name another --output.",
            )
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"process {os.getpid()}, since {now}\n".encode())
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether the lock is ours now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # far behind what is written, which others may then read
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
