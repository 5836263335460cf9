"""Pictures cut for jina-vlm: sizes, tilings and token counts as published, every window in its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from jina_notebook.errors import CheckpointError, InputError
from jina_notebook.families.tiles import Cutter, Marks

MARKS = Marks(start=1, end=2, patch=3, column=4)
PUBLISHED = [
    # height, width, fitted, rows and columns of crops, rows and columns of windows
    ((64, 64), (70, 70), (1, 1), (14, 14)),
    ((378, 378), (378, 378), (1, 1), (14, 14)),
    ((480, 640), (476, 644), (2, 2), (24, 24)),
    ((1080, 1920), (742, 1330), (3, 4), (34, 44)),
    ((2046, 2728), (854, 1148), (3, 4), (34, 44)),
    ((2000, 400), (2002, 406), (7, 1), (74, 14)),
    ((3000, 3000), (994, 994), (3, 3), (34, 34)),
    ((1754, 1240), (1190, 840), (4, 3), (44, 34)),
]


def picture(height: int, width: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize(("size", "fitted", "crops", "grid"), PUBLISHED)
def test_a_picture_is_cut_as_published(
    size: tuple[int, int], fitted: tuple[int, int], crops: tuple[int, int], grid: tuple[int, int]
) -> None:
    cutter = Cutter()
    pixels = cutter.fit(picture(*size), "The image")
    assert pixels.shape == (*fitted, 3)
    assert pixels.dtype == np.uint8
    assert cutter.tiling(*fitted) == crops
    tiles = cutter.cut(pixels, MARKS)
    assert tiles.crops.shape == (1 + crops[0] * crops[1], 729, 588)
    line = [3] * 14 + [4]
    wide = [3] * grid[1] + [4]
    assert tiles.ids.tolist() == [1, *line * 14, 2, 1, *wide * grid[0], 2]


def test_the_published_counts_of_tokens() -> None:
    cutter = Cutter()
    counts = [len(cutter.layout(fitted, MARKS)[0]) for _, fitted, _, _ in PUBLISHED]
    assert counts == [424, 424, 814, 1744, 1744, 1324, 1404, 1754]


@pytest.mark.parametrize("size", [(70, 70), (476, 644), (742, 1330), (2002, 406), (994, 994)])
def test_every_image_token_belongs_to_one_window(size: tuple[int, int]) -> None:
    ids, places = Cutter().layout(size, MARKS)
    used = np.sort(places[places >= 0])
    assert used.tolist() == np.flatnonzero(ids == MARKS.patch).tolist()


def test_a_window_goes_where_its_crop_lies_in_the_picture() -> None:
    """A picture whose colours say where they are: what a token shows lies where the token stands."""
    cutter = Cutter()
    rows, columns = np.meshgrid(np.arange(644), np.arange(644), indexing="ij")
    colours = np.stack([rows * 255 // 643, columns * 255 // 643, rows * 0], axis=-1).astype(np.uint8)
    tiles = cutter.cut(cutter.fit(Image.fromarray(colours), "The image"), MARKS)
    first = int(np.flatnonzero(tiles.ids == MARKS.start)[1]) + 1
    for crop, places in zip(tiles.crops[1:].numpy(), tiles.places[1:], strict=True):
        patches = (crop.reshape(27, 27, 196, 3).mean(axis=2) + 1) / 2
        for window in np.flatnonzero(places >= 0).tolist():
            row, column = divmod(int(places[window]) - first, 24 + 1)
            shown = patches[window // 14 * 2, window % 14 * 2]
            assert abs(shown[0] * 46 - 2 * row) < 1
            assert abs(shown[1] * 46 - 2 * column) < 1


def test_a_patch_is_laid_out_by_row_column_and_colour() -> None:
    pixels = np.zeros((378, 378, 3), dtype=np.uint8)
    pixels[14 + 2, 28 + 5] = (255, 51, 0)
    thumbnail = Cutter().cut(pixels, MARKS).crops[0].numpy().reshape(27, 27, 14, 14, 3)
    assert thumbnail[1, 2, 2, 5].tolist() == pytest.approx([1.0, -0.6, -1.0])
    assert (thumbnail == -1).sum() == thumbnail.size - 2


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 900), (900, 5)])
def test_tiny_and_thin_pictures_are_cut_too(size: tuple[int, int]) -> None:
    cutter = Cutter()
    pixels = cutter.fit(picture(*size), "The image")
    tiles = cutter.cut(pixels, MARKS)
    assert pixels.shape[0] % 14 == pixels.shape[1] % 14 == 0
    assert len(tiles.crops) == len(tiles.places)
    assert np.isfinite(tiles.crops.numpy()).all()


def test_a_picture_two_hundred_times_longer_than_wide_is_the_limit() -> None:
    assert Cutter().fit(picture(200, 1), "The image").shape[0] > 0
    with pytest.raises(InputError, match=r"Image 3 is 1 x 201: its sides may differ 200 times, not 201"):
        Cutter().fit(picture(201, 1), "Image 3")


def test_fewer_crops_are_fewer_tokens() -> None:
    few = Cutter(max_crops=4)
    assert few.tiling(742, 1330) == (2, 2)
    assert len(few.layout((742, 1330), MARKS)[0]) < len(Cutter().layout((742, 1330), MARKS)[0])


def test_without_column_tokens_lines_follow_each_other() -> None:
    ids, places = Cutter(columns=False).layout((476, 644), MARKS)
    assert MARKS.column not in ids
    assert np.sort(places[places >= 0]).tolist() == np.flatnonzero(ids == MARKS.patch).tolist()


def test_rules_are_read_and_are_the_published_ones_where_nothing_is_said() -> None:
    assert Cutter.read({}) == Cutter()
    read = Cutter.read({"base_input_size": [84, 84], "overlap_margins": [2, 2], "max_crops": 3, "max_pixels": 9999})
    assert (read.side, read.margins, read.max_crops, read.most_pixels) == (84, (2, 2), 3, 9999)
    assert Cutter.read({"base_input_size": 84, "overlap_margins": [0, 2]}).side == 84


@pytest.mark.parametrize(
    "fields",
    [
        {"cropping_method": "resize"},
        {"normalization_method": "gaussian"},
        {"interpolation": "bicubic"},
        {"antialias": True},
        {"preserve_aspect_ratio": True},
        {"base_input_size": [378, 392]},
        {"overlap_margins": [14, 14]},
        {"overlap_margins": [3, 4]},
        {"max_crops": 0},
    ],
    ids=str,
)
def test_rules_that_are_not_known_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match=r"preprocessor_config\.json says"):
        Cutter.read(fields)
