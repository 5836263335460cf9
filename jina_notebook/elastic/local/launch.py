"""Configuration, environment and command line of a server, and the start of its process."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jina_notebook.elastic.local.account import Account, hand_over, run_as
from jina_notebook.elastic.local.distribution import Distribution
from jina_notebook.elastic.local.folders import ServerFolders, make_folder
from jina_notebook.elastic.local.memory import heap_options
from jina_notebook.errors import LocalServerError, OptionError

__all__ = ["Plan", "launch", "settings"]

PORTS = "9200-9299"
TRANSPORT_PORTS = "9300-9399"
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
DROPPED_JVM_OPTIONS = ("-Xlog:", "-XX:+HeapDumpOnOutOfMemoryError")  # up to 2 GB of collector logs, dumps of a heap
LEAST_JVM_OPTIONS = "-Djava.io.tmpdir=${ES_TMPDIR}\n--add-modules=jdk.incubator.vector\n-XX:+ExitOnOutOfMemoryError\n"

LOGGING = """\
status = error

appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1}] %m%consoleException%n

appender.rolling.type = RollingFile
appender.rolling.name = rolling
appender.rolling.fileName = ${sys:es.logs.base_path}${sys:file.separator}server.log
appender.rolling.layout.type = PatternLayout
appender.rolling.layout.pattern = [%d{ISO8601}][%-5p][%c{1}] %m%n
appender.rolling.filePattern = ${sys:es.logs.base_path}${sys:file.separator}server-%i.log.gz
appender.rolling.policies.type = Policies
appender.rolling.policies.size.type = SizeBasedTriggeringPolicy
appender.rolling.policies.size.size = 10MB
appender.rolling.strategy.type = DefaultRolloverStrategy
appender.rolling.strategy.max = 2

rootLogger.level = info
rootLogger.appenderRef.rolling.ref = rolling
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides how a server is started."""

    name: str
    folders: ServerFolders
    distribution: Distribution
    account: Account | None
    license: str
    heap: int
    port: int | None
    last_port: int | None = None
    java_options: str = ""


def settings(plan: Plan) -> dict[str, str | bool]:
    """What goes into `elasticsearch.yml`.

    Without a port asked for, the server itself takes the first free one and writes it down: no other process can take
    it in between.
    """
    ports = str(plan.port) if plan.port else ",".join(filter(None, [str(plan.last_port or ""), PORTS]))
    chosen: dict[str, str | bool] = {
        "cluster.name": "jina-notebook",
        "node.name": plan.name,
        "node.portsfile": True,
        "path.data": str(plan.folders.data),
        "path.logs": str(plan.folders.logs),
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": ports,
        "transport.port": TRANSPORT_PORTS,
        "xpack.security.enabled": False,
        "xpack.license.self_generated.type": plan.license,
        "xpack.ml.enabled": False,
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }
    if (plan.distribution.home / "modules" / "ingest-geoip").is_dir():
        chosen["ingest.geoip.downloader.enabled"] = False  # the only thing that would call out by itself
    return chosen


def prepare(plan: Plan) -> None:
    """Makes the folders and writes the configuration, all of it the server's user's own."""
    folders = plan.folders
    make_folder(folders.root)
    for folder in (folders.config, folders.temporary):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (folders.config, folders.data, folders.logs, folders.temporary):
        folder.mkdir(exist_ok=True)
    folders.ports_file.unlink(missing_ok=True)
    if folders.log.exists():  # what this start writes must not be mistaken for an earlier one's
        folders.log.replace(folders.logs / "server-before.log")
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in settings(plan).items()]
    (folders.config / "elasticsearch.yml").write_text("".join(lines), "utf-8")
    (folders.config / "log4j2.properties").write_text(LOGGING, "utf-8")
    (folders.config / "jvm.options").write_text(_jvm_options(plan.distribution.home), "utf-8")
    for folder in (folders.config, folders.data, folders.logs, folders.temporary):
        hand_over(folder, plan.account)


def _jvm_options(home: Path) -> str:
    """The distribution's own, but for what fills the disk; the least that works where they cannot be read."""
    try:
        given = (home / "config" / "jvm.options").read_text("utf-8").splitlines(keepends=True)
    except OSError:  # system packages keep them elsewhere, for their own user only
        return LEAST_JVM_OPTIONS
    return "".join(line for line in given if not any(option in line for option in DROPPED_JVM_OPTIONS))


def environment(plan: Plan, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A short one: the session's variables hold secrets that a server has no use for."""
    kept = {name: environ[name] for name in KEPT_VARIABLES if name in environ}
    kept.setdefault("PATH", os.defpath)
    kept["HOME"] = str(plan.folders.temporary)
    kept["ES_PATH_CONF"] = str(plan.folders.config)
    kept["ES_TMPDIR"] = str(plan.folders.temporary)
    kept["ES_JAVA_OPTS"] = f"{heap_options(plan.heap)} {plan.java_options}".strip()
    if plan.distribution.java_home is not None:
        kept["ES_JAVA_HOME"] = str(plan.distribution.java_home)
    return kept


def launch(plan: Plan) -> subprocess.Popen[bytes]:
    """Starts the launcher in a session of its own; it ends once the server runs, and the server stays.

    Raises:
        LocalServerError: the program cannot be run.
    """
    prepare(plan)
    command = [str(plan.distribution.home / "bin" / "elasticsearch"), "-d", "-p", str(plan.folders.pid_file)]
    try:
        with plan.folders.console.open("wb") as console:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment(plan),
                start_new_session=True,
                **run_as(plan.account),
            )
    except OSError as error:
        raise LocalServerError(
            f"{command[0]} cannot be run: {error.strerror}.",
            hint="Remove that folder and run `jina-notebook elasticsearch install` again.",
        ) from error


def require_free_port(port: int) -> None:
    """Checks that a port asked for can be listened on.

    Raises:
        OptionError: not a port number an ordinary user can listen on.
        LocalServerError: another program listens there.
    """
    if not isinstance(port, int) or not 1024 <= port <= 65535:
        raise OptionError(
            f"Port {port!r} cannot be used: a number from 1024 to 65535 is allowed.",
            hint="Leave the port out, and a free one is chosen.",
        )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise port_taken(port) from error


def port_taken(port: int) -> LocalServerError:
    return LocalServerError(
        f"Port {port} is taken by another program.",
        hint="Choose another port, or leave it out and a free one is chosen; "
        "`jina-notebook elasticsearch status` lists this package's own servers.",
    )


def log_tail(folders: ServerFolders, lines: int = 12) -> str:
    """The last lines of the console output and of the server's own log, the warnings of the launcher left out."""
    texts: list[str] = []
    for path in (folders.console, folders.log):
        if path.is_file():
            texts.extend(_last_lines(path, lines))
    return "\n".join(texts)


def _last_lines(path: Path, lines: int) -> list[str]:
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - (lines * 400 + 4000)))
        return file.read().decode("utf-8", errors="replace").splitlines()[-lines:]
