"""jina-vlm on transformers' SiglipVisionModel and Qwen3Model with a connector of its own; greedy, no cache."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from jinja2.sandbox import ImmutableSandboxedEnvironment
from PIL import Image
from torch.nn import functional as F
from transformers import Qwen3Config, Qwen3Model, SiglipVisionConfig, SiglipVisionModel

from tests.families.references.network import config, tensors, tokenizer_of
from tests.families.references.vlm_tiles import GRID, POOLED, tiles_of

PICTURE = "<|image|>"
STOPS = ("<|endoftext|>", "<|im_end|>")
TEXT, VISION, CONNECTOR = "model.language_model.", "model.vision_model.", "model.vision_model.vl_connector."
Weights = dict[str, torch.Tensor]


@lru_cache(maxsize=4)
def decoder(directory: Path) -> tuple[Any, torch.Tensor]:
    """The language model over both embedding tables, and the output matrix."""
    state, fields = tensors(directory), config(directory)["text_config"]
    attention, ffn = (fields["block_config"][name] for name in ("attn_config", "ffn_config"))
    heads, kv_heads, head = attention["n_heads"], attention["n_kv_heads"], attention["head_dim"]
    tables = [state[f"{TEXT}embedding.{name}"] for name in ("embedding", "new_embedding")]
    renamed = {"embed_tokens.weight": torch.cat(tables), "norm.weight": state[f"{TEXT}ln_f.weight"]}
    for number in range(fields["n_layers"]):
        source, place = f"{TEXT}layers.{number}.", f"layers.{number}."
        parts = torch.split(state[f"{source}attn.qkv_w.weight"], [heads * head, kv_heads * head, kv_heads * head])
        renamed |= {f"{place}self_attn.{name}_proj.weight": part for name, part in zip("qkv", parts, strict=True)}
        value, gate = state[f"{source}ffn.up.weight"].chunk(2)
        renamed |= {f"{place}mlp.up_proj.weight": value, f"{place}mlp.gate_proj.weight": gate}
        renamed[f"{place}mlp.down_proj.weight"] = state[f"{source}ffn.down.weight"]
        renamed[f"{place}self_attn.o_proj.weight"] = state[f"{source}attn.out.weight"]
        renamed[f"{place}self_attn.q_norm.weight"] = state[f"{source}attn.q_lnorm.weight"]
        renamed[f"{place}self_attn.k_norm.weight"] = state[f"{source}attn.k_lnorm.weight"]
        renamed[f"{place}input_layernorm.weight"] = state[f"{source}attn_lnorm.weight"]
        renamed[f"{place}post_attention_layernorm.weight"] = state[f"{source}ffn_lnorm.weight"]
    settings = Qwen3Config(
        vocab_size=len(renamed["embed_tokens.weight"]),
        hidden_size=fields["hidden_size"],
        intermediate_size=ffn["size"],
        num_hidden_layers=fields["n_layers"],
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=head,
        rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": float(fields["rope_theta"])},
        max_position_embeddings=fields["max_sequence_length"],
        tie_word_embeddings=False,
    )
    model: Any = Qwen3Model(settings)
    model.load_state_dict(renamed, strict=True)
    return model.eval(), state["lm_head.weight"]


@lru_cache(maxsize=4)
def tower(directory: Path) -> Any:
    state, fields = tensors(directory), config(directory)["vision_config"]
    attention, ffn = (fields["block_config"][name] for name in ("attn_config", "ffn_config"))
    width, patch = fields["hidden_size"], fields["patch_size"]
    linear = state[f"{VISION}patch_embed.proj.weight"].view(width, patch, patch, 3)
    renamed = {
        "embeddings.patch_embedding.weight": linear.permute(0, 3, 1, 2),
        "embeddings.patch_embedding.bias": state[f"{VISION}patch_embed.proj.bias"],
        "embeddings.position_embedding.weight": state[f"{VISION}pos_embed"],
    }
    renamed |= {f"post_layernorm.{kind}": state[f"{VISION}post_lnorm.{kind}"] for kind in ("weight", "bias")}
    for number in range(fields["n_layers"]):
        source, place = f"{VISION}layers.{number}.", f"encoder.layers.{number}."
        for name, part in zip("qkv", state[f"{source}attn.qkv_w.weight"].chunk(3), strict=True):
            renamed[f"{place}self_attn.{name}_proj.weight"] = part
            renamed[f"{place}self_attn.{name}_proj.bias"] = state[f"{source}attn.{name}_b"]
        pairs = (
            ("attn.out", "self_attn.out_proj"),
            ("attn_lnorm", "layer_norm1"),
            ("ffn_lnorm", "layer_norm2"),
            ("ffn.up", "mlp.fc1"),
            ("ffn.down", "mlp.fc2"),
        )
        for old, new in pairs:
            renamed |= {f"{place}{new}.{kind}": state[f"{source}{old}.{kind}"] for kind in ("weight", "bias")}
    settings = SiglipVisionConfig(
        hidden_size=width,
        intermediate_size=ffn["size"],
        num_hidden_layers=fields["n_layers"],
        num_attention_heads=attention["n_heads"],
        image_size=fields["input_size"][0],
        patch_size=patch,
        hidden_act="gelu_pytorch_tanh",
        layer_norm_eps=1e-6,
        vision_use_head=False,
    )
    model: Any = SiglipVisionModel(settings)
    expected = set(model.state_dict())
    prefix = next(key for key in expected if key.endswith("embeddings.patch_embedding.weight")).removesuffix(
        "embeddings.patch_embedding.weight"
    )
    model.load_state_dict({f"{prefix}{key}": value for key, value in renamed.items()}, strict=True)
    return model.eval()


def picture_rows(directory: Path, crops: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """What is added to the embeddings: `(crops, 196, hidden)`."""
    state, fields = tensors(directory), config(directory)["vision_config"]
    patch, entries = fields["patch_size"], fields["n_layers"] + 1
    pixels = crops.view(len(crops), GRID, GRID, patch, patch, 3).permute(0, 5, 1, 3, 2, 4)
    output = tower(directory)(
        pixel_values=pixels.reshape(len(crops), 3, GRID * patch, GRID * patch), output_hidden_states=True
    )
    # entry 0 of the hidden states is the embeddings
    features = torch.cat([output.hidden_states[1 + entries + layer] for layer in fields["vit_layers"]], dim=-1)
    features = features * (crops != -1).flatten(1).any(1)[:, None, None]
    empty, partly = state[f"{CONNECTOR}pad_embed"]
    features = features + empty * (masks == 0)[..., None] + partly * ((masks < 1) & (masks != 0))[..., None]
    squares = F.pad(features.view(len(crops), GRID, GRID, -1), (0, 0, 0, 1, 0, 1))
    windows = (
        squares.view(len(crops), POOLED, 2, POOLED, 2, -1).permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, squares.shape[-1])
    )
    pooled = pool(state, windows, fields["vl_connector_config"]["attn_pooling_config"])
    value, gate = (pooled @ state[f"{CONNECTOR}projector.up.weight"].T).chunk(2, dim=-1)
    rows = (F.silu(gate) * value) @ state[f"{CONNECTOR}projector.down.weight"].T
    return rows.view(len(crops), POOLED * POOLED, -1)


def pool(state: Weights, windows: torch.Tensor, fields: dict[str, Any]) -> torch.Tensor:
    """One query, the mean of a window's four vectors, over the four: `(windows, width)`."""
    heads, head = fields["n_heads"], fields["head_dim"]
    place = f"{CONNECTOR}pooling."
    query = windows.mean(1) @ state[f"{place}q_w.weight"].T + state[f"{place}q_b"]
    both = windows @ state[f"{place}kv_w.weight"].T + torch.cat([state[f"{place}k_b"], state[f"{place}v_b"]])
    keys, values = both.chunk(2, dim=-1)
    shape = (len(windows), 4, heads, head)
    weights = torch.einsum("whd,wkhd->whk", query.view(-1, heads, head), keys.reshape(shape)) * head**-0.5
    mixed = torch.einsum("whk,wkhd->whd", weights.softmax(-1), values.reshape(shape)).flatten(1)
    return F.linear(mixed, state[f"{place}out.weight"], state[f"{place}out.bias"])


def prompt_text(directory: Path, question: str, pictures: int) -> str:
    """The checkpoint's chat template over one user turn, pictures first."""
    settings = json.loads((directory / "processor_config.json").read_text(encoding="utf-8"))
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((directory / "chat_template.jinja").read_text(encoding="utf-8"))
    content = [*({"type": "image"} for _ in range(pictures)), {"type": "text", "text": question}]
    return template.render(
        messages=[{"role": "user", "content": content}],
        add_generation_prompt=True,
        always_start_with_space=settings["always_start_with_space"],
        image_prompt_token=PICTURE,
    )


def prompt(directory: Path, pictures: Sequence[Image.Image], question: str) -> tuple[list[int], torch.Tensor]:
    """Ids of the whole prompt, and what is added to the embedding of each."""
    tokenizer = tokenizer_of(directory)
    known: dict[str, int] = tokenizer.get_vocab()
    start, end, patch, column = (known[f"<im_{name}>"] for name in ("start", "end", "patch", "col"))
    ids = [known["<|endoftext|>"]]
    model, _ = decoder(directory)
    added: list[torch.Tensor] = []
    places: list[int] = []
    parts = re.split(re.escape(PICTURE), prompt_text(directory, question, len(pictures)))
    assert len(parts) == len(pictures) + 1
    ids += tokenizer.encode(parts[0], add_special_tokens=False).ids
    for picture, part in zip(pictures, parts[1:], strict=True):
        tiles = tiles_of(picture)
        tokens = tiles.tokens(start, end, patch, column)
        own = [len(ids) + position for position, token in enumerate(tokens) if token == patch]
        rows = picture_rows(directory, tiles.crops, tiles.masks).flatten(0, 1)
        flat = torch.from_numpy(tiles.places.reshape(-1))
        added.append(rows[flat >= 0])
        places += [own[place] for place in flat[flat >= 0].tolist()]
        ids += tokens + tokenizer.encode(part, add_special_tokens=False).ids
    extra = torch.zeros(len(ids), model.config.hidden_size)
    if added:
        extra.index_add_(0, torch.tensor(places), torch.cat(added))
    return ids, extra


def generate(
    directory: Path, pictures: Sequence[Image.Image], question: str, max_new_tokens: int
) -> tuple[list[int], list[float]]:
    """New ids, greedy, a stop token included where there is one; and by how much each won."""
    model, head = decoder(directory)
    stops = {tokenizer_of(directory).token_to_id(token) for token in STOPS}
    new: list[int] = []
    leads: list[float] = []
    with torch.inference_mode():
        ids, extra = prompt(directory, pictures, question)
        embeddings = model.embed_tokens(torch.tensor(ids)) + extra
        while len(new) < max_new_tokens and not (new and new[-1] in stops):
            state = model(inputs_embeds=embeddings[None]).last_hidden_state[0, -1]
            best = (head @ state).topk(2)
            new.append(int(best.indices[0]))
            leads.append(float(best.values[0] - best.values[1]))
            embeddings = torch.cat([embeddings, model.embed_tokens(torch.tensor(new[-1:]))])
    return new, leads


def answer(directory: Path, pictures: Sequence[Image.Image], question: str, max_new_tokens: int) -> tuple[str, bool]:
    """What the model says without its stop token, and whether it was stopped before its end."""
    tokenizer = tokenizer_of(directory)
    new, _ = generate(directory, pictures, question, max_new_tokens)
    stopped = bool(new) and tokenizer.id_to_token(new[-1]) in STOPS
    return tokenizer.decode(new[:-1] if stopped else new, skip_special_tokens=False), not stopped
