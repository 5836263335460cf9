"""What indexing would take: every document is read and planned, a few are embedded and timed, nothing is written."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.documents import Chunking, chunks
from jina_notebook.elastic.fields import walk
from jina_notebook.elastic.intake import Intake
from jina_notebook.elastic.lines import Encoder
from jina_notebook.elastic.mapping import HNSW, RANK_VECTORS
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.preparation import chosen_options, sized
from jina_notebook.elastic.records import Document, Embedded
from jina_notebook.elastic.vectors import fitting
from jina_notebook.elastic.work import Work
from jina_notebook.errors import InputError
from jina_notebook.progress import reporting
from jina_notebook.protocols import Progress
from jina_notebook.results import IndexEstimate

__all__ = ["Footprint", "documents_per_second", "estimate", "footprint", "token_vector_bytes"]

SAMPLE = 24
READ_AT_ONCE = 1024
WARM_UP = 2
DOCUMENTS_PER_SECOND = {"flat": 20_000.0, "hnsw": 1_000.0}
"""Measured on two cores at 1,024 dimensions: what is searched exactly is only copied, a graph costs a search each."""
MEASURED_DIMENSIONS = 1024


@dataclass(frozen=True, slots=True)
class Footprint:
    """Bytes of vectors on the server: `memory` to search them quickly (off the heap), `disk` to keep them."""

    memory: int
    disk: int


def footprint(kind: str, dimensions: int, documents: int) -> Footprint:
    """What vectors of an index type take. Quantised types keep the floats on disk as well.

    >>> footprint("flat", 1024, 1000).memory
    4096000
    """
    raw = 4 * dimensions * documents
    per_vector = {"int8": dimensions + 4, "int4": dimensions / 2 + 4, "bbq": dimensions / 8 + 14}
    quantised = next((int(size * documents) for name, size in per_vector.items() if kind.startswith(name)), 0)
    links = 4 * HNSW["m"] * documents if kind.endswith("hnsw") else 0
    return Footprint((quantised or raw) + links, raw + quantised + links)


@dataclass(slots=True)
class _Sample:
    """A fair sample of a stream: each document has the same chance."""

    documents: list[Document] = field(default_factory=list)
    seen: int = 0
    source_bytes: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - the same sample every time

    def add(self, documents: Sequence[Document]) -> None:
        for document in documents:
            self.seen += 1
            self.source_bytes += len(document.source)
            if len(self.documents) < SAMPLE:
                self.documents.append(document)
            elif (place := self._random.randrange(self.seen)) < SAMPLE:
                self.documents[place] = document


def estimate(destination: Destination, work: Work, progress: Progress = None) -> IndexEstimate:
    """Reads everything, embeds a few documents, writes nothing.

    Raises `InputError` for a source that can be read only once.
    """
    if not work.source.repeatable:
        raise InputError(
            "estimate=True would use up these documents, which can be read only once.",
            hint="Pass a list, a table or the path of a file.",
        )
    intake, sample = Intake.of(destination, work), _Sample()
    label = f"Reading for {destination.asked!r}"
    with reporting(progress, total=work.total or 0, unit="documents", label=label) as report:
        for chunk in chunks(work.source, Chunking(READ_AT_ONCE)):
            sample.add(intake.fresh(chunk))
            report.advance(len(chunk))
    return _projected(destination, work, intake, sample)


def _projected(destination: Destination, work: Work, intake: Intake, sample: _Sample) -> IndexEstimate:
    embedded = _vectors(work, sample.documents)
    meta, stage, new = sized(work.wanted, embedded), work.stage, sample.seen
    items = Encoder.of(meta, destination.connection.capabilities).items(embedded) if embedded.documents else []
    factor = new / len(items) if items else 0.0
    kind = _index_type(destination, work, meta)
    rate = documents_per_second(kind, meta.dimensions)
    vectors = destination.documents + new
    if embedded.passages:  # a document has as many vectors as passages
        vectors = round(vectors * sum(len(p.texts) for p in embedded.passages) / len(embedded.passages))
    size = footprint(kind or "flat", meta.dimensions if meta.vector_field else 0, vectors)
    embed_seconds = stage.seconds * factor if stage is not None else 0.0
    timed = (
        f"{len(items):,} documents were embedded to measure the time" if stage is not None else "Nothing was embedded"
    )
    return IndexEstimate(
        index=destination.asked,
        model=meta.model,
        revision=meta.revision,
        dimensions=meta.dimensions,
        indexed=new,
        skipped=intake.skipped,
        failed=tuple(intake.failures),
        truncated=round(stage.truncated * factor) if stage is not None else 0,
        tokens=round(stage.token_count * factor) if stage is not None else 0,
        embed_seconds=embed_seconds,
        write_seconds=new / rate,
        seconds=max(embed_seconds, new / rate),
        bytes_sent=int(factor * sum(len(item.lines) for item in items)),
        notes=(f"{timed}; writing is projected at {rate:,.0f} documents/s, as measured on a server with two cores.",),
        stand_in=work.stand_in,
        sample=len(items),
        memory_bytes=size.memory,
        disk_bytes=size.disk + sample.source_bytes + int(factor * _token_bytes(embedded, meta.token_storage)),
        index_type=kind,
    )


def _index_type(destination: Destination, work: Work, meta: IndexMeta) -> str | None:
    if destination.vacant:
        options = chosen_options(destination, work, meta) if meta.dimensions else None
    else:
        specs = {path: spec for path, spec, _ in walk(destination.mapping.get("properties") or {})}
        options = specs.get(meta.vector_field or "", {}).get("index_options")
    return str(options["type"]) if options else None


def _vectors(work: Work, documents: list[Document]) -> Embedded:
    """The sample with its vectors, embedded and timed after a first call that only warms up, or as they came."""
    if work.stage is not None and documents:
        work.stage.embed(documents[:WARM_UP])
        work.stage.reset()
        return work.stage.embed(documents)
    embedded, _ = fitting(
        documents,
        dimensions=work.wanted.dimensions,
        tokens=work.wanted.vector_field is None,
        field=str(work.columns.vector),
    )
    return embedded


def documents_per_second(kind: str | None, dimensions: int) -> float:
    """What one server with two cores was measured to store, of this index type and size."""
    rate = DOCUMENTS_PER_SECOND["hnsw" if kind and kind.endswith("hnsw") else "flat"]
    return rate * min(10.0, MEASURED_DIMENSIONS / max(dimensions, 1))


def _token_bytes(embedded: Embedded, storage: str | None) -> float:
    return token_vector_bytes(sum(matrix.size for matrix in embedded.tokens or []), storage)


def token_vector_bytes(values: int, storage: str | None) -> float:
    """Disk of that many numbers in token vectors: float32, or float16 as base64."""
    return values * (4.0 if storage == RANK_VECTORS else 2 * 4 / 3)
