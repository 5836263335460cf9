"""jina-reranker-v2 on transformers' XLMRobertaForSequenceClassification with the keys renamed."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

from tests.families.references.network import config, tensors, token_ids

MAX_LENGTH = 1024
MAX_QUERY_LENGTH = 512
OVERLAP = 80
SEPARATOR = 2
RENAMED = (
    (r"^roberta\.emb_ln\.", "roberta.embeddings.LayerNorm."),
    (r"\.encoder\.layers\.", ".encoder.layer."),
    (r"\.mixer\.out_proj\.", ".attention.output.dense."),
    (r"\.norm1\.", ".attention.output.LayerNorm."),
    (r"\.norm2\.", ".output.LayerNorm."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
)


@lru_cache(maxsize=8)
def network(directory: Path) -> Any:
    settings = {key: value for key, value in config(directory).items() if key not in ("auto_map", "torch_dtype")}
    model: Any = XLMRobertaForSequenceClassification(XLMRobertaConfig(**settings))
    state: dict[str, torch.Tensor] = {}
    for key, value in tensors(directory).items():
        name = key
        for pattern, new in RENAMED:
            name = re.sub(pattern, new, name)
        if ".mixer.Wqkv." in name:
            for part, chunk in zip(("query", "key", "value"), value.chunk(3), strict=True):
                state[name.replace(".mixer.Wqkv.", f".attention.self.{part}.")] = chunk
        else:
            state[name] = value
    model.load_state_dict(state, strict=True)
    return model.eval()


def probability(directory: Path, ids: list[int]) -> float:
    """Sigmoid of the one logit of one sequence."""
    with torch.inference_mode():
        logits = network(directory)(
            input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long)
        ).logits
    assert logits.shape == (1, 1)
    return float(torch.sigmoid(logits.double()))


def sequences(directory: Path, query: str, document: str) -> list[list[int]]:
    """The overlapping windows of a document, each behind the query."""
    query_ids = token_ids(directory, query, limit=MAX_QUERY_LENGTH)
    room = MAX_LENGTH - len(query_ids) - 2
    overlap = min(OVERLAP, room // 4)
    ids = token_ids(directory, document, specials=False)
    windows = [ids]
    if len(ids) > room:
        windows = []
        start = 0
        while start + room < len(ids):
            windows.append(ids[start : start + room])
            start += room - overlap
        windows.append(ids[-room:])
    return [[*query_ids, SEPARATOR, *window, SEPARATOR] for window in windows]


def score(directory: Path, query: str, document: str) -> float:
    """The best of a document's windows, strictly between 0 and 1."""
    return max(probability(directory, ids) for ids in sequences(directory, query, document))
