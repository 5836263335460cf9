"""Frozen result types: values, sequence behaviour and tables; no HTML inside.

Each hands itself to `render` as plain tables, bars, passages and grids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Answer",
    "Embeddings",
    "Evaluation",
    "Failure",
    "Hit",
    "Hits",
    "IndexReport",
    "RankedDocument",
    "Ranking",
    "Reading",
    "Stage",
]

Vector = NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Embeddings:
    """What `.embed` gives.

    `vectors`: float32 `(n, dimensions)`, unit length; with `return_multivector=True` a list of `(tokens_i, dimensions)`.
    `token_counts` and `truncated` hold one entry per input; `inputs` are the caller's own objects.
    """

    vectors: Vector | list[Vector]
    model: str
    revision: str
    task: str | None
    dimensions: int
    token_counts: tuple[int, ...]
    truncated: tuple[bool, ...]
    inputs: tuple[Any, ...] = ()
    stand_in: bool = False

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """One document of a ranking: `index` is its position in the input, `rank` counts from 1."""

    index: int
    relevance_score: float
    rank: int
    document: Any


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranking(Sequence[RankedDocument]):
    """What `.rerank` gives: best first, ties in input order.

    `scores`: float32 `(documents,)` in input order, of all documents, also with `top_n`.
    """

    items: tuple[RankedDocument, ...]
    scores: Vector
    query: Any
    model: str
    revision: str
    stand_in: bool = False

    @overload
    def __getitem__(self, key: int) -> RankedDocument: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[RankedDocument]: ...
    def __getitem__(self, key: int | slice) -> RankedDocument | Sequence[RankedDocument]:
        return self.items[key]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[RankedDocument]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Stage:
    """A hit's place in one stage of a search: `"lexical"`, `"vector"`, `"fusion"`, `"rerank"`, `"maxsim"`."""

    name: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. `explanation` lists its rank and score in every stage it passed, in order."""

    id: str
    index: str
    score: float
    rank: int
    source: Mapping[str, Any]
    explanation: tuple[Stage, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Hits(Sequence[Hit]):
    """What `jn.search` gives: best first. `latency` holds seconds by stage; `notes` say what degraded and why."""

    items: tuple[Hit, ...]
    query: Any
    mode: str
    model: str | None = None
    reranker: str | None = None
    text_field: str = "text"
    latency: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    stand_in: bool = False

    @overload
    def __getitem__(self, key: int) -> Hit: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Hit]: ...
    def __getitem__(self, key: int | slice) -> Hit | Sequence[Hit]:
        return self.items[key]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Failure:
    """One document that was not stored: its id (or `"#12"`, its position, where it has none) and the reason."""

    id: str
    reason: str
    field: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class IndexReport:
    """What `jn.index` gives.

    `indexed`, `skipped` (already there) and `failed` add up to the documents read; `truncated` counts documents
    beyond the model's limit. Seconds and tokens are per stage, `bytes_sent` is what went to the server.
    """

    index: str
    model: str
    revision: str
    dimensions: int
    indexed: int
    skipped: int
    failed: tuple[Failure, ...] = ()
    truncated: int = 0
    tokens: int = 0
    embed_seconds: float = 0.0
    write_seconds: float = 0.0
    seconds: float = 0.0
    bytes_sent: int = 0
    notes: tuple[str, ...] = ()
    stand_in: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What `Reader.read` gives: Markdown or JSON `text`, the parsed `data` when a schema was given."""

    text: str
    data: Any = None
    truncated: bool = False
    model: str = ""
    revision: str = ""
    tokens: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What `VisionLanguageModel.ask` gives."""

    text: str
    truncated: bool = False
    question: str = ""
    model: str = ""
    revision: str = ""
    tokens: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """What `jn.evaluate` gives: `metrics[run][metric]` means over all judged queries, `per_query[run][metric][query]`."""

    metrics: Mapping[str, Mapping[str, float]]
    per_query: Mapping[str, Mapping[str, Mapping[str, float]]]
    queries: int
