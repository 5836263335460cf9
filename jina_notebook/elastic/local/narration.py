"""How long steps say what they do: one line each on the error stream, from the first second."""

from __future__ import annotations

import sys
from collections.abc import Callable

__all__ = ["Narration", "Say", "narrator"]

Say = Callable[[str], None]

Narration = bool | Say | None
"""`None` and `True` write lines to stderr, `False` is silent, a callable gets each line."""


def narrator(progress: Narration) -> Say:
    """The function that takes the lines."""
    if callable(progress):
        return progress
    return _silent if progress is False else _to_stderr


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _silent(line: str) -> None:
    del line
