"""Waits for a server to come up, says how long it has been, and explains one that does not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from jina_notebook.elastic.local import licence
from jina_notebook.elastic.local.account import Account
from jina_notebook.elastic.local.folders import ServerFolders
from jina_notebook.elastic.local.launch import log_tail, port_taken
from jina_notebook.elastic.local.narration import Say
from jina_notebook.elastic.local.probe import request
from jina_notebook.elastic.local.state import Record, find_launcher, find_process, written_url
from jina_notebook.errors import LocalServerError

__all__ = ["START_TIMEOUT_S", "ExitStatus", "unknown", "until_ready"]

START_TIMEOUT_S = 180.0
POLL_S = 0.25
TOLD_EVERY_S = 10.0
KILLED = (137, -9)

ExitStatus = Callable[[], int | None]


def unknown() -> None:
    """The exit status of a launcher that another process started."""
    return


def until_ready(
    folders: ServerFolders,
    record: Record,
    account: Account | None,
    say: Say,
    *,
    port: int | None = None,
    exit_status: ExitStatus = unknown,
) -> str:
    """The address, once the server answers there under its own name and knows its licence.

    Raises:
        LocalServerError: its processes ended, or it does not answer within 180 s; quotes the end of its log.
    """
    started = told = time.monotonic()
    while True:
        url = record.url or written_url(folders)
        if url and _answers(url, record.name):
            waited = time.monotonic() - started
            if waited > 1.0:
                say(f"Elasticsearch answers at {url} after {waited:.0f} s.")
            return url
        if find_launcher(record) is None and find_process(folders, record, account) is None:
            raise _died(folders, record, port, exit_status())
        now = time.monotonic()
        if now - started > START_TIMEOUT_S:
            raise LocalServerError(
                f"The server {record.name!r} has not answered in {START_TIMEOUT_S:.0f} s. {_quoted(log_tail(folders))}",
                hint="Close other programs that keep this machine busy, and start it again.",
            )
        if now - told >= TOLD_EVERY_S:
            told = now
            say(f"  waiting for Elasticsearch, {now - started:.0f} of at most {START_TIMEOUT_S:.0f} s")
        time.sleep(POLL_S)


def _answers(url: str, name: str) -> bool:
    code, answer = request(url)
    return code == 200 and answer.get("name") == name and bool(licence.of(url))


def _quoted(tail: str) -> str:
    return f"The end of its log:\n{tail}" if tail else "It logged nothing."


def _died(folders: ServerFolders, record: Record, port: int | None, status: int | None) -> LocalServerError:
    tail = log_tail(folders)
    if port is not None and re.search(r"BindHttpException|Address already in use", tail):
        return port_taken(port)
    if re.search(r"No space left on device|Disk quota exceeded", tail):
        return LocalServerError(
            f"The server {record.name!r} found no space on the disk of {folders.data}.",
            hint="Free some space and start it again.",
        )
    if "failed to obtain node locks" in tail:
        return LocalServerError(
            f"The data folder {folders.data} is in use by another Elasticsearch process.",
            hint="Stop that process, or start a server under another name.",
        )
    if status in KILLED:
        return LocalServerError(
            f"The server {record.name!r} was killed while it was starting, most likely for want of memory.",
            hint=f"Free some memory or give it a smaller heap than {record.heap}.",
        )
    return LocalServerError(
        f"The server {record.name!r} ended while it was starting. {_quoted(tail)}",
        hint=f"The whole log is in {folders.log} and {folders.console}.",
    )
