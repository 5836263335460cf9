"""jina-embeddings-v3: XLM-RoBERTa with rotary positions and five adapters kept live, mean pooling, late chunking.

Source: https://arxiv.org/abs/2409.10173; late chunking: https://arxiv.org/abs/2409.04701.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import CheckpointError
from jina_notebook.families.checkpoint import Checkpoint, field, read_json
from jina_notebook.families.embedding import EmbeddingModel, Kind, Prepared, pick_sizes, to_numpy
from jina_notebook.families.late_chunking import chunk_spans, overlapping
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.families.xlm_roberta import Adapters, Layout, build, expected

if TYPE_CHECKING:
    import torch

    from jina_notebook.families.model import Origin
    from jina_notebook.inference.encoder import Encoder

__all__ = ["EmbeddingsV3", "load"]

INSTRUCTIONS = {
    "retrieval.query": "Represent the query for retrieving evidence documents: ",
    "retrieval.passage": "Represent the document for retrieval: ",
}
POOLER = ("roberta.pooler.*", "pooler.*")


class EmbeddingsV3(EmbeddingModel):
    """Mean over all tokens, instruction and specials included; one adapter per task."""

    def __init__(
        self,
        origin: Origin,
        *,
        encoder: Encoder,
        tokenizer: Tokenizer,
        layout: Layout,
        sizes: Sequence[int],
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.dimensions = pick_sizes(sizes, layout.hidden)
        self.limit = min(origin.card.context, layout.positions)
        self._encoder = encoder
        self._layout = layout

    def _prepare(self, items: Sequence[Any], kind: Kind) -> list[Prepared]:
        instruction = INSTRUCTIONS.get(kind.task or "", "")
        encoded = self._tokenizer.encode([instruction + item for item in items], limit=self.limit)
        return [Prepared(e.ids, e.full) for e in encoded]

    def _prepare_late(self, documents: Sequence[Sequence[str]], kind: Kind) -> list[Prepared]:
        instruction = INSTRUCTIONS.get(kind.task or "", "")
        prepared = []
        for number, document in enumerate(documents):
            ids, spans = chunk_spans(self._tokenizer, instruction, document, document=number)
            prepared.append(Prepared(ids, len(ids), spans=spans))
        return prepared

    def _rows(self, batch: Sequence[Prepared], kind: Kind) -> list[NDArray[np.float32]]:
        from jina_notebook.inference.pooling import span_means

        if len(batch[0].ids) > self.limit:  # late chunking only, and longer than any pack: alone in its batch
            return [to_numpy(span_means(self._states(one, kind), one.spans)) for one in batch]
        hidden, offsets = self._pack([one.ids for one in batch], kind)
        spans = [
            [(offset + start, offset + stop) for start, stop in one.spans or ((0, len(one.ids)),)]
            for one, offset in zip(batch, offsets[:-1], strict=True)
        ]
        return [to_numpy(span_means(hidden, own)) for own in spans]

    def _states(self, one: Prepared, kind: Kind) -> torch.Tensor:
        """Token states of one document of any length: windows of the model's limit, the overlap taken once."""
        import torch

        parts = []
        for start, stop, skip in overlapping(len(one.ids), self.limit):
            hidden, _ = self._pack([one.ids[start:stop]], kind)
            parts.append(hidden[skip:])
        return torch.cat(parts)

    def _pack(self, sequences: Sequence[NDArray[np.int32]], kind: Kind) -> tuple[torch.Tensor, tuple[int, ...]]:
        from jina_notebook.inference.packing import pack

        packed = pack(sequences, self.placement.device)
        return self._encoder(packed, adapter=kind.task), packed.offsets

    def _bytes_per_token(self) -> int:
        return self._layout.bytes_per_token


def load(origin: Origin) -> EmbeddingsV3:
    """Reads the official layout, whose adapters are parametrisations of every linear layer and both tables."""
    card, path, placement = origin.card, origin.path, origin.placement
    config = read_json(path / "config.json")
    names = tuple(config.get("lora_adaptations") or ())
    if set(names) != set(card.tasks) or config.get("position_embedding_type") != "rotary":
        raise CheckpointError(
            f"{str(path / 'config.json')!r} is not {card.name}'s: it lists the adapters {list(names)} and "
            f"{config.get('position_embedding_type')} positions, expected {list(card.tasks)} and rotary.",
        )
    rank = field(config, "lora_rank", int)
    layout = Layout.read(config, adapters=Adapters(names, rank, field(config, "lora_alpha", float) / rank))
    weights = Checkpoint(path)
    weights.expect(expected(layout, "roberta."), ignore=POOLER)
    return EmbeddingsV3(
        origin,
        encoder=build(weights, layout, placement, "roberta."),
        tokenizer=Tokenizer(path),
        layout=layout,
        sizes=config.get("matryoshka_dimensions") or card.dimensions,
    )
