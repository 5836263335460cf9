"""One run over all blocks: progress, what became of each, and the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jina_notebook.errors import ClusterError, JinaNotebookError
from jina_notebook.progress import Reporter, reporting
from jina_notebook.protocols import Progress
from jina_notebook.results import BlockFailure, Failure, IndexReport, ScaleReport
from jina_notebook.scale.cluster import Cluster, Share
from jina_notebook.scale.job import Job
from jina_notebook.scale.pool import BlockDone, Feed, Pool
from jina_notebook.scale.reading import BlockSource, Piece, Reading, pieces

__all__ = ["Run"]

MOST_FAILED_BLOCKS = 20  # after that it is not the blocks
SUMS = ("indexed", "skipped", "truncated", "tokens", "embed_seconds", "write_seconds", "bytes_sent")


@dataclass(slots=True)
class Run:
    """Blocks of one data set through the workers of one cluster.

    `begin` makes the place of the vectors ready, when the first block is read and a worker has its model. `target` is
    that place's name, `done` what was done to what is stored in it.
    """

    cluster: Cluster
    share: Share
    reading: Reading
    job: Job
    begin: Callable[[BlockSource], None]
    target: str
    done: str
    stored: int = 0
    _sums: dict[str, float] = field(init=False, default_factory=lambda: dict.fromkeys(SUMS, 0))
    _failed: list[Failure] = field(init=False, default_factory=list)
    _failed_blocks: list[BlockFailure] = field(init=False, default_factory=list)
    _blocks: int = field(init=False, default=0)
    _notes: list[str] = field(init=False, default_factory=list)

    def run(self, progress: Progress = None) -> ScaleReport:
        """Does every block. What was stored stays on every way out."""
        started = time.monotonic()
        label = f"{'Indexing' if self.done == 'indexed' else 'Embedding'} into {self.target!r}"
        with (
            _without_bars(self.reading.dataset),
            reporting(progress, total=self.reading.total or 0, unit="documents", label=label) as report,
        ):
            feed = Feed(pieces(self.reading.dataset), ahead=self.share.workers)
            try:
                first = feed.first()
                with Pool(self.cluster, self.share, self.job) as pool:
                    pool.wait()
                    self.begin(self._source(first))
                    for block in pool.run(first, feed):
                        self._take(block, report)
                return self._report(pool, time.monotonic() - started)
            except JinaNotebookError as stop:
                stop.hint = " ".join(filter(None, (stop.hint, self._so_far()))) or None
                raise
            except BaseException as stop:
                stop.add_note(self._so_far() or "Of no block it is known that it was stored.")
                raise
            finally:
                feed.stop()

    def _source(self, piece: Piece | None) -> BlockSource:
        """The documents of the first block, from which fields and language are told."""
        import pyarrow as pa

        if piece is None:
            return BlockSource(pa.table({}), 0)
        return self._part(piece, self.cluster.ray.get(piece.ref))

    def _part(self, piece: Piece, block: Any) -> BlockSource:
        return BlockSource(block, piece.number, lines=self.reading.lines, start=piece.start, stop=piece.stop)

    def _take(self, block: BlockDone, report: Reporter) -> None:
        self._blocks += 1
        if block.report is None:
            documents = self._size(block.piece)
            self._failed_blocks.append(BlockFailure(block.piece.number, documents, block.reason))
            report.advance(documents)
            if len(self._failed_blocks) >= MOST_FAILED_BLOCKS:
                raise ClusterError(f"{len(self._failed_blocks)} blocks failed, the last one with: {block.reason}.")
            return
        part: IndexReport = block.report
        for name in SUMS:
            self._sums[name] += getattr(part, name)
        self.stored += part.indexed
        self._failed += part.failed
        self._notes += [note for note in part.notes if note not in self._notes]
        report.advance(part.documents)

    def _size(self, piece: Piece) -> int:
        """Documents of a block that failed; 0 where the block itself is lost."""
        try:
            return int(self._part(piece, self.cluster.ray.get(piece.ref)).total or 0)
        except self.cluster.ray.exceptions.RayError:
            return 0

    def _so_far(self) -> str:
        stored = int(self._sums["indexed"])
        if not stored:
            return ""
        return f"{stored:,} documents are stored in {self.target!r}; run it again to go on from there."

    def _report(self, pool: Pool, seconds: float) -> ScaleReport:
        job = self.job
        if len(pool.dtypes) > 1:
            self._notes.append(f"Workers computed in {' and '.join(sorted(pool.dtypes))}: pass dtype= for one of them.")
        sums: dict[str, Any] = {
            name: value if name.endswith("seconds") else int(value) for name, value in self._sums.items()
        }
        return ScaleReport(
            index=self.target,
            model=job.meta.model,
            revision=job.meta.revision,
            dimensions=job.meta.dimensions,
            failed=tuple(self._failed),
            seconds=seconds,
            notes=tuple(self._notes),
            stand_in=job.stand_in,
            blocks=self._blocks,
            failed_blocks=tuple(self._failed_blocks),
            workers=pool.computing,
            nodes=len(pool.nodes),
            lost=pool.lost,
            done=self.done,
            **sums,
        )


@contextmanager
def _without_bars(dataset: Any) -> Iterator[None]:
    """Ray Data draws no bars of its own beside our line of progress."""
    context = dataset.context
    before = context.enable_progress_bars
    context.enable_progress_bars = False
    try:
        yield
    finally:
        context.enable_progress_bars = before
