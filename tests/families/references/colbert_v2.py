"""jina-colbert-v2: marker ids, mask padding of queries, punctuation dropped from documents, MaxSim."""

from __future__ import annotations

import string
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.families.references.network import Vector, config, hidden_states, tensors, token_ids, tokenizer_of, unit
from tests.families.references.xlm_roberta_flash import rotary_network

QUERY_LENGTH = 32
DOCUMENT_LENGTH = 300


@lru_cache(maxsize=8)
def network(directory: Path) -> tuple[Any, torch.Tensor]:
    state = tensors(directory)
    head = state.pop("linear.weight")
    backbone = {key: value for key, value in state.items() if ".pooler." not in key}
    return rotary_network(config(directory), backbone), head


@lru_cache(maxsize=8)
def special(directory: Path) -> dict[str, int]:
    tokenizer = tokenizer_of(directory)
    found: dict[str, int] = {}
    for token in ("[QueryMarker]", "[DocumentMarker]", "<pad>", "<mask>"):
        number = tokenizer.token_to_id(token)
        assert number is not None, token
        found[token] = number
    return found


@lru_cache(maxsize=8)
def skipped(directory: Path) -> frozenset[int]:
    """`<pad>`, and the first id of every punctuation character."""
    tokenizer = tokenizer_of(directory)
    firsts = [tokenizer.encode(mark, add_special_tokens=False).ids[0] for mark in string.punctuation]
    return frozenset([*firsts, special(directory)["<pad>"]])


def query_ids(directory: Path, text: str) -> list[int]:
    """Always 32 ids: `<s>`, the marker, the text, `</s>`, masks."""
    tokens = special(directory)
    plain = token_ids(directory, text, limit=QUERY_LENGTH - 1)
    padded = plain + [tokens["<pad>"]] * (QUERY_LENGTH - 1 - len(plain))
    marked = [padded[0], tokens["[QueryMarker]"], *padded[1:]]
    return [tokens["<mask>"] if token == tokens["<pad>"] else token for token in marked]


def document_ids(directory: Path, text: str, limit: int = DOCUMENT_LENGTH) -> list[int]:
    """At most 300 ids unless told otherwise: `<s>`, the marker, the text, `</s>`."""
    plain = token_ids(directory, text, limit=limit - 1)
    return [plain[0], special(directory)["[DocumentMarker]"], *plain[1:]]


def embed_query(directory: Path, text: str) -> Vector:
    """Unit rows `(32, head)`."""
    model, head = network(directory)
    return unit(hidden_states(model, query_ids(directory, text)) @ head.T)


def embed_document(directory: Path, text: str, limit: int = DOCUMENT_LENGTH) -> Vector:
    """Unit rows `(kept tokens, head)`."""
    model, head = network(directory)
    ids = document_ids(directory, text, limit)
    rows = unit(hidden_states(model, ids) @ head.T)
    return rows[[token not in skipped(directory) for token in ids]]


def score(directory: Path, query: str, document: str) -> float:
    """MaxSim: the sum over query vectors of the best dot product with a document vector."""
    similarities = embed_query(directory, query).astype(np.float64) @ embed_document(directory, document).T
    return float(similarities.max(axis=1).sum())
