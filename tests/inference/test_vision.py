"""Towers against transformers' own, windows, and positions with three rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers.models.qwen2_vl.modeling_qwen2_vl import Qwen2VLRotaryEmbedding, Qwen2VLTextConfig
from transformers.vision_utils import get_vision_window_index

from jina_notebook.families.qwen_vl import grid_positions
from jina_notebook.inference.rotary import GridRotary, Rotary
from jina_notebook.inference.vision import window_order

GRIDS = [(2, 2), (8, 8), (46, 66), (2, 40), (40, 2), (10, 14), (18, 16)]


@pytest.mark.parametrize("window", [2, 4])
@pytest.mark.parametrize("grid", GRIDS)
def test_windows_hold_the_patches_that_transformers_puts_together(grid: tuple[int, int], window: int) -> None:
    index, ends = get_vision_window_index(
        torch.tensor([[1, *grid]]), spatial_merge_size=2, window_size=window * 28, patch_size=14
    )
    theirs = {tuple(part.tolist()) for part in torch.split(index, (ends.diff() // 4).tolist())}
    order, lengths = window_order([grid], merge=2, window=window)
    mine = torch.split(order, [length // 4 for length in lengths])
    assert {tuple(part.tolist()) for part in mine} == theirs
    assert sum(lengths) == grid[0] * grid[1]
    assert lengths == sorted(lengths, reverse=True)


def test_pictures_laid_end_to_end_share_no_window() -> None:
    order, lengths = window_order([(4, 6), (4, 4)], merge=2, window=2)
    assert sorted(order.tolist()) == list(range(10))
    first = lengths[: len(window_order([(4, 6)], merge=2, window=2)[1])]
    assert sum(first) == 24
    assert set(order[: sum(first) // 4].tolist()) == set(range(6))


def test_without_a_window_nothing_is_ordered() -> None:
    order, lengths = window_order([(4, 6)], merge=2, window=None)
    assert (order.numel(), lengths) == (0, [])


def test_angles_on_a_grid_carry_the_row_first_and_the_column_second() -> None:
    rows, columns = torch.tensor([0.0, 1.0, 2.5]), torch.tensor([3.0, 0.0, 1.5])
    cos, sin = GridRotary(16).tables(rows, columns, torch.device("cpu"), torch.float32)
    frequencies = 10000.0 ** -(torch.arange(0, 8, 2) / 8)
    angles = torch.cat([rows[:, None] * frequencies, columns[:, None] * frequencies], dim=-1)
    assert torch.allclose(cos[:, 0], torch.cat([angles, angles], dim=-1).cos())
    assert torch.allclose(sin[:, 0], torch.cat([-angles.sin(), angles.sin()], dim=-1))


def test_sections_follow_time_row_and_column() -> None:
    config: Any = Qwen2VLTextConfig(
        hidden_size=64,
        num_attention_heads=2,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6, "mrope_section": [4, 6, 6]},
    )
    positions = torch.from_numpy(np.random.default_rng(0).integers(0, 900, (3, 20)))
    theirs = Qwen2VLRotaryEmbedding(config)(torch.zeros(1, dtype=torch.float32), positions[:, None])
    cos, sin = Rotary(32, 1e6, sections=(4, 6, 6)).tables(positions, torch.float32)
    assert torch.allclose(cos[:, 0], theirs[0][0], atol=1e-6)
    assert torch.allclose(sin[:, 0].abs(), theirs[1][0].abs(), atol=1e-6)


def test_three_equal_rows_are_plain_positions() -> None:
    positions = torch.arange(7)
    plain = Rotary(32, 1e6).tables(positions, torch.float32)
    three = Rotary(32, 1e6, sections=(4, 6, 6)).tables(positions.expand(3, -1), torch.float32)
    assert all(torch.equal(left, right) for left, right in zip(plain, three, strict=True))


def test_positions_go_on_behind_a_picture_from_its_larger_side() -> None:
    places = np.array([0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0], dtype=bool)
    time, row, column = grid_positions(places, [(2, 3), (1, 1)])
    assert time.tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 5, 6, 7]
    assert row.tolist() == [0, 1, 2, 2, 2, 3, 3, 3, 5, 6, 7]
    assert column.tolist() == [0, 1, 2, 3, 4, 2, 3, 4, 5, 6, 7]


def test_positions_without_a_picture_are_three_equal_rows() -> None:
    positions = grid_positions(np.zeros(4, dtype=bool), [])
    assert positions.tolist() == [[0, 1, 2, 3]] * 3
