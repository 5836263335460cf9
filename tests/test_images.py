"""Pictures are read as a viewer shows them, however they come; what is none is one sentence that names it."""

from __future__ import annotations

import base64
import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from jina_notebook.errors import InputError
from jina_notebook.images import (
    FrameNotice,
    as_rgb,
    bytes_of_data_uri,
    described,
    is_image,
    open_image,
    read_image,
)

RAMP = np.tile(np.arange(64, dtype=np.uint8)[:, None, None] * 4, (1, 48, 3))
"""Dark above, light below: 48 wide and 64 high."""


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format=kind, **options)
    return stream.getvalue()


def pixels(image: Image.Image) -> np.ndarray[Any, Any]:
    return np.asarray(as_rgb(image, alpha="drop"))


def turned_file(orientation: int, kind: str) -> bytes:
    """The ramp stored as a camera held another way stores it, with the note that says so."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    undo = {3: 180, 6: 90, 8: 270}[orientation]
    quality = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    return encoded(Image.fromarray(RAMP).rotate(undo, expand=True), kind, exif=exif, **quality)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_picture_stands_upright_however_the_camera_was_held(orientation: int, kind: str, tmp_path: Path) -> None:
    data = turned_file(orientation, kind)
    path = tmp_path / "photo"
    path.write_bytes(data)
    for source in (data, path, Image.open(path), Image.open(path).convert("RGB")):
        seen = pixels(read_image(source))
        assert seen.shape == RAMP.shape
        assert np.abs(seen.astype(int) - RAMP).mean() < 6


def test_a_picture_is_not_turned_twice() -> None:
    once = read_image(turned_file(6, "PNG"))
    assert np.array_equal(pixels(read_image(once)), RAMP)


def test_the_callers_picture_keeps_its_size_and_its_exif(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(turned_file(6, "PNG"))
    image = Image.open(path)
    read_image(image)
    assert image.size == (64, 48)
    assert image.getexif()[0x0112] == 6


def test_damaged_exif_leaves_the_picture_as_it_is_stored() -> None:
    data = encoded(Image.fromarray(RAMP), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff", quality=95)
    assert read_image(data).size == (48, 64)


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "LA", "PA", "RGBA", "RGBa", "La", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"]
)
def test_every_mode_becomes_the_same_grey(mode: str) -> None:
    steps = {"La": "LA", "RGBa": "RGBA", "PA": "P", "HSV": "RGB"}
    grey = Image.new("RGB", (6, 4), (0, 0, 0) if mode == "1" else (153, 153, 153))
    if mode == "LAB":
        image = Image.merge("LAB", [Image.new("L", (6, 4), value) for value in (161, 128, 128)])
    else:
        image = grey.convert(steps.get(mode, mode)).convert(mode)
    seen = np.asarray(as_rgb(image, alpha="drop")).astype(int)
    assert seen.shape == (4, 6, 3)
    assert np.abs(seen - np.asarray(grey)).max() <= 3


def test_transparency_is_dropped_or_laid_on_white_as_the_model_wants_it() -> None:
    clear = Image.new("RGBA", (2, 2), (200, 30, 30, 0))
    half = Image.new("RGBA", (2, 2), (0, 0, 0, 128))
    assert as_rgb(clear, alpha="drop").getpixel((0, 0)) == (200, 30, 30)
    assert as_rgb(clear, alpha="white").getpixel((0, 0)) == (255, 255, 255)
    assert as_rgb(half, alpha="white").getpixel((0, 0)) == (127, 127, 127)


@pytest.mark.parametrize("alpha", ["drop", "white"])
def test_a_palette_with_alpha_is_read_without_a_warning(alpha: Any) -> None:
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    image = read_image(encoded(palette, transparency=bytes([255, 0])))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = as_rgb(image, alpha=alpha).getpixel((0, 0))
    assert seen == ((0, 0, 255) if alpha == "drop" else (255, 255, 255))


@pytest.mark.parametrize("dtype", ["uint16", ">u2", "int32"])
def test_sixteen_bits_of_grey_keep_their_upper_eight(dtype: str, tmp_path: Path) -> None:
    levels = np.linspace(0, 65535, 32 * 32).reshape(32, 32).astype(dtype)
    wanted = (levels >> 8).astype(np.uint8)
    if dtype == "uint16":
        Image.fromarray(levels).save(tmp_path / "scan.png")
        assert np.array_equal(np.asarray(read_image(tmp_path / "scan.png")), wanted)
    if dtype != ">u2":
        assert np.array_equal(np.asarray(read_image(Image.fromarray(levels))), wanted)
    assert np.array_equal(np.asarray(read_image(levels)), wanted)


@pytest.mark.parametrize(
    ("array", "level"),
    [
        (np.full((3, 5), 7, dtype=np.uint8), 7),
        (np.full((3, 5, 1), 7, dtype=np.int64), 7),
        (np.full((3, 5, 3), 0x0701, dtype=np.uint16), 7),
        (np.full((3, 5), 7 / 255, dtype=np.float32), 7),
        (np.ones((3, 5), dtype=bool), 255),
        (np.full((5, 3, 3), 7, dtype=np.uint8).transpose(1, 0, 2), 7),
    ],
    ids=["grey", "one-channel", "sixteen-bits", "floats", "bools", "strided"],
)
def test_arrays_of_pixels_are_pictures(array: np.ndarray[Any, Any], level: int) -> None:
    assert is_image(array)
    image = read_image(array)
    assert image.size == (5, 3)
    assert as_rgb(image, alpha="drop").getpixel((4, 2)) == (level,) * 3


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((3, 40, 60)), ["(3, 40, 60)", "transpose"]),
        (np.zeros((4, 4, 7)), ["(4, 4, 7)"]),
        (np.zeros((0, 4), dtype=np.uint8), ["no pixels"]),
        (np.full((2, 2), 200.0), ["200", "floats"]),
        (np.full((2, 2), np.nan), ["nan"]),
        (np.full((2, 2), -1), ["-1"]),
        (np.full((2, 2), 70_000), ["70,000"]),
    ],
    ids=["channels-first", "seven-channels", "empty", "floats-to-255", "nan", "negative", "beyond-sixteen-bits"],
)
def test_an_array_that_is_no_picture_is_refused_with_what_is_wrong(
    array: np.ndarray[Any, Any], words: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        read_image(array)
    assert all(word in str(caught.value) for word in words)


def test_texts_and_collections_are_no_pictures() -> None:
    for item in ("photo.jpg", ["a"], np.array(["a"]), np.zeros(3), np.zeros((2, 2, 2, 3)), None, 3):
        assert not is_image(item)
    for item in (Path("photo.jpg"), b"", bytearray(), Image.new("L", (1, 1)), np.zeros((2, 2))):
        assert is_image(item)


def test_a_data_uri_gives_its_bytes_and_its_picture() -> None:
    data = encoded(Image.fromarray(RAMP))
    coded = base64.b64encode(data).decode()
    assert bytes_of_data_uri(f"data:image/png;base64,{coded}") == data
    assert bytes_of_data_uri(f"DATA:;BASE64,{coded[:20]}\n{coded[20:]}") == data
    assert bytes_of_data_uri("data:text/plain,a%20b") == b"a b"
    assert np.array_equal(pixels(read_image(f"data:image/png;base64,{coded}")), RAMP)


@pytest.mark.parametrize("uri", ["data:image/png;base64,####", "data:image/png", "image/png;base64,AAAA"])
def test_a_damaged_data_uri_is_refused(uri: str) -> None:
    with pytest.raises(InputError, match="data URI"):
        bytes_of_data_uri(uri)


def test_the_name_of_a_file_is_read_but_an_address_is_not_fetched(tmp_path: Path) -> None:
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    assert read_image(str(tmp_path / "a.png")).size == (48, 64)
    with pytest.raises(InputError, match=r"https://example.org/a.png.*network"):
        read_image("https://example.org/a.png")


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("WEBP", {}), ("PNG", {}), ("TIFF", {})])
def test_of_several_frames_the_first_is_read_and_said_so(kind: str, options: dict[str, Any]) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in [(255, 0, 0), (0, 0, 255)]]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    with pytest.warns(FrameNotice, match=r"Input 4 .*more than one frame; the first"):
        image = open_image(data, "Input 4")
    red, green, blue = np.asarray(as_rgb(image, alpha="drop"))[0, 0].astype(int)
    assert red > 200
    assert green + blue < 60


def test_a_frame_that_the_caller_chose_is_the_picture() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in [(255, 0, 0), (0, 0, 255)]]
    image = Image.open(io.BytesIO(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])))
    image.seek(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = as_rgb(open_image(image, "Input 0"), alpha="drop").getpixel((0, 0))
    assert seen == (0, 0, 255)


def test_a_photo_with_a_preview_inside_is_a_still_picture() -> None:
    frames = [Image.fromarray(RAMP), Image.new("RGB", (8, 8))]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_image(data).size == (48, 64)


def noise(kind: str) -> bytes:
    levels = np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)
    return encoded(Image.fromarray(levels), kind)


def bomb() -> bytes:
    """A PNG that says it has 400 million pixels."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    parts = [struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_file_that_is_cut_off_is_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"cut.{kind.lower()}"
    path.write_bytes(noise(kind)[:-400])
    with pytest.raises(InputError) as caught:
        open_image(path, "Input 9")
    assert caught.value.message.startswith(f"Input 9 ({str(path)!r}) ")
    assert caught.value.hint


def test_a_photo_that_is_cut_off_is_called_truncated() -> None:
    with pytest.raises(InputError, match="truncated"):
        open_image(noise("JPEG")[:-400], "Input 0")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["empty"]),
        (b"not a picture at all", ["20 bytes", "no image"]),
        (b"%PDF-1.7 and so on", ["PDF", "jn.pdf_pages"]),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ["no image"]),
        (bomb(), ["decompression bomb", "MAX_IMAGE_PIXELS"]),
    ],
    ids=["empty", "text", "pdf", "svg", "bomb"],
)
def test_what_is_no_picture_is_one_sentence(data: bytes, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        open_image(data, "Input 2")
    assert caught.value.message.startswith("Input 2 (")
    assert all(word in str(caught.value) for word in words)
    assert "\n" not in caught.value.message


def test_a_missing_file_a_folder_and_a_closed_picture_are_named(tmp_path: Path) -> None:
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    closed = Image.open(tmp_path / "a.png")
    closed.close()
    with pytest.raises(InputError, match=r"Input 1 \('.*gone.png'\) is a file that is not there"):
        open_image(tmp_path / "gone.png", "Input 1")
    with pytest.raises(InputError, match=r"Input 2 .*directory"):
        open_image(tmp_path, "Input 2")
    with pytest.raises(InputError, match=r"Input 3 \('.*a.png'\) cannot be decoded"):
        open_image(closed, "Input 3")


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(InputError, match=r"Input 0 has no pixels: it is 0 x 5"):
        open_image(Image.new("RGB", (0, 5)), "Input 0")


def test_pillows_switches_stay_as_they_are() -> None:
    before = (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS)
    for data in (noise("JPEG"), noise("JPEG")[:-400], bomb()):
        try:
            read_image(data)
        except InputError:
            assert before == (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS)
    assert before == (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS)


def test_an_error_names_the_file_behind_a_picture(tmp_path: Path) -> None:
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    assert described(Image.open(tmp_path / "a.png"), "Input 0") == f"Input 0 ({str(tmp_path / 'a.png')!r})"
    assert described(Image.new("L", (1, 1)), "The query") == "The query"
    assert described(b"12345", "Document 1") == "Document 1 (5 bytes)"
