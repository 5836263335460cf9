"""One thread per model: what asks for the same is computed together, and nobody waits for everybody."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from jina_notebook.serving.batching import Job, Worker
from jina_notebook.serving.faults import Fault
from jina_notebook.serving.limits import Limits


class Gate:
    """A step that waits until it is let through, and remembers what it was given."""

    def __init__(self) -> None:
        self.steps: list[list[Any]] = []
        self.entered = threading.Event()
        self.open = threading.Event()

    def run(self, units: Sequence[Any]) -> list[Any]:
        self.steps.append(list(units))
        self.entered.set()
        assert self.open.wait(30)
        if "bad" in units:
            raise ValueError("bad")
        return [str(unit).upper() for unit in units]

    def job(self, *units: str, key: Any = "k", cost: int = 1, whole: bool = False) -> Job:
        return Job(self.run, units, [cost] * len(units), key=key, whole=whole)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def worker(gate: Gate) -> Iterator[Worker]:
    worker = Worker("m", Limits(jobs=5, waiting=1000, step=4))
    yield worker
    gate.open.set()
    worker.close(timeout_s=10)


def held(worker: Worker, gate: Gate) -> Any:
    """A first job that keeps the thread busy."""
    future = worker.submit(gate.job("first"), patience_s=60)
    assert gate.entered.wait(10)
    return future


def test_jobs_that_ask_for_the_same_are_computed_together(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    futures = [worker.submit(gate.job(text), patience_s=60) for text in "abc"]
    gate.open.set()
    assert [future.result(10) for future in futures] == [["A"], ["B"], ["C"]]
    assert gate.steps == [["first"], ["a", "b", "c"]]


def test_other_tasks_are_never_mixed_in(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    futures = [worker.submit(gate.job(text, key=key), patience_s=60) for text, key in (("a", 1), ("b", 2), ("c", 1))]
    gate.open.set()
    assert [future.result(10) for future in futures] == [["A"], ["B"], ["C"]]
    assert gate.steps[1:] == [["a", "c"], ["b"]]


def test_a_big_request_is_split_and_a_small_one_goes_in_between(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    big = worker.submit(gate.job(*"abcdefgh"), patience_s=60)
    small = worker.submit(gate.job("x"), patience_s=60)
    other = worker.submit(gate.job("y", key="other"), patience_s=60)
    gate.open.set()
    assert big.result(10) == list("ABCDEFGH")
    assert (small.result(10), other.result(10)) == (["X"], ["Y"])
    assert gate.steps[1:] == [["a", "b", "c", "x"], ["y"], ["d", "e", "f", "g"], ["h"]]


def test_a_unit_beyond_the_size_of_a_step_is_computed_alone(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    future = worker.submit(gate.job("a", "b", cost=100), patience_s=60)
    gate.open.set()
    assert future.result(10) == ["A", "B"]
    assert gate.steps[1:] == [["a"], ["b"]]


def test_what_must_stay_whole_is_computed_in_one_step(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    futures = [worker.submit(gate.job(*"abcdef", whole=True), patience_s=60)]
    futures.append(worker.submit(gate.job("x"), patience_s=60))
    gate.open.set()
    assert futures[0].result(10) == list("ABCDEF")
    assert gate.steps[1:] == [list("abcdef"), ["x"]]
    assert futures[1].result(10) == ["X"]


def test_one_callers_fault_is_not_anothers(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    good, bad = (worker.submit(gate.job(text), patience_s=60) for text in ("good", "bad"))
    gate.open.set()
    assert good.result(10) == ["GOOD"]
    with pytest.raises(ValueError, match="bad"):
        bad.result(10)


def test_a_caller_that_leaves_gives_its_place_up(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    futures = [worker.submit(gate.job(text), patience_s=60) for text in "abcd"]
    with pytest.raises(Fault):
        worker.submit(gate.job("e"), patience_s=60)
    futures[1].cancel()
    late = worker.submit(gate.job("e"), patience_s=60)
    gate.open.set()
    assert late.result(10) == ["E"]
    assert "b" not in [unit for step in gate.steps for unit in step]


def test_a_caller_that_leaves_in_the_middle_stops_the_rest_of_its_request(worker: Worker, gate: Gate) -> None:
    gate.entered.clear()
    big = worker.submit(gate.job(*"abcdefgh"), patience_s=60)
    assert gate.entered.wait(10)
    big.cancel()
    after = worker.submit(gate.job("z"), patience_s=60)
    gate.open.set()
    assert after.result(10) == ["Z"]
    assert gate.steps == [["a", "b", "c", "d"], ["z"]]


def test_a_full_queue_is_a_429_that_says_when_to_come_back(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    for text in "abcd":
        worker.submit(gate.job(text), patience_s=60)
    with pytest.raises(Fault, match="5 requests wait for m") as caught:
        worker.submit(gate.job("e"), patience_s=60)
    assert caught.value.status == 429
    assert caught.value.retry_after is not None
    assert int(caught.value.headers()["retry-after"]) >= 1


def test_too_many_characters_are_refused_but_never_the_only_request(worker: Worker, gate: Gate) -> None:
    future = worker.submit(gate.job("huge", cost=5000), patience_s=60)
    assert gate.entered.wait(10)
    with pytest.raises(Fault, match="as many as it takes on"):
        worker.submit(gate.job("more"), patience_s=60)
    gate.open.set()
    assert future.result(10) == ["HUGE"]


def test_who_would_wait_in_vain_is_refused_at_once(worker: Worker, gate: Gate) -> None:
    held(worker, gate)
    with pytest.raises(Fault, match="has been busy for") as caught:
        worker.submit(gate.job("query"), patience_s=0.0)
    assert caught.value.status == 429


def test_closing_refuses_what_waits_and_finishes_what_runs(worker: Worker, gate: Gate) -> None:
    first = held(worker, gate)
    waiting = worker.submit(gate.job("a"), patience_s=60)
    worker.close(timeout_s=0)
    with pytest.raises(Fault, match="stopping") as caught:
        waiting.result(10)
    assert caught.value.status == 503
    gate.open.set()
    assert first.result(10) == ["FIRST"]
    with pytest.raises(Fault, match="stopping"):
        worker.submit(gate.job("b"), patience_s=60)


def test_the_rest_of_a_request_is_refused_when_closing(worker: Worker, gate: Gate) -> None:
    big = worker.submit(gate.job(*"abcdefgh"), patience_s=60)
    assert gate.entered.wait(10)
    worker.close(timeout_s=0)
    gate.open.set()
    with pytest.raises(Fault, match="stopping"):
        big.result(10)
    assert gate.steps == [["a", "b", "c", "d"]]


def test_nothing_to_compute_is_answered_at_once(worker: Worker, gate: Gate) -> None:
    assert worker.submit(gate.job(), patience_s=60).result(1) == []
    assert gate.steps == []


def test_every_step_is_reported() -> None:
    seen: list[int] = []
    worker = Worker("m", Limits(step=2), observe=lambda units, seconds: seen.append(units))
    job = Job(list, "abc", [1, 1, 1], key="k")
    assert worker.submit(job, patience_s=10).result(10) == ["a", "b", "c"]
    worker.close(timeout_s=10)
    assert seen == [2, 1]
