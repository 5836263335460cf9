"""One thread per model, which computes together what asks for the same.

A request becomes a job of one or more units. A step takes units in turn from all waiting jobs of the same key, up to a
size, so that a lone query never waits for the whole of a big request; a job whose caller left is dropped.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from jina_notebook.serving.faults import Fault
from jina_notebook.serving.limits import Limits

__all__ = ["Job", "Worker"]

Observe = Callable[[int, float], None]
RATE_MEMORY = 0.7  # share of the old figure in the running average of characters per second
LONGEST_PAUSE_S = 60
NEARLY = 0.9  # share of a caller's patience after which the running step counts as too slow for the next one


@dataclass(eq=False, slots=True)
class Job:
    """What one request wants: `run` gives one result per unit, for units of any jobs with the same `key`.

    `costs` are characters. `whole`: all units in one step, because the positions in an error must be the caller's, or
    because the units have to be seen together. `key=None` shares with nobody.
    """

    run: Callable[[Sequence[Any]], Sequence[Any]]
    units: Sequence[Any]
    costs: Sequence[int]
    key: Hashable | None = None
    whole: bool = False
    future: Future[list[Any]] = field(default_factory=Future)
    results: list[Any] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Characters that are not computed yet."""
        return sum(self.costs[len(self.results) :])


Share = tuple[Job, int]
"""A job, and how many of its next units a step takes."""


class Worker:
    """The thread and the queue of one model. `observe` is told (units, seconds) of every step."""

    def __init__(self, name: str, limits: Limits, *, observe: Observe | None = None) -> None:
        self.name = name
        self._limits = limits
        self._observe = observe
        self._jobs: deque[Job] = deque()
        self._condition = threading.Condition()
        self._closed = False
        self._began: float | None = None
        self._computed: tuple[Job, ...] = ()
        self._rate = 2000.0
        self._thread = threading.Thread(target=self._loop, name=f"jina-serving-{name}", daemon=True)
        self._thread.start()

    def submit(self, job: Job, *, patience_s: float) -> Future[list[Any]]:
        """Queues a job.

        Raises `Fault`: 503 once closed, 429 where the queue is full or the step that runs has already taken longer than
        this caller would wait.
        """
        if not job.units:
            job.future.set_result([])
            return job.future
        with self._condition:
            if self._closed:
                raise self._stopping()
            self._forget_gone()
            waiting = sum(one.left for one in self._jobs)
            full = len(self._jobs) >= self._limits.jobs or waiting + job.left > self._limits.waiting
            if self._jobs and full:
                raise self.refusal(f"{len(self._jobs)} requests wait for {self.name}, as many as it takes on")
            running = 0.0 if self._began is None else time.monotonic() - self._began
            if running > NEARLY * patience_s:
                raise self.refusal(f"{self.name} has been busy for {running:.0f} s with what came before")
            self._jobs.append(job)
            self._condition.notify()
        return job.future

    def refusal(self, why: str) -> Fault:
        """A 429 that says when to come back, by what waits and the rate seen so far."""
        with self._condition:
            seconds = sum(one.left for one in self._jobs) / max(self._rate, 1.0)
        pause = max(1, min(LONGEST_PAUSE_S, math.ceil(seconds)))
        return Fault(429, f"{why}; try again in {pause} s.", code="busy", retry_after=pause)

    @property
    def waiting(self) -> int:
        """Requests that wait or are being computed."""
        with self._condition:
            self._forget_gone()
            return len(self._jobs)

    def close(self, *, timeout_s: float) -> None:
        """Refuses what waits, lets the running step end, and ends the thread."""
        with self._condition:
            self._closed = True
            left = [job for job in self._jobs if job not in self._computed]
            self._condition.notify_all()
        for job in left:
            _fail(job, self._stopping())
        self._thread.join(timeout_s)

    def _stopping(self) -> Fault:
        return Fault(503, f"The server of {self.name} is stopping.", code="stopping", retry_after=5)

    def _loop(self) -> None:
        while True:
            with self._condition:
                self._forget_gone()
                while not self._jobs and not self._closed:
                    self._condition.wait()
                    self._forget_gone()
                if self._closed:
                    return
                shares = self._take()
                self._began = time.monotonic()
                self._computed = tuple(job for job, _ in shares)
            try:
                self._step(shares)
            finally:
                self._end_step(shares)

    def _take(self) -> list[Share]:
        """Units of the first job's key, one of each job in turn, as many as fit in a step (at least one)."""
        first = self._jobs[0]
        if first.key is None or first.whole:
            return [(first, len(first.units))]
        sharing = [job for job in self._jobs if job.key == first.key and not job.whole]
        counts = dict.fromkeys(sharing, 0)
        room = self._limits.step
        while sharing and room > 0:
            for job in list(sharing):
                position = len(job.results) + counts[job]
                if position == len(job.units):
                    sharing.remove(job)
                    continue
                if room <= 0:
                    break
                counts[job] += 1
                room -= job.costs[position]
        return [(job, count) for job, count in counts.items() if count]

    def _step(self, shares: Sequence[Share]) -> None:
        units = [unit for job, count in shares for unit in job.units[len(job.results) :][:count]]
        try:
            results = shares[0][0].run(units)
        except Exception as error:
            if len(shares) == 1:
                _fail(shares[0][0], error)
                return
            for share in shares:  # one caller's fault must not be another's
                self._step([share])
            return
        start = 0
        for job, count in shares:
            job.results.extend(results[start : start + count])
            start += count
            if len(job.results) == len(job.units):
                with suppress(InvalidStateError):  # its caller left meanwhile
                    job.future.set_result(job.results)

    def _end_step(self, shares: Sequence[Share]) -> None:
        with self._condition:
            seconds = time.monotonic() - (self._began or 0.0)
            self._began, self._computed = None, ()
            unfinished = [job for job, _ in shares if not job.future.done()]
            self._jobs = deque(job for job in self._jobs if job not in unfinished)
            self._jobs.extend(unfinished)  # what is left of a big request goes behind everybody else
            closed = self._closed
        for job in unfinished if closed else ():
            _fail(job, self._stopping())
        units = sum(count for _, count in shares)
        cost = sum(sum(job.costs[:count]) for job, count in shares)
        self._rate = RATE_MEMORY * self._rate + (1 - RATE_MEMORY) * cost / max(seconds, 1e-6)
        if self._observe is not None:
            self._observe(units, seconds)

    def _forget_gone(self) -> None:
        if any(job.future.done() for job in self._jobs):
            self._jobs = deque(job for job in self._jobs if not job.future.done())


def _fail(job: Job, error: BaseException) -> None:
    with suppress(InvalidStateError):  # its caller left meanwhile
        job.future.set_exception(error)
