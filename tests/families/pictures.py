"""Pictures that tests of the seeing models share."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def solid(width: int = 64, height: int = 64, colour: tuple[int, int, int] = (10, 120, 200)) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    """Soft random blobs of colour, the same everywhere."""
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8 + 2, width // 8 + 2, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def grey_steps(side: int = 84) -> Image.Image:
    """RGB, dark on the left and light on the right: lying on its side it is another picture."""
    row = np.linspace(0, 255, side).astype(np.uint8)
    return Image.fromarray(np.tile(row[None, :, None], (side, 1, 3)))


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as the bytes of a file."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def stored(picture: Image.Image, path: Path, **options: Any) -> Path:
    """The picture as a file; its kind follows the name."""
    picture.save(path, **options)
    return path
