"""The two small protocols through which the models and Elasticsearch meet.

`elastic` knows no model class: it takes something that embeds and something that reranks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard
    from jina_notebook.results import Embeddings, Ranking

__all__ = ["Embedder", "Progress", "Reranks"]

Progress = bool | Callable[[int, int], None] | None
"""How a long call reports: `None` decides by itself (shown on a terminal or in a notebook when it takes long), `False`
is silent, `True` always shows, a callable gets (done, total) in the call's own unit."""


@runtime_checkable
class Embedder(Protocol):
    """Something that embeds."""

    @property
    def card(self) -> ModelCard: ...
    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def dimensions(self) -> tuple[int, ...]:
        """Sizes that `embed(dimensions=…)` takes from this checkpoint, ascending."""
        ...

    def embed(
        self,
        inputs: Any,
        *,
        task: str | None = None,
        dimensions: int | None = None,
        return_multivector: bool = False,
        late_chunking: bool = False,
        truncate: bool = True,
        batch_tokens: int | None = None,
        progress: Progress = None,
    ) -> Embeddings: ...


@runtime_checkable
class Reranks(Protocol):
    """Something that reranks."""

    @property
    def card(self) -> ModelCard: ...
    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...

    def rerank(
        self,
        query: Any,
        documents: Sequence[Any],
        *,
        top_n: int | None = None,
        return_documents: bool = True,
        progress: Progress = None,
    ) -> Ranking: ...
