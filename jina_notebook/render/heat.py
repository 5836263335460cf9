"""A grid of numbers laid over a picture, as a still image that needs nothing but itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

__all__ = ["heat"]

PALE = 0.35  # how much white is mixed into the picture
STRONGEST = 0.72  # how much of the colour covers the picture where the number is highest
RAMP = ((255, 237, 160), (254, 178, 76), (240, 59, 32), (128, 0, 38))  # light to dark: also without colour vision


def heat(image: Image, values: NDArray[np.float32], *, low: float, high: float, size: int) -> Image:
    """The picture in pale grey with each cell of `values` `(rows, columns)` coloured; its longer side is `size` pixels.

    Grey, because a red place under a red cover would look like no match. At `low` and below nothing covers the picture,
    at `high` the darkest colour does; the cell with the highest number is framed.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    base = image.convert("L")
    base.thumbnail((size, size))
    base = Pillow.blend(base, Pillow.new("L", base.size, 255), PALE).convert("RGB")
    strength = np.clip((values - low) / (high - low if high > low else 1.0), 0, 1)
    stops = np.linspace(0, 1, len(RAMP))
    channels = [np.interp(strength, stops, [colour[i] for colour in RAMP]) for i in range(3)]
    cells = np.stack([*channels, 255 * STRONGEST * strength], axis=-1).round().astype(np.uint8)
    cover = Pillow.fromarray(cells, "RGBA" if cells.shape[-1] == 4 else None).resize(
        base.size, Pillow.Resampling.NEAREST
    )
    base.paste(cover, mask=cover.getchannel("A"))
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    tall, wide = base.height / values.shape[0], base.width / values.shape[1]
    box = (int(column * wide), int(row * tall), int((column + 1) * wide) - 1, int((row + 1) * tall) - 1)
    if box[2] > box[0] and box[3] > box[1]:
        draw = ImageDraw.Draw(base)
        draw.rectangle(box, outline=(255, 255, 255), width=3)
        draw.rectangle(box, outline=(0, 0, 0), width=1)
    return base
