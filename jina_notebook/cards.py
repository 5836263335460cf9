"""A model's facts as a record, and a sequence of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, overload

from jina_notebook.errors import UnknownModelError, did_you_mean
from jina_notebook.render.blocks import Column, Page, Table
from jina_notebook.render.clean import counted
from jina_notebook.render.display import Displayed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NON_COMMERCIAL", "Catalogue", "Kind", "Modality", "ModelCard"]

Kind = Literal["embedding", "reranker", "late-interaction", "reader", "vision-language"]
Modality = Literal["text", "code", "image"]

NON_COMMERCIAL = "CC-BY-NC-4.0"
NON_COMMERCIAL_NOTE = (
    f"{NON_COMMERCIAL} and the Qwen Research License do not allow commercial use "
    "without an agreement with the publisher."
)
COLUMNS = (
    Column("name", "name", keeps=True),
    Column("kind", "kind"),
    Column("parameters", "size", "right"),
    Column("context", "context", "right"),
    Column("dimensions", "dimensions"),
    Column("licence", "licence", wraps=True),
    Column("summary", "summary", yields=True),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ModelCard(Displayed):
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

    @property
    def sizes(self) -> str:
        """`"32–1024"`, the smallest and largest vector; `"128/token"` where there is only one vector per token."""
        if self.dimensions:
            low, high = self.dimensions[0], self.dimensions[-1]
            return f"{low}–{high}" if low < high else str(high)
        return f"{self.token_dimensions[-1]}/token" if self.token_dimensions else "–"

    def to_frame(self) -> pd.DataFrame:
        """One row: the card's fields."""
        return Catalogue((self,)).to_frame()

    def page(self) -> Page:
        """Every fact, one per row."""
        facts: dict[str, str | int | None] = {
            "summary": self.summary,
            "kind": self.kind,
            "parameters": self.parameters,
            "takes": ", ".join(self.modalities),
            "context": f"{self.context:,} tokens",
            "dimensions": ", ".join(map(str, self.dimensions)) or None,
            "token dimensions": ", ".join(map(str, self.token_dimensions)) or None,
            "tasks": ", ".join(self.tasks) or None,
            "late chunking": "yes" if self.late_chunking else None,
            "reranks": "yes" if self.reranks else None,
            "memory": f"about {self.memory_gb:g} GB",
            "licence": self.licence + ("" if self.commercial else ", not for commercial use without an agreement"),
            "released": self.released,
            "hub": f"{self.hub_id} at {self.revision}",
        }
        rows = tuple((label, value) for label, value in facts.items() if value is not None)
        columns = (Column("fact", "fact"), Column("value", "value", yields=True, wraps=True))
        title = f"{self.name}, a stand-in: not a Jina model" if self.stand_in else self.name
        return Page("model-card", title, (), (Table(columns, rows),))


class Catalogue(Displayed, Sequence[ModelCard]):
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

    def to_frame(self) -> pd.DataFrame:
        """One row per model: every field of its card."""
        import pandas as pd

        names = [field.name for field in fields(ModelCard)]
        return pd.DataFrame([{name: getattr(card, name) for name in names} for card in self], columns=names)

    def page(self) -> Page:
        """The models as a table; `models()[name]` shows everything about one."""
        rows = tuple((c.name, c.kind, c.parameters, c.context, c.sizes, c.licence, c.summary) for c in self)
        restricted = any(not card.commercial for card in self)
        title = counted(len(self), "model")
        return Page("catalogue", title, (), (Table(COLUMNS, rows),), (NON_COMMERCIAL_NOTE,) if restricted else ())
