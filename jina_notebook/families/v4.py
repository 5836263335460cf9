"""jina-embeddings-v4: texts and pictures on Qwen2.5-VL, three adapters kept live, one vector or one per token.

Source: https://arxiv.org/abs/2506.18902. The vision tower is not adapted; the projector to token vectors is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import CheckpointError, InputError, OptionError
from jina_notebook.families import qwen, qwen_vision
from jina_notebook.families.adapters import SharedAdapters
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.embedding import EmbeddingModel, Kind, Prepared, pick_sizes, to_numpy
from jina_notebook.families.inputs import is_image
from jina_notebook.families.late_chunking import chunk_spans, overlapping
from jina_notebook.families.pictures import read_pictures
from jina_notebook.families.qwen_vl import PICTURE, Eyes, Layout, Prompt
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.results import PatchGrid
from jina_notebook.unicode import well_formed

if TYPE_CHECKING:
    import torch

    from jina_notebook.families.model import Origin
    from jina_notebook.families.pictures import Picture
    from jina_notebook.inference.decoder import Decoder
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.packing import Pack

__all__ = ["EmbeddingsV4", "load"]

ADAPTERS = ("retrieval", "text-matching", "code")
QUERY, PASSAGE = "Query: ", "Passage: "
SEEN = f"<|im_start|>user\n{PICTURE}Describe the image.<|im_end|>\n"
"""What stands around a picture, whatever the task."""
PROJECTOR = "multi_vector_projector"
LONG = 4096  # tokens beyond which a sequence alone in its pack is computed in slices


class EmbeddingsV4(EmbeddingModel):
    """Texts: the mean over all tokens, prefix included. Pictures: the mean from vision_start to vision_end.

    `max_pixels` (602,112 as published): pictures are made smaller to have no more, 768 tokens.
    """

    takes_images = True

    def __init__(
        self,
        origin: Origin,
        *,
        decoder: Decoder,
        projector: Linear,
        eyes: Eyes,
        tokenizer: Tokenizer,
        layout: Layout,
        sizes: Sequence[int],
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.dimensions = pick_sizes(sizes, layout.body.hidden)
        self.token_dimensions = (projector.out_features,)
        self.limit = min(origin.card.context, layout.body.context)
        self._decoder = decoder
        self._projector = projector
        self._eyes = eyes
        self._layout = layout
        self._seen = tokenizer.plain(SEEN)

    @property
    def max_pixels(self) -> int:
        """Pixels of a picture after fitting; benchmarks were published with 37,788,800, which is far slower."""
        return self._eyes.max_pixels

    @max_pixels.setter
    def max_pixels(self, value: int) -> None:
        self._eyes.max_pixels = value

    def token_texts(self, text: str, *, task: str) -> list[str]:
        """The stretch of text behind each token vector, the task's prefix included; a character cut by tokens comes
        once for each of them."""
        whole = well_formed(_prefix(Kind(self._task(task), True, False)) + text)
        _, offsets = self._tokenizer.spans(whole)
        return [whole[start:stop] for start, stop in offsets[: self.limit]]

    def _size(self, dimensions: int | None, kind: Kind) -> int:
        if kind.multivector and dimensions is not None:
            raise OptionError(
                f"dimensions={dimensions!r} does not go with return_multivector: {self.name} has token vectors of "
                f"{self.token_dimensions[0]} dimensions only.",
                hint="Leave one of them out.",
            )
        return super()._size(dimensions, kind)

    def _prepare(self, items: Sequence[Any], kind: Kind) -> list[Prepared]:
        pictures = read_pictures(((i, item) for i, item in enumerate(items) if is_image(item)), self._eyes.fit)
        prefix = _prefix(kind)
        texts = iter(self._tokenizer.encode([prefix + x for x in items if not is_image(x)], limit=self.limit))
        prepared = []
        for position in range(len(items)):
            if position in pictures:
                prepared.append(self._picture(pictures[position]))
            else:
                text = next(texts)
                prepared.append(Prepared(text.ids, text.full))
        return prepared

    def _picture(self, picture: Picture) -> Prepared:
        ids = self._eyes.widened(self._seen, [picture])
        if len(ids) > self.limit:
            raise InputError(
                f"{picture.what} becomes {len(ids):,} tokens; {self.name} takes at most {self.limit:,}.",
                hint="Lower max_pixels of the model.",
            )
        begin, end = (int(np.argmax(ids == mark)) for mark in (self._eyes.start_id, self._eyes.end_id))
        rows, columns = self._eyes.grid(picture)
        grid = PatchGrid(rows, columns, begin + 1)
        return Prepared(ids, len(ids), spans=((begin, end + 1),), picture=picture, grid=grid)

    def _prepare_late(self, documents: Sequence[Sequence[str]], kind: Kind) -> list[Prepared]:
        prepared = []
        for document in documents:
            ids, spans = chunk_spans(self._tokenizer, _prefix(kind), document)
            prepared.append(Prepared(ids, len(ids), spans=spans))
        return prepared

    def _rows(self, batch: Sequence[Prepared], kind: Kind) -> list[NDArray[np.float32]]:
        from jina_notebook.inference.pooling import span_means

        if len(batch[0].ids) > self.limit:  # late chunking only, and longer than any pack: alone in its batch
            return [to_numpy(span_means(self._windows(one, kind), one.spans)) for one in batch]
        packed = self._eyes.pack([Prompt(one.ids, (one.picture,) if one.picture else ()) for one in batch])
        hidden = self._states(packed, kind)
        if kind.multivector:
            vectors = to_numpy(self._project(hidden, kind))
            return np.split(vectors, packed.offsets[1:-1])
        spans = [
            [(offset + start, offset + stop) for start, stop in one.spans or ((0, len(one.ids)),)]
            for one, offset in zip(batch, packed.offsets[:-1], strict=True)
        ]
        return [to_numpy(span_means(hidden, own)) for own in spans]

    def _project(self, hidden: torch.Tensor, kind: Kind) -> torch.Tensor:
        import torch

        with torch.inference_mode():
            return self._projector(hidden, adapter=_adapter(kind))

    def _states(self, packed: Pack, kind: Kind) -> torch.Tensor:
        if len(packed.lengths) == 1 and packed.tokens > LONG:
            return self._decoder.long(packed, adapter=_adapter(kind))
        return self._decoder(packed, adapter=_adapter(kind))

    def _windows(self, one: Prepared, kind: Kind) -> torch.Tensor:
        """Token states of one document of any length: windows of the model's limit, the overlap taken once."""
        import torch

        parts = []
        for start, stop, skip in overlapping(len(one.ids), self.limit):
            parts.append(self._states(self._eyes.pack([Prompt(one.ids[start:stop])]), kind)[skip:])
        return torch.cat(parts)

    def _bytes_per_token(self) -> int:
        return max(self._layout.body.bytes_per_token, self._layout.vision.bytes_per_token)


def _adapter(kind: Kind) -> str:
    return (kind.task or "").partition(".")[0]


def _prefix(kind: Kind) -> str:
    return PASSAGE if (kind.task or "").endswith(".passage") else QUERY


def load(origin: Origin) -> EmbeddingsV4:
    """Reads the official layout: Qwen2.5-VL with a projector, and one file of adapters for all tasks beside it."""
    from jina_notebook.inference.linear import Linear

    path, placement = origin.path, origin.placement
    config = read_json(path / "config.json")
    weights = Checkpoint(path)
    layout = Layout.read(config, weights, gated=True)
    _check_fields(config)
    size = weights.shapes.get(f"{PROJECTOR}.weight", (0,))[0]
    head: dict[str, tuple[int, ...]] = {
        f"{PROJECTOR}.weight": (size, layout.body.hidden),
        f"{PROJECTOR}.bias": (size,),
    }
    weights.expect(layout.expected() | head, ignore=("lm_head.weight",))
    adapters = SharedAdapters(path / "adapters", ADAPTERS, _targets(layout.body, size))
    tokenizer = Tokenizer(path)
    return EmbeddingsV4(
        origin,
        decoder=qwen.build(
            weights,
            layout.body,
            placement,
            layout.body_prefix,
            adapters=lambda layer, _, stack: adapters.stack([f"{_layer(layer)}{name}" for name in stack], placement),
        ),
        projector=Linear(
            weights.tensor(f"{PROJECTOR}.weight", placement),
            weights.tensor(f"{PROJECTOR}.bias", placement),
            adapters=adapters.stack([PROJECTOR], placement),
        ),
        eyes=Eyes(
            qwen_vision.build(weights, layout.vision, placement, layout.vision_prefix),
            layout.vision,
            tokenizer,
            placement,
            alpha="drop",
        ),
        tokenizer=tokenizer,
        layout=layout,
        sizes=config.get("matryoshka_dims") or origin.card.dimensions,
    )


def _check_fields(config: Mapping[str, Any]) -> None:
    tasks, pooling = config.get("task_names", ADAPTERS), config.get("single_vector_pool_strategy", "mean")
    if set(tasks) != set(ADAPTERS) or pooling != "mean":
        raise CheckpointError(
            f"config.json lists the tasks {', '.join(tasks)} with {pooling} pooling; expected are "
            f"{', '.join(ADAPTERS)} with mean pooling."
        )


def _layer(number: int) -> str:
    return f"model.language_model.layers.{number}."


def _targets(body: qwen.Body, size: int) -> dict[str, tuple[int, int]]:
    """The layers that are adapted, named as in the file of adapters, with their shapes."""
    targets = {PROJECTOR: (size, body.hidden)}
    for name, shape in qwen.expected(body, "model.language_model.").items():
        projection = name.removesuffix(".weight")
        if projection.endswith(qwen.PROJECTIONS) and len(shape) == 2:
            targets[projection] = (shape[0], shape[1])
    return targets
