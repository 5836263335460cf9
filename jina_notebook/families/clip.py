"""jina-clip-v2: jina-embeddings-v3's encoder for texts and an EVA02 tower for pictures, in one space.

Source: https://arxiv.org/abs/2412.08802. Texts and pictures share the space, but texts lie nearer to texts: scores of
the two kinds do not belong in one ranking without calibration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import CheckpointError
from jina_notebook.families import eva
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.embedding import EmbeddingModel, Kind, Prepared, pick_sizes, to_numpy
from jina_notebook.families.inputs import is_image
from jina_notebook.families.pictures import read_pictures
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.families.xlm_roberta import PAD_ID, Adapters, Layout, build, expected
from jina_notebook.images import as_rgb

if TYPE_CHECKING:
    from PIL.Image import Image

    from jina_notebook.families.model import Origin
    from jina_notebook.inference.encoder import Encoder
    from jina_notebook.inference.vision import ClassTokenTower

__all__ = ["ClipV2", "load"]

TEXT, VISION = "text_model.transformer.roberta.", "vision_model."
INSTRUCTION = "Represent the query for retrieving evidence documents: "
PUBLISHED = 1024  # the hidden size of the published encoder, whose other sizes stand in no file of the checkpoint
LAYERS, HEADS, INTERMEDIATE, VOCABULARY, POSITIONS = 24, 16, 4096, 250002, 8194


class ClipV2(EmbeddingModel):
    """Task None for documents and pictures; "retrieval.query" puts the instruction before a query.

    Pictures lose what a centred square does not hold, as published: cut tall pages into pieces first. The publisher's
    own `encode_text` cuts at 512 tokens unless told otherwise; `limit` is what the encoder can read.
    """

    takes_images = True

    def __init__(
        self,
        origin: Origin,
        *,
        encoder: Encoder,
        tower: ClassTokenTower,
        tokenizer: Tokenizer,
        layout: Layout,
        vision: eva.TowerLayout,
        sizes: Sequence[int],
        instruction: str,
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.dimensions = pick_sizes(sizes, layout.hidden)
        self.limit = min(origin.card.context, layout.positions)
        self._encoder = encoder
        self._tower = tower
        self._layout = layout
        self._vision = vision
        self._instruction = instruction
        self._adapter = layout.adapters.names[0] if layout.adapters else None

    def _prepare(self, items: Sequence[Any], kind: Kind) -> list[Prepared]:
        pictures = read_pictures(((i, item) for i, item in enumerate(items) if is_image(item)), self._fit)
        instruction = self._instruction if kind.task == "retrieval.query" else ""
        texts = [instruction + item for item in items if not is_image(item)]
        encoded = iter(self._tokenizer.encode(texts, limit=self.limit))
        nothing, tokens = np.empty(0, dtype=np.int32), self._vision.tokens
        prepared = []
        for position in range(len(items)):
            if position in pictures:
                prepared.append(Prepared(nothing, tokens, picture=pictures[position], patches=tokens))
            else:
                text = next(encoded)
                prepared.append(Prepared(text.ids, text.full))
        return prepared

    def _fit(self, image: Image, where: str) -> NDArray[np.uint8]:
        from jina_notebook.inference.pixels import centre_square

        return centre_square(as_rgb(image, alpha="drop"), self._vision.image_size)

    def _rows(self, batch: Sequence[Prepared], kind: Kind) -> list[NDArray[np.float32]]:
        seen = [i for i, one in enumerate(batch) if one.picture is not None]
        read = [i for i, one in enumerate(batch) if one.picture is None]
        rows = np.empty((len(batch), self._layout.hidden), dtype=np.float32)
        if read:
            rows[read] = self._texts([batch[i] for i in read])
        if seen:
            rows[seen] = self._pictures([batch[i] for i in seen])
        return [row[None] for row in rows]

    def _texts(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """Means over all tokens that are no padding; the adapter is always on."""
        from jina_notebook.inference.packing import pack
        from jina_notebook.inference.pooling import span_means

        packed = pack([one.ids[one.ids != PAD_ID] for one in batch], self.placement.device)
        hidden = self._encoder(packed, adapter=self._adapter)
        return to_numpy(span_means(hidden, list(zip(packed.offsets[:-1], packed.offsets[1:], strict=True))))

    def _pictures(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        import torch

        from jina_notebook.inference.pixels import patches

        squares = [one.picture.pixels() for one in batch if one.picture is not None]
        return to_numpy(self._tower(torch.stack([patches(square, self._vision.patch_size) for square in squares])))

    def _bytes_per_token(self) -> int:
        return max(self._layout.bytes_per_token, self._vision.bytes_per_token)


def load(origin: Origin) -> ClipV2:
    """Reads the official layout, one file that holds both towers and the scale of their contrast."""
    card, path, placement = origin.card, origin.path, origin.placement
    config = read_json(path / "config.json")
    text, vision = config.get("text_config"), config.get("vision_config")
    if not isinstance(text, Mapping) or not isinstance(vision, Mapping):
        raise CheckpointError(f"{str(path / 'config.json')!r} is not {card.name}'s: no text_config and vision_config.")
    tower = eva.TowerLayout.read(vision)
    _check_preprocessor(path, tower.image_size)
    weights = Checkpoint(path)
    layout = _text_layout(weights, text)
    if layout.hidden != tower.hidden:
        raise CheckpointError(f"config.json gives texts {layout.hidden} dimensions and pictures {tower.hidden}.")
    scale = {"logit_scale": weights.shapes.get("logit_scale", ())}
    # rotary tables are computed here; some savers write them out
    weights.expect(
        expected(layout, TEXT) | eva.expected(tower, VISION) | scale, ignore=(f"{VISION}rope.*", f"{VISION}*.rope.*")
    )
    instructions = _overrides(text).get("task_instructions") or {}
    return ClipV2(
        origin,
        encoder=build(weights, layout, placement, TEXT),
        tower=eva.build(weights, tower, placement, VISION),
        tokenizer=Tokenizer(path),
        layout=layout,
        vision=tower,
        sizes=config.get("matryoshka_dimensions") or card.dimensions,
        instruction=instructions.get("retrieval.query", INSTRUCTION),
    )


def _overrides(text: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the checkpoint changes of the text encoder's own configuration."""
    return text.get("hf_model_config_kwargs") or {}


def _text_layout(weights: Checkpoint, text: Mapping[str, Any]) -> Layout:
    """The encoder's sizes: those published, for a miniature those of its tensors."""
    overrides = _overrides(text)
    names = tuple(overrides.get("lora_adaptations") or ())
    if len(names) != 1 or not overrides.get("lora_rank"):
        raise CheckpointError(f"config.json lists the text adapters {list(names)}; jina-clip-v2 has one, with a rank.")
    rank = int(overrides["lora_rank"])
    hidden = int(text.get("embed_dim", PUBLISHED))
    numbers = {
        int(found[1]) for name in weights.shapes if (found := re.match(rf"{TEXT}encoder\.layers\.(\d+)\.", name))
    }
    stem = "parametrizations.weight.original"
    table = weights.shapes.get(f"{TEXT}embeddings.word_embeddings.{stem}", (VOCABULARY,))
    inner = weights.shapes.get(f"{TEXT}encoder.layers.0.mlp.fc1.{stem}", (INTERMEDIATE,))
    published = hidden == PUBLISHED
    return Layout(
        hidden=hidden,
        layers=LAYERS if published or not numbers else max(numbers) + 1,
        heads=int(overrides.get("num_attention_heads", HEADS)),
        intermediate=INTERMEDIATE if published else inner[0],
        vocabulary=VOCABULARY if published else table[0],
        positions=POSITIONS,
        eps=1e-5,
        rotary_base=20000.0,
        adapters=Adapters(names, rank, float(overrides.get("lora_alpha", rank)) / rank),
    )


def _check_preprocessor(path: Path, size: int) -> None:
    """Refuses another picture size or rule than the tower's: the vectors would be quietly worse."""
    settings = read_json(path / "preprocessor_config.json")
    given = settings.get("size", size)
    sides = set(given) if isinstance(given, list) else {given}
    if sides != {size} or settings.get("resize_mode", "shortest") != "shortest":
        raise CheckpointError(
            f"preprocessor_config.json says size {given} and resize_mode {settings.get('resize_mode')!r}, "
            f"but the vision tower takes {size} and 'shortest'.",
            hint="Take all files of the folder from one revision.",
        )
