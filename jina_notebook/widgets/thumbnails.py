"""Pictures small enough to travel to a browser and to stay in a notebook."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from jina_notebook.render.blocks import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["as_picture", "encoded", "opened"]

JPEG_QUALITY = 85


def opened(source: Any, side: int) -> Image:
    """A copy of the picture, upright, on white, of at most `side` pixels on its longer side.

    Raises `InputError` for what is no picture.
    """
    from PIL import Image

    from jina_notebook.images import read_image

    image = read_image(source).copy()
    image.thumbnail((side, side))
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        image = Image.new("RGB", clear.size, "white")
        image.paste(clear, mask=clear.getchannel("A"))
    return image.convert("RGB")


def encoded(image: Image) -> bytes:
    """As JPEG, for the browser."""
    stream = io.BytesIO()
    image.save(stream, format="JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()


def as_picture(image: Image, alt: str) -> Picture:
    """As PNG, for the static displays."""
    stream = io.BytesIO()
    image.save(stream, format="PNG")
    return Picture(stream.getvalue(), alt, image.width, image.height)
