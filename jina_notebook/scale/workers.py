"""What runs in every worker of the cluster: one model, and block after block through the pipeline of one machine."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from jina_notebook.elastic.embedding import FIRST, EmbeddingStage
from jina_notebook.elastic.work import Work
from jina_notebook.errors import CheckpointError, ClusterError, JinaNotebookError
from jina_notebook.results import Embeddings, IndexReport
from jina_notebook.scale.claims import ClaimedIds
from jina_notebook.scale.job import Job, Store
from jina_notebook.scale.reading import BlockSource

__all__ = ["BLOCKS_AT_ONCE", "Outcome", "Ready", "Worker"]

BLOCKS_AT_ONCE = 2  # one is read and written while the other is embedded


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker that has its model: where it is, and in which precision it computes."""

    node: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one block: the report of its documents, or the error after which nothing can go on."""

    report: IndexReport | None = None
    error: JinaNotebookError | None = None


class _OneAtATime:
    """A model that several blocks share: one embeds, the others wait. `waited`: how long this block did, in seconds."""

    def __init__(self, model: Any, turn: threading.Lock) -> None:
        self._model = model
        self._turn = turn
        self.waited = 0.0
        self.card = model.card
        self.name = model.name
        self.revision = model.revision
        self.dimensions = model.dimensions
        self.token_dimensions = getattr(model, "token_dimensions", ())

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        asked = time.monotonic()
        with self._turn:
            self.waited += time.monotonic() - asked
            embedded: Embeddings = self._model.embed(inputs, **options)
        return embedded


class Worker:
    """One process of the pool. Expected failures are handed back, not raised: they end the run with their own words."""

    def __init__(self, job: Job, ledger: Any) -> None:
        self._job = job
        self._ledger = ledger
        self._model: Any = None
        self._turn = threading.Lock()
        self._store: Store | None = None
        self._opening = threading.Lock()
        self._batch = FIRST

    def begin(self) -> Ready | JinaNotebookError:
        """Loads the model."""
        import ray

        try:
            model = self._loaded()
        except JinaNotebookError as error:
            return error
        self._model = model
        return Ready(ray.get_runtime_context().get_node_id(), str(getattr(model, "dtype", "")))

    def process(self, number: int, block: Any, start: int, stop: int | None) -> Outcome:
        """Embeds and stores one block. A block that is done again gives the same and stores the same."""
        import ray

        job = self._job
        if self._model is None:
            raise RuntimeError("begin() comes first")
        model = _OneAtATime(self._model, self._turn)
        source = BlockSource(block, number, lines=job.lines, image=job.columns.image, start=start, stop=stop)
        stage = EmbeddingStage.for_index(model, job.meta)
        stage.batch = self._batch
        work = Work(
            source=source,
            total=source.total,
            columns=job.columns,
            wanted=job.meta,
            stage=stage,
            prose=job.prose,
            stand_in=job.stand_in,
            seen=ClaimedIds(ray, self._ledger, number),
        )
        try:
            report = self._opened().store(work)
            return Outcome(report=replace(report, embed_seconds=max(0.0, report.embed_seconds - model.waited)))
        except JinaNotebookError as error:
            return Outcome(error=error)
        finally:
            self._batch = stage.batch

    def _opened(self) -> Store:
        """The store, opened with the first block: it is made ready while the model loads."""
        with self._opening:
            if self._store is None:
                self._store = self._job.sink.opened()
            return self._store

    def _loaded(self) -> Any:
        from jina_notebook import __version__

        job = self._job
        if __version__ != job.version:
            raise ClusterError(
                f"A worker runs jina-notebook {__version__}, and this process {job.version}.",
                hint="Install the same version on every machine of the cluster.",
            )
        import torch

        torch.set_num_threads(job.threads)
        model = job.model.load()
        if model.revision != job.meta.revision:
            raise CheckpointError(
                f"A worker found revision {model.revision} of {model.name}; {job.meta.revision} is asked for.",
                hint="Give every machine of the cluster the same checkpoint.",
            )
        return model
