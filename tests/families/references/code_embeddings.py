"""jina-code-embeddings on transformers' Qwen2: task prompt, causal, last token, nothing appended."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import Qwen2Model

from tests.families.references.network import Vector, config, hidden_states, token_ids, unit

PROMPTS = {
    "nl2code.query": "Find the most relevant code snippet given the following query:\n",
    "nl2code.passage": "Candidate code snippet:\n",
    "qa.query": "Find the most relevant answer given the following question:\n",
    "qa.passage": "Candidate answer:\n",
    "code2code.query": "Find an equivalent code snippet given the following code snippet:\n",
    "code2code.passage": "Candidate code snippet:\n",
    "code2nl.query": "Find the most relevant comment given the following code snippet:\n",
    "code2nl.passage": "Candidate comment:\n",
    "code2completion.query": "Find the most relevant completion given the following start of code snippet:\n",
    "code2completion.passage": "Candidate completion:\n",
}


@lru_cache(maxsize=8)
def network(directory: Path) -> Any:
    model: Any = Qwen2Model.from_pretrained(directory, dtype=torch.float32)
    return model.eval()


def ids(directory: Path, text: str, task: str, *, strip: bool = False) -> list[int]:
    """What the network sees. `strip`: the prompted text without blanks at its ends, as older servers tokenize it."""
    prompted = PROMPTS[task] + text
    return token_ids(
        directory, prompted.strip() if strip else prompted, limit=config(directory)["max_position_embeddings"]
    )


def embed(
    directory: Path, texts: list[str], task: str, dimensions: int | None = None, *, strip: bool = False
) -> Vector:
    """Unit vectors `(texts, dimensions)`."""
    model = network(directory)
    return np.stack(
        [unit(hidden_states(model, ids(directory, text, task, strip=strip))[-1], dimensions) for text in texts]
    )
