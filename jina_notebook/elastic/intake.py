"""The first step of indexing: from a stream to the documents that are not in the index yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.plan import Planner
from jina_notebook.elastic.records import Document, Entry
from jina_notebook.elastic.work import Work
from jina_notebook.results import Failure

__all__ = ["Intake"]


@dataclass(slots=True)
class Intake:
    """Plans documents and drops those that are there unchanged."""

    destination: Destination
    planner: Planner
    compares: bool
    unchanged: int = 0

    @classmethod
    def of(cls, destination: Destination, work: Work) -> Intake:
        """Ready to read. What an earlier, killed run wrote is made visible first."""
        compares = destination.remembers_hashes  # of before this run; what it stores itself needs no look
        if compares:
            destination.refresh()
        planner = Planner(work.columns, work.space)
        if work.seen is not None:
            planner.seen = work.seen
        return cls(destination, planner, compares)

    def fresh(self, entries: Sequence[Entry]) -> list[Document]:
        """Documents that are not there, or with other content, in order."""
        documents = self.planner.plan(entries)
        there = self.destination.hashes([document.id for document in documents]) if self.compares else {}
        fresh = [document for document in documents if there.get(document.id) != document.fingerprint]
        self.unchanged += len(documents) - len(fresh)
        return fresh

    @property
    def skipped(self) -> int:
        """Documents that need not be stored: unchanged, or the same content again."""
        return self.unchanged + self.planner.repeated

    @property
    def failures(self) -> list[Failure]:
        """Documents that cannot be stored."""
        return self.planner.failures
