"""What the decoders that see have in common: pictures fitted, prompts widened, patches put in their places.

Source: https://arxiv.org/abs/2409.12191. A picture stands in a prompt as one token, which is widened to one for every
28 by 28 pixels; positions count time, row and column there, and go on behind it from the larger of its sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import CheckpointError, InputError, OptionError
from jina_notebook.families import qwen, qwen_vision
from jina_notebook.families.qwen import Body
from jina_notebook.families.qwen_vision import VisionLayout
from jina_notebook.images import Alpha, as_rgb

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

    from jina_notebook.families.checkpoint import Checkpoint
    from jina_notebook.families.pictures import Picture
    from jina_notebook.families.tokenizer import Tokenizer
    from jina_notebook.inference.packing import Pack
    from jina_notebook.inference.placement import Placement
    from jina_notebook.inference.vision import MergingTower

__all__ = ["PICTURE", "Eyes", "Layout", "Prompt", "grid_positions"]

START, PAD, END = "<|vision_start|>", "<|image_pad|>", "<|vision_end|>"
PICTURE = START + PAD + END
"""How a picture stands in a prompt."""
LEAST_PIXELS, MOST_PIXELS = 56 * 56, 768 * 28 * 28  # the publisher's, whatever preprocessor_config.json says
SECTIONS = (16, 24, 24)  # the published ones, where config.json does not say


@dataclass(frozen=True, slots=True)
class Layout:
    """Both parts of a checkpoint, and below which names they stand: the old layout's or the new one's."""

    body: Body
    vision: VisionLayout
    body_prefix: str
    vision_prefix: str

    @classmethod
    def read(cls, config: Mapping[str, Any], weights: Checkpoint, *, gated: bool) -> Layout:
        """From config.json, with the decoder's fields nested or flat.

        Raises `CheckpointError` naming what is missing or does not fit.
        """
        body = Body.read(config.get("text_config") or config, qkv_bias=True, head_norms=False)
        body = replace(body, sections=body.sections or SECTIONS)
        if 2 * sum(body.sections) != body.head_dim:
            raise CheckpointError(
                f"config.json's mrope_section {body.sections} does not fill heads of {body.head_dim}."
            )
        vision = config.get("vision_config")
        if not isinstance(vision, Mapping):
            raise CheckpointError("config.json has no vision_config, which this model needs.")
        names = weights.shapes
        new_body = any(name.startswith("model.language_model.") for name in names)
        new_vision = any(name.startswith("model.visual.") for name in names)
        return cls(
            body,
            VisionLayout.read(vision, outputs=body.hidden, gated=gated),
            "model.language_model." if new_body else "model.",
            "model.visual." if new_vision else "visual.",
        )

    def expected(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of every tensor of the decoder and the tower."""
        return qwen.expected(self.body, self.body_prefix) | qwen_vision.expected(self.vision, self.vision_prefix)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a decoder reads: ids int32 with every picture widened, and the pictures in the order of the prompt."""

    ids: NDArray[np.int32]
    pictures: tuple[Picture, ...] = ()


class Eyes:
    """Fits pictures to the tower, widens prompts, and lays sequences end to end with their pictures in place."""

    def __init__(
        self, tower: MergingTower, layout: VisionLayout, tokenizer: Tokenizer, placement: Placement, *, alpha: Alpha
    ) -> None:
        self._tower = tower
        self._layout = layout
        self._placement = placement
        self._alpha: Alpha = alpha
        self._most = MOST_PIXELS
        self.pad_id = tokenizer.id_of(PAD)
        self.start_id = tokenizer.id_of(START)
        self.end_id = tokenizer.id_of(END)

    @property
    def max_pixels(self) -> int:
        """Pixels that a picture has at most after fitting; more give sharper details and cost more tokens."""
        return self._most

    @max_pixels.setter
    def max_pixels(self, value: int) -> None:
        if not isinstance(value, int) or value < LEAST_PIXELS:
            raise OptionError(f"max_pixels={value!r} is not a number of {LEAST_PIXELS:,} or more.")
        self._most = value

    def fit(self, image: Image, where: str) -> NDArray[np.uint8]:
        """Pixels in the size that the tower takes, uint8 `(height, width, 3)`.

        Raises `InputError` for a strip that is too long for its width.
        """
        from jina_notebook.inference.pixels import MOST_RATIO, resized, smart_size

        if max(image.size) > MOST_RATIO * min(image.size):
            raise InputError(
                f"{where} is {image.width} x {image.height}; its longer side may be {MOST_RATIO} times the shorter "
                "at most.",
                hint="Cut it into pieces.",
            )
        factor = self._layout.factor
        height, width = smart_size(image.height, image.width, factor=factor, least=LEAST_PIXELS, most=self._most)
        return resized(np.asarray(as_rgb(image, alpha=self._alpha)), height, width)

    def grid(self, picture: Picture) -> tuple[int, int]:
        """Rows and columns of the tokens that a picture becomes."""
        return picture.height // self._layout.factor, picture.width // self._layout.factor

    def widened(self, ids: NDArray[np.int32], pictures: Sequence[Picture]) -> NDArray[np.int32]:
        """The ids with the k-th picture token repeated for every token of the k-th picture."""
        counts = np.ones(len(ids), dtype=np.int64)
        counts[ids == self.pad_id] = [rows * columns for rows, columns in map(self.grid, pictures)]
        return np.repeat(ids, counts)

    def pack(self, prompts: Sequence[Prompt], *, known: Mapping[int, torch.Tensor] | None = None) -> Pack:
        """Sequences end to end; where there are pictures, with their features and three-row positions.

        `known`: features computed before, by the `id` of their picture.
        """
        import torch

        from jina_notebook.inference.packing import pack

        packed = pack([prompt.ids for prompt in prompts], self._placement.device)
        pictures = [picture for prompt in prompts for picture in prompt.pictures]
        if not pictures:
            return packed
        positions = np.concatenate([self._positions(prompt) for prompt in prompts], axis=1)
        places = np.concatenate([self._places(prompt) for prompt in prompts])
        return replace(
            packed,
            positions=torch.from_numpy(positions).to(self._placement.device),
            places=torch.from_numpy(np.flatnonzero(places)).to(self._placement.device),
            features=torch.cat(self._each(pictures, known or {})),
        )

    def _each(self, pictures: Sequence[Picture], known: Mapping[int, torch.Tensor]) -> list[torch.Tensor]:
        """Features of every picture, each computed once."""
        import torch

        fresh = list({id(picture): picture for picture in pictures if id(picture) not in known}.values())
        features = dict(known)
        if fresh:
            sizes = [rows * columns for rows, columns in map(self.grid, fresh)]
            features |= zip(map(id, fresh), torch.split(self.features(fresh), sizes), strict=True)
        return [features[id(picture)] for picture in pictures]

    def features(self, pictures: Sequence[Picture]) -> torch.Tensor:
        """The decoder's tokens of pictures end to end, `(tokens, hidden)`."""
        import torch

        from jina_notebook.inference.pixels import merged_patches

        size, merge, frames = self._layout.patch, self._layout.merge, self._layout.frames
        patches = [merged_patches(picture.pixels(), size, merge=merge, frames=frames) for picture in pictures]
        grids = [(picture.height // size, picture.width // size) for picture in pictures]
        return self._tower(torch.cat(patches).to(self._placement.device, self._placement.dtype), grids)

    def _places(self, prompt: Prompt) -> NDArray[np.bool_]:
        """Where a picture's tokens stand; a text alone that spells the token is a text."""
        places: NDArray[np.bool_] = prompt.ids == (self.pad_id if prompt.pictures else -1)
        return places

    def _positions(self, prompt: Prompt) -> NDArray[np.int64]:
        return grid_positions(self._places(prompt), [self.grid(picture) for picture in prompt.pictures])


def grid_positions(places: NDArray[np.bool_], grids: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Time, row and column of every token, `(3, tokens)`.

    `places`: where pictures stand; `grids`: rows and columns of each, in order.

    >>> grid_positions(np.array([False, True, True, False]), [(1, 2)])[2].tolist()
    [0, 1, 2, 3]
    """
    positions = np.empty((3, len(places)), dtype=np.int64)
    begin = current = 0
    for rows, columns in grids:
        first = begin + int(np.argmax(places[begin:]))
        positions[:, begin:first] = np.arange(current, current + first - begin)
        current += first - begin
        begin = first + rows * columns
        row, column = np.divmod(np.arange(rows * columns), columns)
        positions[:, first:begin] = current + np.stack((np.zeros_like(row), row, column))
        current += max(rows, columns)
    positions[:, begin:] = np.arange(current, current + len(places) - begin)
    return positions
