"""The user that the server runs as: Elasticsearch refuses to run as root, so a root session steps down."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jina_notebook.errors import LocalServerError

__all__ = ["Account", "hand_over", "is_root", "require_entry", "run_as", "unprivileged"]

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged user."""

    name: str
    uid: int
    gid: int


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def unprivileged() -> Account | None:
    """The user that a root session steps down to; None where the session is not root's and nothing needs to change.

    A user `elasticsearch`, if the machine has one, else `nobody`.
    """
    if not is_root():
        return None
    import pwd

    for name in ("elasticsearch", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    return Account(str(NOBODY), NOBODY, NOBODY)


def run_as(account: Account | None) -> dict[str, Any]:
    """Keyword arguments that make `subprocess` run something as that user."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def hand_over(folder: Path, account: Account | None) -> None:
    """Makes that user the owner of a folder and of everything in it."""
    if account is None:
        return
    os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent) / name, account.uid, account.gid, follow_symlinks=False)


def require_entry(folder: Path, account: Account | None, *, hint: str) -> None:
    """Checks that the user can enter and list a folder, by trying it.

    Raises:
        LocalServerError: it cannot, or the machine does not let root become another user.
    """
    if account is None:
        return
    test = ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", str(folder)]
    try:
        done = subprocess.run(test, **run_as(account), cwd="/", capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise LocalServerError(
            f"Elasticsearch refuses root, and this machine does not let root become user {account.name}: {error}.",
            hint="Run this as an ordinary user, or set ELASTICSEARCH_URL to a server that runs elsewhere.",
        ) from error
    if done.returncode:
        raise LocalServerError(
            f"Elasticsearch refuses root, and user {account.name}, whom it runs as instead, cannot enter {folder}.",
            hint=hint,
        )
