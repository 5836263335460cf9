"""What every embedding model and every reranker is tested with, and its second opinion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.families.references import (
    code_embeddings,
    embeddings_v3,
    embeddings_v5,
    reranker_m0,
    reranker_v2,
    reranker_v3,
)
from tests.families.references.network import Vector

TEXTS = [
    "red apple",
    "def f(x):\n    return x + 1  # 100 %",
    "What is the capital of France?",
    "Paris is the capital and most populous city of France.",
    "word " * 120 + "end",
    "日本語のテキスト、中文，한국어",
    "שלום עולם مرحبا",
    "family \U0001f469‍\U0001f469‍\U0001f467 and flag \U0001f1f5\U0001f1f9",
    "NUL \x00 inside",
    "tab\tand  double  blanks",
    "x" * 300,
    "red apples",
    "a",
]
"""Texts without blanks at their ends."""
BLANK_TEXTS = ["", "  \n", "\t", "code that ends in a line break\n", "  blanks around  "]


@dataclass(frozen=True)
class EmbeddingCase:
    """`reference(directory, texts, task, dimensions)`, `ids(directory, text, task)`; dimensions of the miniature."""

    name: str
    tasks: tuple[str, ...]
    dimensions: tuple[int, ...]
    limit: int
    reference: Callable[..., Vector]
    ids: Callable[..., list[int]]

    @property
    def ends_with_special(self) -> bool:
        """Whether the tokenizer adds a token behind the text."""
        return self.name in ("jina-embeddings-v3", "jina-embeddings-v5-text-nano")

    @property
    def task(self) -> str:
        """One task to test what does not depend on it."""
        return self.tasks[1]


@dataclass(frozen=True)
class RerankingCase:
    """`reference(directory, query, documents)` gives scores in input order."""

    name: str
    reference: Callable[[Path, str, list[str]], Vector]


def scores_v2(directory: Path, query: str, documents: list[str]) -> Vector:
    return np.array([reranker_v2.score(directory, query, document) for document in documents], dtype=np.float32)


def scores_v35(directory: Path, query: str, documents: list[str]) -> Vector:
    return reranker_v3.scores(directory, query, documents, reranker_v3.V35)


def scores_m0(directory: Path, query: str, documents: list[str]) -> Vector:
    return np.array([reranker_m0.score(directory, query, document) for document in documents], dtype=np.float32)


def _code(name: str, dimensions: tuple[int, ...]) -> EmbeddingCase:
    tasks = tuple(code_embeddings.PROMPTS)
    return EmbeddingCase(name, tasks, dimensions, 32768, code_embeddings.embed, code_embeddings.ids)


def _v5(name: str, limit: int) -> EmbeddingCase:
    tasks = tuple(embeddings_v5.TASKS)
    return EmbeddingCase(name, tasks, (32, 64, 128), limit, embeddings_v5.embed, embeddings_v5.ids)


EMBEDDERS = {
    case.name: case
    for case in (
        _code("jina-code-embeddings-0.5b", (64, 128)),
        _code("jina-code-embeddings-1.5b", (128, 256)),
        EmbeddingCase(
            "jina-embeddings-v3",
            tuple(embeddings_v3.INSTRUCTIONS),
            (32, 64, 128),
            8192,
            embeddings_v3.embed,
            embeddings_v3.ids,
        ),
        _v5("jina-embeddings-v5-text-small", 32768),
        _v5("jina-embeddings-v5-text-nano", 8192),
    )
}
RERANKERS = {
    case.name: case
    for case in (
        RerankingCase("jina-reranker-v2-base-multilingual", scores_v2),
        RerankingCase("jina-reranker-v3", reranker_v3.scores),
        RerankingCase("jina-reranker-v3.5", scores_v35),
        RerankingCase("jina-reranker-m0", scores_m0),
    )
}
ONE_TASK_EACH = [(case.name, task) for case in EMBEDDERS.values() for task in case.tasks]
