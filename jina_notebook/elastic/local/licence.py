"""The licence of a local server: what it has, and switching between basic and trial while it runs."""

from __future__ import annotations

from dataclasses import replace

from jina_notebook.elastic.local.narration import Say
from jina_notebook.elastic.local.probe import request
from jina_notebook.elastic.local.state import LocalServer
from jina_notebook.errors import LocalServerError, OptionError

__all__ = ["LICENSES", "of", "require_known", "switch"]

LICENSES = ("basic", "trial")


def require_known(license: str | None) -> None:  # noqa: A002  # the field's own word
    """Raises OptionError where it is neither basic nor trial nor left out."""
    if license is not None and license not in LICENSES:
        raise OptionError(
            f"A local server cannot have the licence {license!r}: {' and '.join(LICENSES)} are allowed.",
            hint="Trial is free for 30 days and allows everything; basic is for ever.",
        )


def of(url: str) -> str:
    """`"basic"`, `"trial"`, …; `""` where the server does not say (yet)."""
    answer = request(url, "/_license")[1].get("license")
    return str(answer.get("type", "")) if isinstance(answer, dict) else ""


def switch(server: LocalServer, license: str | None, say: Say) -> LocalServer:  # noqa: A002
    """The server with the licence asked for, changed where it has another; None leaves it.

    Raises:
        LocalServerError: this data folder has had its trial.
    """
    if license is None or server.license == license:
        return server
    code, answer = request(server.url, f"/_license/start_{license}?acknowledge=true", method="POST", timeout_s=30.0)
    now = of(server.url)
    if now != license:
        reason = answer.get("error_message") or answer.get("error") or f"status {code}"
        raise LocalServerError(
            f"The server {server.name!r} stays {now or server.license}: {license} is refused ({reason}).",
            hint="A trial can be started once per data folder: start a server under another name, or with fresh data.",
        )
    say(f"The licence of the server {server.name!r} is now {license}.")
    return replace(server, license=license)
