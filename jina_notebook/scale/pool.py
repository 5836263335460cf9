"""The pool of workers: blocks go to whoever is free, and come back when a worker is lost.

Ray starts the processes and moves the blocks; who does which block is decided here, so that the loss of a machine costs
its blocks a second try and nothing else.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jina_notebook.errors import ClusterError, InputError, JinaNotebookError
from jina_notebook.results import IndexReport
from jina_notebook.scale.cluster import Cluster, Share
from jina_notebook.scale.job import Job
from jina_notebook.scale.reading import Piece
from jina_notebook.scale.workers import BLOCKS_AT_ONCE, Outcome, Ready, Worker

__all__ = ["BlockDone", "Feed", "Pool"]

TRIES = 3  # a block that was three times with a worker that died is what kills them
STILLBORN = 5  # workers that died before any of them had the model
PATIENCE_S = 300.0  # without any worker
TICK_S = 0.2
CHAINED = "The above exception was the direct cause"


@dataclass(frozen=True, slots=True)
class BlockDone:
    """One block with the report of its documents, or with the reason why it failed as a whole."""

    piece: Piece
    report: IndexReport | None
    reason: str = ""


class Feed:
    """Blocks read ahead in a thread, a few at a time."""

    def __init__(self, pieces: Iterable[Piece], ahead: int) -> None:
        self._queue: queue.Queue[Piece | BaseException | None] = queue.Queue(ahead)
        self._stopped = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._read, args=(pieces,), name="jina-blocks", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether every block was taken."""
        return self._ended

    def take(self, timeout: float = 0.0) -> Piece | None:
        """The next block, None where none is ready within `timeout` seconds, or none is left.

        Raises what reading raised.
        """
        if self._ended:
            return None
        try:
            found = self._queue.get(timeout=timeout) if timeout else self._queue.get_nowait()
        except queue.Empty:
            return None
        if isinstance(found, Piece):
            return found
        self._ended = True
        if found is not None:
            raise found
        return None

    def first(self) -> Piece | None:
        """Waits for the first block; None where there is none."""
        while not self._ended:
            found = self.take(timeout=1.0)
            if found is not None:
                return found
        return None

    def stop(self) -> None:
        """Reads no further."""
        self._stopped.set()

    def _read(self, pieces: Iterable[Piece]) -> None:
        try:
            for piece in pieces:
                if not self._put(piece):
                    return
        except BaseException as error:
            self._put(_reading_error(error))
        else:
            self._put(None)

    def _put(self, found: Piece | BaseException | None) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(found, timeout=TICK_S)
            except queue.Full:
                continue
            return True
        return False


def _reading_error(error: BaseException) -> BaseException:
    """The data set's own failure in one sentence; Ray hides it below the frames of its workers."""
    if not isinstance(error, Exception):
        return error
    told = InputError(f"The data set cannot be read to its end: {_last_line(error)}.")
    told.__cause__ = error
    return told


def _last_line(error: object) -> str:
    """The sentence at the end of an error's text; of frames with a chain of causes, that of the first cause."""
    first = str(error).split(CHAINED, 1)[0]
    lines = [line.strip() for line in first.splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__).rstrip(".")


@dataclass(slots=True)
class _Member:
    """One worker process. `ready` is None until it has its model."""

    actor: Any
    ready: Ready | None = None
    busy: int = 0


@dataclass(slots=True)
class _Try:
    """A block with a worker."""

    piece: Piece
    member: _Member


@dataclass(slots=True)
class Pool:
    """Workers of one run. Use it as a context manager: they end with it."""

    cluster: Cluster
    share: Share
    job: Job
    nodes: set[str] = field(default_factory=set)
    dtypes: set[str] = field(default_factory=set)
    lost: int = 0
    _ledger: Any = field(init=False, default=None)
    _members: list[_Member] = field(init=False, default_factory=list)
    _starting: dict[Any, _Member] = field(init=False, default_factory=dict)
    _running: dict[Any, _Try] = field(init=False, default_factory=dict)
    _again: deque[Piece] = field(init=False, default_factory=deque)
    _tries: dict[int, int] = field(init=False, default_factory=dict)
    _alone_since: float | None = field(init=False, default=None)
    _stillborn: int = field(init=False, default=0)

    def __enter__(self) -> Pool:
        from jina_notebook.scale.claims import Ledger

        ray = self.cluster.ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(self.cluster.here, soft=False)
        self._ledger = ray.remote(Ledger).options(num_cpus=0, scheduling_strategy=here).remote()
        for _ in range(self.share.workers):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members:
            self.cluster.ray.kill(member.actor)
        if self._ledger is not None:
            self.cluster.ray.kill(self._ledger)

    @property
    def computing(self) -> int:
        """How many workers took part."""
        return sum(1 for member in self._members if member.ready is not None) + self.lost

    def wait(self) -> None:
        """Until one worker has its model.

        Raises what keeps a worker from it, and `ClusterError` where none could be started.
        """
        while not any(member.ready is not None for member in self._members):
            finished, _ = self.cluster.ray.wait(list(self._starting), num_returns=1, timeout=TICK_S)
            for ref in finished:
                self._started(ref)
            self._check_alone()

    def run(self, first: Piece | None, feed: Feed) -> Iterator[BlockDone]:
        """Every block once, in the order in which they are finished.

        Raises what a worker hands back, what reading raises, and `ClusterError` where no worker is left.
        """
        if first is not None:
            self._again.append(first)
        while True:
            self._hand_out(feed)
            if not self._running and not self._again and feed.ended:
                return
            waiting = [*self._running, *self._starting]
            if not waiting:
                time.sleep(TICK_S / 4)  # every worker is idle, and the next block is still being read
                continue
            finished, _ = self.cluster.ray.wait(waiting, num_returns=1, timeout=TICK_S)
            for ref in finished:
                if ref in self._starting:
                    self._started(ref)
                else:
                    done = self._finished(ref)
                    if done is not None:
                        yield done
            self._check_alone()

    def _start(self) -> None:
        ray, share = self.cluster.ray, self.share
        kind = ray.remote(Worker).options(
            num_cpus=share.num_cpus,
            num_gpus=share.num_gpus,
            max_concurrency=BLOCKS_AT_ONCE,
            max_restarts=0,
            scheduling_strategy="SPREAD",
        )
        member = _Member(kind.remote(self.job, self._ledger))
        self._members.append(member)
        self._starting[member.actor.begin.remote()] = member

    def _hand_out(self, feed: Feed) -> None:
        """Blocks to workers, the least busy first; what is not handed out stays unread."""
        ready = [member for member in self._members if member.ready is not None]
        while ready:
            member = min(ready, key=lambda one: one.busy)
            if member.busy >= BLOCKS_AT_ONCE:
                return
            piece = self._again.popleft() if self._again else feed.take()
            if piece is None:
                return
            member.busy += 1
            ref = member.actor.process.remote(piece.number, piece.ref, piece.start, piece.stop)
            self._running[ref] = _Try(piece, member)

    def _started(self, ref: Any) -> None:
        member = self._starting.pop(ref)
        try:
            ready = self.cluster.ray.get(ref)
        except self.cluster.ray.exceptions.RayActorError as error:
            self._stillborn += 1
            if self._stillborn > STILLBORN and not self.nodes:
                raise ClusterError(
                    f"{self._stillborn} workers died while they loaded the model: {_last_line(error)}.",
                    hint="Most often memory is short: lower workers, or raise num_cpus so that fewer share a machine.",
                ) from error
            self._lose(member)
            return
        except self.cluster.ray.exceptions.RayError as error:
            raise ClusterError(
                f"A worker could not begin: {_last_line(error)}.",
                hint="Install the same packages on every machine of the cluster.",
            ) from error
        if isinstance(ready, JinaNotebookError):
            raise ready
        member.ready = ready
        self.nodes.add(ready.node)
        self.dtypes.add(ready.dtype)

    def _finished(self, ref: Any) -> BlockDone | None:
        """What became of a block; None where it is to be done again."""
        attempt = self._running.pop(ref)
        attempt.member.busy -= 1
        piece = attempt.piece
        errors = self.cluster.ray.exceptions
        try:
            outcome: Outcome = self.cluster.ray.get(ref)
        except errors.RayActorError as error:
            self._lose(attempt.member)
            tries = self._tries[piece.number] = self._tries.get(piece.number, 0) + 1
            if tries < TRIES:
                self._again.append(piece)
                return None
            return BlockDone(piece, None, f"{tries} workers died while they had it: {_last_line(error)}")
        except errors.RayError as error:
            cause = getattr(error, "cause", None)
            reason = f"{type(cause).__name__}: {_last_line(cause)}" if cause is not None else _last_line(error)
            return BlockDone(piece, None, reason)
        if outcome.error is not None:
            raise outcome.error
        return BlockDone(piece, outcome.report)

    def _lose(self, member: _Member) -> None:
        """Takes a dead worker out, once, and asks for another in its place."""
        if member not in self._members:
            return
        self._members.remove(member)
        self.lost += member.ready is not None
        self.cluster.ray.kill(member.actor)
        self._start()

    def _check_alone(self) -> None:
        if any(member.ready is not None for member in self._members):
            self._alone_since = None
            return
        self._alone_since = self._alone_since or time.monotonic()
        waited = time.monotonic() - self._alone_since
        if waited > PATIENCE_S:
            raise ClusterError(
                f"No worker of {self.share.num_cpus:g} CPUs and {self.share.num_gpus:g} GPUs could be started for "
                f"{waited:.0f} s.",
                hint="Look at `ray status`; then run it again: what is stored is skipped.",
            )
