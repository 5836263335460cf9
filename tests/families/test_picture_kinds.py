"""Every kind of picture a person may have: how it is handed over, how it is stored, and what cannot be one."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from jina_notebook.errors import InputError
from tests.families.pictures import encoded, grey_steps, photo, solid, stored

CLIP = "jina-clip-v2"
EQUAL = 1e-5
Load = Callable[..., Any]
Vectors = Callable[[list[Any]], Any]


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


@pytest.fixture(params=[CLIP, "jina-embeddings-v4"])
def vectors(request: pytest.FixtureRequest, load: Load) -> Vectors:
    """`vectors(pictures)`: rows of one of the models that embed pictures."""
    model = load(request.param)
    task = "text-matching" if model.card.needs_task else None
    return lambda pictures: model.embed(pictures, task=task).vectors


def test_a_picture_is_the_same_however_it_is_handed_over(tmp_path: Path, vectors: Vectors) -> None:
    picture = photo(84, 112, 1)
    path = stored(picture, tmp_path / "a.png")
    array = np.asarray(picture)
    with Image.open(path) as opened:
        rows = vectors([picture, path, path.read_bytes(), bytearray(path.read_bytes()), opened, array])
    assert all(difference(row, rows[0]) <= EQUAL for row in rows)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
        ("PPM", {}),
        ("TGA", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.values())) or "plain",
)
def test_files_without_loss_give_the_vector_of_the_picture(
    kind: str, options: dict[str, Any], tmp_path: Path, load: Load
) -> None:
    picture = photo(84, 112, 2)
    file = tmp_path / f"picture.{kind.lower()}"
    file.write_bytes(encoded(picture, kind, **options))
    rows = load(CLIP).embed([picture, file]).vectors
    assert difference(rows[0], rows[1]) <= EQUAL


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_files_with_loss_give_a_vector_near_that_of_the_picture(kind: str, load: Load) -> None:
    picture = photo(84, 112, 2)
    rows = load(CLIP).embed([picture, encoded(picture, kind)]).vectors
    assert float(rows[0] @ rows[1]) > 0.95


def test_the_name_of_a_file_does_not_matter(tmp_path: Path, load: Load) -> None:
    file = tmp_path / "photo.txt"
    file.write_bytes(encoded(solid()))
    assert difference(*load(CLIP).embed([file, solid()]).vectors) <= EQUAL


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 3), (3, 2), (1, 40), (13, 13), (75, 1)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def test_the_smallest_pictures_work(size: tuple[int, int], vectors: Vectors) -> None:
    rows = vectors([solid(*size, (200, 30, 30)), solid(140, 140)])
    assert np.isfinite(rows).all()
    assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() <= 1e-6


def test_a_pixel_of_one_colour_is_a_square_of_that_colour(load: Load) -> None:
    a, b = load(CLIP).embed([solid(1, 1, (200, 30, 30)), solid(64, 64, (200, 30, 30))]).vectors
    assert difference(a, b) <= EQUAL


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr", "HSV", "LAB", "RGBX"])
def test_a_mode_of_another_kind_gives_the_vector_of_its_colours(mode: str, vectors: Vectors) -> None:
    source = photo(84, 84, 3)
    # Pillow has no way from RGB to LAB
    picture = Image.merge("LAB", source.split()) if mode == "LAB" else source.convert(mode)
    rows = vectors([picture, picture.convert("RGB")])
    assert difference(rows[0], rows[1]) <= EQUAL


def test_integer_pictures_of_eight_bit_levels_are_grey_and_floats_too_or_an_error(vectors: Vectors) -> None:
    grey = photo(84, 84, 3).convert("L")
    rows = vectors([grey.convert("I"), grey])
    assert difference(rows[0], rows[1]) <= EQUAL
    try:
        rows = vectors([grey, grey.convert("F")])
    except InputError as error:
        message = error.message
    else:
        message = "1 F" if difference(rows[0], rows[1]) <= EQUAL else "another picture"
    assert re.search(r"\b1\b.*\bF\b", message)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "RGBa", "La"])
def test_opaque_pictures_with_an_alpha_channel_are_the_pictures_without_it(mode: str, vectors: Vectors) -> None:
    source = photo(84, 84, 4) if mode.startswith("RGB") else photo(84, 84, 4).convert("L")
    if mode == "PA":
        picture = source.convert("P").convert("PA")
    elif mode in ("RGBa", "La"):
        picture = source.convert(mode.upper()).convert(mode)
    else:
        picture = source.convert(mode)
    rows = vectors([picture, source.convert("RGB")])
    assert difference(rows[0], rows[1]) <= EQUAL


def test_transparent_places_are_dropped_with_the_channel_or_lie_on_white(vectors: Vectors) -> None:
    picture = photo(84, 84, 5).convert("RGBA")
    picture.paste((0, 0, 0, 0), (20, 20, 60, 60))
    on_white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    on_white.alpha_composite(picture)
    rows = vectors([picture, picture.convert("RGB"), on_white.convert("RGB")])
    assert min(difference(rows[0], rows[1]), difference(rows[0], rows[2])) <= EQUAL


def test_a_palette_with_a_transparent_colour_is_read(vectors: Vectors) -> None:
    source = photo(84, 84, 6).convert("P", palette=Image.Palette.ADAPTIVE, colors=16)
    data = encoded(source, "PNG", transparency=3)
    rows = vectors([data, source.convert("RGB")])
    assert float(rows[0] @ rows[1]) > 0.5


def test_sixteen_bits_of_grey_are_not_a_white_page(tmp_path: Path, vectors: Vectors) -> None:
    ramp = np.linspace(0, 65535, 112 * 112).reshape(112, 112).astype("uint16")
    Image.fromarray(ramp).save(tmp_path / "scan.png")
    Image.fromarray(ramp).save(tmp_path / "scan.tiff")
    eight = Image.fromarray((ramp >> 8).astype("uint8"))
    rows = vectors(
        [eight, tmp_path / "scan.png", tmp_path / "scan.tiff", Image.fromarray(ramp), solid(112, 112, (255,) * 3)]
    )
    assert all(float(rows[0] @ row) > 0.999 for row in rows[1:4])
    assert float(rows[0] @ rows[4]) < 0.999


def test_a_dark_scan_of_sixteen_bits_stays_dark(load: Load) -> None:
    ramp = np.linspace(0, 9000, 112 * 112).reshape(112, 112).astype("uint16")
    rows = load(CLIP).embed([Image.fromarray(ramp), Image.fromarray((ramp >> 8).astype("uint8"))]).vectors
    assert float(rows[0] @ rows[1]) > 0.995


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_read_as_a_viewer_shows_it(orientation: int, tmp_path: Path, vectors: Vectors) -> None:
    upright = photo(112, 84, 7)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[274] = orientation
    path = stored(lying, tmp_path / "t.png", exif=exif)
    with Image.open(path) as opened:
        rows = vectors([upright, path, opened, path.read_bytes()])
    assert all(difference(row, rows[0]) <= EQUAL for row in rows)


def test_a_picture_is_left_as_it_was(load: Load) -> None:
    picture = grey_steps().convert("P")
    before = (picture.mode, picture.size, picture.tobytes())
    load(CLIP).embed([picture, picture])
    assert (picture.mode, picture.size, picture.tobytes()) == before


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_counts(kind: str, vectors: Vectors) -> None:
    frames = [solid(84, 84, colour) for colour in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    with pytest.warns(UserWarning, match=r"Input 0 .*more than one frame.*first"):
        rows = vectors([data, *frames])
    assert difference(rows[0], rows[1]) <= 1e-3
    assert difference(rows[0], rows[2]) > 1e-2


def test_twenty_megapixels_are_fine(vectors: Vectors) -> None:
    rows = vectors([solid(5200, 4000, (9, 99, 199)), solid(52, 40, (9, 99, 199))])
    assert np.isfinite(rows).all()


def bomb(side: int) -> bytes:
    """A PNG file of a few bytes that says it is `side` pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


BAD = {
    "text": b"this is no picture",
    "nothing": b"",
    "html": b"<html><img src=x></html>",
    "cut": encoded(photo(200, 200), "JPEG")[:-400],
    "cut png": encoded(photo(200, 200))[:600],
    "bomb": bomb(60_000),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("as_file", [False, True], ids=["bytes", "file"])
def test_what_is_no_whole_picture_is_an_error_with_position_and_file(
    name: str, as_file: bool, tmp_path: Path, vectors: Vectors
) -> None:
    file = tmp_path / "holiday 7.jpg"
    file.write_bytes(BAD[name])
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    with pytest.raises(InputError) as caught:
        vectors([solid(), solid(), file if as_file else BAD[name]])
    assert re.search(r"\b2\b", caught.value.message)
    assert "holiday 7.jpg" in caught.value.message or not as_file
    assert "truncated" in str(caught.value) or not name.startswith("cut")
    assert caught.value.hint
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)


def test_a_missing_file_and_a_folder_are_errors_with_position_and_name(tmp_path: Path, vectors: Vectors) -> None:
    for bad in (tmp_path / "gone.png", tmp_path):
        with pytest.raises(InputError, match=r"\b1\b") as caught:
            vectors([solid(), bad])
        assert bad.name in caught.value.message


def test_a_text_that_looks_like_a_path_is_a_text(tmp_path: Path, load: Load) -> None:
    path = stored(solid(), tmp_path / "a.png")
    rows = load(CLIP).embed([str(path), path, solid()]).vectors
    assert difference(rows[1], rows[2]) <= EQUAL
    assert difference(rows[0], rows[1]) > 1e-2


@pytest.mark.parametrize("bad", [None, 7, np.nan, {"image": "x"}, object()], ids=repr)
def test_what_is_neither_text_nor_picture_is_an_error_with_its_position(bad: Any, vectors: Vectors) -> None:
    with pytest.raises(InputError, match=r"\b1\b"):
        vectors([solid(), bad])


@pytest.mark.parametrize("shape", [(0, 10, 3), (10, 10, 7), (3,), (2, 10, 10, 3)], ids=str)
def test_an_array_that_is_no_picture_is_an_error_with_its_shape(shape: tuple[int, ...], load: Load) -> None:
    with pytest.raises(InputError, match=r"\b1\b"):
        load(CLIP).embed([solid(), np.zeros(shape, dtype=np.uint8)])


def test_arrays_of_grey_of_four_channels_and_of_floats_are_pictures(load: Load) -> None:
    levels = np.asarray(photo(84, 84, 8))
    grey = np.asarray(photo(84, 84, 8).convert("L"))
    rows = (
        load(CLIP)
        .embed(
            [
                grey,
                Image.fromarray(grey),
                np.dstack([levels, np.full((84, 84), 255, np.uint8)]),
                Image.fromarray(levels),
            ]
        )
        .vectors
    )
    assert difference(rows[0], rows[1]) <= EQUAL
    assert difference(rows[2], rows[3]) <= EQUAL
    scaled = load(CLIP).embed([Image.fromarray(levels), levels.astype(np.float32) / 255]).vectors
    assert difference(scaled[0], scaled[1]) <= EQUAL
