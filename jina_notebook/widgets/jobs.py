"""Long work beside the kernel: in a thread of its own, with progress, and stopped when it is asked to.

The kernel's own thread stays free, so that other widgets, completion and the cancel button go on working.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from jina_notebook.errors import JinaNotebookError

__all__ = ["Cancelled", "Job", "Worker", "running"]

INTERVAL_S = 0.1  # between two reports of progress
Say = Callable[[Mapping[str, Any]], None]

_running: list[Job] = []
_lock = threading.Lock()


class Cancelled(Exception):
    """Raised inside the work where it was asked to stop."""


class Job:
    """One piece of work: what it is called, how far it is, and whether it shall stop."""

    def __init__(self, label: str, say: Say) -> None:
        self.label = label
        self.done = 0
        self.total = 0
        self._say = say
        self._stop = threading.Event()
        self._said_at = time.monotonic()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        self._stop.set()

    def progress(self, done: int, total: int) -> None:
        """Reports; raises `Cancelled` where the work was asked to stop."""
        self.check()
        self.done, self.total = done, total
        now = time.monotonic()
        if now - self._said_at >= INTERVAL_S:
            self._said_at = now
            self._say(self.state())

    def check(self) -> None:
        if self.stopped:
            raise Cancelled

    def state(self) -> dict[str, Any]:
        return {"state": "running", "label": self.label, "done": self.done, "total": self.total}


class Worker:
    """Does one job at a time for one widget; a new one takes the place of an unfinished one.

    `say` gets `{"state": "running" | "done" | "failed" | "cancelled", "label", "done", "total", "message", "hint"}`.
    """

    def __init__(self, say: Say) -> None:
        self._say_outside = say
        self._job: Job | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()

    def start(self, label: str, work: Callable[[Job], Callable[[], str]]) -> None:
        """Begins `work` in a thread. It gives what shows its result, which is called unless it was cancelled by then.

        What that gives is the sentence said at the end. Faults are said in the widget: a thread has no cell to fail.
        """
        job = self._begin(label)
        self._thread = threading.Thread(target=self._carry_out, args=(job, work), name=f"jina-notebook: {label}")
        self._thread.daemon = True
        self._thread.start()

    def run(self, label: str, work: Callable[[Job], Callable[[], str]]) -> None:
        """Does it at once, in the caller's thread; faults are the caller's."""
        job = self._begin(label)
        try:
            message = work(job)()
        except BaseException as error:
            self._end(job, _fault(label, error))
            raise
        self._end(job, {"state": "done", "label": label, "message": message})

    def cancel(self) -> None:
        """Asks the job to stop and says so; what it gives after that is thrown away."""
        with self._lock:
            job, self._job = self._job, None
        if job is not None:
            job.stop()
            self._say_outside({"state": "cancelled", "label": job.label})

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until the last job that was started has ended; False where it has not by then."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()

    def _begin(self, label: str) -> Job:
        with self._lock:
            if self._job is not None:
                self._job.stop()
            job = Job(label, lambda state: self._say(job, state))
            self._job = job
        with _lock:
            _running.append(job)
        self._say(job, job.state())
        return job

    def _carry_out(self, job: Job, work: Callable[[Job], Callable[[], str]]) -> None:
        try:
            show = work(job)
            with self._lock:
                job.check()
                message = show()
        except Exception as error:  # said in the widget; nobody else would hear of it
            self._end(job, _fault(job.label, error))
        else:
            self._end(job, {"state": "done", "label": job.label, "message": message})

    def _say(self, job: Job, state: Mapping[str, Any]) -> None:
        with self._lock:
            if self._job is job:
                self._say_outside(state)

    def _end(self, job: Job, state: Mapping[str, Any]) -> None:
        with _lock:
            if job in _running:
                _running.remove(job)
        with self._lock:
            if self._job is job:
                self._job = None
                self._say_outside(state)


def _fault(label: str, error: BaseException) -> dict[str, Any]:
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return {"state": "cancelled", "label": label}
    if isinstance(error, JinaNotebookError):
        return {"state": "failed", "label": label, "message": error.message, "hint": error.hint or ""}
    return {"state": "failed", "label": label, "message": f"{type(error).__name__}: {error}", "hint": ""}


def running() -> tuple[Job, ...]:
    """Jobs that are at work now, of every widget."""
    with _lock:
        return tuple(_running)
