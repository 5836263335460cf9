"""What indexing gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jina_notebook.render.blocks import Block, Cell, Column, Page, Table
from jina_notebook.render.display import Displayed
from jina_notebook.render.passages import excerpt
from jina_notebook.results.contents import ROWS, labelled, stand_in_notes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Failure", "IndexReport", "in_bytes"]


STAGE_COLUMNS = (
    Column("stage", "stage"),
    Column("seconds", "seconds", "right"),
    Column("docs_per_second", "documents/s", "right"),
    Column("tokens_per_second", "tokens/s", "right"),
)
FAILURE_COLUMNS = (Column("id", "id"), Column("field", "field"), Column("reason", "reason", yields=True))


@dataclass(frozen=True, slots=True)
class Failure:
    """One document that was not stored: its id (or `"#12"`, its position, where it has none) and the reason."""

    id: str
    reason: str
    field: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class IndexReport(Displayed):
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

    @property
    def documents(self) -> int:
        """Documents read."""
        return self.indexed + self.skipped + len(self.failed)

    @property
    def embed_docs_per_second(self) -> float:
        """Documents embedded per second of embedding; 0 where nothing was embedded."""
        return _rate(self.indexed, self.embed_seconds)

    @property
    def embed_tokens_per_second(self) -> float:
        """Tokens embedded per second of embedding."""
        return _rate(self.tokens, self.embed_seconds)

    @property
    def write_docs_per_second(self) -> float:
        """Documents stored per second of writing."""
        return _rate(self.indexed, self.write_seconds)

    @property
    def write_tokens_per_second(self) -> float:
        """Tokens of the documents stored, per second of writing."""
        return _rate(self.tokens, self.write_seconds)

    @property
    def bottleneck(self) -> str | None:
        """The stage that took longer, `"embed"` or `"write"`; they run side by side. None where nothing was stored."""
        if not self.indexed or not (self.embed_seconds or self.write_seconds):
            return None
        return "embed" if self.embed_seconds >= self.write_seconds else "write"

    @property
    def bytes_per_document(self) -> float:
        """Bytes sent for each document stored, text and vectors together; 0 where nothing was stored."""
        return self.bytes_sent / self.indexed if self.indexed else 0.0

    def to_frame(self) -> pd.DataFrame:
        """One row per document that was not stored: `id`, `field`, `reason`."""
        import pandas as pd

        columns = ["id", "field", "reason"]
        return pd.DataFrame({name: [getattr(f, name) for f in self.failed] for name in columns}, columns=columns)

    def page(self) -> Page:
        """The counts, the rate of each stage, and a table of what was not stored."""
        parts = [
            f"{self.indexed:,} indexed",
            f"{self.skipped:,} skipped (already there)",
            f"{len(self.failed):,} failed",
        ]
        notes = list(stand_in_notes(self.stand_in))
        if self.truncated:
            notes.append(f"{self.truncated:,} of {self.documents:,} documents truncated at the model's limit.")
        facts = (
            ("model", labelled(self.model, self.stand_in)),
            ("dimensions", str(self.dimensions)),
            ("tokens", f"{self.tokens:,}"),
            ("sent", self._sent()),
            ("time", f"{self.seconds:.1f} s"),
        )
        return Page(
            "index-report", f"{self.index}: {', '.join(parts)}", facts, tuple(self._blocks()), (*notes, *self.notes)
        )

    def _sent(self) -> str:
        each = f" ({in_bytes(round(self.bytes_per_document))} a document)" if self.bytes_per_document else ""
        return in_bytes(self.bytes_sent) + each

    def _blocks(self) -> list[Block]:
        blocks: list[Block] = []
        if self.bottleneck:
            rates = (
                _stage("embed", self.embed_seconds, self.embed_docs_per_second, self.embed_tokens_per_second),
                _stage("write", self.write_seconds, self.write_docs_per_second, self.write_tokens_per_second),
            )
            blocks.append(Table(STAGE_COLUMNS, rates, caption=f"Slower stage: {self.bottleneck}"))
        if self.failed:
            rows = tuple((f.id, f.field, excerpt(f.reason)) for f in self.failed[:ROWS])
            blocks.append(Table(FAILURE_COLUMNS, rows, caption="Not stored", total=len(self.failed)))
        return blocks


def _stage(name: str, seconds: float, documents: float, tokens: float) -> tuple[Cell, ...]:
    return name, f"{seconds:.1f}", f"{documents:,.1f}", f"{tokens:,.0f}"


def _rate(amount: int, seconds: float) -> float:
    return amount / seconds if seconds > 0 else 0.0


def in_bytes(count: int) -> str:
    """`"46.7 kB"`."""
    if count < 1_000_000:
        return f"{count / 1000:,.1f} kB"
    return f"{count / 1_000_000:,.1f} MB" if count < 1_000_000_000 else f"{count / 1_000_000_000:,.1f} GB"
