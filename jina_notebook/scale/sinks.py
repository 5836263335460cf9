"""The two places where blocks go: an index, through the pipeline of one machine, or Parquet files in a folder."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.indexer import Indexer
from jina_notebook.elastic.passing import Passage
from jina_notebook.elastic.work import Work
from jina_notebook.results import IndexReport
from jina_notebook.scale.parts import Folder, PartsWriter

__all__ = ["ToFolder", "ToIndex"]


@dataclass(frozen=True, slots=True)
class ToIndex:
    """An index that was made ready. `blank`: nothing was in it, so that nothing has to be looked up."""

    passage: Passage
    index: str
    blank: bool

    def opened(self) -> _Index:
        """Connects from the worker. Raises `ConnectError`."""
        return _Index(Destination.resolve(self.passage.connect(), self.index), self.blank)


@dataclass(frozen=True, slots=True)
class _Index:
    destination: Destination
    blank: bool

    def store(self, work: Work) -> IndexReport:
        """One block as `jn.index` does it; settings and the last refresh are left to the process that began."""
        part = dataclasses.replace(self.destination, joined=True, blank=self.blank, notes=[])
        return Indexer(part, work).run(progress=False)


@dataclass(frozen=True, slots=True)
class ToFolder:
    """A folder of Parquet files. `there`: a reference to the ids and hashes that it holds already."""

    folder: Folder
    there: Any

    def opened(self) -> _Files:
        """Fetches once what is there already."""
        import ray

        return _Files(self.folder, ray.get(self.there) if self.there is not None else None)


@dataclass(frozen=True, slots=True)
class _Files:
    folder: Folder
    there: Any

    def store(self, work: Work) -> IndexReport:
        """One block into files of its own."""
        return PartsWriter(self.folder, work, self.there).run()
