"""The model servers that run in this process: where they are and what they serve.

`serving` writes it and `elastic` reads it, so that neither imports the other.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

__all__ = ["Endpoint", "announce", "offering", "running", "withdraw"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One running server. `url` without a path, `models` by catalogue name; the token is in no display."""

    url: str
    token: str = field(repr=False)
    models: tuple[str, ...]
    process: int = field(default_factory=os.getpid, repr=False)


_running: list[Endpoint] = []
_lock = threading.Lock()


def announce(endpoint: Endpoint) -> None:
    """Adds a server that answers."""
    with _lock:
        _running.append(endpoint)


def withdraw(endpoint: Endpoint) -> None:
    """Takes a server away that is stopping."""
    with _lock:
        if endpoint in _running:
            _running.remove(endpoint)


def running() -> tuple[Endpoint, ...]:
    """The servers of this process, oldest first; a forked child has none of its parent's."""
    with _lock:
        return tuple(endpoint for endpoint in _running if endpoint.process == os.getpid())


def offering(model: str) -> Endpoint | None:
    """The server started last that serves a model of this name."""
    return next((endpoint for endpoint in reversed(running()) if model in endpoint.models), None)
