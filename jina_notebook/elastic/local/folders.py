"""Where things lie on disk: distributions in a cache folder, each server's data in a folder of its own.

`JINA_NOTEBOOK_CACHE` moves everything. Without it, root uses `/var/cache` and `/var/lib` (the server runs as another
user, who cannot enter root's home), other users the usual folders of their platform.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jina_notebook.elastic.local.account import is_root
from jina_notebook.errors import LocalServerError, OptionError

__all__ = ["ServerFolders", "cache_folder", "distribution_folder", "make_folder", "server_folders", "server_names"]

VARIABLE = "JINA_NOTEBOOK_CACHE"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class ServerFolders:
    """The files and folders of one server, all below `root`."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def temporary(self) -> Path:
        """The server's own; its path on a command line identifies the process."""
        return self.root / "tmp"

    @property
    def record(self) -> Path:
        return self.root / "server.json"

    @property
    def lock(self) -> Path:
        return self.root.with_name(f".{self.root.name}.lock")

    @property
    def console(self) -> Path:
        """What launcher and server say before their own log begins."""
        return self.root / "console.log"

    @property
    def log(self) -> Path:
        return self.logs / "server.log"

    @property
    def pid_file(self) -> Path:
        return self.temporary / "server.pid"

    @property
    def ports_file(self) -> Path:
        return self.logs / "http.ports"


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """What can be fetched again."""
    return _folder(environ, root="/var/cache", mac="Library/Caches", variable="XDG_CACHE_HOME", other=".cache")


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """What belongs to the user: a server's indices."""
    return _folder(
        environ, root="/var/lib", mac="Library/Application Support", variable="XDG_DATA_HOME", other=".local/share"
    )


def _folder(environ: Mapping[str, str], *, root: str, mac: str, variable: str, other: str) -> Path:
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE]).expanduser().absolute()
    if is_root():
        return Path(root) / "jina-notebook"
    if sys.platform == "darwin":
        return Path.home() / mac / "jina-notebook"
    return Path(environ.get(variable) or Path.home() / other) / "jina-notebook"


def distribution_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Holds the unpacked distributions, one folder each."""
    return cache_folder(environ) / "elasticsearch"


def server_folders(name: str, environ: Mapping[str, str] = os.environ) -> ServerFolders:
    """The folders of the server of that name (none of them is made).

    Raises:
        OptionError: a name that is not lower-case letters, digits, `-` and `_`.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise OptionError(
            f"A server cannot be called {name!r}: up to 63 lower-case letters, digits, '-' and '_' are allowed.",
            hint="Choose another name, for example 'default'.",
        )
    return ServerFolders(data_folder(environ) / "servers" / name)


def server_names(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names of all servers that have a folder, running or not, in alphabetical order."""
    parent = data_folder(environ) / "servers"
    if not parent.is_dir():
        return []
    return sorted(path.name for path in parent.iterdir() if path.is_dir() and NAME.fullmatch(path.name))


def make_folder(path: Path) -> None:
    """Makes a folder (and those above it) that every user can enter.

    Raises:
        LocalServerError: it cannot be made or written.
    """
    try:
        missing = [p for p in (path, *path.parents) if not p.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
    except OSError as error:
        raise LocalServerError(
            f"The folder {path} cannot be made: {error.strerror}.",
            hint=f"Set {VARIABLE} to a folder that you can write to.",
        ) from error
