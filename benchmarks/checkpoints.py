"""Checkpoints of the real sizes with random weights, in the official layouts, made from the miniatures' files."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from jina_notebook.families import qwen, qwen_vision, xlm_roberta
from jina_notebook.testing import tiny_checkpoint

__all__ = ["NANO", "V4_TEXT", "V4_VISION", "random_tensor", "real_size", "widen_tokenizer"]

ENCODER = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096,
           "vocab_size": 250002}  # fmt: skip
QWEN3 = {"hidden_size": 1024, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
         "head_dim": 128, "intermediate_size": 3072, "vocab_size": 151936}  # fmt: skip
V4_TEXT = {"hidden_size": 2048, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2,
           "intermediate_size": 11008, "vocab_size": 151936}  # fmt: skip
V4_VISION: dict[str, Any] = {
    "depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 2048,
    "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31]}  # fmt: skip
NORM = re.compile(r"norm|(^|_)ln(_|$)")
NANO = "jina-embeddings-v5-text-nano"
SIZES: dict[str, dict[str, Any]] = {
    "jina-embeddings-v3": ENCODER,
    NANO: {
        "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "num_key_value_heads": 12,
        "intermediate_size": 3072, "vocab_size": 128256},
    "jina-reranker-v2-base-multilingual": ENCODER
    | {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072},
    "jina-code-embeddings-0.5b": {
        "hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2,
        "head_dim": 64, "intermediate_size": 4864, "vocab_size": 151936},
    "jina-reranker-v3": QWEN3,
    "jina-embeddings-v4": {
        "text_config": {**V4_TEXT, "rope_scaling": {"mrope_section": [16, 24, 24]}},
        "vision_config": V4_VISION},
}  # fmt: skip


def real_size(name: str, folder: Path) -> Path:
    """Writes (once) a bfloat16 checkpoint of the published size; weights random, norm gains uneven."""
    path = folder / name
    if (path / "complete").exists():
        return path
    tiny_checkpoint(name, path, dtype="bfloat16", shards=1)
    config = _grown(json.loads((path / "config.json").read_text()), SIZES[name])
    (path / "config.json").write_text(json.dumps(config))
    generator = torch.Generator().manual_seed(0)
    shapes = _shapes(name, config)
    _write(path / "model.safetensors", shapes, generator)
    for settings in sorted(path.glob("adapters/**/adapter_config.json")):
        rank, shared = json.loads(settings.read_text())["r"], settings.parent.name == "adapters"
        adapted = _adapter_shapes(shapes, rank, tasks=config["task_names"] if shared else ())
        _write(settings.with_name("adapter_model.safetensors"), adapted, generator)
    (path / "complete").touch()
    return path


def widen_tokenizer(folder: Path) -> None:
    """Gives the miniature's tokenizer as many entries as the checkpoint has rows: its size in memory is the real one's.

    The new entries are joined from pairs of old ones, so that texts come out in fewer tokens, as with the real one.
    """
    file = folder / "tokenizer.json"
    known = json.loads(file.read_text("utf-8"))
    size = json.loads((folder / "config.json").read_text())["vocab_size"]
    model, draw = known["model"], random.Random(0)
    if isinstance(model["vocab"], list):  # Unigram: the place in the list is the id, and the last one is <mask>
        taken = {piece for piece, _ in model["vocab"]}
        while len(model["vocab"]) < size:
            piece = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=9))
            if piece not in taken:
                taken.add(piece)
                model["vocab"].append([piece, -20.0])
    else:
        first = max(*model["vocab"].values(), *(token["id"] for token in known["added_tokens"])) + 1
        pieces = list(model["vocab"])
        for number in range(first, size):
            left, right = draw.choice(pieces), draw.choice(pieces)
            while left + right in model["vocab"]:
                left, right = draw.choice(pieces), draw.choice(pieces)
            model["vocab"][left + right] = number
            model["merges"].append([left, right])
    file.write_text(json.dumps(known, ensure_ascii=False), "utf-8")


def _write(file: Path, shapes: Mapping[str, tuple[int, ...]], generator: torch.Generator) -> None:
    save_file(
        {key: random_tensor(key, shape, generator) for key, shape in shapes.items()}, file, metadata={"format": "pt"}
    )


def _grown(config: Mapping[str, Any], sizes: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with these sizes, nested ones within their parts."""
    parts = {key: _grown(config[key], size) if isinstance(size, dict) else size for key, size in sizes.items()}
    return {**config, **parts}


def _adapter_shapes(
    shapes: Mapping[str, tuple[int, ...]], rank: int, *, tasks: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """peft's two factors for every projection of every language layer; one file for all `tasks`, or for one alone."""
    found: dict[str, tuple[int, ...]] = {}
    for key, shape in shapes.items():
        if key.endswith(("_proj.weight", "_projector.weight")) and not key.startswith("visual."):
            stem = f"base_model.model.{key.removesuffix('.weight')}"
            if tasks:
                stem = stem.replace("model.layers.", "model.language_model.layers.")
            for end in [f".{task}" for task in tasks] or [""]:
                found |= {
                    f"{stem}.lora_A{end}.weight": (rank, shape[1]),
                    f"{stem}.lora_B{end}.weight": (shape[0], rank),
                }
    return found


def _shapes(name: str, config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    if name == "jina-embeddings-v4":
        body = qwen.Body.read(config["text_config"], qkv_bias=True, head_norms=False)
        tower = qwen_vision.VisionLayout.read(config["vision_config"], outputs=body.hidden, gated=True)
        size = config["multi_vector_projector_dim"]
        projector = {"multi_vector_projector.weight": (size, body.hidden), "multi_vector_projector.bias": (size,)}
        return qwen.expected(body, "model.") | qwen_vision.expected(tower, "visual.") | projector
    hidden = config["hidden_size"]
    if name == "jina-embeddings-v3":
        names = tuple(config["lora_adaptations"])
        adapters = xlm_roberta.Adapters(names, config["lora_rank"], config["lora_alpha"] / config["lora_rank"])
        return xlm_roberta.expected(xlm_roberta.Layout.read(config, adapters=adapters), "roberta.")
    if name == "jina-reranker-v2-base-multilingual":
        return xlm_roberta.expected(xlm_roberta.Layout.read(config), "roberta.") | {
            "classifier.dense.weight": (hidden, hidden), "classifier.dense.bias": (hidden,),
            "classifier.out_proj.weight": (1, hidden), "classifier.out_proj.bias": (1,)}  # fmt: skip
    if name == NANO:
        return qwen.expected(qwen.Body.read(config, qkv_bias=False, head_norms=False, causal=False), "")
    if name == "jina-code-embeddings-0.5b":
        return qwen.expected(qwen.Body.read(config, qkv_bias=True, head_norms=False), "model.")
    body = qwen.Body.read(config, qkv_bias=False, head_norms=True)
    return qwen.expected(body, "model.") | {"projector.0.weight": (512, hidden), "projector.2.weight": (512, 512)}


def random_tensor(key: str, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """One tensor: gains of norms uneven, biases small, matrices so that activations keep their size; bfloat16."""
    if NORM.search(key.rpartition(".")[0].rpartition(".")[2]):
        centre = 0.0 if key.endswith("bias") else 1.0
        values = centre + 0.3 * torch.randn(shape, generator=generator)
    elif key.endswith("bias"):
        values = 0.02 * torch.randn(shape, generator=generator)
    else:
        values = torch.randn(shape, generator=generator) * (0.02 if "embed" in key else shape[-1] ** -0.5)
    return values.to(torch.bfloat16)
