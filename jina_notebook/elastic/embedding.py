"""The embedding stage: documents in, vectors out; a document that the model refuses is named and the rest goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.passages import Cutter, embed_passages
from jina_notebook.elastic.records import Document, Embedded
from jina_notebook.errors import InferenceError, InputError, MemoryLimitError
from jina_notebook.protocols import Embedder
from jina_notebook.results import Embeddings, Failure

__all__ = ["EmbeddingStage"]

OF_ONE_DOCUMENT = (InputError, InferenceError, MemoryLimitError)
FIRST, LEAST, MOST = 32, 8, 512
QUICK_S, SLOW_S = 1.0, 4.0


@dataclass(slots=True)
class EmbeddingStage:
    """Embeds in batches whose size follows the speed of the model: the work of a few seconds each.

    `dense`, `tokens`: which vectors are asked for. `dimensions` cuts the vectors (the token vectors, where there are no
    others). `cut`: into passages, each with a vector of its own, `late` with the whole document in view.
    """

    model: Embedder
    task: str | None
    dimensions: int | None
    dense: bool
    tokens: bool
    cut: Cutter | None = None
    late: bool = False
    batch: int = FIRST
    seconds: float = 0.0
    token_count: int = 0
    truncated: int = 0
    failures: list[Failure] = field(default_factory=list)

    @classmethod
    def for_index(cls, model: Embedder, wanted: IndexMeta, *, cut: Cutter | None = None) -> EmbeddingStage:
        """The stage that gives what an index of that kind stores; `cut` is needed where it stores passages."""
        sizes = model.dimensions or getattr(model, "token_dimensions", ()) or (wanted.dimensions,)
        size = wanted.dimensions if wanted.dimensions != max(sizes) else None
        dense, tokens = wanted.vector_field is not None, wanted.token_field is not None
        return cls(model, wanted.task, size, dense=dense, tokens=tokens, cut=cut, late=wanted.late_chunking)

    def embed(self, documents: Sequence[Document]) -> Embedded:
        """Vectors of those documents that the model takes; the others are added to `failures`.

        Raises what is not the fault of one document.
        """
        started = time.monotonic()
        try:
            result = self._embed(list(documents))
        finally:
            elapsed = time.monotonic() - started
            self.seconds += elapsed
        if len(documents) >= self.batch and elapsed < QUICK_S:
            self.batch = min(MOST, self.batch * 2)
        elif elapsed > SLOW_S:
            self.batch = max(LEAST, self.batch // 2)
        return result

    def reset(self) -> None:
        """Forgets what was counted and who failed."""
        self.seconds, self.token_count, self.truncated = 0.0, 0, 0
        self.failures.clear()

    def _embed(self, documents: list[Document]) -> Embedded:
        try:
            return self._once(documents)
        except OF_ONE_DOCUMENT as error:
            if len(documents) == 1:
                self.failures.append(Failure(documents[0].id, error.message))
                return Embedded([])
        half = len(documents) // 2
        return _joined(self._embed(documents[:half]), self._embed(documents[half:]))

    def _once(self, documents: list[Document]) -> Embedded:
        contents = [document.content for document in documents]
        result = Embedded(documents)
        if self.cut is not None:
            options = {"task": self.task, "dimensions": self.dimensions, "progress": False}
            result.passages, said = embed_passages(self.model, contents, self.cut, late=self.late, **options)
            self._count(said)
            return result
        dense: Embeddings | None = None
        if self.dense:
            dense = self._call(contents, dimensions=self.dimensions)
            result.vectors = np.asarray(dense.vectors, dtype=np.float32)
        multi: Embeddings | None = None
        if self.tokens:
            own = {} if self.dense else {"dimensions": self.dimensions}
            multi = self._call(contents, return_multivector=True, **own)
            result.tokens = [np.asarray(matrix, dtype=np.float32) for matrix in multi.vectors]
        counted = dense if dense is not None else multi
        if counted is not None:
            self._count(counted)
        return result

    def _count(self, embeddings: Embeddings) -> None:
        self.token_count += sum(embeddings.token_counts)
        self.truncated += sum(embeddings.truncated)

    def _call(self, contents: list[Any], **options: Any) -> Embeddings:
        return self.model.embed(contents, task=self.task, progress=False, **options)


def _joined(first: Embedded, second: Embedded) -> Embedded:
    if not first.documents or not second.documents:
        return first if first.documents else second
    vectors = tokens = passages = None
    if first.vectors is not None and second.vectors is not None:
        vectors = np.concatenate([first.vectors, second.vectors])
    if first.tokens is not None and second.tokens is not None:
        tokens = first.tokens + second.tokens
    if first.passages is not None and second.passages is not None:
        passages = first.passages + second.passages
    return Embedded(first.documents + second.documents, vectors, tokens, passages)
