"""jina-code-embeddings-0.5b and -1.5b: Qwen2, a prompt for each task, last-token pooling.

Source: https://arxiv.org/abs/2508.21290 and the prompts of the model's config_sentence_transformers.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.prompted import PromptedEmbeddings
from jina_notebook.families.qwen import Body, build, expected
from jina_notebook.families.tokenizer import Tokenizer

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin

__all__ = ["PROMPTS", "load"]

_QUERIES = {
    "nl2code": "Find the most relevant code snippet given the following query:\n",
    "qa": "Find the most relevant answer given the following question:\n",
    "code2code": "Find an equivalent code snippet given the following code snippet:\n",
    "code2nl": "Find the most relevant comment given the following code snippet:\n",
    "code2completion": "Find the most relevant completion given the following start of code snippet:\n",
}
_PASSAGES = {
    "nl2code": "Candidate code snippet:\n",
    "qa": "Candidate answer:\n",
    "code2code": "Candidate code snippet:\n",
    "code2nl": "Candidate comment:\n",
    "code2completion": "Candidate completion:\n",
}
PROMPTS = {f"{task}.query": text for task, text in _QUERIES.items()} | {
    f"{task}.passage": text for task, text in _PASSAGES.items()
}


def load(origin: Origin) -> PromptedEmbeddings:
    """Reads the official layout: a Qwen2 causal model without an output head, keys with or without `model.`."""
    body = Body.read(read_json(origin.path / "config.json"), qkv_bias=True, head_norms=False)
    weights = Checkpoint(origin.path)
    prefix = "model." if any(name.startswith("model.") for name in weights.shapes) else ""
    weights.expect(expected(body, prefix), ignore=("lm_head.weight",))
    return PromptedEmbeddings(
        origin,
        decoder=build(weights, body, origin.placement, prefix),
        body=body,
        tokenizer=Tokenizer(origin.path),
        prompts=PROMPTS,
        strips=True,  # as the publisher's server does, which pins a sentence-transformers that strips
    )
