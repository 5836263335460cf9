"""One run of indexing: read, plan, embed, encode and write, the writing beside the embedding."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from jina_notebook.elastic.bulk import Answer, send
from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.documents import Chunking, Source, chunks, sample_of
from jina_notebook.elastic.embedding import Embedded, EmbeddingStage
from jina_notebook.elastic.fit import field_of_others
from jina_notebook.elastic.lines import Encoder
from jina_notebook.elastic.mapping import TOKEN_FIELD, index_options_for
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.metadata import analyzer_for, properties_of
from jina_notebook.elastic.plan import Columns, Planner
from jina_notebook.elastic.records import Document, Item
from jina_notebook.elastic.vectors import fitting
from jina_notebook.elastic.writer import Patience, Writer
from jina_notebook.errors import ElasticsearchError, JinaNotebookError
from jina_notebook.progress import Reporter, reporting
from jina_notebook.protocols import Progress
from jina_notebook.results import Failure, IndexReport

__all__ = ["Indexer", "Work"]

GROWN = 10_000  # documents from which an index that was made for exact search gets a graph
GIVEN_CHUNK = 2048
LANGUAGE_SAMPLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be done: sources and fields, and how vectors come about. `wanted` is what the index shall remember."""

    source: Source
    columns: Columns
    wanted: IndexMeta
    stage: EmbeddingStage | None
    index_options: str | Mapping[str, Any] | None = None
    prose: bool = True
    stand_in: bool = False


@dataclass(slots=True)
class Indexer:
    """Runs one piece of work against one index."""

    destination: Destination
    work: Work
    patience: Patience | None = None
    _planner: Planner = field(init=False)
    _writer: Writer = field(init=False)
    _meta: IndexMeta = field(init=False)
    _total: int | None = field(init=False, default=None)
    _encoder: Encoder | None = field(init=False, default=None)
    _compares: bool = field(init=False, default=False)
    _skipped: int = field(init=False, default=0)
    _failures: list[Failure] = field(init=False, default_factory=list)
    _shown: int = field(init=False, default=0)

    def run(self, progress: Progress = None) -> IndexReport:
        """Stores everything that can be stored, then says what became of each document.

        What was confirmed stays on every way out; load settings are taken back on every way out.
        """
        self._meta, self._total = self.work.wanted, self.work.source.total
        self._planner = Planner(self.work.columns, self._space())
        started = time.monotonic()
        self._compares = self.destination.remembers_hashes  # not later: what this run stores is known without asking
        if self._compares:
            self.destination.refresh()
        self._writer = Writer(self._store, patience=self.patience)
        label = f"Indexing {self.destination.asked!r}"
        try:
            with (
                self._left_in_order(),
                reporting(progress, total=self._total or 0, unit="documents", label=label) as report,
            ):
                self._feed(report)
                self._writer.finish()
                self._made_anyway()
                self._show(report)
        except JinaNotebookError as stop:
            stop.hint = f"{stop.hint or ''} {self._so_far()}".strip()
            raise
        except BaseException as stop:
            stop.add_note(self._so_far())
            raise
        return self._report(time.monotonic() - started)

    def _store(self, items: Sequence[Item]) -> Answer:
        return send(self.destination.client, self.destination.index, items)

    @contextlib.contextmanager
    def _left_in_order(self) -> Iterator[None]:
        try:
            try:
                yield
            except BaseException:
                self._writer.flush()
                raise
            finally:
                self._writer.abandon()
        except BaseException as stop:
            self._tidy_after(stop)
            raise
        self.destination.restore()
        self.destination.refresh()

    def _tidy_after(self, stop: BaseException) -> None:
        """Load settings after a failure: the failure is what the caller hears, not that they could not be restored."""
        try:
            if self._writer.confirmed == 0 and isinstance(stop, ElasticsearchError):
                self.destination.discard()
            self.destination.restore()
            self.destination.refresh()
        except ElasticsearchError as error:
            stop.add_note(f"The next run restores the settings of {self.destination.index!r}: {error.message}")

    def _feed(self, report: Reporter) -> None:
        given = self.work.stage is None
        size = Chunking(GIVEN_CHUNK, GIVEN_CHUNK) if given else Chunking()
        for chunk in chunks(self.work.source, size):
            fresh = self._new(self._planner.plan(chunk))
            if given:
                self._given(fresh)
            else:
                self._embedded(fresh, report)
            self._show(report)
            size.grow()

    def _new(self, documents: list[Document]) -> list[Document]:
        """Documents that are not there yet, or with other content."""
        there = self.destination.hashes([document.id for document in documents]) if self._compares else {}
        if not there:
            return documents
        fresh = [document for document in documents if there.get(document.id) != document.fingerprint]
        self._skipped += len(documents) - len(fresh)
        return fresh

    def _given(self, documents: list[Document]) -> None:
        """Documents whose vectors came with them."""
        tokens = self._meta.vector_field is None
        first = next((d.vector for d in documents if d.vector is not None), None)
        if first is None:
            return
        if not self._meta.dimensions:
            self._meta = replace(self._meta, dimensions=int(first.shape[-1]))
        kept, failures = fitting(
            documents, dimensions=self._meta.dimensions, tokens=tokens, field=str(self.work.columns.vector)
        )
        self._failures += failures
        if not kept:
            return
        vectors = [d.vector for d in kept if d.vector is not None]
        self._put(Embedded(kept, tokens=vectors) if tokens else Embedded(kept, vectors=np.stack(vectors)))

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
        """The encoder, after the index was made or completed for vectors of these sizes."""
        if self._encoder is None:
            self._meta = _sized(self._meta, first)
            if self.destination.vacant:
                self._create()
            elif self.destination.meta is not None:
                self._append(self.destination.meta)
            else:
                self._adopt()
            self._encoder = Encoder.of(self._meta, self.destination.connection.capabilities)
        return self._encoder

    def _made_anyway(self) -> None:
        """An index without documents where there were none to store; a replaced one stays where none could be."""
        kept = self.destination.replacing and self._all_failures()
        if self._encoder is None and self._meta.dimensions and not kept:
            self._ready(Embedded([]))
        elif kept:
            self.destination.notes.append(f"No document could be stored, so {self.destination.asked!r} is as it was.")

    def _adopt(self) -> None:
        self._meta = field_of_others(self.destination, self._meta)
        self.destination.adopt(self._meta, index_options=self._options()[0])
        self.destination.notes.append(
            f"{self.destination.asked!r} was made by another tool; it now remembers {self._meta.model}."
        )

    def _append(self, remembered: IndexMeta) -> None:
        self._meta = replace(
            remembered, image_field=remembered.image_field or self._meta.image_field, version=self._meta.version
        )
        total = self.destination.documents + (self._total or 0)
        field = self._meta.vector_field
        spec = (self.destination.mapping.get("properties") or {}).get(field or "", {})
        exact = (spec.get("index_options") or {}).get("type") == "flat"
        if field and exact and self.destination.state.get("automatic") and total >= GROWN:
            self.destination.grow(
                index_options_for(self._meta.dimensions, self.destination.connection.capabilities), field
            )

    def _create(self) -> None:
        sample = sample_of(self.work.source) or []
        fields = [item for item in sample if isinstance(item, Mapping)]
        columns = self.work.columns
        own = [columns.text, columns.image, columns.vector, "_id"]
        texts = [item.get(columns.text) if isinstance(item, Mapping) else item for item in sample[:LANGUAGE_SAMPLE]]
        analyzer = analyzer_for(t for t in texts if isinstance(t, str)) if self.work.prose else "standard"
        options, automatic = self._options()
        self.destination.create(
            self._meta,
            index_options=options,
            automatic=automatic,
            metadata=properties_of(fields, without=[name for name in own if name]),
            analyzer=analyzer,
        )

    def _options(self) -> tuple[dict[str, Any] | None, bool]:
        """`index_options` of the vector field, and whether they were chosen here."""
        if not self._meta.vector_field:
            return None, False
        asked = self.work.index_options
        options = index_options_for(
            self._meta.dimensions,
            self.destination.connection.capabilities,
            asked=asked,
            documents=self._total,
        )
        return options, asked is None

    def _space(self) -> bytes:
        wanted = self.work.wanted
        size = wanted.dimensions if self.work.stage is not None else 0
        return repr((wanted.model, wanted.revision, wanted.task, size, wanted.token_field)).encode()

    def _show(self, report: Reporter) -> None:
        done = self._writer.confirmed + self._skipped + self._planner.repeated + len(self._all_failures())
        report.advance(max(0, done - self._shown))
        self._shown = max(done, self._shown)

    def _all_failures(self) -> list[Failure]:
        stage = self.work.stage
        of_stage = stage.failures if stage is not None else []
        return [*self._planner.failures, *self._failures, *of_stage, *self._writer.failures]

    def _so_far(self) -> str:
        stored = self._writer.confirmed
        return (
            f"{stored:,} documents are stored in {self.destination.asked!r}"
            f"{f', {self._skipped:,} were there before' if self._skipped else ''}; run it again to go on from there."
        )

    def _report(self, seconds: float) -> IndexReport:
        stage = self.work.stage
        return IndexReport(
            index=self.destination.asked,
            model=self._meta.model,
            revision=self.work.wanted.revision,
            dimensions=self._meta.dimensions,
            indexed=self._writer.confirmed,
            skipped=self._skipped + self._planner.repeated,
            failed=tuple(self._all_failures()),
            truncated=stage.truncated if stage is not None else 0,
            tokens=stage.token_count if stage is not None else 0,
            embed_seconds=stage.seconds if stage is not None else 0.0,
            write_seconds=self._writer.busy_seconds,
            seconds=seconds,
            bytes_sent=self._writer.bytes_sent,
            notes=tuple(self.destination.notes),
            stand_in=self.work.stand_in,
        )


def _sized(meta: IndexMeta, embedded: Embedded) -> IndexMeta:
    """With the sizes that the first vectors have."""
    if embedded.vectors is not None:
        meta = replace(meta, dimensions=int(embedded.vectors.shape[1]))
    if embedded.tokens:
        size = int(embedded.tokens[0].shape[1])
        meta = replace(meta, token_dimensions=size, token_field=meta.token_field or TOKEN_FIELD)
        if meta.vector_field is None:
            meta = replace(meta, dimensions=size)
    return meta
