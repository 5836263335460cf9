"""Pictures for jina-vlm: fitted, cut into overlapping crops, with a thumbnail in front; and the tokens they become.

Source: the publisher's image processor, after Molmo's (https://arxiv.org/abs/2409.17146) and Qwen2-VL's rule for sizes.
Resizing is torchvision's bilinear one without antialiasing: first in 8 bits, then in float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import CheckpointError, InputError
from jina_notebook.images import as_rgb
from jina_notebook.inference.pixels import MOST_RATIO, smart_size

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

    from jina_notebook.families.tokenizer import Tokenizer

__all__ = ["Cutter", "Marks", "Tiles"]

FIXED = {
    "cropping_method": "overlap-and-resize",
    "normalization_method": "minmax",
    "interpolation": "bilinear",
    "antialias": False,
    "preserve_aspect_ratio": False,
    "resize_in_float32": False,
    "do_resize": True,
}
"""Fields of preprocessor_config.json in the only way that is known here."""
FAR = 1e10  # in place of a scale that makes the picture smaller, where another does not


class Marks(NamedTuple):
    """Ids of the tokens that a picture becomes."""

    start: int
    end: int
    patch: int
    column: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Marks:
        """Raises `CheckpointError` where the tokenizer lacks one."""
        return cls(*(tokenizer.id_of(f"<im_{name}>") for name in ("start", "end", "patch", "col")))


class Tiles(NamedTuple):
    """A picture in crops, the thumbnail first.

    `crops` float32 `(crops, patches, pixels)` from -1 to 1; `ids` int32 `(tokens,)`; `places` int64 `(crops, windows)`:
    the token that each window of patches is added to, -1 where neighbours overlap.
    """

    crops: torch.Tensor
    ids: NDArray[np.int32]
    places: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cutter:
    """The rules. `side` of a crop and `patch` in pixels, `margins` (left or top, right or bottom) and `pool` (rows,
    columns) in patches."""

    side: int = 378
    patch: int = 14
    margins: tuple[int, int] = (4, 4)
    pool: tuple[int, int] = (2, 2)
    max_crops: int = 12
    least_pixels: int = 3136
    most_pixels: int = 1003520
    columns: bool = True
    low: float = -1.0
    high: float = 1.0

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Cutter:
        """From preprocessor_config.json; what it does not say is as published.

        Raises `CheckpointError` for a way of cutting that is not known here.
        """
        for field, known in FIXED.items():
            if config.get(field, known) != known:
                raise CheckpointError(
                    f"preprocessor_config.json says {field} {config[field]!r}; only {known!r} can be read."
                )
        usual = cls()
        size = config.get("base_input_size", usual.side)
        sides = {size} if isinstance(size, int) else set(size)
        if len(sides) != 1:
            raise CheckpointError(f"preprocessor_config.json says base_input_size {size}; crops must be square.")
        before, after = config.get("overlap_margins", usual.margins)
        cutter = cls(
            side=int(sides.pop()),
            patch=int(config.get("patch_size", usual.patch)),
            margins=(int(before), int(after)),
            pool=(int(config.get("pooling_h", usual.pool[0])), int(config.get("pooling_w", usual.pool[1]))),
            max_crops=int(config.get("max_crops", usual.max_crops)),
            least_pixels=int(config.get("min_pixels") or usual.least_pixels),
            most_pixels=int(config.get("max_pixels") or usual.most_pixels),
            columns=bool(config.get("use_column_tokens", usual.columns)),
            low=float(config.get("image_min") or usual.low),
            high=float(config.get("image_max") or usual.high),
        )
        if cutter.max_crops < 1 or cutter.window < 1 or any(m % p for m in cutter.margins for p in cutter.pool):
            raise CheckpointError(
                f"preprocessor_config.json says margins {cutter.margins} and windows {cutter.pool} for crops of "
                f"{cutter.across} patches, at most {cutter.max_crops}: they do not fit together."
            )
        return cutter

    @property
    def across(self) -> int:
        """Patches along a crop's side."""
        return self.side // self.patch

    @property
    def window(self) -> int:
        """Patches along a crop's side that no neighbour has."""
        return self.across - sum(self.margins)

    @property
    def margin(self) -> int:
        """Pixels of both margins."""
        return self.patch * sum(self.margins)

    def fit(self, image: Image, what: str) -> NDArray[np.uint8]:
        """The picture in RGB, both sides multiples of a patch, in 8 bits.

        Raises `InputError` naming it where it is longer than 200 times its width.
        """
        ratio = max(image.size) / min(image.size)
        if ratio > MOST_RATIO:
            raise InputError(
                f"{what} is {image.width} x {image.height}: its sides may differ {MOST_RATIO} times, not {ratio:.0f}.",
                hint="Crop it, or cut it into parts.",
            )
        size = smart_size(image.height, image.width, factor=self.patch, least=self.least_pixels, most=self.most_pixels)
        pixels = np.asarray(as_rgb(image, alpha="drop"))
        return pixels if pixels.shape[:2] == size else _eight_bits(pixels, size)

    def tiling(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of crops for a fitted picture: the least enlargement, or the least reduction.

        >>> Cutter().tiling(476, 644)
        (2, 2)
        """
        most = range(1, self.max_crops + 1)
        tilings = sorted(
            ((i, j) for i in most for j in most if i * j <= self.max_crops), key=lambda t: (t[0] * t[1], t)
        )
        wanted = np.array(tilings, dtype=np.int32) * (self.window * self.patch)
        inner = np.array([height - self.margin, width - self.margin], dtype=np.float32)
        with np.errstate(divide="ignore"):
            scales = (wanted.astype(np.float32) / inner).min(axis=1)
        best = scales.argmax() if (scales < 1).all() else np.where(scales < 1, FAR, scales).argmin()
        return tilings[int(best)]

    def cut(self, pixels: NDArray[np.uint8], marks: Marks) -> Tiles:
        """The crops of a fitted picture, its tokens, and which window goes where."""
        import torch

        down, along = self.tiling(*pixels.shape[:2])
        whole = pixels.astype(np.float32) / np.float32(255)
        step = self.window * self.patch
        canvas = self._resized(whole, down * step + self.margin, along * step + self.margin)
        crops = [self._resized(whole, self.side, self.side)]
        crops += [
            canvas[i * step : i * step + self.side, j * step : j * step + self.side]
            for i in range(down)
            for j in range(along)
        ]
        stacked = torch.from_numpy(np.stack(crops))
        n, p, gap = len(crops), self.patch, self.across
        patches = stacked.view(n, gap, p, gap, p, 3).transpose(2, 3).reshape(n, gap * gap, p * p * 3)
        return Tiles(patches, *self.layout(pixels.shape[:2], marks))

    def _resized(self, values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
        if values.shape[:2] != (height, width):
            values = _bilinear(values, height, width)
        low, span = np.float32(self.low), np.float32(self.high - self.low)
        normalised: NDArray[np.float32] = low + values.clip(0, 1) * span
        return normalised

    def layout(self, size: tuple[int, ...], marks: Marks) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The ids and places of `Tiles` for a fitted picture of `size` (height, width)."""
        down, along = self.tiling(size[0], size[1])
        high, wide = (-(-self.across // pool) for pool in self.pool)
        rows, columns = _spans(self, down, self.pool[0]), _spans(self, along, self.pool[1])
        places = np.full((1 + down * along, high, wide), -1, dtype=np.int64)
        gap = wide + self.columns
        places[0] = 1 + np.arange(high)[:, None] * gap + np.arange(wide)
        first = 2 + high * gap + 1
        gap = sum(count for _, count in columns) + self.columns
        top = 0
        for i, (y, tall) in enumerate(rows):
            left = 0
            for j, (x, broad) in enumerate(columns):
                index = first + (top + np.arange(tall))[:, None] * gap + left + np.arange(broad)
                places[1 + i * along + j, y : y + tall, x : x + broad] = index
                left += broad
            top += tall
        ids = [*self._grid(high, wide, marks), *self._grid(top, left, marks)]
        return np.array(ids, dtype=np.int32), places.reshape(len(places), -1)

    def _grid(self, rows: int, columns: int, marks: Marks) -> list[int]:
        line = [marks.patch] * columns + [marks.column] * self.columns
        return [marks.start, *line * rows, marks.end]


def _spans(cutter: Cutter, crops: int, pool: int) -> list[tuple[int, int]]:
    """For each crop in a row: the first window that is its own, and how many are."""
    before, after = cutter.margins
    spans = []
    for number in range(crops):
        first, last = number == 0, number == crops - 1
        own = cutter.window + before * first + after * last
        spans.append((0 if first else before // pool, -(-own // pool)))
    return spans


def _bilinear(values: NDArray[Any], height: int, width: int) -> NDArray[np.float32]:
    import torch
    import torch.nn.functional as F

    planes = torch.from_numpy(values).permute(2, 0, 1)[None].float()
    planes = F.interpolate(planes, size=(height, width), mode="bilinear", align_corners=False, antialias=False)
    result: NDArray[np.float32] = planes[0].permute(1, 2, 0).contiguous().numpy()
    return result


def _eight_bits(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Resized in float32 and rounded to whole levels, halves to even."""
    rounded: NDArray[np.uint8] = np.rint(_bilinear(np.array(pixels), *size)).clip(0, 255).astype(np.uint8)
    return rounded
