"""What embedding and indexing on many machines give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jina_notebook.render.blocks import Block, Column, Page, Table
from jina_notebook.render.clean import counted, duration
from jina_notebook.render.passages import excerpt
from jina_notebook.results.contents import ROWS, labelled, stand_in_notes
from jina_notebook.results.indexing import IndexReport

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BlockFailure", "ScaleReport"]

BLOCK_COLUMNS = (
    Column("block", "block", "right"),
    Column("documents", "documents", "right"),
    Column("reason", "reason", yields=True),
)


@dataclass(frozen=True, slots=True)
class BlockFailure:
    """A block of which nothing is known to be stored: its number, its documents and the reason."""

    block: int
    documents: int
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ScaleReport(IndexReport):
    """What `jn.scale.index` and `jn.scale.embed` give: an `IndexReport` over all blocks.

    `indexed` counts what was stored: in the index, or in the files of the folder that `index` then names (`done` is
    `"indexed"` or `"embedded"`). `failed_blocks` are blocks that failed as a whole; their documents are in no other
    count. `embed_seconds` and `write_seconds` are those of all workers together, so that rates are those of one worker.
    `workers` and `nodes` took part, `lost` workers died or were lost with their machine.
    """

    blocks: int = 0
    failed_blocks: tuple[BlockFailure, ...] = ()
    workers: int = 0
    nodes: int = 0
    lost: int = 0
    done: str = "indexed"

    @property
    def documents(self) -> int:
        """Documents read."""
        return self.indexed + self.skipped + len(self.failed) + sum(block.documents for block in self.failed_blocks)

    def to_frame(self) -> pd.DataFrame:
        """One row per document and per block that was not stored: `id`, `field`, `reason`."""
        import pandas as pd

        failed = [(failure.id, failure.field, failure.reason) for failure in self.failed]
        failed += [(f"block {block.block}", None, block.reason) for block in self.failed_blocks]
        return pd.DataFrame(failed, columns=["id", "field", "reason"])

    def page(self) -> Page:
        """The counts, the rate of one worker, and tables of the documents and blocks that were not stored."""
        parts = [
            f"{self.indexed:,} {self.done}",
            f"{self.skipped:,} skipped (already there)",
            f"{len(self.failed):,} failed",
        ]
        if self.failed_blocks:
            parts.append(f"{counted(len(self.failed_blocks), 'block')} failed")
        facts = (
            ("model", labelled(self.model, self.stand_in)),
            ("dimensions", str(self.dimensions)),
            ("tokens", f"{self.tokens:,}"),
            ("blocks", f"{self.blocks:,}"),
            ("workers", f"{self.workers} on {counted(self.nodes, 'node')}"),
            ("time", duration(self.seconds)),
        )
        notes = list(stand_in_notes(self.stand_in))
        if self.bottleneck:
            notes.append("Seconds are those of all workers together, rates those of one.")
        if self.lost:
            notes.append(f"{counted(self.lost, 'worker')} lost on the way; the blocks they had were done by others.")
        if self.truncated:
            notes.append(f"{self.truncated:,} of {self.documents:,} documents truncated at the model's limit.")
        return Page(
            "scale-report",
            f"{self.index}: {', '.join(parts)}",
            facts,
            tuple(self._blocks()),
            (*notes, *self.notes),
        )

    def _blocks(self) -> list[Block]:
        blocks = super()._blocks()
        if self.failed_blocks:
            rows = tuple((b.block, b.documents, excerpt(b.reason)) for b in self.failed_blocks[:ROWS])
            blocks.append(Table(BLOCK_COLUMNS, rows, caption="Blocks not stored", total=len(self.failed_blocks)))
        return blocks
