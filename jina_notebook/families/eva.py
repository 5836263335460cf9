"""The EVA02 vision tower of jina-clip-v2: shape to read, tensors to expect, blocks to build.

Source: https://arxiv.org/abs/2303.11331 and the checkpoint's own names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import CheckpointError

if TYPE_CHECKING:
    import torch

    from jina_notebook.families.checkpoint import Checkpoint
    from jina_notebook.inference.encoder import LayerNorm
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.placement import Placement
    from jina_notebook.inference.vision import ClassTokenTower, VisionBlock

__all__ = ["TowerLayout", "build", "expected"]

EPS = 1e-6
FIXED = {"qkv_bias": True, "rope_embeddings": True, "intp_freq": True, "naive_swiglu": True, "subln": True,
         "post_norm": False, "ls_init_value": None, "proj_type": None}  # fmt: skip
"""Fields that change the arithmetic, with the only values that this tower has."""


@dataclass(frozen=True, slots=True)
class TowerLayout:
    """The shape of the tower."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    image_size: int
    patch_size: int
    rotary_grid: int

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> TowerLayout:
        """From config.json's `vision_config`.

        Raises `CheckpointError` naming a field that is missing or says something else than this tower does.
        """
        for field, value in FIXED.items():
            if config.get(field, value) != value:
                raise CheckpointError(
                    f"config.json says {field} {config[field]!r} for the vision tower, not {value!r}."
                )
        try:
            hidden, width = int(config["width"]), int(config["head_width"])
            return cls(
                hidden=hidden,
                layers=int(config["layers"]),
                heads=hidden // width,
                intermediate=int(hidden * float(config["mlp_ratio"])),
                image_size=int(config["image_size"]),
                patch_size=int(config["patch_size"]),
                rotary_grid=int(config["pt_hw_seq_len"]),
            )
        except KeyError as missing:
            raise CheckpointError(f"config.json's vision_config lacks the field {missing}.") from None

    @property
    def grid(self) -> int:
        """Patches along a side; what fills no patch is left out."""
        return self.image_size // self.patch_size

    @property
    def tokens(self) -> int:
        """Positions of one picture, the class token included."""
        return 1 + self.grid**2

    @property
    def bytes_per_token(self) -> int:
        """Activations of one position at their widest moment, float32."""
        return 4 * (8 * self.hidden + 4 * self.intermediate)


def expected(layout: TowerLayout, prefix: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of every tensor; the keys' projection has no bias."""
    h, inner, side = layout.hidden, layout.intermediate, layout.patch_size
    shapes: dict[str, tuple[int, ...]] = {
        "cls_token": (1, 1, h),
        "pos_embed": (1, layout.tokens, h),
        "patch_embed.proj.weight": (h, 3, side, side),
        "patch_embed.proj.bias": (h,),
    }
    norms = {"norm": h}
    for number in range(layout.layers):
        block = f"blocks.{number}."
        for name in ("q_proj", "k_proj", "v_proj"):
            shapes[f"{block}attn.{name}.weight"] = (h, h)
        shapes[f"{block}attn.q_bias"] = shapes[f"{block}attn.v_bias"] = (h,)
        for name, shape in {
            "attn.proj": (h, h),
            "mlp.w1": (inner, h),
            "mlp.w2": (inner, h),
            "mlp.w3": (h, inner),
        }.items():
            shapes[f"{block}{name}.weight"], shapes[f"{block}{name}.bias"] = shape, shape[:1]
        norms |= {f"{block}norm1": h, f"{block}norm2": h, f"{block}attn.inner_attn_ln": h, f"{block}mlp.ffn_ln": inner}
    for name, size in norms.items():
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (size,)
    return {prefix + name: shape for name, shape in shapes.items()}


@dataclass(frozen=True, slots=True)
class _Builder:
    weights: Checkpoint
    layout: TowerLayout
    placement: Placement
    prefix: str

    def tensor(self, name: str) -> torch.Tensor:
        return self.weights.tensor(self.prefix + name, self.placement)

    def norm(self, name: str) -> LayerNorm:
        from jina_notebook.inference.encoder import LayerNorm

        return LayerNorm(self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"), EPS)

    def linear(self, name: str) -> Linear:
        from jina_notebook.inference.linear import Linear

        weight, bias = (
            self.weights.tensor(f"{self.prefix}{name}.{kind}", self.placement) for kind in ("weight", "bias")
        )
        return Linear(weight, bias)

    def qkv(self, attention: str) -> Linear:
        """Queries, keys and values in one matrix, the heads' turned pairs brought from neighbours to halves.

        EVA02 turns dimensions 2i and 2i + 1 together, the engine i and i + half: the same products, in another order.
        """
        import torch

        from jina_notebook.inference.linear import Linear

        names = [f"{self.prefix}{attention}{name}.weight" for name in ("q_proj", "k_proj", "v_proj")]
        stacked = self.weights.stacked(names, self.placement)
        queries, values = self.tensor(f"{attention}q_bias"), self.tensor(f"{attention}v_bias")
        bias = torch.cat((queries, torch.zeros_like(queries), values))
        hidden, heads = self.layout.hidden, self.layout.heads
        order = torch.arange(hidden).view(heads, -1, 2).transpose(1, 2).flatten().to(stacked.device)
        for part in (0, hidden):
            rows = slice(part, part + hidden)
            stacked[rows], bias[rows] = stacked[rows][order], bias[rows][order]
        return Linear(stacked, bias)

    def block(self, number: int) -> VisionBlock:
        from jina_notebook.inference.vision import GatedNetwork, VisionBlock

        block = f"blocks.{number}."
        return VisionBlock(
            norm1=self.norm(f"{block}norm1"),
            qkv=self.qkv(f"{block}attn."),
            inner=self.norm(f"{block}attn.inner_attn_ln"),
            out=self.linear(f"{block}attn.proj"),
            norm2=self.norm(f"{block}norm2"),
            network=GatedNetwork(
                gate=self.linear(f"{block}mlp.w1"),
                up=self.linear(f"{block}mlp.w2"),
                down=self.linear(f"{block}mlp.w3"),
                inner=self.norm(f"{block}mlp.ffn_ln"),
            ),
            heads=self.layout.heads,
        )


def build(weights: Checkpoint, layout: TowerLayout, placement: Placement, prefix: str) -> ClassTokenTower:
    """The tower in memory, tensor by tensor."""
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.rotary import GridRotary
    from jina_notebook.inference.vision import ClassTokenTower

    builder = _Builder(weights, layout, placement, prefix)
    return ClassTokenTower(
        patch=Linear(builder.tensor("patch_embed.proj.weight").flatten(1), builder.tensor("patch_embed.proj.bias")),
        start=builder.tensor("cls_token")[0],
        places=builder.tensor("pos_embed")[0],
        blocks=tuple(builder.block(number) for number in range(layout.layers)),
        norm=builder.norm("norm"),
        rotary=GridRotary(layout.hidden // layout.heads),
        grid=layout.grid,
        scale=float(layout.rotary_grid),
    )
