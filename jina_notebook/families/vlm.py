"""jina-vlm: SigLIP2, a pooling connector and Qwen3; answers questions about pictures in 29 languages.

Source: https://arxiv.org/abs/2512.04032 and the publisher's processor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import CheckpointError, OptionError
from jina_notebook.families.asking import Asked, VisionLanguageModel
from jina_notebook.families.chat import ChatTemplate
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.html import without
from jina_notebook.families.tiles import Cutter, Marks
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.families.vlm_build import build_connector, build_decoder, build_head, build_tower
from jina_notebook.families.vlm_layout import Names, Sizes

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

    from jina_notebook.families.model import Origin
    from jina_notebook.families.pictures import Picture
    from jina_notebook.inference.generation import Writer
    from jina_notebook.inference.siglip import Connector, SiglipTower
    from jina_notebook.progress import Reporter

__all__ = ["JinaVLM", "load"]

PICTURE = "<|image|>"
BEGIN, TURN_END = "<|endoftext|>", "<|im_end|>"
CONTROLS = (PICTURE, BEGIN, TURN_END, "<|im_start|>", *(f"<im_{name}>" for name in ("start", "end", "patch", "col")))
TOGETHER = {"cuda": 64}  # crops that go through the tower in one call; 4 on other devices


class JinaVLM(VisionLanguageModel):
    """`max_crops` (12 as published): fewer are faster and see less."""

    def __init__(
        self,
        origin: Origin,
        *,
        tokenizer: Tokenizer,
        writer: Writer,
        context: int,
        tower: SiglipTower,
        connector: Connector,
        cutter: Cutter,
        template: ChatTemplate | None,
        spaced: bool,
    ) -> None:
        super().__init__(
            origin,
            tokenizer=tokenizer,
            writer=writer,
            context=context,
        )
        self._tower = tower
        self._connector = connector
        self._cutter = cutter
        self._template = template
        self._spaced = spaced
        self._marks = Marks.of(tokenizer)
        self._picture_id = tokenizer.id_of(PICTURE)
        self._begin_id = tokenizer.id_of(BEGIN)

    @property
    def max_crops(self) -> int:
        """Crops that a picture is cut into at most, beside its thumbnail."""
        return self._cutter.max_crops

    @max_crops.setter
    def max_crops(self, value: int) -> None:
        from dataclasses import replace

        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
            raise OptionError(f"max_crops={value!r} is not a whole number from 1 to 100.")
        self._cutter = replace(self._cutter, max_crops=value)

    def _fit(self, image: Image, what: str) -> NDArray[np.uint8]:
        return self._cutter.fit(image, what)

    def _asked(self, question: str, pictures: Sequence[Picture]) -> Asked:
        ids = self._tokenizer.plain(self._prompt(without(question, CONTROLS), len(pictures)))
        stands = np.flatnonzero(ids == self._picture_id)
        if len(stands) not in {0, len(pictures)}:
            raise CheckpointError(
                f"The checkpoint's chat template makes {len(stands)} {PICTURE} of {len(pictures)} images."
            )
        parts = [np.array([self._begin_id], dtype=np.int32)]
        crops, done = 0, 0
        for number, picture in enumerate(pictures):
            stand = int(stands[number]) if len(stands) else -1  # none in the prompt: at its very beginning
            layout, places = self._cutter.layout((picture.height, picture.width), self._marks)
            parts += [ids[done : max(stand, 0)], layout]
            crops += len(places)
            done = stand + 1
        return Asked(np.concatenate([*parts, ids[done:]]).astype(np.int32), crops, pictures)

    def _prompt(self, question: str, pictures: int) -> str:
        """By the checkpoint's template, its content in parts or as one text; else the form it is known to give."""
        marks = PICTURE * pictures
        if self._template is None:
            return f"{' ' * self._spaced}User: {marks}{question} Assistant:"
        parts = [*({"type": "image"} for _ in range(pictures)), {"type": "text", "text": question}]
        try:
            return self._template.render([{"role": "user", "content": parts}])
        except CheckpointError:
            return self._template.render([{"role": "user", "content": f"{marks}{question}"}])

    def _rows(self, asked: Asked, report: Reporter) -> torch.Tensor:
        """Words looked up, and every picture's windows added to its tokens."""
        import torch

        words = self._writer.decoder.words
        device = words.weight.device
        begins = np.flatnonzero(asked.ids == self._marks.start)[::2]  # a picture has two: thumbnail and grid
        with torch.inference_mode():
            rows = words(torch.from_numpy(asked.ids.astype(np.int64)).to(device))
            for begin, picture in zip(begins.tolist(), asked.pictures, strict=True):
                tiles = self._cutter.cut(picture.pixels(), self._marks)
                features = self._features(tiles.crops, report)
                places = torch.from_numpy(tiles.places.reshape(-1)).to(device)
                kept = places >= 0
                rows.index_add_(0, places[kept] + begin, features.flatten(0, 1)[kept])
        return rows

    def _features(self, crops: torch.Tensor, report: Reporter) -> torch.Tensor:
        """Tokens `(crops, windows, hidden)`.

        The publisher's marking of padding is off by one, and the model was made with it: of every picture the last
        crop counts as partly padded.
        """
        import torch

        shares = torch.ones(crops.shape[:2])
        shares[-1] = -1
        together = TOGETHER.get(self.placement.device.type, 4)
        parts = []
        for start in range(0, len(crops), together):
            part = crops[start : start + together].to(self.placement.device)
            seen = ~(part == -1).flatten(1).all(1)
            features = self._tower(part) * seen[:, None, None]
            parts.append(self._connector(features, shares[start : start + together].to(self.placement.device)))
            report.advance(len(part))
        return torch.cat(parts)


def load(origin: Origin) -> JinaVLM:
    """Reads the official layout, or the one of the MLX conversion."""
    from jina_notebook.inference.generation import Writer

    path, placement = origin.path, origin.placement
    sizes = Sizes.read(read_json(path / "config.json"))
    weights = Checkpoint(path)
    names = Names.of(weights.shapes)
    optional = [name for layer in range(sizes.body.layers) for name in names.text_biases(layer, weights.shapes)]
    weights.expect(sizes.expected(names, weights.shapes), ignore=optional)
    for name in optional:
        if weights.tensor(name, placement).any():
            raise CheckpointError(f"{name} is not zero; the decoder of this model has no such bias.")
    tokenizer = Tokenizer(path)
    cutter = Cutter.read(read_json(path / "preprocessor_config.json"))
    if (cutter.across, cutter.across) != sizes.vision.grid or cutter.pool != sizes.vision.pool:
        raise CheckpointError(
            f"preprocessor_config.json cuts crops of {cutter.across} x {cutter.across} patches in windows of "
            f"{cutter.pool}; config.json expects {sizes.vision.grid} and {sizes.vision.pool}."
        )
    processor = _optional(path / "processor_config.json")
    spaced = bool(processor.get("always_start_with_space", True))
    settings = _optional(path / "generation_config.json")
    head = build_head(weights, names, placement)  # the largest first, while there is most room to reorder it
    decoder = build_decoder(weights, sizes, names, placement)
    return JinaVLM(
        origin,
        tokenizer=tokenizer,
        writer=Writer(
            decoder,
            head,
            stops=_stops(settings, tokenizer),
            penalty=float(settings.get("repetition_penalty") or 1.0),
        ),
        context=min(origin.card.context, sizes.body.context),
        tower=build_tower(weights, sizes.vision, names, placement),
        connector=build_connector(weights, sizes.vision, names, placement),
        cutter=cutter,
        template=ChatTemplate.of(
            path,
            _specials(path) | {"always_start_with_space": spaced, "image_prompt_token": PICTURE},
        ),
        spaced=spaced,
    )


def _optional(file: Path) -> Mapping[str, Any]:
    return read_json(file) if file.exists() else {}


def _stops(settings: Mapping[str, Any], tokenizer: Tokenizer) -> list[int]:
    """The end of a text and of a turn, and what the checkpoint adds."""
    more = settings.get("eos_token_id")
    given = more if isinstance(more, list) else [] if more is None else [more]
    return [tokenizer.id_of(BEGIN), tokenizer.id_of(TURN_END), *map(int, given)]


def _specials(path: Path) -> dict[str, Any]:
    """Special tokens by their role, which templates may use."""
    config = _optional(path / "tokenizer_config.json")
    roles = {key: value for key, value in config.items() if key.endswith("_token")}
    return {
        key: value.get("content") if isinstance(value, Mapping) else value
        for key, value in roles.items()
        if isinstance(value, (str, Mapping))
    }
