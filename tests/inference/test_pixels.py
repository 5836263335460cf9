"""Pixels are those of the publishers' own libraries: sizes, resizing, normalisation, the order of patches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import Qwen2VLImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from jina_notebook.inference import pixels
from jina_notebook.inference.pixels import centre_square, merged_patches, patches, resized, smart_size

LIMITS = {"least": 3136, "most": 602112}


def noise(height: int, width: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_sizes_are_those_of_the_publishers_rule() -> None:
    sides = [1, 2, 3, 13, 14, 27, 28, 42, 56, 70, 98, 100, 333, 700, 1000, 1234, 3000, 5000]
    pairs = [(h, w) for h in sides for w in sides if max(h, w) <= 200 * min(h, w)]
    for height, width in pairs:
        assert smart_size(height, width, factor=28, **LIMITS) == smart_resize(height, width, 28, 3136, 602112)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((700, 1000), (644, 924)),
        ((10, 1000), (28, 560)),
        ((70, 98), (56, 112)),
        ((1, 1), (56, 56)),
        ((4000, 6000), (616, 924)),
    ],
)
def test_sides_are_rounded_to_even_multiples_and_kept_within_limits(
    given: tuple[int, int], wanted: tuple[int, int]
) -> None:
    height, width = smart_size(*given, factor=28, **LIMITS)
    assert (height % 28, width % 28) == (0, 0)
    assert 3136 <= height * width <= 602112
    assert (height, width) == wanted


@pytest.mark.parametrize(("height", "width"), [(56, 56), (56, 84), (140, 84), (112, 28)])
def test_patches_are_the_processors_in_its_order(height: int, width: int) -> None:
    levels = noise(height, width)
    made = Qwen2VLImageProcessorPil(size={"shortest_edge": 3136, "longest_edge": 602112})(
        Image.fromarray(levels), return_tensors="pt"
    )
    rows, columns = height // 14, width // 14
    assert made["image_grid_thw"].tolist() == [[1, rows, columns]]
    mine = merged_patches(levels, 14, merge=2, frames=2)
    assert mine.shape == (rows * columns, 1176)
    assert torch.allclose(mine, made["pixel_values"], atol=1e-6)


def test_normalised_values_are_the_fused_ones_to_the_last_bit() -> None:
    levels = noise(56, 56)
    mean, std = torch.tensor(pixels.CLIP_MEAN) * 255.0, torch.tensor(pixels.CLIP_STD) * 255.0
    wanted = torch.from_numpy(levels).float().sub(mean).div(std)
    mine = merged_patches(levels, 14, merge=2, frames=2)
    assert torch.equal(mine[0].view(3, 2, 14, 14)[:, 0], wanted[:14, :14].permute(2, 0, 1))
    assert torch.equal(mine[1].view(3, 2, 14, 14)[:, 1], wanted[:14, 14:28].permute(2, 0, 1))
    assert torch.equal(mine[2].view(3, 2, 14, 14)[:, 0], wanted[14:28, :14].permute(2, 0, 1))


@pytest.mark.parametrize("size", [(28, 56), (56, 28), (112, 112), (616, 924)])
def test_resizing_keeps_flat_colours_and_is_near_pillows(size: tuple[int, int]) -> None:
    flat = np.full((50, 70, 3), (200, 30, 31), dtype=np.uint8)
    assert (resized(flat, *size) == (200, 30, 31)).all()
    soft = np.asarray(Image.fromarray(noise(6, 8)).resize((70, 50), Image.Resampling.BICUBIC))
    pillow = np.asarray(Image.fromarray(soft).resize(size[::-1], Image.Resampling.BICUBIC))
    difference = np.abs(resized(soft, *size).astype(int) - pillow)
    assert difference.max() <= 3
    assert difference.mean() < 0.05


def test_a_picture_that_fits_is_left_alone() -> None:
    levels = noise(56, 84)
    assert resized(levels, 56, 84) is levels


def test_memory_order_does_not_change_what_resizing_gives() -> None:
    levels = noise(61, 83)
    strided = np.asfortranarray(levels)
    assert np.array_equal(resized(levels, 56, 84), resized(strided, 56, 84))


@pytest.mark.parametrize(("width", "height"), [(64, 64), (300, 201), (201, 300), (75, 300), (1, 1), (3, 2), (33, 1024)])
def test_the_middle_square_is_that_of_resize_and_crop(width: int, height: int) -> None:
    image = Image.fromarray(noise(height, width))
    short = min(width, height)
    wide, high = (75, int(75 * height / short)) if width <= height else (int(75 * width / short), 75)
    left, top = round((wide - 75) / 2), round((high - 75) / 2)
    whole = image.resize((wide, high), Image.Resampling.BICUBIC).crop((left, top, left + 75, top + 75))
    assert np.array_equal(centre_square(image, 75), np.asarray(whole))


@pytest.mark.parametrize("size", [(4, 200_000), (200_000, 4)])
def test_a_thread_gives_its_middle_without_filling_the_memory(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (10, 120, 200))
    image.paste((250, 10, 10), (0, 0, *(side // 3 if side > 4 else 4 for side in size)))
    assert (centre_square(image, 512) == (10, 120, 200)).all()


def test_plain_patches_are_what_a_convolution_sees() -> None:
    levels, weight = noise(75, 75), torch.randn(8, 3, 14, 14)
    planes = torch.from_numpy(levels).permute(2, 0, 1).float() / 255
    planes = (planes - torch.tensor(pixels.CLIP_MEAN)[:, None, None]) / torch.tensor(pixels.CLIP_STD)[:, None, None]
    wanted = torch.nn.functional.conv2d(planes[None], weight, stride=14)[0].flatten(1).T
    mine = patches(levels, 14)
    assert mine.shape == (25, 588)
    assert torch.allclose(mine @ weight.flatten(1).T, wanted, atol=1e-4)
