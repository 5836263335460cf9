"""What indexing would take."""

from __future__ import annotations

from dataclasses import dataclass

from jina_notebook.render.blocks import Page
from jina_notebook.results.contents import labelled, stand_in_notes
from jina_notebook.results.indexing import IndexReport, in_bytes

__all__ = ["IndexEstimate"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class IndexEstimate(IndexReport):
    """What `jn.index(…, estimate=True)` gives: an `IndexReport` of a run that has not happened.

    `indexed` would be stored, `skipped` are there already, `failed` cannot be stored; `tokens`, the seconds and
    `bytes_sent` are projected from `sample` documents that were embedded and from what servers were measured to take.
    `memory_bytes` is what the server wants of its page cache to search these vectors, `disk_bytes` what they take on
    disk, text included. `index_type` is the type of the vector field.
    """

    sample: int = 0
    memory_bytes: int = 0
    disk_bytes: int = 0
    index_type: str | None = None

    def page(self) -> Page:
        """Documents, tokens, time, memory and disk, before anything runs."""
        parts = [
            f"{self.indexed:,} to index",
            f"{self.skipped:,} skipped (already there)",
            f"{len(self.failed):,} cannot be stored",
        ]
        facts = (
            ("model", labelled(self.model, self.stand_in)),
            ("dimensions", str(self.dimensions)),
            ("index type", self.index_type or "none"),
            ("tokens", f"about {self.tokens:,}"),
            ("time", f"about {_duration(self.seconds)}"),
            ("to send", in_bytes(self.bytes_sent)),
            ("memory of the server", in_bytes(self.memory_bytes)),
            ("disk of the server", in_bytes(self.disk_bytes)),
        )
        notes = (*stand_in_notes(self.stand_in), *self.notes)
        return Page("index-estimate", f"{self.index}: {', '.join(parts)}", facts, tuple(self._blocks()), notes)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
