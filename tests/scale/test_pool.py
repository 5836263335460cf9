"""Who does which block, and what becomes of the blocks of a worker that dies; Ray is replaced by a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jina_notebook.errors import ClusterError, InputError, RequestError
from jina_notebook.results import IndexReport
from jina_notebook.scale import pool as pools
from jina_notebook.scale.cluster import Cluster, Share
from jina_notebook.scale.pool import BlockDone, Feed, Pool
from jina_notebook.scale.reading import Piece
from jina_notebook.scale.workers import BLOCKS_AT_ONCE, Outcome, Ready


class RayError(Exception):
    pass


class RayActorError(RayError):
    pass


class RayTaskError(RayError):
    def __init__(self, cause: Exception) -> None:
        super().__init__(f"frames\n{type(cause).__name__}: {cause}")
        self.cause = cause


class _Errors:
    RayError = RayError
    RayActorError = RayActorError


class _Method:
    def __init__(self, call: Callable[..., Any]) -> None:
        self.remote = call


class _Actor:
    """A worker that answers by the script: `process(number)` and `begin()` give a value or an exception."""

    def __init__(self, ray: Scripted) -> None:
        ray.actors.append(self)
        self.blocks: list[int] = []
        self.begin = _Method(lambda: ray.ref(ray.begin(len(ray.actors))))
        self.process = _Method(lambda number, *_: self.blocks.append(number) or ray.ref(ray.process(number)))


class Scripted:
    """As much of Ray as a pool uses. A reference is a number, and is ready at once."""

    exceptions = _Errors

    def __init__(self, process: Callable[[int], Any], begin: Callable[[int], Any] | None = None) -> None:
        self.process = process
        self.begin = begin or (lambda _: Ready("node", "float32"))
        self.actors: list[_Actor] = []
        self.killed: list[Any] = []
        self._values: dict[int, Any] = {}

    def ref(self, value: Any) -> int:
        self._values[len(self._values)] = value
        return len(self._values) - 1

    def wait(self, refs: list[int], num_returns: int, timeout: float) -> tuple[list[int], list[int]]:
        return refs[:1], refs[1:]

    def get(self, ref: int) -> Any:
        value = self._values[ref]
        if isinstance(value, Exception) and isinstance(value, RayError):
            raise value
        return value

    def kill(self, actor: Any) -> None:
        self.killed.append(actor)


def report(number: int) -> Outcome:
    return Outcome(report=IndexReport(index="i", model="m", revision="r", dimensions=4, indexed=number, skipped=0))


class _ScriptedPool(Pool):
    """Starts scripted workers in place of processes."""

    def _start(self) -> None:
        member = pools._Member(_Actor(self.cluster.ray))
        self._members.append(member)
        self._starting[member.actor.begin.remote()] = member


def run(ray: Scripted, blocks: int, workers: int = 1) -> tuple[list[BlockDone], Pool]:
    pool = _ScriptedPool(Cluster(ray, 4, 0, "here"), Share(workers, 1, 0), None)  # type: ignore[arg-type]
    for _ in range(workers):
        pool._start()
    feed = Feed((Piece(i, None) for i in range(blocks)), ahead=2)
    pool.wait()
    return list(pool.run(feed.first(), feed)), pool


def test_every_block_is_done_once() -> None:
    done, pool = run(Scripted(report), 7, workers=3)
    assert sorted(block.piece.number for block in done) == list(range(7))
    assert pool.lost == 0


def test_no_worker_has_more_blocks_than_it_can_do_at_once() -> None:
    most = []

    def process(number: int) -> Outcome:
        most.append(number)
        return report(number)

    ray = Scripted(process)
    run(ray, 20, workers=2)
    assert all(len(actor.blocks) >= 20 // 2 - BLOCKS_AT_ONCE for actor in ray.actors)


def test_the_block_of_a_dead_worker_is_done_by_another() -> None:
    died = iter([RayActorError("node died")])
    done, pool = run(Scripted(lambda number: next(died, report(number)) if number == 2 else report(number)), 4)
    assert sorted(block.piece.number for block in done) == [0, 1, 2, 3]
    assert all(block.report is not None for block in done)
    assert pool.lost == 1


def test_a_block_that_kills_its_worker_three_times_is_reported_and_the_rest_goes_on() -> None:
    ray = Scripted(lambda number: RayActorError("out of memory") if number == 1 else report(number))
    done, pool = run(ray, 4)
    (failed,) = [block for block in done if block.report is None]
    assert failed.piece.number == 1
    assert failed.reason == "3 workers died while they had it: out of memory"
    assert len(done) == 4
    assert pool.lost == 3


def test_an_unexpected_failure_of_a_block_is_its_report() -> None:
    ray = Scripted(lambda number: RayTaskError(ValueError("no such column")) if number == 0 else report(number))
    done, _ = run(ray, 2)
    assert {block.piece.number: block.reason for block in done} == {0: "ValueError: no such column", 1: ""}


def test_an_expected_failure_ends_the_run_with_its_own_sentence() -> None:
    refused = RequestError("The disk of the Elasticsearch server is full.", hint="Free some.")
    with pytest.raises(RequestError, match="disk"):
        run(Scripted(lambda number: Outcome(error=refused)), 3)


def test_a_model_that_cannot_be_loaded_ends_the_run_before_a_block_is_handed_out() -> None:
    ray = Scripted(report, begin=lambda _: InputError("There is no folder."))
    with pytest.raises(InputError, match="no folder"):
        run(ray, 3)
    assert [actor.blocks for actor in ray.actors] == [[]]


def test_workers_that_die_while_they_load_the_model_are_not_started_for_ever() -> None:
    ray = Scripted(report, begin=lambda _: RayActorError("killed"))
    with pytest.raises(ClusterError, match="6 workers died while they loaded the model: killed"):
        run(ray, 1)


def test_a_worker_without_our_package_is_one_sentence() -> None:
    ray = Scripted(report, begin=lambda _: RayTaskError(ModuleNotFoundError("No module named 'jina_notebook'")))
    with pytest.raises(
        ClusterError, match="A worker could not begin: ModuleNotFoundError: No module named 'jina_notebook'"
    ):
        run(ray, 1)


def test_no_worker_for_a_long_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "PATIENCE_S", 0.0)
    ray = Scripted(report)
    monkeypatch.setattr(ray, "wait", lambda refs, num_returns, timeout: ([], refs))
    with pytest.raises(ClusterError, match="No worker of 1 CPUs and 0 GPUs could be started"):
        run(ray, 1)


def test_a_failure_to_read_is_one_sentence_without_frames() -> None:
    def broken() -> Any:
        yield Piece(0, None)
        raise RayTaskError(OSError("Invalid Parquet file."))

    feed = Feed(broken(), ahead=1)
    assert feed.first() == Piece(0, None)
    with pytest.raises(InputError, match=r"cannot be read to its end: OSError: Invalid Parquet file\.$"):
        feed.first()
    assert feed.ended


def test_reading_runs_only_a_little_ahead() -> None:
    read: list[int] = []

    def pieces() -> Any:
        for number in range(100):
            read.append(number)
            yield Piece(number, None)

    feed = Feed(pieces(), ahead=2)
    assert feed.first() == Piece(0, None)
    assert len(read) <= 5
    feed.stop()
