"""One piece of indexing work: where documents come from, what their fields are, and what the index shall remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jina_notebook.elastic.documents import Source
from jina_notebook.elastic.embedding import EmbeddingStage
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.plan import Columns, Seen

__all__ = ["Work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`wanted` is what the index shall remember, `stage` what gives vectors (None where they come with the documents).

    `total` is the number of documents, None where it is not known before the end. `index_options` are the caller's.
    `prose`: whether texts are in a language, so that words have stems. `seen`: the ids that came before, where this is
    one part of a larger piece of work.
    """

    source: Source
    total: int | None
    columns: Columns
    wanted: IndexMeta
    stage: EmbeddingStage | None
    index_options: str | Mapping[str, Any] | None = None
    prose: bool = True
    stand_in: bool = False
    seen: Seen | None = None

    @property
    def space(self) -> bytes:
        """What decides, beside its content, how a document is stored."""
        size = self.wanted.dimensions if self.stage is not None else 0  # a given vector is hashed itself
        facts: tuple[object, ...] = (
            self.wanted.model,
            self.wanted.revision,
            self.wanted.task,
            size,
            self.wanted.token_field,
        )
        if self.wanted.chunk_tokens is not None:
            facts += (self.wanted.chunk_tokens, self.wanted.late_chunking)
        return repr(facts).encode()
