"""Runs of packs: order, interrupts, memory that runs out."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import psutil
import pytest
import torch

from jina_notebook.errors import MemoryLimitError
from jina_notebook.inference.packing import WINDOW_PACKS
from jina_notebook.inference.runner import Interrupted, Runner, check_memory
from jina_notebook.progress import reporting

CPU = torch.device("cpu")


def run(
    lengths: Sequence[int], forward: object, *, budget: int | None = None, runner: Runner[int] | None = None
) -> list[int]:
    seen: list[tuple[int, int]] = []
    with reporting(
        lambda done, total: seen.append((done, total)), total=sum(lengths), unit="tokens", label="T"
    ) as report:
        results = (runner or Runner(CPU)).run(lengths, forward, budget=budget, report=report)  # type: ignore[arg-type]
    assert seen[-1] == (sum(lengths), sum(lengths))
    return results


@pytest.mark.parametrize("budget", [1, 10, None])
def test_results_stand_in_the_order_of_the_inputs(budget: int | None) -> None:
    assert run([5, 1, 9, 3], lambda group: [10 * i for i in group], budget=budget) == [0, 10, 20, 30]


def test_an_interrupt_keeps_the_windows_that_are_complete() -> None:
    lengths = [10] * (3 * WINDOW_PACKS)
    done: list[int] = []

    def forward(group: list[int]) -> list[int]:
        if len(done) >= 2 * WINDOW_PACKS:
            raise KeyboardInterrupt
        done.extend(group)
        return group

    with pytest.raises(Interrupted) as stop:
        run(lengths, forward, budget=10)
    assert isinstance(stop.value, KeyboardInterrupt)
    assert stop.value.done == 2 * WINDOW_PACKS
    assert list(stop.value.results) == list(range(2 * WINDOW_PACKS))
    assert f"inputs[{2 * WINDOW_PACKS}:]" in str(stop.value)


def test_memory_that_runs_out_halves_the_pack_and_is_remembered() -> None:
    runner: Runner[int] = Runner(CPU)
    calls: list[int] = []

    def forward(group: list[int]) -> list[int]:
        calls.append(len(group))
        if len(group) > 2:
            raise torch.OutOfMemoryError
        return group

    assert run([100] * 8, forward, runner=runner) == list(range(8))
    assert max(calls) == 8
    assert runner.budget < 800


def test_one_input_that_does_not_fit_is_an_error_with_its_size() -> None:
    def forward(group: list[int]) -> list[int]:
        raise torch.OutOfMemoryError

    with pytest.raises(MemoryLimitError, match="1,234 tokens"):
        run([1234], forward)


def test_a_refusal_comes_before_the_kill_with_both_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2_000_000_000))
    with pytest.raises(MemoryLimitError, match=r"3\.0 GB; 2\.0 GB are free"):
        check_memory(3_000, 1_000_000, CPU)
    check_memory(1_000, 1_000_000, CPU)
    check_memory(3_000, 1_000_000, torch.device("cuda"))
