"""Checkpoints that write what they are told: each token of a script is followed by the next, whatever was asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer

__all__ = ["scripted_reader", "scripted_vlm"]

SIZE = 4.0


def scripted_reader(source: Path, target: Path, *pieces: str, begins_after: str = "\n") -> Path:
    """A copy of a ReaderLM-v2 miniature whose answer is `pieces` one after the other.

    Every piece becomes a token of its own; control tokens such as `<|im_end|>` may be pieces. The first follows the
    token `begins_after`, with which every prompt ends. A piece may not come twice, and behind the last one the model
    has nothing more to say: it writes token 0 for ever.
    """
    shutil.copytree(source, target)
    tokenizer = Tokenizer.from_file(str(target / "tokenizer.json"))
    tokenizer.add_tokens([AddedToken(p, special=False, normalized=False) for p in pieces if not known(tokenizer, p)])
    tokenizer.save(str(target / "tokenizer.json"))
    first = tokenizer.encode(begins_after, add_special_tokens=False).ids
    assert len(first) == 1
    chain = [*first, *(number(tokenizer, piece) for piece in pieces), 0]
    assert len(set(chain)) == len(chain)
    state = load_file(target / "model.safetensors")
    fields = json.loads((target / "config.json").read_text(encoding="utf-8"))
    rows = max(fields["vocab_size"], max(chain) + 1)
    script_weights(state, chain, rows=rows, layers=fields["num_hidden_layers"])
    fields["vocab_size"] = rows
    (target / "config.json").write_text(json.dumps(fields), encoding="utf-8")
    save_file(state, target / "model.safetensors", metadata={"format": "pt"})
    return target


def scripted_vlm(source: Path, target: Path, *pieces: str, begins_after: str = ":") -> Path:
    """The same of a jina-vlm miniature in one file, with output rows for all tokens; at most ten new pieces."""
    shutil.copytree(source, target)
    tokenizer = Tokenizer.from_file(str(target / "tokenizer.json"))
    tokenizer.add_tokens([AddedToken(p, special=False, normalized=False) for p in pieces if not known(tokenizer, p)])
    tokenizer.save(str(target / "tokenizer.json"))
    chain = [
        *tokenizer.encode(begins_after, add_special_tokens=False).ids,
        *(number(tokenizer, piece) for piece in pieces),
        0,
    ]
    assert len(set(chain)) == len(chain)
    assert chain[0] == tokenizer.encode(f"Assistant{begins_after}").ids[-1]
    state = load_file(target / "model.safetensors")
    for key, value in state.items():
        value.fill_(1.0 if "lnorm" in key or "ln_f" in key else 0.0)
    names = [f"model.language_model.embedding.{name}" for name in ("embedding", "new_embedding")]
    table = torch.cat([state[name].float() for name in names])
    head = torch.zeros_like(state["lm_head.weight"], dtype=torch.float32)
    for axis, (token, following) in enumerate(pairwise([*chain, 0])):
        table[token, axis] = SIZE
        head[following, axis] = 1.0
    rows = len(state[names[0]])
    state |= {names[0]: table[:rows].clone(), names[1]: table[rows:].clone(), "lm_head.weight": head}
    save_file(state, target / "model.safetensors", metadata={"format": "pt"})
    return target


def number(tokenizer: Tokenizer, piece: str) -> int:
    found = tokenizer.token_to_id(piece)
    assert found is not None
    return int(found)


def known(tokenizer: Tokenizer, piece: str) -> bool:
    return tokenizer.token_to_id(piece) is not None


def script_weights(state: dict[str, torch.Tensor], chain: Sequence[int], *, rows: int, layers: int) -> None:
    """Layers that add nothing, but for one neuron of the last layer per token of the chain.

    Tokens of the chain have an axis each; the neuron of one adds the axis of the next, twice as far.
    """
    width = state["model.embed_tokens.weight"].shape[1]
    inner = state["model.layers.0.mlp.up_proj.weight"].shape[0]
    assert len(chain) <= min(width, inner)
    for key, value in state.items():
        value.fill_(1.0 if key.endswith("norm.weight") else 0.0)
    table = torch.zeros(rows, width)
    for axis, token in enumerate(chain):
        table[token, axis] = SIZE
    mlp = f"model.layers.{layers - 1}.mlp"
    up, gate, down = torch.zeros(inner, width), torch.zeros(inner, width), torch.zeros(width, inner)
    normed = width**0.5
    for axis in range(len(chain) - 1):
        up[axis, axis] = 1 / normed
        gate[axis, axis] = 8 / normed
        down[axis, axis] = -SIZE / 8
        down[axis + 1, axis] = 2 * SIZE / 8
    stored = {f"{mlp}.up_proj.weight": up, f"{mlp}.gate_proj.weight": gate, f"{mlp}.down_proj.weight": down}
    stored |= dict.fromkeys(("model.embed_tokens.weight", "lm_head.weight"), table)
    for key, value in stored.items():
        state[key] = value.clone()
