"""What is written down about a local server, and whether its process is still the one that was started."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from jina_notebook.elastic.local.account import Account
from jina_notebook.elastic.local.folders import ServerFolders

__all__ = ["LocalServer", "Record", "find_process", "read_record", "write_record"]

CLOCK_STEP_S = 5.0  # a process' start time moves when the system clock is set


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """A local Elasticsearch that was started by this package.

    `license` is `"basic"` or `"trial"` (or what a licence file of the user's own made of it), `heap` as Elasticsearch
    takes it (`"512m"`). `answers` is False while its process is alive but gives no HTTP answer. `pid` is the process
    of the server itself.
    """

    name: str
    url: str
    pid: int
    version: str
    license: str
    heap: str
    data_path: Path
    log_path: Path
    home: Path
    answers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The state file. `pid` is 0 until the server has answered for the first time; `launcher` is what started it."""

    name: str
    home: str
    heap: str
    launcher: int
    launcher_created: float
    pid: int = 0
    created: float = 0.0
    url: str = ""
    version: str = ""
    license: str = ""


def read_record(folders: ServerFolders) -> Record | None:
    """The state file's content; None where there is none or it cannot be read as one."""
    try:
        stored: Any = json.loads(folders.record.read_text("utf-8"))
        return Record(**stored)
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def write_record(folders: ServerFolders, record: Record) -> None:
    """Writes the state file whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=folders.root, prefix=".record-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(record), file, indent=1)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(folders.record)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def forget(folders: ServerFolders) -> None:
    """Removes the state file and what the server wrote about its process and port."""
    for path in (folders.record, folders.pid_file, folders.ports_file):
        path.unlink(missing_ok=True)


def find_process(folders: ServerFolders, record: Record, account: Account | None) -> psutil.Process | None:
    """The server's process, if it still runs; never another process that was given the same id.

    Checked: the id, the start time (once it is on record), the temporary folder on the command line, which belongs to
    this server alone, and the user.
    """
    pid = record.pid or _written_pid(folders)
    process = _living(pid)
    if process is None:
        return None
    if record.created and abs(process.create_time() - record.created) > CLOCK_STEP_S:
        return None
    try:
        if f"-Djava.io.tmpdir={folders.temporary}" not in process.cmdline():
            return None
        if account is not None and process.uids().real != account.uid:
            return None
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return process if record.created else None
    return process


def find_launcher(record: Record) -> psutil.Process | None:
    """The launcher, while it is still bringing the server up."""
    process = _living(record.launcher)
    if process is None or abs(process.create_time() - record.launcher_created) > CLOCK_STEP_S:
        return None
    return process


def _living(pid: int) -> psutil.Process | None:
    if pid <= 0:
        return None
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.NoSuchProcess:
        return None


def _written_pid(folders: ServerFolders) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(folders.pid_file.read_text("ascii").strip())
    return 0


def written_url(folders: ServerFolders) -> str | None:
    """The loopback address in the ports file that the server writes once it listens."""
    with contextlib.suppress(OSError, ValueError):
        for line in folders.ports_file.read_text("ascii").split():
            found = re.fullmatch(r"127\.0\.0\.1:(\d+)", line)
            if found:
                return f"http://127.0.0.1:{found[1]}"
    return None
