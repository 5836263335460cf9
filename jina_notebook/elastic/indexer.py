"""One run of indexing: read, plan, embed, encode and write, the writing beside the embedding."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from jina_notebook.elastic.bulk import Answer, send
from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.documents import Chunking, chunks
from jina_notebook.elastic.intake import Intake
from jina_notebook.elastic.lines import Encoder
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.preparation import make_ready, sized
from jina_notebook.elastic.records import Document, Embedded, Item
from jina_notebook.elastic.vectors import fitting
from jina_notebook.elastic.work import Work
from jina_notebook.elastic.writer import Patience, Writer
from jina_notebook.errors import JinaNotebookError
from jina_notebook.progress import Reporter, reporting
from jina_notebook.protocols import Progress
from jina_notebook.results import Failure, IndexReport

__all__ = ["Indexer"]

GIVEN_FIRST, GIVEN_MOST = 128, 1024  # the first is small: the index is made as soon as it is read


@dataclass(slots=True)
class Indexer:
    """Runs one piece of work against one index."""

    destination: Destination
    work: Work
    patience: Patience | None = None
    _intake: Intake = field(init=False)
    _writer: Writer = field(init=False)
    _meta: IndexMeta = field(init=False)
    _encoder: Encoder | None = field(init=False, default=None)
    _making: Future[IndexMeta] | None = field(init=False, default=None)
    _misfits: list[Failure] = field(init=False, default_factory=list)
    _shown: int = field(init=False, default=0)

    def run(self, progress: Progress = None) -> IndexReport:
        """Stores everything that can be stored, then says what became of each document.

        What was confirmed stays on every way out; load settings are taken back on every way out.
        """
        started = time.monotonic()
        self._meta = self.work.wanted
        self._intake = Intake.of(self.destination, self.work)
        self._writer = Writer(self._store, patience=self.patience)
        label, total = f"Indexing {self.destination.asked!r}", self.work.total or 0
        try:
            with self._left_in_order(), reporting(progress, total=total, unit="documents", label=label) as report:
                self._feed(report)
                self._writer.finish()
                self._made_anyway()
                self._show(report)
        except JinaNotebookError as stop:
            stop.hint = " ".join(filter(None, (stop.hint, self._so_far()))) or None
            raise
        except BaseException as stop:
            if not self.destination.joined:
                stop.add_note(self._so_far() or "No document was stored.")
            raise
        return self._report(time.monotonic() - started)

    def _store(self, items: Sequence[Item]) -> Answer:
        if self._making is not None:
            self._making.result()
        return send(self.destination.client, self.destination.index, items)

    @contextlib.contextmanager
    def _left_in_order(self) -> Iterator[None]:
        with self.destination.left_in_order(lambda: self._writer.confirmed):
            try:
                yield
            except BaseException:
                self._writer.flush()
                raise
            finally:
                self._writer.abandon()
                if self._making is not None:
                    wait([self._making])

    def _feed(self, report: Reporter) -> None:
        given = self.work.stage is None
        size = Chunking(GIVEN_FIRST, GIVEN_MOST) if given else Chunking()
        for chunk in chunks(self.work.source, size):
            fresh = self._intake.fresh(chunk)
            if given:
                self._given(fresh)
            else:
                self._embedded(fresh, report)
            self._show(report)
            size.grow()

    def _given(self, documents: list[Document]) -> None:
        """Documents whose vectors came with them."""
        embedded, misfits = fitting(
            documents,
            dimensions=self._meta.dimensions,
            tokens=self._meta.vector_field is None,
            field=str(self.work.columns.vector),
        )
        self._misfits += misfits
        self._put(embedded)

    def _embedded(self, documents: list[Document], report: Reporter) -> None:
        stage = self.work.stage
        while stage is not None and documents:
            batch, documents = documents[: stage.batch], documents[stage.batch :]
            self._put(stage.embed(batch))
            self._show(report)

    def _put(self, embedded: Embedded) -> None:
        if embedded.documents:
            self._writer.put(self._ready(embedded).items(embedded))

    def _ready(self, first: Embedded) -> Encoder:
        """The encoder, after the index was made ready for vectors of these sizes."""
        if self._encoder is None:
            self._meta = sized(self._meta, first)
            if self.destination.vacant:
                self._begin_making()
            else:
                self._meta = make_ready(self.destination, self.work, self._meta)
            self._encoder = Encoder.of(self._meta, self.destination.connection.capabilities)
        return self._encoder

    def _begin_making(self) -> None:
        """A new index is made while the first documents are encoded; what writes waits for it."""
        with_one_thread = ThreadPoolExecutor(1, "jina-index")
        self._making = with_one_thread.submit(make_ready, self.destination, self.work, self._meta)
        with_one_thread.shutdown(wait=False)

    def _made_anyway(self) -> None:
        """An index without documents where there were none to store; a replaced one stays where none could be."""
        if self._encoder is not None or not self._meta.dimensions:
            return
        if self.destination.replacing and self._failures:
            self.destination.notes.append(f"No document could be stored, so {self.destination.asked!r} is as it was.")
        else:
            self._ready(Embedded([]))
            if self._making is not None:
                self._making.result()

    @property
    def _failures(self) -> list[Failure]:
        return [failure for part in self._failed_parts() for failure in part]

    def _failed_parts(self) -> list[list[Failure]]:
        of_stage = self.work.stage.failures if self.work.stage is not None else []
        return [self._intake.failures, self._misfits, of_stage, self._writer.failures]

    def _show(self, report: Reporter) -> None:
        done = self._writer.confirmed + self._intake.skipped + sum(map(len, self._failed_parts()))
        report.advance(max(0, done - self._shown))
        self._shown = max(done, self._shown)

    def _so_far(self) -> str:
        stored, there = self._writer.confirmed, self._intake.skipped
        if self.destination.joined or not (stored or there):
            return ""
        before = f", {there:,} were there before" if there else ""
        return (
            f"{stored:,} documents are stored in {self.destination.asked!r}{before}; run it again to go on from there."
        )

    def _report(self, seconds: float) -> IndexReport:
        stage = self.work.stage
        return IndexReport(
            index=self.destination.asked,
            model=self._meta.model,
            revision=self.work.wanted.revision,
            dimensions=self._meta.dimensions,
            indexed=self._writer.confirmed,
            skipped=self._intake.skipped,
            failed=tuple(self._failures),
            truncated=stage.truncated if stage is not None else 0,
            tokens=stage.token_count if stage is not None else 0,
            embed_seconds=stage.seconds if stage is not None else 0.0,
            write_seconds=self._writer.busy_seconds,
            seconds=seconds,
            bytes_sent=self._writer.bytes_sent,
            notes=tuple(self.destination.notes),
            stand_in=self.work.stand_in,
        )
