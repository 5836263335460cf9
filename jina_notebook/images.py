"""Pictures however they are handed over, read as a viewer shows them: upright, whole, in eight bits.

A picture is a PIL image, a `pathlib.Path`, encoded bytes or a numpy array of pixels. A `str` handed to a model is
always text; `read_image` is the explicit way from a file's name or a data URI to a picture. Pillow's global switches
are never touched: they belong to the caller.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote_to_bytes

import numpy as np

from jina_notebook.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

__all__ = ["Alpha", "FrameNotice", "as_rgb", "bytes_of_data_uri", "described", "is_image", "open_image", "read_image"]

Alpha = Literal["drop", "white"]
"""What becomes of transparency: dropped, as Pillow's `convert("RGB")` does, or laid on white, as a page shows it."""

STILLS = {"MPO", "PSD"}  # formats whose further frames are previews and layers of one still picture
METADATA = ("exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp")  # where a rotation is noted
DATA_URI = re.compile(r"data:[^,]{0,200}?(;base64)?,", re.IGNORECASE)
SHOWN = 60  # characters of a bad value that an error repeats


class FrameNotice(UserWarning):
    """Says that of an animation or a stack of pages only the first frame was read."""


def is_image(item: Any) -> bool:
    """Whether an item stands for a picture: a PIL image, a path, encoded bytes, or an array of pixels."""
    if isinstance(item, (Path, bytes, bytearray)):
        return True
    if isinstance(item, np.ndarray):
        return item.ndim in {2, 3} and item.dtype.kind in "buif"
    return any(kind.__module__.startswith("PIL.") for kind in type(item).__mro__)


def read_image(source: Any) -> Image:
    """One picture, upright and decoded.

    `source`: a PIL image, the path of a file (here also as `str`), encoded bytes, a data URI, or an array of pixels:
    `(height, width)` or `(height, width, 1 | 3 | 4)`, integers up to 255, uint16, or floats from 0 to 1.

    Raises `InputError` for a file that is missing, cut off, no image, or too large to be meant honestly.

    >>> read_image("photo.jpg").size
    (4032, 3024)
    """
    if isinstance(source, str):
        if source[:5].lower() == "data:":
            source = bytes_of_data_uri(source)
        elif re.match(r"[a-z][a-z0-9+.-]+://", source, re.IGNORECASE):
            raise InputError(
                f"The image {_clipped(source)} is an address; nothing is fetched from a network.",
                hint="Download it and give its path.",
            )
        else:
            source = Path(source)
    if not is_image(source):
        raise InputError(
            f"{_clipped(repr(source))} ({type(source).__name__}) is no image.",
            hint="Give a PIL image, a path, encoded bytes, a data URI or an array of pixels.",
        )
    return open_image(source, "The image")


def bytes_of_data_uri(uri: str) -> bytes:
    """The encoded image inside a data URI.

    Raises `InputError` where it is none or its base64 is damaged.
    """
    head = DATA_URI.match(uri)
    if head is None:
        raise InputError(f"{_clipped(repr(uri))} is no data URI.", hint="It reads data:image/png;base64,...")
    data = unquote_to_bytes(uri[head.end() :])
    if not head.group(1):
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error as cause:
        raise InputError(
            f"The data URI {_clipped(repr(uri))} holds no valid base64: {cause}.", hint="It may be cut off."
        ) from None


def described(source: Any, what: str) -> str:
    """How an error names a picture: its place, and its file where it has one.

    >>> described(Path("cut.jpg"), "Input 9")
    "Input 9 ('cut.jpg')"
    """
    if isinstance(source, Path):
        return f"{what} ({str(source)!r})"
    if isinstance(source, (bytes, bytearray)):
        return f"{what} ({len(source):,} bytes)"
    name = getattr(source, "filename", "")
    return f"{what} ({os.fspath(name)!r})" if name else what


def open_image(source: Any, what: str) -> Image:
    """What `is_image` says yes to, as a decoded, upright PIL image of at most eight bits per value.

    `what` begins the sentence of an error ("Input 9"). Raises `InputError` naming it, the file and the reason.
    """
    where = described(source, what)
    if isinstance(source, np.ndarray):
        return _checked(_from_array(source, where), where)
    try:
        image = _decoded(source, where)
    except InputError:
        raise
    except Exception as cause:  # for damaged files Pillow's decoders raise nearly anything
        raise _refusal(source, where, cause) from None
    return _checked(image, where)


def as_rgb(image: Image, *, alpha: Alpha) -> Image:
    """The picture in RGB, from any mode that Pillow has.

    Raises `InputError` for a mode without a way to RGB.
    """
    from PIL import Image as Pillow

    if image.mode in {"La", "RGBa"}:  # multiplied by their alpha: divided first
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
    try:
        clear = "A" in image.getbands() or image.info.get("transparency") is not None
        if clear and alpha == "white":
            image = image.convert("RGBA")
            image = Pillow.alpha_composite(Pillow.new("RGBA", image.size, "white"), image)
        elif clear and image.mode == "P":
            image = image.convert("RGBA")  # the same colours, without Pillow's warning about a palette's alpha
        return image.convert("RGB")
    except ValueError as cause:
        raise InputError(f"A picture of mode {image.mode} cannot be made RGB: {cause}.") from None


def _decoded(source: Any, where: str) -> Image:
    from PIL import Image as Pillow

    if isinstance(source, Path):
        with Pillow.open(source) as image:
            return _upright(image, where)
    if isinstance(source, (bytes, bytearray)):
        with Pillow.open(io.BytesIO(source)) as image:
            return _upright(image, where)
    picture: Image = source
    return _upright(picture, where)


def _upright(image: Image, where: str) -> Image:
    """Decoded and turned as its EXIF or XMP says; the note is dropped with the turn, so that none is turned twice."""
    from PIL.Image import Transpose

    if getattr(image, "is_animated", False) and image.format not in STILLS and image.tell() == 0:
        warnings.warn(f"{where} has more than one frame; the first one is used.", FrameNotice, stacklevel=4)
    image.load()
    turn = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(_orientation(image))
    if turn is None:
        return image
    turned = image.transpose(turn)
    for key in METADATA:
        turned.info.pop(key, None)
    return turned


def _orientation(image: Image) -> int:
    """EXIF orientation, 1 (upright) where the block is damaged: the pixels are good all the same."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:  # EXIF of any camera and editor: what cannot be parsed says nothing
        return 1
    return value if isinstance(value, int) else 1


def _checked(image: Image, where: str) -> Image:
    """Not empty, and at most eight bits per value: Pillow's own conversion of deeper modes clips to white."""
    from PIL import Image as Pillow

    if not image.width or not image.height:
        raise InputError(f"{where} has no pixels: it is {image.width} x {image.height}.")
    if image.mode.startswith("I;16"):
        return Pillow.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    if image.mode in {"I", "F"}:
        return Pillow.fromarray(_eight_bits(np.asarray(image), f"{where}, of mode {image.mode},"))
    return image


def _from_array(pixels: NDArray[Any], where: str) -> Image:
    from PIL import Image as Pillow

    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim == 3 and pixels.shape[2] not in {3, 4}:
        raise InputError(
            f"{where} is an array of shape {pixels.shape}; an image is (height, width) or (height, width, 1, 3 or 4).",
            hint="Bring the channels to the end: array.transpose(1, 2, 0)."
            if pixels.shape[0] in {1, 3, 4}
            else "One array is one image; pass several as a list.",
        )
    if not pixels.size:
        raise InputError(f"{where} has no pixels: its array has the shape {pixels.shape}.")
    if pixels.dtype == np.uint16:
        pixels = pixels >> 8
    return Pillow.fromarray(np.ascontiguousarray(_eight_bits(pixels, f"{where}, an array of {pixels.dtype},")))


def _eight_bits(values: NDArray[Any], what: str) -> NDArray[np.uint8]:
    """Levels from 0 to 255: whole numbers as they are (or their upper bytes, where they need 16 bits), floats from 0
    to 1 scaled."""
    levels: NDArray[Any] = values
    if values.dtype.kind == "b":
        levels = np.where(values, 255, 0)
    elif values.dtype.kind == "f":
        levels = np.rint(values * 255)
        if not (values.min() >= 0 and values.max() <= 1):
            raise InputError(
                f"{what} has values from {values.min():g} to {values.max():g}; floats are read from 0 to 1 (white).",
                hint="Scale it, or make it an array of uint8.",
            )
    elif values.dtype != np.uint8:
        low, high = int(values.min()), int(values.max())
        if low < 0 or high > 65535:
            raise InputError(
                f"{what} has values from {low:,} to {high:,}; whole numbers are read up to 255, or to 65,535.",
                hint="Scale it, and make it an array of uint8.",
            )
        levels = values >> 8 if high > 255 else values
    eight: NDArray[np.uint8] = levels.astype(np.uint8)
    return eight


def _refusal(source: Any, where: str, cause: Exception) -> InputError:
    """One sentence for what Pillow or the file system said."""
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    reason = str(cause).rstrip(".") or type(cause).__name__
    if isinstance(cause, FileNotFoundError):
        return InputError(f"{where} is a file that is not there.", hint="The path counts from the working folder.")
    if isinstance(cause, (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning)):
        return InputError(
            f"{where} is refused as a decompression bomb: {reason}.",
            hint="If it is genuine, raise PIL.Image.MAX_IMAGE_PIXELS, or make it smaller.",
        )
    if isinstance(cause, UnidentifiedImageError):
        start = _first_bytes(source)
        if start.startswith(b"%PDF"):
            return InputError(f"{where} is a PDF, no image.", hint="Make images of its pages: jn.pdf_pages(path).")
        empty = " It is empty." if not start else ""
        return InputError(
            f"{where} is no image that Pillow can read.{empty}", hint="It reads PNG, JPEG, WebP, TIFF, GIF."
        )
    if isinstance(cause, MemoryError):
        return InputError(f"{where} does not fit in memory.", hint="Make it smaller.")
    if isinstance(cause, OSError) and cause.strerror:
        return InputError(f"{where} cannot be opened: {cause.strerror}.")
    return InputError(
        f"{where} cannot be decoded: {reason}.", hint="The file is damaged or cut off; fetch it again or leave it out."
    )


def _first_bytes(source: Any) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file.read(8)
    return bytes(source[:8]) if isinstance(source, (bytes, bytearray)) else b"?"


def _clipped(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
