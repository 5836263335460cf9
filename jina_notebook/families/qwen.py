"""Qwen2, Qwen3 and EuroBERT bodies from their checkpoints: shapes to expect, blocks to build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import CheckpointError
from jina_notebook.families.checkpoint import field

if TYPE_CHECKING:
    from jina_notebook.families.checkpoint import Checkpoint
    from jina_notebook.inference.decoder import Decoder, DecoderBlock
    from jina_notebook.inference.linear import Linear, LowRank
    from jina_notebook.inference.placement import Placement

__all__ = ["PROJECTIONS", "Body", "build", "expected"]

PROJECTIONS = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
               "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")  # fmt: skip
STACKS = {
    "qkv": PROJECTIONS[:3],
    "out": PROJECTIONS[3:4],
    "gate": PROJECTIONS[4:5],
    "up": PROJECTIONS[5:6],
    "down": PROJECTIONS[6:],
}
LARGEST_FIRST = ("gate", "up", "down", "qkv", "out")


@dataclass(frozen=True, slots=True)
class Body:
    """The shape of a decoder, read from its config.json."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocabulary: int
    context: int
    eps: float
    rope_base: float
    qkv_bias: bool = False
    head_norms: bool = False
    causal: bool = True
    windows: tuple[int | None, ...] = ()
    sections: tuple[int, ...] = ()
    """How many frequencies follow each row of three-row positions; empty for plain ones."""

    @classmethod
    def read(cls, config: Mapping[str, Any], *, qkv_bias: bool, head_norms: bool, causal: bool = True) -> Body:
        """From a config.json of the Qwen kind.

        Raises `CheckpointError` naming a field that is missing.
        """
        heads, hidden = field(config, "num_attention_heads", int), field(config, "hidden_size", int)
        layers = field(config, "num_hidden_layers", int)
        return cls(
            hidden=hidden,
            layers=layers,
            heads=heads,
            kv_heads=field(config, "num_key_value_heads", int, default=heads),
            head_dim=field(config, "head_dim", int, default=hidden // heads),
            intermediate=field(config, "intermediate_size", int),
            vocabulary=field(config, "vocab_size", int),
            context=field(config, "max_position_embeddings", int),
            eps=field(config, "rms_norm_eps", float),
            rope_base=rope_base(config),
            qkv_bias=qkv_bias,
            head_norms=head_norms,
            causal=causal,
            windows=_windows(config, layers),
            sections=_sections(config),
        )

    @property
    def bytes_per_token(self) -> int:
        """Activations of one token at their widest moment: float32, with the gate and up halves and their product."""
        heads = (self.heads + 2 * self.kv_heads) * self.head_dim
        return 4 * (4 * self.hidden + 3 * heads + 4 * self.intermediate)


def rope_base(config: Mapping[str, Any]) -> float:
    """Rotary base, from the field of transformers 4 or of transformers 5."""
    return field({**(config.get("rope_parameters") or {}), **config}, "rope_theta", float)


def _sections(config: Mapping[str, Any]) -> tuple[int, ...]:
    """Sections of three-row positions, from the field of transformers 4 or of transformers 5."""
    nested = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    return tuple(int(count) for count in nested.get("mrope_section") or ())


def _windows(config: Mapping[str, Any], layers: int) -> tuple[int | None, ...]:
    """Attention window of every layer, None for full attention."""
    kinds, window = config.get("layer_types"), config.get("sliding_window")
    if not kinds or window is None:
        return (None,) * layers
    if len(kinds) != layers:
        raise CheckpointError(f"config.json lists {len(kinds)} layer_types for {layers} layers.")
    return tuple(int(window) if kind == "sliding_attention" else None for kind in kinds)


def expected(body: Body, prefix: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of every tensor of the body."""
    wide, narrow = body.heads * body.head_dim, body.kv_heads * body.head_dim
    shapes: dict[str, tuple[int, ...]] = {
        f"{prefix}embed_tokens.weight": (body.vocabulary, body.hidden),
        f"{prefix}norm.weight": (body.hidden,),
    }
    projections = dict(
        zip(
            PROJECTIONS,
            [(wide, body.hidden), (narrow, body.hidden), (narrow, body.hidden), (body.hidden, wide),
             (body.intermediate, body.hidden), (body.intermediate, body.hidden), (body.hidden, body.intermediate)],
            strict=True,
        )
    )  # fmt: skip
    for number in range(body.layers):
        layer = f"{prefix}layers.{number}."
        for name, shape in projections.items():
            shapes[f"{layer}{name}.weight"] = shape
        if body.qkv_bias:
            for name in STACKS["qkv"]:
                shapes[f"{layer}{name}.bias"] = (projections[name][0],)
        if body.head_norms:
            shapes[f"{layer}self_attn.q_norm.weight"] = shapes[f"{layer}self_attn.k_norm.weight"] = (body.head_dim,)
        for norm in ("input_layernorm", "post_attention_layernorm"):
            shapes[f"{layer}{norm}.weight"] = (body.hidden,)
    return shapes


Adapters = Callable[[int, str, tuple[str, ...]], "Mapping[str, LowRank]"]
"""(layer, stack, projections in it) to the stack's adapters by task."""


def build(
    weights: Checkpoint, body: Body, placement: Placement, prefix: str, *, adapters: Adapters | None = None
) -> Decoder:
    """The body in memory.

    Tensors of one size are read one after another, the largest first: what reading one frees, the next one takes, and
    the smallest fill the last gap. Layer by layer, half as much again was held in pieces too small for anything.
    """
    from jina_notebook.inference.decoder import Decoder, RMSNorm
    from jina_notebook.inference.linear import Embedding, Linear
    from jina_notebook.inference.rotary import Rotary

    def linear(number: int, stack: str) -> Linear:
        layer, names = f"{prefix}layers.{number}.", STACKS[stack]
        bias = body.qkv_bias and stack == "qkv"
        return Linear(
            weights.stacked([f"{layer}{n}.weight" for n in names], placement),
            weights.stacked([f"{layer}{n}.bias" for n in names], placement) if bias else None,
            adapters=adapters(number, stack, names) if adapters else None,
        )

    words = Embedding(weights.tensor(f"{prefix}embed_tokens.weight", placement))
    linears = {stack: [linear(number, stack) for number in range(body.layers)] for stack in LARGEST_FIRST}
    blocks = tuple(
        _block(
            weights,
            body,
            placement,
            f"{prefix}layers.{number}.",
            number,
            {s: own[number] for s, own in linears.items()},
        )
        for number in range(body.layers)
    )
    norm = RMSNorm(weights.tensor(f"{prefix}norm.weight", placement), body.eps)
    return Decoder(words, blocks, norm, Rotary(body.head_dim, body.rope_base, sections=body.sections))


def _block(
    weights: Checkpoint, body: Body, placement: Placement, layer: str, number: int, linears: Mapping[str, Linear]
) -> DecoderBlock:
    from jina_notebook.inference.decoder import DecoderBlock, RMSNorm

    def norm(name: str) -> RMSNorm:
        return RMSNorm(weights.tensor(f"{layer}{name}.weight", placement), body.eps)

    return DecoderBlock(
        **linears,
        norm1=norm("input_layernorm"),
        norm2=norm("post_attention_layernorm"),
        heads=body.heads,
        kv_heads=body.kv_heads,
        head_dim=body.head_dim,
        q_norm=norm("self_attn.q_norm") if body.head_norms else None,
        k_norm=norm("self_attn.k_norm") if body.head_norms else None,
        causal=body.causal,
        window=body.windows[number] if body.windows else None,
    )
