"""One helper for the progress of long work.

On a terminal one line is updated in place, in a notebook one output; where nobody watches (papermill, cron, a pipe)
there is a plain line now and then. No widgets, so that a saved notebook holds no state of them.
"""

from __future__ import annotations

import html
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from jina_notebook.protocols import Progress
from jina_notebook.render.clean import duration

__all__ = ["Reporter", "reporting", "running"]

SETTLED_S = 0.5  # before this, a rate says nothing
PATIENCE_S = 2.0  # with progress=None, nothing is shown before this

_running: list[Reporter] = []
_lock = threading.Lock()


class Screen(Protocol):
    """Where a line of progress appears. `interval` is the shortest time between two, in seconds."""

    interval: float

    def show(self, line: str, share: float | None) -> None:
        """Shows a line; `share` of the work is done (None where the total is not known)."""
        ...

    def end(self, line: str) -> None:
        """Leaves the last line as it is and makes room for what comes after."""
        ...


class Terminal:
    """One line, written over."""

    interval = 0.2

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._length = 0

    def show(self, line: str, share: float | None) -> None:
        self._stream.write("\r" + line.ljust(self._length))
        self._stream.flush()
        self._length = len(line)

    def end(self, line: str) -> None:
        self.show(line, None)
        self._stream.write("\n")
        self._stream.flush()


class Lines:
    """A line now and then."""

    interval = 10.0

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, line: str, share: float | None) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()

    def end(self, line: str) -> None:
        self.show(line, None)


class Output:
    """One output of the running cell, updated in place."""

    interval = 0.5

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, line: str, share: float | None) -> None:
        from IPython.display import display

        value = "" if share is None else f' value="{share:.3f}"'
        bundle = {"text/plain": line, "text/html": f"<div><progress{value}></progress> {html.escape(line)}</div>"}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(bundle, raw=True)

    def end(self, line: str) -> None:
        self.show(line, 1.0)


def screen() -> Screen:
    """The place to show progress in this process."""
    if _watched_kernel():
        return Output()
    return Terminal(sys.stderr) if sys.stderr.isatty() else Lines(sys.stderr)


def _watched_kernel() -> bool:
    """Whether a person's front end runs this cell: papermill and nbclient run cells without standard input."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", False))


class Reporter:
    """Counts work done and shows it with an honest remaining time (from the rate so far)."""

    def __init__(self, progress: Progress, *, total: int, unit: str, label: str, screen: Screen) -> None:
        self.done = 0
        self.total = total
        self.label = label
        self._progress = progress
        self._unit = unit
        self._screen = screen
        self._started = time.monotonic()
        self._shown_at = self._started + (0.0 if progress is True else PATIENCE_S)
        self._shown = False

    @property
    def told_elsewhere(self) -> bool:
        """Whether the caller gave a function that is told, and so shows the progress itself."""
        return callable(self._progress)

    def advance(self, amount: int) -> None:
        """`amount` more units are done."""
        self.done += amount
        if callable(self._progress):
            self._progress(self.done, self.total)
        elif self._progress is not False:
            self._show(time.monotonic())

    def _show(self, now: float) -> None:
        if now < self._shown_at:
            return
        self._shown_at = now + self._screen.interval
        self._shown = True
        self._screen.show(self.line(now), self.done / self.total if self.total else None)

    def line(self, now: float) -> str:
        """`Embedding: 1,024 of 4,096 tokens (25 %), 812 tokens/s, 4 s left`."""
        seconds = max(now - self._started, 1e-9)
        rate = self.done / seconds
        text = f"{self.label}: {self.done:,}"
        if self.total:
            text += f" of {self.total:,}"
        text += f" {self._unit}"
        if self.total:
            text += f" ({100 * self.done // self.total} %)"
        if seconds < SETTLED_S:
            return text
        text += f", {rate:,.0f} {self._unit}/s"
        if self.total and rate and self.done < self.total:
            text += f", {duration((self.total - self.done) / rate)} left"
        return text

    def close(self) -> None:
        """Ends the line where one was begun."""
        if self._shown:
            now = time.monotonic()
            self._screen.end(f"{self.line(now)}, {duration(now - self._started)} in all")


@contextmanager
def reporting(progress: Progress, *, total: int, unit: str, label: str) -> Iterator[Reporter]:
    """`with reporting(progress, total=n, unit="tokens", label="Embedding") as report: report.advance(k)`.

    `total` is 0 where it is not known (a stream). `None` is silent where the setting `show_progress` is off.
    """
    if progress is None:
        from jina_notebook.settings import current

        progress = None if current().show_progress else False
    reporter = Reporter(progress, total=total, unit=unit, label=label, screen=screen())
    with _lock:
        _running.append(reporter)
    try:
        yield reporter
    finally:
        with _lock:
            _running.remove(reporter)
        reporter.close()


def running() -> tuple[Reporter, ...]:
    """What is at work in this process now, the outermost first; work whose caller counts for itself is left out."""
    with _lock:
        return tuple(one for one in _running if not one.told_elsewhere)
