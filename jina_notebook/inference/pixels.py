"""From a picture in RGB to the numbers of a vision tower: sizes, resizing, normalisation, patches.

Each step uses the library that the models were trained with, so that the values are the publisher's: Pillow's resampler
for the CLIP kind, torch's 8-bit one for the Qwen kind (what torchvision's `resize` calls). Pixels stay in 8 bits until
the tower takes them: four times smaller, and without loss, because resizing rounds to whole levels.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from PIL.Image import Image

__all__ = ["CLIP_MEAN", "CLIP_STD", "MOST_RATIO", "centre_square", "merged_patches", "patches", "resized", "smart_size"]

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
MOST_RATIO = 200  # the longest side over the shortest that the Qwen kind takes
SLENDER = 32  # beyond this ratio only the part that is kept is resized

Pixels = Any  # uint8 `(height, width, 3)`


def centre_square(image: Image, size: int) -> NDArray[np.uint8]:
    """The shortest side resized to `size` (bicubic), the middle cut out: uint8 `(size, size, 3)`.

    What torchvision's `Resize(size)` and `CenterCrop(size)` give for a Pillow image.
    """
    from PIL.Image import Resampling

    width, height = image.size
    short, long = min(width, height), max(width, height)
    longer = int(size * long / short)
    wide, high = (size, longer) if width <= height else (longer, size)
    left, top = round((wide - size) / 2.0), round((high - size) / 2.0)
    if long > SLENDER * short:  # a thread a million pixels long would not fit in memory
        across, down = width / wide, height / high
        box = (left * across, top * down, (left + size) * across, (top + size) * down)
        return np.asarray(image.resize((size, size), Resampling.BICUBIC, box=box))
    whole = image.resize((wide, high), Resampling.BICUBIC)
    return np.asarray(whole.crop((left, top, left + size, top + size)))


def smart_size(height: int, width: int, *, factor: int, least: int, most: int) -> tuple[int, int]:
    """Height and width as multiples of `factor`, nearly in proportion, with between `least` and `most` pixels.

    The rule of Qwen2-VL, https://arxiv.org/abs/2409.12191; Python's rounding of halves to even is part of it.

    >>> smart_size(700, 1000, factor=28, least=3136, most=602112)
    (644, 924)
    """
    high, wide = round(height / factor) * factor, round(width / factor) * factor
    if high * wide > most:
        shrink = math.sqrt(height * width / most)
        high = max(factor, math.floor(height / shrink / factor) * factor)
        wide = max(factor, math.floor(width / shrink / factor) * factor)
    elif high * wide < least:
        grow = math.sqrt(least / (height * width))
        high, wide = math.ceil(height * grow / factor) * factor, math.ceil(width * grow / factor) * factor
    return high, wide


def resized(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Bicubic with antialiasing, in 8 bits, as torchvision resizes a uint8 tensor."""
    import torch
    import torch.nn.functional as F

    if pixels.shape[:2] == (height, width):
        return pixels
    # a copy: torch warns about arrays that may not be written to
    planes = torch.from_numpy(np.array(pixels)).permute(2, 0, 1)[None]
    planes = F.interpolate(planes, size=(height, width), mode="bicubic", align_corners=False, antialias=True)
    result: NDArray[np.uint8] = planes[0].permute(1, 2, 0).contiguous().numpy()
    return result


def patches(pixels: NDArray[np.uint8], size: int) -> torch.Tensor:
    """Normalised square patches in reading order: float32 `(rows * columns, 3 * size * size)`.

    What does not fill a patch at the right and at the bottom is left out. Each patch is laid out by channel, row,
    column: a convolution's weight, flattened, multiplies it.
    """
    import torch

    rows, columns = pixels.shape[0] // size, pixels.shape[1] // size
    planes = torch.tensor(pixels[: rows * size, : columns * size]).permute(2, 0, 1).float() / 255
    planes = (planes - _per_channel(CLIP_MEAN)) / _per_channel(CLIP_STD)
    return planes.view(3, rows, size, columns, size).permute(1, 3, 0, 2, 4).reshape(rows * columns, -1)


def merged_patches(pixels: NDArray[np.uint8], size: int, *, merge: int, frames: int) -> torch.Tensor:
    """Normalised patches of the Qwen kind: float32 `(rows * columns, 3 * frames * size * size)`.

    Those that are merged later, `merge` by `merge`, stand together; a still picture fills all `frames`.
    """
    import torch

    rows, columns = pixels.shape[0] // size, pixels.shape[1] // size
    planes = torch.tensor(pixels).permute(2, 0, 1).float()
    planes = (planes - _per_channel(CLIP_MEAN, 255)) / _per_channel(CLIP_STD, 255)
    blocks = planes.view(3, rows // merge, merge, size, columns // merge, merge, size)
    blocks = blocks.permute(1, 4, 2, 5, 0, 3, 6).unsqueeze(5).expand(-1, -1, -1, -1, -1, frames, -1, -1)
    return blocks.reshape(rows * columns, -1)


def _per_channel(values: tuple[float, ...], scale: int = 1) -> torch.Tensor:
    import torch

    return torch.tensor(values)[:, None, None] * scale
