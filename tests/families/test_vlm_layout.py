"""jina-vlm's configuration and the names of its tensors, in every spelling that is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jina_notebook.errors import CheckpointError
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.vlm import load as load_vlm
from jina_notebook.families.vlm_layout import Names, Sizes

Miniature = Callable[..., Path]
LAYOUTS = [
    {},
    {"layout": "mlx"},
    {"lm_head": "all"},
    {"layout": "mlx", "lm_head": "all", "text_biases": True},
    {"text_biases": True},
]


@pytest.fixture
def config(miniature: Miniature) -> dict[str, Any]:
    return read_json(miniature("jina-vlm") / "config.json")


def put(config: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(config))
    *way, last = path.split(".")
    inner = copy
    for key in way:
        inner = inner[key]
    if value is None and last != "rope_scaling":
        del inner[last]
    else:
        inner[last] = value
    return copy


@pytest.mark.parametrize("options", LAYOUTS, ids=str)
def test_every_tensor_of_a_layout_is_expected_by_its_own_name(options: dict[str, Any], miniature: Miniature) -> None:
    folder = miniature("jina-vlm", **options)
    weights = Checkpoint(folder)
    names = Names.of(weights.shapes)
    sizes = Sizes.read(read_json(folder / "config.json"))
    optional = {name for layer in range(sizes.body.layers) for name in names.text_biases(layer, weights.shapes)}
    assert {name: shape for name, shape in weights.shapes.items() if name not in optional} == sizes.expected(
        names, weights.shapes
    )
    assert bool(optional) is options.get("text_biases", False)


def test_where_nothing_is_stored_names_are_the_publishers() -> None:
    names = Names.of([])
    assert names("language_model.layers.3.attn.qkv.weight") == "model.language_model.layers.3.attn.qkv_w.weight"
    assert names("vision_model.post_norm.bias") == "model.vision_model.post_lnorm.bias"
    assert names("vl_connector.projector.gate_up.weight") == "model.vision_model.vl_connector.projector.up.weight"
    assert names("vl_connector.pooling.kv.weight") == "model.vision_model.vl_connector.pooling.kv_w.weight"
    assert names.head == "lm_head.weight"


def test_the_parts_of_both_layouts_may_be_mixed() -> None:
    stored = ["model.language_model.layers.0.attn.qkv.weight", "model.vl_connector.pad_embed", "lm_head.weight"]
    names = Names.of(stored)
    assert names("language_model.layers.0.attn.qkv.weight") == stored[0]
    assert names("vl_connector.pad_embed") == stored[1]
    assert names.biases("vl_connector.pooling", "kv") == ["model.vl_connector.pooling.kv.bias"]


def test_the_layers_to_look_at_are_counted_behind_the_last_norm(config: dict[str, Any]) -> None:
    assert Sizes.read(put(config, "vision_config.n_layers", 27)).vision.taps == (24, 18)
    assert Sizes.read(put(config, "vision_config.vit_layers", [-1, 0])).vision.taps == (10, 0)
    assert Sizes.read(put(config, "vision_config.post_lnorm", False)).vision.taps == (6, 0)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("text_config.rope_scaling", {"type": "yarn"}),
        ("text_config.partial_rotary_factor", 0.5),
        ("text_config.block_config.attn_config.sliding_window", 512),
        ("text_config.block_config.ffn_config.activation_type", "gelu"),
        ("text_config.block_config.postnorm", True),
        ("vision_config.use_cls_token", True),
        ("vision_config.pre_lnorm", True),
        ("vision_config.vl_connector_config.pooling_type", "attention"),
        ("vision_config.vl_connector_config.padding_embed_type", "regress"),
        ("vision_config.vl_connector_config.projector_type", "linear"),
    ],
)
def test_a_network_of_another_kind_is_refused_by_field(path: str, value: Any, config: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match=path.replace(".", r"\.")):
        Sizes.read(put(config, path, value))


@pytest.mark.parametrize(
    "path",
    [
        "text_config.n_layers",
        "text_config.hidden_size",
        "text_config.max_sequence_length",
        "text_config.block_config.attn_config.n_heads",
        "vision_config.vit_layers",
        "vision_config.vl_connector_config.mlp_projector_config.size",
    ],
)
def test_a_field_that_is_missing_is_named(path: str, config: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match=f"lacks the field '{path}'"):
        Sizes.read(put(config, path, None))


@pytest.mark.parametrize("layers", [[], [11], [-12], [-1, 40]])
def test_layers_that_are_not_there_are_refused(layers: list[int], config: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match="the tower has 11 outputs"):
        Sizes.read(put(config, "vision_config.vit_layers", layers))


def test_crops_that_do_not_fit_the_tower_are_refused(miniature: Miniature, altered: Callable[..., Path]) -> None:
    from jina_notebook.catalog import card
    from jina_notebook.families.model import Origin
    from jina_notebook.inference.placement import place

    folder = altered("jina-vlm")
    fields = read_json(folder / "preprocessor_config.json") | {"base_input_size": [392, 392]}
    (folder / "preprocessor_config.json").write_text(json.dumps(fields), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"crops of 28 x 28 patches .* expects \(27, 27\)"):
        load_vlm(Origin(card("jina-vlm"), folder, "local", place("cpu", "float32")))
