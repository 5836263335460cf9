"""Local servers by name: install, start, stop, status.

```python
from jina_notebook.elastic.local import server

running = server.start()          # the one that runs already, else a fresh process; survives this one
running.url                       # "http://127.0.0.1:9200"
server.stop()
```
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import psutil

from jina_notebook.elastic.local import licence
from jina_notebook.elastic.local.account import Account, unprivileged
from jina_notebook.elastic.local.disk import disk_faults, require_space
from jina_notebook.elastic.local.distribution import obtain
from jina_notebook.elastic.local.folders import ServerFolders, server_folders, server_names
from jina_notebook.elastic.local.launch import Plan, launch, log_tail, require_free_port
from jina_notebook.elastic.local.locks import holding
from jina_notebook.elastic.local.memory import heap_megabytes, machine_bytes
from jina_notebook.elastic.local.narration import Narration, Say, narrator
from jina_notebook.elastic.local.probe import request
from jina_notebook.elastic.local.state import (
    LocalServer,
    Record,
    find_launcher,
    find_process,
    forget,
    read_record,
    write_record,
    written_url,
)
from jina_notebook.elastic.local.waiting import START_TIMEOUT_S, ExitStatus, unknown, until_ready
from jina_notebook.errors import LocalServerError

__all__ = ["LocalServer", "install", "logs", "names", "start", "status", "stop"]

FREE_SPACE_MB = 300
STOP_TIMEOUT_S = 60.0


def install(*, source: str = "auto", progress: Narration = None) -> Path:
    """Makes sure that an Elasticsearch is there, and gives its folder.

    `source` is `"auto"` (what is there, else the official archive, else Maven Central), `"official"` or `"maven"`.

    Raises:
        OptionError: an unknown source.
        LocalServerError: none can be had; names every way that was tried and the next one to try.
    """
    _require_platform()
    return obtain(unprivileged(), say=narrator(progress), source=source).home


def start(
    *,
    name: str = "default",
    license: str | None = None,  # noqa: A002  # the field's own word
    port: int | None = None,
    heap: str | int | None = None,
    java_options: str = "",
    fresh: bool = False,
    progress: Narration = None,
) -> LocalServer:
    """The running server of that name, else starts one; it listens on loopback only and outlives this process.

    Args:
        license: `"basic"` or `"trial"` (30 days, once per data folder). None keeps what the data folder has: basic, if
            it is new. On a running server, `"trial"` is switched on without a restart.
        port: None takes the one it had last time, else the first free one from 9200.
        heap: `"512m"`, `"1g"` or MiB; None suits the machine.
        java_options: further options of the Java machine; `"-XX:TieredStopAtLevel=1"` starts with a third less CPU
            time and computes more slowly afterwards.
        fresh: stops the server of that name, if it runs, and deletes its data first.
        progress: None and True tell each step on stderr, False is silent, a callable gets the lines.

    Raises:
        OptionError: a name, licence, port or heap that cannot be.
        LocalServerError: it cannot be installed or started; a server that dies or does not answer within 180 s is
            quoted with the last lines of its log.
    """
    _require_platform()
    folders = server_folders(name)
    licence.require_known(license)
    heap_mb = heap_megabytes(heap, memory=machine_bytes())
    say = narrator(progress)
    busy = f"Another process is starting or stopping the server {name!r}; waiting for it."
    with holding(folders.lock, timeout_s=2 * START_TIMEOUT_S, waiting=busy, say=say):
        if fresh:
            _stop(folders, say)
            _delete(folders)
        running = _await_running(folders, say)
        if running is None:
            running = _start(name, folders, license, port, heap_mb, java_options, say)
        elif port and not running.url.endswith(f":{port}"):
            raise LocalServerError(
                f"The server {name!r} runs already, at {running.url} instead of port {port}.",
                hint=f"Use it there, or stop it first: `jina-notebook elasticsearch stop --name {name}`.",
            )
        return licence.switch(running, license, say)


def stop(name: str = "default", *, delete_data: bool = False, progress: Narration = False) -> bool:
    """Stops the server of that name, and no other process; True where one was running.

    `delete_data` also removes its indices, logs and settings.

    Raises:
        OptionError: a name that cannot be.
        LocalServerError: it does not end, or belongs to another user.
    """
    folders = server_folders(name)
    if not folders.root.exists():
        return False
    say = narrator(progress)
    busy = f"Another process is starting or stopping the server {name!r}; waiting for it."
    with holding(folders.lock, timeout_s=2 * START_TIMEOUT_S, waiting=busy, say=say):
        was_running = _stop(folders, say)
        if delete_data:
            _delete(folders)
            folders.lock.unlink(missing_ok=True)
    return was_running


def status(name: str = "default") -> LocalServer | None:
    """The server of that name as it is now, or None where none runs.

    A server that was killed counts as not running, whatever is on record. `answers` says whether it answered just now.

    Raises:
        OptionError: a name that cannot be.
    """
    folders = server_folders(name)
    record = read_record(folders)
    if record is None:
        return None
    process = find_process(folders, record, unprivileged())
    return None if process is None else _describe(folders, record, process)


def names() -> list[str]:
    """Names of all servers that were ever started and not deleted, running or not."""
    return server_names()


def logs(name: str = "default", *, lines: int = 50) -> str:
    """The last lines of a server's log, running or not.

    Raises:
        OptionError: a name that cannot be.
        LocalServerError: there is no server of that name.
    """
    folders = server_folders(name)
    if not folders.root.is_dir():
        raise LocalServerError(
            f"There is no server {name!r}; there are: {', '.join(names()) or 'none'}.",
            hint="Start one with `jina-notebook elasticsearch start`.",
        )
    return log_tail(folders, lines)


def _require_platform() -> None:
    if os.name != "posix":
        raise LocalServerError(
            "The local server runs on Linux and macOS only.",
            hint="Start it inside WSL, or set ELASTICSEARCH_URL to a server that runs elsewhere.",
        )


def _describe(folders: ServerFolders, record: Record, process: psutil.Process) -> LocalServer:
    url = record.url or written_url(folders) or ""
    code, answer = request(url) if url else (0, {})
    return LocalServer(
        name=record.name,
        url=url,
        pid=process.pid,
        version=str(answer.get("version", {}).get("number", record.version)),
        license=(licence.of(url) if code else "") or record.license,
        heap=record.heap,
        data_path=folders.data,
        log_path=folders.log,
        home=Path(record.home),
        answers=code == 200 and answer.get("name") == record.name,
    )


def _await_running(folders: ServerFolders, say: Say) -> LocalServer | None:
    """The server if its process runs, waiting for one that is just coming up; a stale record is removed."""
    record = read_record(folders)
    if record is None:
        return None
    account = unprivileged()
    if find_process(folders, record, account) is None and find_launcher(record) is None:
        forget(folders)
        return None
    return _finish(folders, record, account, say)


def _start(
    name: str,
    folders: ServerFolders,
    license: str | None,  # noqa: A002
    port: int | None,
    heap_mb: int,
    java_options: str,
    say: Say,
) -> LocalServer:
    account = unprivileged()
    if port is not None:
        require_free_port(port)
    distribution = obtain(account, say=say)
    require_space(folders.root, FREE_SPACE_MB, "starting Elasticsearch")
    plan = Plan(
        name=name,
        folders=folders,
        distribution=distribution,
        account=account,
        license=license or "basic",
        heap=heap_mb,
        port=port,
        last_port=_last_port(folders),
        java_options=java_options,
    )
    who = f", as user {account.name}" if account else ""
    say(f"Starting Elasticsearch {distribution.version} ({name!r}, {heap_mb} MB heap{who}).")
    with disk_faults(folders.root, "writing into"):
        launcher = launch(plan)
        record = Record(
            name=name,
            home=str(distribution.home),
            heap=f"{heap_mb}m",
            launcher=launcher.pid,
            launcher_created=psutil.Process(launcher.pid).create_time(),
        )
        write_record(folders, record)
    try:
        running = _finish(folders, record, account, say, port=port, exit_status=launcher.poll)
    except BaseException:  # an interrupt too: nothing half-started stays behind
        _end_all(folders, record, account)
        launcher.wait()
        forget(folders)
        raise
    launcher.wait()
    return running


def _finish(
    folders: ServerFolders,
    record: Record,
    account: Account | None,
    say: Say,
    *,
    port: int | None = None,
    exit_status: ExitStatus = unknown,
) -> LocalServer:
    """Waits until it answers, then puts its process and address on record."""
    url = until_ready(folders, record, account, say, port=port, exit_status=exit_status)
    process = find_process(folders, record, account)
    if process is None:
        raise LocalServerError(
            f"The server {record.name!r} answered at {url} and ended at once:\n{log_tail(folders)}",
            hint="Start it again; if that repeats, start it with `fresh=True`, which deletes its data.",
        )
    running = _describe(folders, record, process)
    write_record(
        folders,
        Record(
            name=record.name,
            home=record.home,
            heap=record.heap,
            launcher=record.launcher,
            launcher_created=record.launcher_created,
            pid=process.pid,
            created=process.create_time(),
            url=url,
            version=running.version,
            license=running.license,
        ),
    )
    (folders.root / "port").write_text(url.rpartition(":")[2], "ascii")
    return running


def _last_port(folders: ServerFolders) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return int((folders.root / "port").read_text("ascii"))
    return None


def _stop(folders: ServerFolders, say: Say) -> bool:
    record = read_record(folders)
    if record is None:
        return False
    say(f"Stopping the server {record.name!r}.")
    was_running = _end_all(folders, record, unprivileged())
    forget(folders)
    return was_running


def _end_all(folders: ServerFolders, record: Record, account: Account | None) -> bool:
    """Ends the server, and the launcher and its children where it is still starting; True where there was one."""
    launcher = find_launcher(record)
    processes: list[psutil.Process] = []
    if launcher is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            processes = [launcher, *launcher.children(recursive=True)]
    for process in processes:
        _end(process)
    server = find_process(folders, record, account)
    if server is not None:
        _end(server)
    return bool(processes) or server is not None


def _end(process: psutil.Process) -> None:
    """SIGTERM, and SIGKILL after a minute; `psutil` checks that the id still means the same process."""
    try:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
    except psutil.NoSuchProcess:
        return
    except (psutil.AccessDenied, psutil.TimeoutExpired) as error:
        raise LocalServerError(
            f"The server's process {process.pid} could not be stopped: {error}.",
            hint="Stop it as the user who started it.",
        ) from error


def _delete(folders: ServerFolders) -> None:
    if folders.root.exists():
        with disk_faults(folders.root, "deleting"):
            shutil.rmtree(folders.root)
