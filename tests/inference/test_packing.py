"""Packs: who shares one, and what they hold."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from jina_notebook.inference.packing import WINDOW_PACKS, fill, pack, windows


@pytest.mark.parametrize("budget", [1, 7, 64, 10_000])
def test_every_sequence_is_in_exactly_one_pack(budget: int) -> None:
    lengths = [3, 50, 7, 7, 1, 120, 64]
    packs = fill(lengths, budget)
    assert sorted(i for group in packs for i in group) == list(range(len(lengths)))


def test_packs_keep_to_the_budget_and_a_longer_sequence_is_alone() -> None:
    lengths = [3, 50, 7, 7, 1, 120, 64]
    for group in fill(lengths, 64):
        assert sum(lengths[i] for i in group) <= 64 or len(group) == 1


def test_windows_are_consecutive_and_cover_the_inputs() -> None:
    lengths = [10] * 1000
    cuts = windows(lengths, budget=20)
    assert [i for cut in cuts for i in cut] == list(range(1000))
    assert len(cuts) > 1
    assert all(sum(lengths[i] for i in cut) <= 20 * WINDOW_PACKS + 10 for cut in cuts)


def test_positions_restart_for_each_sequence() -> None:
    packed = pack([np.array([5, 6, 7], np.int32), np.array([8], np.int32)], torch.device("cpu"), start=4)
    assert packed.ids.tolist() == [5, 6, 7, 8]
    assert packed.positions.tolist() == [4, 5, 6, 4]
    assert packed.offsets == (0, 3, 4)
    assert packed.tokens == 4
