"""jina-clip-v2: text on transformers' JinaEmbeddingsV3Model, its adapter merged; pictures on a plain EVA02 tower."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from tests.families.references.network import Vector, config, hidden_states, tensors, token_ids, unit
from tests.families.references.xlm_roberta_flash import rotary_network

INSTRUCTION = "Represent the query for retrieving evidence documents: "
LIMIT = 8192
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
PREFIX = "text_model.transformer."


@lru_cache(maxsize=8)
def text_network(directory: Path) -> Any:
    settings = config(directory)["text_config"]["hf_model_config_kwargs"]
    assert len(settings["lora_adaptations"]) == 1
    scale = settings["lora_alpha"] / settings["lora_rank"]
    stored = {key.removeprefix(PREFIX): value for key, value in tensors(directory).items() if key.startswith(PREFIX)}
    state: dict[str, torch.Tensor] = {}
    for key, value in stored.items():
        if key.endswith(".parametrizations.weight.original"):
            place = key.removesuffix("original")
            (a,), (b,) = stored[f"{place}0.lora_A"], stored[f"{place}0.lora_B"]
            delta = a @ b if "_embeddings." in key else b @ a
            state[key.replace(".parametrizations.weight.original", ".weight")] = value + scale * delta
        elif ".parametrizations." not in key:
            state[key] = value
    rows, width = state["roberta.embeddings.word_embeddings.weight"].shape
    fields = {
        "hidden_size": width,
        "num_hidden_layers": len({key.split(".")[3] for key in state if ".encoder.layers." in key}),
        "num_attention_heads": 16,
        "intermediate_size": state["roberta.encoder.layers.0.mlp.fc1.weight"].shape[0],
        "vocab_size": rows,
        "hidden_act": "gelu",
        "type_vocab_size": 1,
        "max_position_embeddings": 8194,
        "layer_norm_eps": 1e-5,
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "rotary_emb_base": 20000.0,
    }
    return rotary_network(fields, state)


def ids(directory: Path, text: str, task: str | None = None, limit: int = LIMIT) -> list[int]:
    """`<s>`, the instruction of a query, the text, `</s>`."""
    return token_ids(directory, (INSTRUCTION if task == "retrieval.query" else "") + text, limit=limit)


def embed_text(
    directory: Path, text: str, task: str | None = None, dimensions: int | None = None, limit: int = LIMIT
) -> Vector:
    """One unit vector: the mean over all positions, specials included, cut, brought to length 1."""
    states = hidden_states(text_network(directory), ids(directory, text, task, limit))
    return unit(states.mean(0), dimensions)


def embed_texts(directory: Path, texts: list[str], task: str | None = None, dimensions: int | None = None) -> Vector:
    """Unit vectors `(texts, dimensions)`."""
    return np.stack([embed_text(directory, text, task, dimensions) for text in texts])


def pixels(directory: Path, picture: Image.Image, *, half: str = "even") -> torch.Tensor:
    """`(3, size, size)`: RGB, shortest edge to the size, the middle, normalised.

    `half`: where an odd number of pixels is cut away; `"even"` rounds the first half to even, `"floor"` down.
    """
    size = config(directory)["vision_config"]["image_size"]
    rgb = picture.convert("RGB")
    width, height = rgb.size
    short = min(width, height)
    target = (int(size * width / short), int(size * height / short))
    resized = rgb.resize(target, Image.Resampling.BICUBIC)
    spare = [(length - size) / 2 for length in target]
    left, top = (round(value) if half == "even" else int(value) for value in spare)
    middle = resized.crop((left, top, left + size, top + size))
    levels = torch.from_numpy(np.array(middle, dtype=np.float32)).permute(2, 0, 1) / 255
    return (levels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def rotation(grid: int, head: int, pretrained: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines `(grid * grid, head)`: the first half of a head carries the row, the second the column."""
    axis = head // 2
    frequencies = 10000.0 ** -(torch.arange(0, axis, 2).double() / axis)
    positions = torch.arange(grid).double() / grid * pretrained
    angles = (positions[:, None] * frequencies).repeat_interleave(2, dim=1)
    rows = angles[:, None, :].expand(grid, grid, axis)
    columns = angles[None, :, :].expand(grid, grid, axis)
    both = torch.cat([rows, columns], dim=-1).reshape(grid * grid, head)
    return both.cos().float(), both.sin().float()


def turned(values: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotates neighbouring pairs `(x0, x1)` of the patch positions `(heads, 1 + patches, head)`; CLS stays."""
    patches = values[:, 1:]
    partner = torch.stack([-patches[..., 1::2], patches[..., 0::2]], dim=-1).flatten(-2)
    return torch.cat([values[:, :1], patches * cos + partner * sin], dim=1)


def image_state(directory: Path, picture: torch.Tensor) -> torch.Tensor:
    """The normed CLS state of one picture `(3, size, size)`."""
    weights = {
        key.removeprefix("vision_model."): value
        for key, value in tensors(directory).items()
        if key.startswith("vision_model.")
    }
    settings = config(directory)["vision_config"]
    width, head, patch = settings["width"], settings["head_width"], settings["patch_size"]
    grid = settings["image_size"] // patch

    def norm(name: str, x: torch.Tensor) -> torch.Tensor:
        weight = weights[f"{name}.weight"]
        return F.layer_norm(x, weight.shape, weight, weights[f"{name}.bias"], 1e-6)

    def linear(name: str, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"))

    cos, sin = rotation(grid, head, settings["pt_hw_seq_len"])
    convolved = F.conv2d(
        picture[None], weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"], stride=patch
    )
    x = torch.cat([weights["cls_token"][0], convolved.flatten(2)[0].T]) + weights["pos_embed"][0]
    for number in range(settings["layers"]):
        block = f"blocks.{number}"
        y = norm(f"{block}.norm1", x)
        q = linear(f"{block}.attn.q_proj", y) + weights[f"{block}.attn.q_bias"]
        k = linear(f"{block}.attn.k_proj", y)
        v = linear(f"{block}.attn.v_proj", y) + weights[f"{block}.attn.v_bias"]
        q, k, v = (part.view(len(x), width // head, head).transpose(0, 1) for part in (q, k, v))
        weight = (turned(q, cos, sin) @ turned(k, cos, sin).transpose(1, 2) * head**-0.5).softmax(-1)
        mixed = (weight @ v).transpose(0, 1).reshape(len(x), width)
        x = x + linear(f"{block}.attn.proj", norm(f"{block}.attn.inner_attn_ln", mixed))
        y = norm(f"{block}.norm2", x)
        gated = F.silu(linear(f"{block}.mlp.w1", y)) * linear(f"{block}.mlp.w2", y)
        x = x + linear(f"{block}.mlp.w3", norm(f"{block}.mlp.ffn_ln", gated))
    return norm("norm", x)[0]


def embed_image(directory: Path, picture: Image.Image, dimensions: int | None = None, *, half: str = "even") -> Vector:
    """One unit vector of a picture."""
    with torch.inference_mode():
        return unit(image_state(directory, pixels(directory, picture, half=half)), dimensions)
