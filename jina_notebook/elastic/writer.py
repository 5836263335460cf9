"""Two threads that write what is put into a bounded queue, again and smaller where the server asks for it."""

from __future__ import annotations

import contextlib
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jina_notebook.elastic.bulk import MOST_BYTES, Answer, bodies
from jina_notebook.elastic.records import Item
from jina_notebook.errors import ConnectError, ElasticsearchError, RequestError
from jina_notebook.results import Failure

__all__ = ["Patience", "Writer"]

THREADS = 2  # two bulks use two cores of the server: 1.4 times for flat, 1.7 times for graphs
QUEUED_BODIES = 4
SMALLEST_BODY = 64 * 1024
LARGE_DOCUMENT = 2**20  # a single document above this may be more than the server's memory allows at any time
TRIES_OF_A_LARGE_DOCUMENT = 6


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a busy or lost server is waited for: `first` to `most` seconds between tries, `total` in all without any
    document stored. A local server needs up to a minute to come back."""

    first: float = 0.5
    most: float = 8.0
    total: float = 150.0

    def pause(self, attempt: int) -> float:
        """Seconds before the next try, spread so that writers do not come back all at once."""
        return float(min(self.most, self.first * 2**attempt) * random.uniform(0.75, 1.25))  # noqa: S311 - not a secret


class Writer:
    """Stores documents with `store(items) -> Answer`, each until it is confirmed or refused for good.

    `put` blocks while the queue is full, so memory stays bounded; errors after which nothing can be stored come out of
    `put` and `finish`. `confirmed`, `failures`, `bytes_sent` and `busy_seconds` may be read at any time.
    """

    def __init__(
        self, store: Callable[[Sequence[Item]], Answer], *, patience: Patience | None = None, threads: int = THREADS
    ) -> None:
        self.confirmed = 0
        self.bytes_sent = 0
        self.failures: list[Failure] = []
        self._store = store
        self._patience = patience or Patience()
        self._queue: queue.Queue[list[Item] | None] = queue.Queue(QUEUED_BODIES)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._hurry = threading.Event()
        self._error: BaseException | None = None
        self._most_bytes = MOST_BYTES
        self._busy = 0
        self._busy_since = 0.0
        self._busy_total = 0.0
        self._progressed = time.monotonic()
        self._threads = [
            threading.Thread(target=self._work, name=f"jina-writer-{i}", daemon=True) for i in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def busy_seconds(self) -> float:
        """Seconds in which at least one request was under way."""
        with self._lock:
            return self._busy_total + (time.monotonic() - self._busy_since if self._busy else 0.0)

    def put(self, items: Sequence[Item]) -> None:
        """Hands over documents; waits while the queue is full. Raises what ended the writing, if anything did."""
        for body in bodies(items, most_bytes=self._most_bytes):
            while True:
                self._raise()
                with contextlib.suppress(queue.Full):
                    self._queue.put(body, timeout=0.5)
                    break

    def finish(self) -> None:
        """Waits until everything is stored or refused. Raises what ended the writing, if anything did."""
        self._end()
        self._raise()

    def flush(self) -> None:
        """As `finish` after an interrupt: what was put is still tried once, without waiting for a busy server."""
        self._hurry.set()
        self._end()

    def _end(self) -> None:
        for _ in self._threads:
            while not self._stop.is_set():
                with contextlib.suppress(queue.Full):
                    self._queue.put(None, timeout=0.5)
                    break
        for thread in self._threads:
            thread.join()

    def abandon(self) -> None:
        """Stops without waiting: requests under way end by themselves, nothing further is sent."""
        self._stop.set()
        self._hurry.set()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                body = self._queue.get(timeout=0.5)
            except queue.Empty:
                continue
            if body is None:
                return
            try:
                self._deliver(body)
            except BaseException as error:
                self._error = self._error or error
                self.abandon()

    def _deliver(self, body: list[Item]) -> None:
        """Sends until nothing of this body is left to send."""
        left = deque([body])
        attempt = 0
        since = time.monotonic()
        while left and not self._stop.is_set():
            part = left.popleft()
            answer = self._timed(part)
            self._take(answer)
            if answer.fatal is not None:
                raise answer.fatal
            if answer.stored or not answer.refused:
                attempt = 0
            if not answer.refused:
                continue
            left.extendleft(reversed(self._again(answer, part, attempt)))
            if left and not answer.oversize:
                self._pause(attempt, answer, since)
                attempt += 1

    def _again(self, answer: Answer, part: Sequence[Item], attempt: int) -> list[list[Item]]:
        """The refused documents as the next requests, halved where the body was too much."""
        refused = answer.refused
        if not answer.smaller:
            return [refused]
        size = sum(len(item.lines) for item in part)
        with self._lock:
            self._most_bytes = max(SMALLEST_BODY, min(self._most_bytes, size // 2))
        if len(part) == 1:
            if answer.oversize or (size > LARGE_DOCUMENT and attempt >= TRIES_OF_A_LARGE_DOCUMENT):
                self._give_up(refused, f"too large for the server: {size:,} bytes, {answer.why}")
                return []
            return [refused]
        half = (len(part) + 1) // 2
        return [refused[i : i + half] for i in range(0, len(refused), half)]

    def _pause(self, attempt: int, answer: Answer, since: float) -> None:
        waited = time.monotonic() - max(since, self._progressed)
        if self._hurry.is_set() or waited > self._patience.total:
            raise self._exhausted(answer, waited)
        self._hurry.wait(self._patience.pause(attempt))

    def _exhausted(self, answer: Answer, waited: float) -> ElasticsearchError:
        again = "Run the cell again when the server answers: what is stored is skipped."
        since = f"for {waited:.0f} s" if waited >= 1 else "yet"
        if answer.lost:
            return ConnectError(f"{answer.why.rstrip('.')}; no document could be stored {since}.", hint=again)
        return RequestError(f"The server is too busy, no document could be stored {since}: {answer.why}.", hint=again)

    def _give_up(self, items: Sequence[Item], reason: str) -> None:
        with self._lock:
            self.failures += [Failure(item.id, reason) for item in items]

    def _timed(self, part: Sequence[Item]) -> Answer:
        with self._lock:
            if self._busy == 0:
                self._busy_since = time.monotonic()
            self._busy += 1
        try:
            return self._store(part)
        finally:
            with self._lock:
                self._busy -= 1
                if self._busy == 0:
                    self._busy_total += time.monotonic() - self._busy_since
                self.bytes_sent += sum(len(item.lines) for item in part)

    def _take(self, answer: Answer) -> None:
        with self._lock:
            self.confirmed += answer.stored
            self.failures += answer.failures
            if answer.stored or answer.failures:
                self._progressed = time.monotonic()
