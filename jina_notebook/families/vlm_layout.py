"""The parts of jina-vlm's checkpoint: sizes from its nested config.json, tensors under the names of either layout.

The first layout is that of the publisher's own code; the second, with shorter names and fused biases, that of the MLX
conversion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jina_notebook.errors import CheckpointError
from jina_notebook.families.qwen import Body

__all__ = ["Names", "Sizes", "Vision"]

TEXT, EYES, JOINT = "language_model.", "vision_model.", "vl_connector."
UNKNOWN = {
    "text_config.block_config.postnorm": False,
    "text_config.normalize_input_embeds": False,
    "text_config.partial_rotary_factor": 1.0,
    "text_config.rope_scaling": None,
    "text_config.block_config.attn_config.sliding_window": -1,
    "text_config.block_config.ffn_config.gated_activation": True,
    "text_config.block_config.ffn_config.activation_type": "silu",
    "vision_config.block_config.postnorm": False,
    "vision_config.block_config.ffn_config.gated_activation": False,
    "vision_config.block_config.ffn_config.activation_type": "gelu_pytorch_tanh",
    "vision_config.pre_lnorm": False,
    "vision_config.use_cls_token": False,
    "vision_config.vl_connector_config.pooling_type": "attention_meanq",
    "vision_config.vl_connector_config.padding_embed_type": "pad_and_partial_pad",
    "vision_config.vl_connector_config.projector_type": "mlp",
    "vision_config.vl_connector_config.mlp_projector_config.activation_type": "silu",
    "vision_config.vl_connector_config.mlp_projector_config.gated_activation": True,
}
"""Fields of config.json in the only way that is known here."""


@dataclass(frozen=True, slots=True)
class Vision:
    """Sizes of the tower and of the connector. `taps`: layers whose outputs are taken."""

    hidden: int
    layers: int
    heads: int
    head_dim: int
    intermediate: int
    eps: float
    patch: int
    grid: tuple[int, int]
    taps: tuple[int, ...]
    post_norm: bool
    pool_heads: int
    pool_dim: int
    pool: tuple[int, int]
    projected: int

    @property
    def wide(self) -> int:
        """Width of a patch's features: all taps side by side."""
        return self.hidden * len(self.taps)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Everything that config.json says."""

    body: Body
    vision: Vision
    added_rows: int

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Sizes:
        """Raises `CheckpointError` naming a field that is missing or says something else than is known here."""
        for path, known in UNKNOWN.items():
            said = _at(config, path, known)
            if said != known:
                raise CheckpointError(f"config.json says {path} {said!r}; only {known!r} can be read.")
        heads = int(_at(config, "text_config.block_config.attn_config.n_heads"))
        hidden = int(_at(config, "text_config.hidden_size"))
        body = Body(
            hidden=hidden,
            layers=int(_at(config, "text_config.n_layers")),
            heads=heads,
            kv_heads=int(_at(config, "text_config.block_config.attn_config.n_kv_heads", None) or heads),
            head_dim=int(_at(config, "text_config.block_config.attn_config.head_dim", None) or hidden // heads),
            intermediate=int(_at(config, "text_config.block_config.ffn_config.size")),
            vocabulary=int(_at(config, "text_config.vocab_size")),
            context=int(_at(config, "text_config.max_sequence_length")),
            eps=_eps(config, "text_config"),
            rope_base=float(_at(config, "text_config.rope_theta", 1e6)),
            head_norms=True,
        )
        return cls(body, _vision(config), int(_at(config, "text_config.additional_vocab_size")))

    def expected(self, names: Names, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        """Names and shapes of every tensor; rows of the word table and of the head are taken as they are stored."""
        wanted = self._text(names) | self._tower(names) | self._connector(names)
        for name in (names.words, names.head):
            rows = shapes.get(name, (self.body.vocabulary,))[0]
            wanted[name] = (rows, self.body.hidden)
        return wanted

    def _text(self, names: Names) -> dict[str, tuple[int, ...]]:
        body = self.body
        wide, narrow = body.heads * body.head_dim, body.kv_heads * body.head_dim
        wanted: dict[str, tuple[int, ...]] = {
            names.new_words: (self.added_rows, body.hidden),
            names(f"{TEXT}ln_f.weight"): (body.hidden,),
        }
        for number in range(body.layers):
            layer = f"{TEXT}layers.{number}."
            wanted |= {
                names(f"{layer}attn.qkv.weight"): (wide + 2 * narrow, body.hidden),
                names(f"{layer}attn.out.weight"): (body.hidden, wide),
                names(f"{layer}attn.q_norm.weight"): (body.head_dim,),
                names(f"{layer}attn.k_norm.weight"): (body.head_dim,),
                names(f"{layer}attn_norm.weight"): (body.hidden,),
                names(f"{layer}ffn_norm.weight"): (body.hidden,),
                names(f"{layer}ffn.gate_up.weight"): (2 * body.intermediate, body.hidden),
                names(f"{layer}ffn.down.weight"): (body.hidden, body.intermediate),
            }
        return wanted

    def _tower(self, names: Names) -> dict[str, tuple[int, ...]]:
        see = self.vision
        wanted: dict[str, tuple[int, ...]] = {
            names(f"{EYES}pos_embed"): (see.grid[0] * see.grid[1], see.hidden),
            **names.linear(f"{EYES}patch_embed.proj", see.hidden, 3 * see.patch**2),
        }
        if see.post_norm:
            wanted |= names.linear(f"{EYES}post_norm", see.hidden)
        for number in range(see.layers):
            layer = f"{EYES}layers.{number}."
            size = see.heads * see.head_dim
            wanted[names(f"{layer}attn.qkv.weight")] = (3 * size, see.hidden)
            wanted |= dict.fromkeys(names.biases(f"{layer}attn", "qkv"), (size * (1 if names.apart else 3),))
            wanted |= names.linear(f"{layer}attn.out", see.hidden, size)
            wanted |= names.linear(f"{layer}attn_norm", see.hidden) | names.linear(f"{layer}ffn_norm", see.hidden)
            wanted |= names.linear(f"{layer}ffn.up", see.intermediate, see.hidden)
            wanted |= names.linear(f"{layer}ffn.down", see.hidden, see.intermediate)
        return wanted

    def _connector(self, names: Names) -> dict[str, tuple[int, ...]]:
        see, size = self.vision, self.vision.pool_heads * self.vision.pool_dim
        wanted: dict[str, tuple[int, ...]] = {
            names(f"{JOINT}pad_embed"): (2, see.wide),
            names(f"{JOINT}pooling.q.weight"): (size, see.wide),
            names(f"{JOINT}pooling.kv.weight"): (2 * size, see.wide),
            **dict.fromkeys(names.biases(f"{JOINT}pooling", "q"), (size,)),
            **dict.fromkeys(names.biases(f"{JOINT}pooling", "kv"), (size * (1 if names.apart else 2),)),
            **names.linear(f"{JOINT}pooling.out", see.hidden, size),
            names(f"{JOINT}projector.gate_up.weight"): (2 * see.projected, see.hidden),
            names(f"{JOINT}projector.down.weight"): (self.body.hidden, see.projected),
        }
        return wanted


@dataclass(frozen=True, slots=True)
class Names:
    """How a checkpoint spells its tensors; a call gives the spelling of a name of the second layout.

    `long`: `qkv_w`, `attn_lnorm`, `up`; `apart`: a bias each for q, k and v.
    """

    root: str
    connector: str
    head: str
    long: bool
    apart: bool

    @classmethod
    def of(cls, stored: Iterable[str]) -> Names:
        """As the names that are there say it; the publisher's where they say nothing."""
        stored = list(stored)

        def any_with(part: str) -> bool:
            return any(part in name for name in stored)

        root = "model." if any(name.startswith("model.") for name in stored) or not stored else ""
        inside = any_with("vision_model.vl_connector.") or not any_with(JOINT)
        return cls(
            root=root,
            connector=f"{root}{EYES}{JOINT}" if inside else f"{root}{JOINT}",
            head=next((name for name in stored if name.endswith("lm_head.weight")), "lm_head.weight"),
            long=any_with(".qkv_w.") or not any_with(".qkv."),
            apart=any(name.endswith(".q_b") for name in stored),
        )

    def __call__(self, name: str) -> str:
        if self.long:
            name = re.sub(r"\.(qkv|q|kv)\.weight$", r".\1_w.weight", name)
            name = re.sub(r"\.(q|k|attn|ffn|post)_norm\.", r".\1_lnorm.", name)
            name = name.replace(".gate_up.", ".up.")
        if name.startswith(JOINT):
            return self.connector + name.removeprefix(JOINT)
        return self.root + name

    @property
    def words(self) -> str:
        return f"{self.root}{TEXT}embedding.embedding"

    @property
    def new_words(self) -> str:
        return f"{self.root}{TEXT}embedding.new_embedding"

    def linear(self, name: str, outputs: int, inputs: int | None = None) -> dict[str, tuple[int, ...]]:
        """Weight and bias of a layer, or of a norm where there are no inputs."""
        shape = (outputs,) if inputs is None else (outputs, inputs)
        return {self(f"{name}.weight"): shape, self(f"{name}.bias"): (outputs,)}

    def biases(self, module: str, stack: str) -> list[str]:
        """Biases of the stacked projections `q`, `kv` or `qkv` of an attention module, in order."""
        if self.apart:
            return [self(f"{module}.{part}_b") for part in stack]
        return [self(f"{module}.{stack}.bias")]

    def text_biases(self, layer: int, stored: Iterable[str]) -> list[str]:
        """Biases that the decoder's attention may have, all zero, and need not."""
        module = f"{TEXT}layers.{layer}.attn."
        spelled = {self(f"{module}{bias}") for bias in ("q_b", "k_b", "v_b", "qkv.bias")}
        return sorted(spelled & set(stored))


def _vision(config: Mapping[str, Any]) -> Vision:
    layers, patch = int(_at(config, "vision_config.n_layers")), int(_at(config, "vision_config.patch_size"))
    size = _at(config, "vision_config.input_size")
    high, wide = (size, size) if isinstance(size, int) else size
    post_norm = bool(_at(config, "vision_config.post_lnorm", True))
    depths = layers + post_norm
    asked = [int(layer) for layer in _at(config, "vision_config.vit_layers")]
    if not asked or not all(-depths <= layer < depths for layer in asked):
        raise CheckpointError(f"config.json says vit_layers {asked}, but the tower has {depths} outputs.")
    joint = "vision_config.vl_connector_config"
    hidden = int(_at(config, "vision_config.hidden_size"))
    heads = int(_at(config, "vision_config.block_config.attn_config.n_heads"))
    pool_heads = int(_at(config, f"{joint}.attn_pooling_config.n_heads"))
    return Vision(
        hidden=hidden,
        layers=layers,
        heads=heads,
        head_dim=int(_at(config, "vision_config.block_config.attn_config.head_dim", None) or hidden // heads),
        intermediate=int(_at(config, "vision_config.block_config.ffn_config.size")),
        eps=_eps(config, "vision_config"),
        patch=patch,
        grid=(int(high) // patch, int(wide) // patch),
        taps=tuple(layer % depths for layer in asked),
        post_norm=post_norm,
        pool_heads=pool_heads,
        pool_dim=int(_at(config, f"{joint}.attn_pooling_config.head_dim", None) or hidden // pool_heads),
        pool=(int(_at(config, f"{joint}.pooling_h", 2)), int(_at(config, f"{joint}.pooling_w", 2))),
        projected=int(_at(config, f"{joint}.mlp_projector_config.size")),
    )


def _eps(config: Mapping[str, Any], part: str) -> float:
    block = f"{part}.block_config"
    inner = _at(config, f"{block}.attn_config.lnorm_config.eps", 1e-6)
    return float(_at(config, f"{block}.lnorm_config.eps", inner))


_NEEDED = object()


def _at(config: Mapping[str, Any], path: str, default: Any = _NEEDED) -> Any:
    """A nested field."""
    value: Any = config
    for key in path.split("."):
        value = value.get(key, _NEEDED) if isinstance(value, Mapping) else _NEEDED
    if value is _NEEDED and default is _NEEDED:
        raise CheckpointError(f"config.json lacks the field {path!r}, which this model needs.")
    return default if value is _NEEDED else value
