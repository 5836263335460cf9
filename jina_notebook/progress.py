"""One helper for the progress of long work: a single line updated in place, plain lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from jina_notebook.protocols import Progress

__all__ = ["Reporter", "reporting"]

PATIENCE_S = 2.0  # with progress=None, nothing is shown before this
INTERVAL_S = {"terminal": 0.2, "lines": 10.0}


class Reporter:
    """Counts work done and shows it with an honest remaining time (from the rate so far)."""

    def __init__(self, progress: Progress, *, total: int, unit: str, label: str, stream: TextIO) -> None:
        self.done = 0
        self.total = total
        self._progress = progress
        self._unit = unit
        self._label = label
        self._stream = stream
        self._started = time.monotonic()
        self._shown_at = self._started + (0.0 if progress is True else PATIENCE_S)
        self._terminal = stream.isatty()
        self._shown = False

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
        self._shown_at = now + INTERVAL_S["terminal" if self._terminal else "lines"]
        self._shown = True
        self._stream.write(("\r" if self._terminal else "") + self.line(now) + ("" if self._terminal else "\n"))
        self._stream.flush()

    def line(self, now: float) -> str:
        """`Embedding: 1,024 of 4,096 tokens (25 %), 812 tokens/s, 4 s left`."""
        seconds = max(now - self._started, 1e-9)
        rate = self.done / seconds
        text = f"{self._label}: {self.done:,}"
        if self.total:
            text += f" of {self.total:,}"
        text += f" {self._unit}"
        if self.total:
            text += f" ({100 * self.done // self.total} %)"
        text += f", {rate:,.0f} {self._unit}/s"
        if self.total and rate and self.done < self.total:
            text += f", {(self.total - self.done) / rate:,.0f} s left"
        return text

    def close(self) -> None:
        """Ends the line where one was begun."""
        if self._shown and self._terminal:
            self._stream.write("\r" + self.line(time.monotonic()) + "\n")
            self._stream.flush()


@contextmanager
def reporting(progress: Progress, *, total: int, unit: str, label: str) -> Iterator[Reporter]:
    """`with reporting(progress, total=n, unit="tokens", label="Embedding") as report: report.advance(k)`.

    `total` is 0 where it is not known (a stream).
    """
    reporter = Reporter(progress, total=total, unit=unit, label=label, stream=sys.stderr)
    try:
        yield reporter
    finally:
        reporter.close()
