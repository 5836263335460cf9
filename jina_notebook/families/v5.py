"""jina-embeddings-v5-text-small (Qwen3) and -nano (EuroBERT): four adapters kept live, last-token pooling.

Source: https://arxiv.org/abs/2602.15547. Both call themselves `jina_embeddings_v5`; the tensors tell the bodies apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jina_notebook.errors import CheckpointError
from jina_notebook.families.adapters import PeftAdapters
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.prompted import PromptedEmbeddings
from jina_notebook.families.qwen import Body, build, expected
from jina_notebook.families.tokenizer import Tokenizer

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin

__all__ = ["load"]

QUERY, DOCUMENT = "Query: ", "Document: "


def load(origin: Origin) -> PromptedEmbeddings:
    """Reads the official layout: the body's keys without `model.`, adapters in a folder each."""
    card, path, placement = origin.card, origin.path, origin.placement
    config = read_json(path / "config.json")
    weights = Checkpoint(path)
    qwen3 = "layers.0.self_attn.q_norm.weight" in weights.shapes
    if qwen3 != card.name.endswith("small"):
        raise CheckpointError(
            f"The checkpoint {str(path)!r} has the body of jina-embeddings-v5-text-{'small' if qwen3 else 'nano'}, "
            f"not of {card.name}."
        )
    body = Body.read(config, qkv_bias=False, head_norms=qwen3, causal=qwen3)
    weights.expect(expected(body, ""), ignore=("lm_head.weight",))
    names = sorted({task.partition(".")[0] for task in card.tasks})
    adapters = PeftAdapters(path / "adapters", names, body)
    return PromptedEmbeddings(
        origin,
        decoder=build(
            weights,
            body,
            placement,
            "",
            adapters=lambda layer, _, stack: adapters.stack(layer, stack, placement),
        ),
        body=body,
        tokenizer=Tokenizer(path),
        prompts={task: QUERY if task.endswith(".query") else DOCUMENT for task in card.tasks},
        adapters={task: task.partition(".")[0] for task in card.tasks},
    )
