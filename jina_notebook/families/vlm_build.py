"""jina-vlm's parts in memory, from either layout of its checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jina_notebook.errors import CheckpointError
from jina_notebook.families.vlm_layout import EYES, JOINT, TEXT

if TYPE_CHECKING:
    import torch

    from jina_notebook.families.checkpoint import Checkpoint
    from jina_notebook.families.vlm_layout import Names, Sizes, Vision
    from jina_notebook.inference.decoder import Decoder, DecoderBlock
    from jina_notebook.inference.encoder import LayerNorm
    from jina_notebook.inference.generation import Head
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.placement import Placement
    from jina_notebook.inference.siglip import Connector, SiglipBlock, SiglipTower

__all__ = ["build_connector", "build_decoder", "build_head", "build_tower"]


def build_decoder(weights: Checkpoint, sizes: Sizes, names: Names, placement: Placement) -> Decoder:
    """The decoder; words and picture tokens in one table."""
    from jina_notebook.inference.decoder import Decoder, RMSNorm
    from jina_notebook.inference.linear import Embedding
    from jina_notebook.inference.rotary import Rotary

    body = sizes.body
    words = Embedding(weights.stacked([names.words, names.new_words], placement))
    blocks = tuple(_decoder_block(weights, sizes, names, placement, number) for number in range(body.layers))
    norm = RMSNorm(weights.tensor(names(f"{TEXT}ln_f.weight"), placement), body.eps)
    return Decoder(words, blocks, norm, Rotary(body.head_dim, body.rope_base))


def build_head(weights: Checkpoint, names: Names, placement: Placement) -> Head:
    """Logits from final states.

    Raises `CheckpointError` where it has more rows than there are tokens.
    """
    from jina_notebook.inference.linear import Linear

    rows = weights.shapes[names.head][0]
    known = weights.shapes[names.words][0] + weights.shapes[names.new_words][0]
    if rows > known:
        raise CheckpointError(f"{names.head} has {rows:,} rows for {known:,} tokens.")
    return Linear(weights.tensor(names.head, placement))


def build_tower(weights: Checkpoint, vision: Vision, names: Names, placement: Placement) -> SiglipTower:
    """The tower, without the layers behind the last one that is looked at."""
    from jina_notebook.inference.siglip import SiglipTower

    deepest = max(vision.taps)
    return SiglipTower(
        patch=_linear(weights, names, placement, f"{EYES}patch_embed.proj"),
        places=weights.tensor(names(f"{EYES}pos_embed"), placement),
        blocks=tuple(
            _tower_block(weights, vision, names, placement, number) for number in range(min(deepest + 1, vision.layers))
        ),
        taps=vision.taps,
        norm=_norm(weights, names, placement, f"{EYES}post_norm", vision.eps) if deepest == vision.layers else None,
    )


def build_connector(weights: Checkpoint, vision: Vision, names: Names, placement: Placement) -> Connector:
    """What makes tokens of patches."""
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.siglip import Connector, WindowPooling

    def stack(name: str) -> Linear:
        biases = weights.stacked(names.biases(f"{JOINT}pooling", name), placement)
        return Linear(weights.tensor(names(f"{JOINT}pooling.{name}.weight"), placement), biases)

    return Connector(
        padding=weights.tensor(names(f"{JOINT}pad_embed"), placement),
        pooling=WindowPooling(
            stack("q"), stack("kv"), _linear(weights, names, placement, f"{JOINT}pooling.out"), vision.pool_heads
        ),
        up_gate=Linear(weights.tensor(names(f"{JOINT}projector.gate_up.weight"), placement)),
        down=Linear(weights.tensor(names(f"{JOINT}projector.down.weight"), placement)),
        grid=vision.grid,
        pool=vision.pool,
    )


def _decoder_block(weights: Checkpoint, sizes: Sizes, names: Names, placement: Placement, number: int) -> DecoderBlock:
    from jina_notebook.inference.decoder import DecoderBlock, RMSNorm
    from jina_notebook.inference.linear import Linear

    body, layer = sizes.body, f"{TEXT}layers.{number}."

    def tensor(name: str) -> torch.Tensor:
        return weights.tensor(names(f"{layer}{name}.weight"), placement)

    def norm(name: str) -> RMSNorm:
        return RMSNorm(tensor(name), body.eps)

    up, gate = tensor("ffn.gate_up").chunk(2)  # the gate is stored behind
    return DecoderBlock(
        norm1=norm("attn_norm"),
        qkv=Linear(tensor("attn.qkv")),
        out=Linear(tensor("attn.out")),
        norm2=norm("ffn_norm"),
        gate=Linear(gate),
        up=Linear(up),
        down=Linear(tensor("ffn.down")),
        heads=body.heads,
        kv_heads=body.kv_heads,
        head_dim=body.head_dim,
        q_norm=norm("attn.q_norm"),
        k_norm=norm("attn.k_norm"),
    )


def _tower_block(weights: Checkpoint, vision: Vision, names: Names, placement: Placement, number: int) -> SiglipBlock:
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.siglip import SiglipBlock

    layer = f"{EYES}layers.{number}."
    return SiglipBlock(
        norm1=_norm(weights, names, placement, f"{layer}attn_norm", vision.eps),
        qkv=Linear(
            weights.tensor(names(f"{layer}attn.qkv.weight"), placement),
            weights.stacked(names.biases(f"{layer}attn", "qkv"), placement),
        ),
        out=_linear(weights, names, placement, f"{layer}attn.out"),
        norm2=_norm(weights, names, placement, f"{layer}ffn_norm", vision.eps),
        fc1=_linear(weights, names, placement, f"{layer}ffn.up"),
        fc2=_linear(weights, names, placement, f"{layer}ffn.down"),
        heads=vision.heads,
    )


def _linear(weights: Checkpoint, names: Names, placement: Placement, name: str) -> Linear:
    from jina_notebook.inference.linear import Linear

    weight, bias = (weights.tensor(names(f"{name}.{kind}"), placement) for kind in ("weight", "bias"))
    return Linear(weight, bias)


def _norm(weights: Checkpoint, names: Names, placement: Placement, name: str, eps: float) -> LayerNorm:
    from jina_notebook.inference.encoder import LayerNorm

    weight, bias = (weights.tensor(names(f"{name}.{kind}"), placement) for kind in ("weight", "bias"))
    return LayerNorm(weight, bias, eps)
