"""The vision towers of Qwen2-VL and Qwen2.5-VL: shapes to read, tensors to expect, blocks to build.

Sources: https://arxiv.org/abs/2409.12191 and https://arxiv.org/abs/2502.13923.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import CheckpointError
from jina_notebook.families.checkpoint import field

if TYPE_CHECKING:
    from jina_notebook.families.checkpoint import Checkpoint
    from jina_notebook.inference.decoder import RMSNorm
    from jina_notebook.inference.encoder import LayerNorm
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.placement import Placement
    from jina_notebook.inference.vision import MergingTower, Network, VisionBlock

__all__ = ["VisionLayout", "build", "expected"]

EPS = 1e-6


@dataclass(frozen=True, slots=True)
class VisionLayout:
    """The shape of a tower. `gated`: Qwen2.5-VL's blocks, with RMS norms and SwiGLU; else Qwen2-VL's.

    `window`: merged patches along a window's side, None for full attention everywhere; `full`: blocks that have it all
    the same.
    """

    hidden: int
    layers: int
    heads: int
    intermediate: int
    outputs: int
    patch: int
    merge: int
    frames: int
    gated: bool
    window: int | None = None
    full: frozenset[int] = frozenset()

    @classmethod
    def read(cls, config: Mapping[str, Any], *, outputs: int, gated: bool) -> VisionLayout:
        """From config.json's `vision_config`; `outputs`: the decoder's hidden size.

        Raises `CheckpointError` naming a field that is missing or does not fit.
        """
        hidden = field(config, "hidden_size" if gated else "embed_dim", int)
        patch, merge = field(config, "patch_size", int, default=14), field(config, "spatial_merge_size", int, default=2)
        given = config.get("out_hidden_size" if gated else "hidden_size", outputs)
        if given != outputs:
            raise CheckpointError(f"config.json gives the vision tower {given} outputs and the decoder {outputs}.")
        window = field(config, "window_size", int) // merge // patch if gated else None
        return cls(
            hidden=hidden,
            layers=field(config, "depth", int),
            heads=field(config, "num_heads", int),
            intermediate=field(config, "intermediate_size", int)
            if gated
            else int(hidden * field(config, "mlp_ratio", float, default=4)),
            outputs=outputs,
            patch=patch,
            merge=merge,
            frames=field(config, "temporal_patch_size", int, default=2),
            gated=gated,
            window=window,
            full=field(config, "fullatt_block_indexes", frozenset) if gated else frozenset(),
        )

    @property
    def factor(self) -> int:
        """Pixels along the side of one token."""
        return self.patch * self.merge

    @property
    def merged(self) -> int:
        """Width of the patches of one token laid end to end."""
        return self.hidden * self.merge**2

    @property
    def bytes_per_token(self) -> int:
        """Activations of one token's patches at their widest moment, float32."""
        return 4 * self.merge**2 * (10 * self.hidden + 4 * self.intermediate)


def expected(layout: VisionLayout, prefix: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of every tensor of the tower."""
    h, inner = layout.hidden, layout.intermediate
    shapes: dict[str, tuple[int, ...]] = {"patch_embed.proj.weight": (h, 3, layout.frames, layout.patch, layout.patch)}
    linears: dict[str, tuple[int, int]] = {
        "merger.mlp.0": (layout.merged, layout.merged),
        "merger.mlp.2": (layout.outputs, layout.merged),
    }
    network = (
        {"mlp.gate_proj": (inner, h), "mlp.up_proj": (inner, h), "mlp.down_proj": (h, inner)}
        if layout.gated
        else {"mlp.fc1": (inner, h), "mlp.fc2": (h, inner)}
    )
    norms = ["merger.ln_q"]
    for number in range(layout.layers):
        block = f"blocks.{number}."
        for name, shape in {"attn.qkv": (3 * h, h), "attn.proj": (h, h), **network}.items():
            linears[block + name] = shape
        norms += [f"{block}norm1", f"{block}norm2"]
    for name, shape in linears.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = shape, shape[:1]
    for name in norms:
        shapes[f"{name}.weight"] = (h,)
        if not layout.gated:
            shapes[f"{name}.bias"] = (h,)
    return {prefix + name: shape for name, shape in shapes.items()}


@dataclass(frozen=True, slots=True)
class _Builder:
    weights: Checkpoint
    layout: VisionLayout
    placement: Placement
    prefix: str

    def norm(self, name: str) -> LayerNorm | RMSNorm:
        from jina_notebook.inference.decoder import RMSNorm
        from jina_notebook.inference.encoder import LayerNorm

        weight = self.weights.tensor(f"{self.prefix}{name}.weight", self.placement)
        if self.layout.gated:
            return RMSNorm(weight, EPS)
        return LayerNorm(weight, self.weights.tensor(f"{self.prefix}{name}.bias", self.placement), EPS)

    def linear(self, name: str) -> Linear:
        from jina_notebook.inference.linear import Linear

        weight, bias = (
            self.weights.tensor(f"{self.prefix}{name}.{kind}", self.placement) for kind in ("weight", "bias")
        )
        return Linear(weight, bias)

    def block(self, number: int) -> VisionBlock:
        from jina_notebook.inference.vision import GatedNetwork, QuickNetwork, VisionBlock

        block = f"blocks.{number}."
        if self.layout.gated:
            gate, up, down = (self.linear(f"{block}mlp.{name}_proj") for name in ("gate", "up", "down"))
            network: Network = GatedNetwork(gate, up, down)
        else:
            network = QuickNetwork(self.linear(f"{block}mlp.fc1"), self.linear(f"{block}mlp.fc2"))
        return VisionBlock(
            norm1=self.norm(f"{block}norm1"),
            qkv=self.linear(f"{block}attn.qkv"),
            out=self.linear(f"{block}attn.proj"),
            norm2=self.norm(f"{block}norm2"),
            network=network,
            heads=self.layout.heads,
        )


def build(weights: Checkpoint, layout: VisionLayout, placement: Placement, prefix: str) -> MergingTower:
    """The tower in memory, tensor by tensor."""
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.rotary import GridRotary
    from jina_notebook.inference.vision import MergingTower

    builder = _Builder(weights, layout, placement, prefix)
    return MergingTower(
        patch=Linear(weights.tensor(f"{prefix}patch_embed.proj.weight", placement).flatten(1)),
        blocks=tuple(builder.block(number) for number in range(layout.layers)),
        norm=builder.norm("merger.ln_q"),
        fc1=builder.linear("merger.mlp.0"),
        fc2=builder.linear("merger.mlp.2"),
        rotary=GridRotary(layout.hidden // layout.heads),
        merge=layout.merge,
        window=layout.window,
        full=layout.full,
    )
