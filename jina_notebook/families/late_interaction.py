"""Reranking by MaxSim, for the models that give one vector per token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jina_notebook.families.embedding import EmbeddingModel
from jina_notebook.families.reranking import Reranker, Scores
from jina_notebook.inference.maxsim import maxsim
from jina_notebook.protocols import Progress

__all__ = ["LateInteraction"]


class LateInteraction(Reranker, EmbeddingModel):
    """`.embed(return_multivector=True)` and `.rerank`, whose score is the sum over query vectors of the best match."""

    def _scores(self, query: Any, documents: Sequence[Any], progress: Progress) -> Scores:
        asked = self.embed(query, task=self.card.query_task, return_multivector=True, progress=False)
        given = self.embed(documents, task=self.card.index_task, return_multivector=True, progress=progress)
        return maxsim(asked.vectors[0], list(given.vectors))
