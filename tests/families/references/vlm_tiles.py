"""jina-vlm's pictures: resized, cut into overlapping crops, and which token each pooled patch goes to.

Written from the publisher's description, square grids in plain loops; checked against its table of sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

SIDE, PATCH, MARGIN, MOST = 378, 14, 4, 12
GRID = SIDE // PATCH  # patches along a crop
POOLED = (GRID + 1) // 2  # tokens along a crop
WINDOW = (GRID - 2 * MARGIN) * PATCH  # pixels from one crop to the next
OVERLAP = 2 * MARGIN * PATCH
MIN_PIXELS, MAX_PIXELS = 3136, 1003520


@dataclass(frozen=True)
class Tiles:
    """`crops (n, 729, 588)` with the thumbnail first; `masks (n, 729)`; `places (n, 196)`: rows of the picture's own
    patch tokens, -1 where a pooled patch is dropped; the grid of the stitched part."""

    resized: tuple[int, int]
    tiling: tuple[int, int]
    crops: torch.Tensor
    masks: torch.Tensor
    places: NDArray[np.int64]
    rows: int
    columns: int

    @property
    def patch_tokens(self) -> int:
        return POOLED * POOLED + self.rows * self.columns

    def tokens(self, start: int, end: int, patch: int, column: int) -> list[int]:
        """Ids of the whole picture: the thumbnail's block, then the stitched one."""
        blocks = ((POOLED, POOLED), (self.rows, self.columns))
        return [token for rows, columns in blocks for token in (start, *([*[patch] * columns, column] * rows), end)]


def tiling_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of crops for a resized picture."""
    pairs = [(i, j) for i in range(1, MOST + 1) for j in range(1, MOST + 1) if i * j <= MOST]
    pairs.sort(key=lambda pair: (pair[0] * pair[1], pair[0]))
    size = np.array([height - OVERLAP, width - OVERLAP], dtype=np.float32)
    with np.errstate(divide="ignore"):
        scales = [float((np.array(pair, dtype=np.float32) * np.float32(WINDOW) / size).min()) for pair in pairs]
    if max(scales) < 1:
        return pairs[scales.index(max(scales))]
    enough = [scale if scale >= 1 else 1e10 for scale in scales]
    return pairs[enough.index(min(enough))]


def side_tokens(tiles: int) -> int:
    """Tokens along one side of the stitched picture."""
    return POOLED if tiles == 1 else (48 + 20 * (tiles - 2)) // 2


def scaled(levels: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """`(3, height, width)`, bilinear without antialiasing."""
    if levels.shape[1:] == (height, width):
        return levels
    return F.interpolate(levels[None], size=(height, width), mode="bilinear", align_corners=False)[0]


def patchified(levels: torch.Tensor) -> torch.Tensor:
    """`(729, 588)` of one crop `(3, 378, 378)`: rows of patches; in a patch rows, columns, channels."""
    cut = levels.reshape(3, GRID, PATCH, GRID, PATCH).permute(1, 3, 2, 4, 0)
    return cut.reshape(GRID * GRID, PATCH * PATCH * 3) * 2 - 1


def tiles_of(picture: Image.Image) -> Tiles:
    rgb = picture.convert("RGB")
    height, width = smart_resize(rgb.height, rgb.width, PATCH, MIN_PIXELS, MAX_PIXELS)
    whole = torch.from_numpy(np.array(rgb, dtype=np.float32)).permute(2, 0, 1)
    # the first resize is in whole levels, the later ones are not
    small = scaled(whole, height, width).round().clamp(0, 255) / 255
    down, across = tiling_of(height, width)
    canvas = scaled(small, down * WINDOW + OVERLAP, across * WINDOW + OVERLAP).clamp(0, 1)
    crops = [patchified(scaled(small, SIDE, SIDE).clamp(0, 1))]
    for i in range(down):
        for j in range(across):
            y, x = i * WINDOW, j * WINDOW
            crops.append(patchified(canvas[:, y : y + SIDE, x : x + SIDE]))
    masks = torch.ones(len(crops), GRID * GRID)
    # the publisher's code puts the thumbnail's row behind the others
    masks[-1] = -1
    return Tiles(
        resized=(height, width),
        tiling=(down, across),
        crops=torch.stack(crops),
        masks=masks,
        places=places_of(down, across),
        rows=side_tokens(down),
        columns=side_tokens(across),
    )


def kept(tile: int, tiles: int) -> tuple[int, int, int]:
    """Along one side: the first pooled patch of a crop that is kept, how many are, and where the first one goes."""
    first = 0 if tile == 0 else MARGIN // 2
    patches = GRID - 2 * MARGIN + MARGIN * (tile == 0) + MARGIN * (tile == tiles - 1)
    start = 0 if tile == 0 else 12 + 10 * (tile - 1)
    return first, (patches + 1) // 2, start


def places_of(down: int, across: int) -> NDArray[np.int64]:
    """Which patch token of the picture every pooled patch of every crop is added to."""
    places = np.full((1 + down * across, POOLED, POOLED), -1, dtype=np.int64)
    places[0] = np.arange(POOLED * POOLED).reshape(POOLED, POOLED)
    columns = side_tokens(across)
    for i in range(down):
        top, high, row = kept(i, down)
        for j in range(across):
            left, wide, column = kept(j, across)
            for y in range(high):
                for x in range(wide):
                    token = (row + y) * columns + column + x
                    places[1 + i * across + j, top + y, left + x] = POOLED * POOLED + token
    return places.reshape(len(places), POOLED * POOLED)
