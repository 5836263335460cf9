"""The XLM-RoBERTa encoder in Jina's flash-attention layout: shapes to expect, blocks to build.

Shared by jina-embeddings-v3, jina-colbert-v2, the text tower of jina-clip-v2 (rotary) and jina-reranker-v2 (absolute).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import CheckpointError
from jina_notebook.families.checkpoint import field

if TYPE_CHECKING:
    from jina_notebook.families.checkpoint import Checkpoint
    from jina_notebook.inference.encoder import Encoder, EncoderBlock, LayerNorm
    from jina_notebook.inference.linear import Embedding, Linear
    from jina_notebook.inference.placement import Placement

__all__ = ["PAD_ID", "Adapters", "Layout", "build", "expected"]

PAD_ID = 1


@dataclass(frozen=True, slots=True)
class Adapters:
    """Adapters stored beside the weights as parametrisations: names in the order of their index, rank, alpha/rank."""

    names: tuple[str, ...]
    rank: int
    scale: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The shape of an encoder. `rotary_base` None means a table of absolute positions."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    eps: float
    rotary_base: float | None
    token_types: int = 1
    adapters: Adapters | None = None

    @classmethod
    def read(cls, config: Mapping[str, Any], *, adapters: Adapters | None = None) -> Layout:
        """From a flat config.json of the family.

        Raises `CheckpointError` naming a field that is missing, or an activation that the engine does not have.
        """
        if config.get("hidden_act", "gelu") != "gelu":
            raise CheckpointError(f"config.json says hidden_act {config['hidden_act']!r}; this family has exact gelu.")
        rotary = config.get("position_embedding_type") == "rotary"
        return cls(
            hidden=field(config, "hidden_size", int),
            layers=field(config, "num_hidden_layers", int),
            heads=field(config, "num_attention_heads", int),
            intermediate=field(config, "intermediate_size", int),
            vocabulary=field(config, "vocab_size", int),
            positions=field(config, "max_position_embeddings", int),
            eps=field(config, "layer_norm_eps", float),
            rotary_base=field(config, "rotary_emb_base", float) if rotary else None,
            token_types=field(config, "type_vocab_size", int, default=1),
            adapters=adapters,
        )

    @property
    def linears(self) -> dict[str, tuple[int, int]]:
        """(out, in) of the four linear layers of a block."""
        h, i = self.hidden, self.intermediate
        return {"mixer.Wqkv": (3 * h, h), "mixer.out_proj": (h, h), "mlp.fc1": (i, h), "mlp.fc2": (h, i)}

    @property
    def bytes_per_token(self) -> int:
        """Activations of one token at their widest moment, float32."""
        return 4 * (10 * self.hidden + 3 * self.intermediate)


def expected(layout: Layout, prefix: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of every tensor, with parametrisations where the layout has adapters."""
    h = layout.hidden
    shapes: dict[str, tuple[int, ...]] = {}
    tables = {"word_embeddings": layout.vocabulary, "token_type_embeddings": layout.token_types}
    for name, rows in tables.items():
        shapes |= _weight(layout, f"{prefix}embeddings.{name}", (rows, h), table=True)
    if layout.rotary_base is None:
        shapes[f"{prefix}embeddings.position_embeddings.weight"] = (layout.positions, h)
    norms = [f"{prefix}emb_ln"]
    for number in range(layout.layers):
        layer = f"{prefix}encoder.layers.{number}."
        for name, shape in layout.linears.items():
            shapes |= _weight(layout, layer + name, shape, table=False)
            shapes[f"{layer}{name}.bias"] = shape[:1]
        norms += [f"{layer}norm1", f"{layer}norm2"]
    for norm in norms:
        shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (h,)
    return shapes


def _weight(layout: Layout, name: str, shape: tuple[int, int], *, table: bool) -> dict[str, tuple[int, ...]]:
    if layout.adapters is None:
        return {f"{name}.weight": shape}
    tasks, rank = len(layout.adapters.names), layout.adapters.rank
    stem = f"{name}.parametrizations.weight."
    down = (tasks, shape[0], rank) if table else (tasks, rank, shape[1])
    up = (tasks, rank, shape[1]) if table else (tasks, shape[0], rank)
    return {f"{stem}original": shape, f"{stem}0.lora_A": down, f"{stem}0.lora_B": up}


@dataclass(frozen=True, slots=True)
class _Builder:
    weights: Checkpoint
    layout: Layout
    placement: Placement
    prefix: str

    def norm(self, name: str) -> LayerNorm:
        from jina_notebook.inference.encoder import LayerNorm

        def part(kind: str) -> Any:
            return self.weights.tensor(f"{self.prefix}{name}.{kind}", self.placement)

        return LayerNorm(part("weight"), part("bias"), self.layout.eps)

    def table(self, name: str) -> Embedding:
        from jina_notebook.inference.linear import Embedding

        weight, adapters = self._adapted(f"{self.prefix}embeddings.{name}")
        return Embedding(weight, adapters=adapters)

    def linear(self, name: str) -> Linear:
        from jina_notebook.inference.linear import Linear

        weight, adapters = self._adapted(self.prefix + name)
        return Linear(weight, self.weights.tensor(f"{self.prefix}{name}.bias", self.placement), adapters=adapters)

    def _adapted(self, name: str) -> tuple[Any, dict[str, Any]]:
        from jina_notebook.inference.linear import LowRank

        adapters = self.layout.adapters
        if adapters is None:
            return self.weights.tensor(f"{name}.weight", self.placement), {}
        stem = f"{name}.parametrizations.weight."
        downs = self.weights.tensor(f"{stem}0.lora_A", self.placement)
        ups = self.weights.tensor(f"{stem}0.lora_B", self.placement) * adapters.scale
        by_task = {task: LowRank(downs[i], ups[i]) for i, task in enumerate(adapters.names)}
        return self.weights.tensor(f"{stem}original", self.placement), by_task

    def block(self, number: int) -> EncoderBlock:
        from jina_notebook.inference.encoder import EncoderBlock

        layer = f"encoder.layers.{number}."
        return EncoderBlock(
            qkv=self.linear(f"{layer}mixer.Wqkv"),
            out=self.linear(f"{layer}mixer.out_proj"),
            norm1=self.norm(f"{layer}norm1"),
            fc1=self.linear(f"{layer}mlp.fc1"),
            fc2=self.linear(f"{layer}mlp.fc2"),
            norm2=self.norm(f"{layer}norm2"),
            heads=self.layout.heads,
        )


def build(weights: Checkpoint, layout: Layout, placement: Placement, prefix: str) -> Encoder:
    """The encoder in memory; the word table, the largest tensor, is read first."""
    from jina_notebook.inference.encoder import Encoder
    from jina_notebook.inference.linear import Embedding
    from jina_notebook.inference.rotary import Rotary

    builder = _Builder(weights, layout, placement, prefix)
    rotary = layout.rotary_base is not None
    positions = (
        None if rotary else Embedding(weights.tensor(f"{prefix}embeddings.position_embeddings.weight", placement))
    )
    return Encoder(
        words=builder.table("word_embeddings"),
        token_types=builder.table("token_type_embeddings"),
        norm=builder.norm("emb_ln"),
        blocks=tuple(builder.block(number) for number in range(layout.layers)),
        rotary=Rotary(layout.hidden // layout.heads, layout.rotary_base) if layout.rotary_base is not None else None,
        positions=positions,
        first_position=0 if rotary else PAD_ID + 1,
    )
