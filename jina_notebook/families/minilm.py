"""offline-minilm: all-MiniLM-L6-v2 from a package, the stand-in where no hub is reachable. Not a Jina model.

Source: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (mean pooling over an ordinary BERT).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.families.checkpoint import Checkpoint, field, read_json
from jina_notebook.families.embedding import Kind, Prepared, to_numpy
from jina_notebook.families.late_interaction import LateInteraction
from jina_notebook.families.tokenizer import Tokenizer

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin
    from jina_notebook.inference.encoder import Encoder
    from jina_notebook.inference.placement import Placement

__all__ = ["MiniLM", "load"]

BLOCK = {
    "attention.self.query": "hh",
    "attention.self.key": "hh",
    "attention.self.value": "hh",
    "attention.output.dense": "hh",
    "intermediate.dense": "ih",
    "output.dense": "hi",
}


class MiniLM(LateInteraction):
    """Mean pooling; multi-vectors are the token states; reranking is MaxSim over them."""

    def __init__(
        self,
        origin: Origin,
        *,
        encoder: Encoder,
        tokenizer: Tokenizer,
        config: dict[str, Any],
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.dimensions = self.token_dimensions = (field(config, "hidden_size", int),)
        self.limit = min(origin.card.context, field(config, "max_position_embeddings", int))
        self._encoder = encoder
        self._width = 10 * field(config, "hidden_size", int) + 3 * field(config, "intermediate_size", int)

    def _prepare(self, items: Sequence[Any], kind: Kind) -> list[Prepared]:
        return [Prepared(e.ids, e.full) for e in self._tokenizer.encode(items, limit=self.limit)]

    def _rows(self, batch: Sequence[Prepared], kind: Kind) -> list[NDArray[np.float32]]:
        from jina_notebook.inference.packing import pack
        from jina_notebook.inference.pooling import span_means

        packed = pack([one.ids for one in batch], self.placement.device)
        hidden = self._encoder(packed)
        spans = list(zip(packed.offsets[:-1], packed.offsets[1:], strict=True))
        if kind.multivector:
            return [to_numpy(hidden[start:stop]) for start, stop in spans]
        return [row[None] for row in to_numpy(span_means(hidden, spans))]

    def _bytes_per_token(self) -> int:
        return 4 * self._width


def load(origin: Origin) -> MiniLM:
    """Reads an ordinary BERT layout; the pooler and the position ids in the file are not used."""
    config = read_json(origin.path / "config.json")
    hidden, inner = field(config, "hidden_size", int), field(config, "intermediate_size", int)
    weights = Checkpoint(origin.path)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (field(config, "vocab_size", int), hidden),
        "embeddings.position_embeddings.weight": (field(config, "max_position_embeddings", int), hidden),
        "embeddings.token_type_embeddings.weight": (field(config, "type_vocab_size", int), hidden),
    }
    norms = ["embeddings.LayerNorm"]
    size = {"h": hidden, "i": inner}
    for number in range(field(config, "num_hidden_layers", int)):
        layer = f"encoder.layer.{number}."
        norms += [f"{layer}attention.output.LayerNorm", f"{layer}output.LayerNorm"]
        for name, shape in BLOCK.items():
            shapes[f"{layer}{name}.weight"] = (size[shape[0]], size[shape[1]])
            shapes[f"{layer}{name}.bias"] = (size[shape[0]],)
    for norm in norms:
        shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (hidden,)
    weights.expect(shapes, ignore=("pooler.*", "embeddings.position_ids"))
    encoder = _encoder(weights, config, origin.placement)
    return MiniLM(
        origin,
        encoder=encoder,
        tokenizer=Tokenizer(origin.path),
        config=config,
    )


def _encoder(weights: Checkpoint, config: dict[str, Any], placement: Placement) -> Encoder:
    from jina_notebook.inference.encoder import Encoder, EncoderBlock, LayerNorm
    from jina_notebook.inference.linear import Embedding, Linear

    eps = field(config, "layer_norm_eps", float)

    def norm(name: str) -> LayerNorm:
        return LayerNorm(weights.tensor(f"{name}.weight", placement), weights.tensor(f"{name}.bias", placement), eps)

    def table(name: str) -> Embedding:
        return Embedding(weights.tensor(f"embeddings.{name}.weight", placement))

    def linear(*names: str) -> Linear:
        return Linear(
            weights.stacked([f"{n}.weight" for n in names], placement),
            weights.stacked([f"{n}.bias" for n in names], placement),
        )

    def block(number: int) -> EncoderBlock:
        layer = f"encoder.layer.{number}."
        return EncoderBlock(
            qkv=linear(*(f"{layer}attention.self.{part}" for part in ("query", "key", "value"))),
            out=linear(f"{layer}attention.output.dense"),
            norm1=norm(f"{layer}attention.output.LayerNorm"),
            fc1=linear(f"{layer}intermediate.dense"),
            fc2=linear(f"{layer}output.dense"),
            norm2=norm(f"{layer}output.LayerNorm"),
            heads=field(config, "num_attention_heads", int),
        )

    return Encoder(
        words=table("word_embeddings"),
        token_types=table("token_type_embeddings"),
        norm=norm("embeddings.LayerNorm"),
        blocks=tuple(block(number) for number in range(field(config, "num_hidden_layers", int))),
        positions=table("position_embeddings"),
    )
