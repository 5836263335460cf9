"""Sources of documents, each read as a stream: lists, tables, generators, files, and vectors that are already there."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from jina_notebook.elastic.files import JsonLines, Parquet
from jina_notebook.elastic.records import Entry, Unreadable
from jina_notebook.errors import InputError
from jina_notebook.results import Embeddings

__all__ = ["Source", "chunks", "source_of"]

TABLE_ROWS = 512
SAMPLE = 1000


class Source(Protocol):
    """Something to read documents from. `total` is None where it is not known before the end."""

    @property
    def total(self) -> int | None: ...

    @property
    def repeatable(self) -> bool:
        """Whether iterating twice gives the documents twice."""
        ...

    def __iter__(self) -> Iterator[Entry]: ...


@dataclass(frozen=True, slots=True)
class _Items:
    """A list, a generator, a data set: anything that gives one document after the other."""

    items: Iterable[Any]
    total: int | None
    repeatable: bool

    def __iter__(self) -> Iterator[Entry]:
        return (Entry(f"#{position}", item) for position, item in enumerate(self.items))


@dataclass(frozen=True, slots=True)
class _Frame:
    """A pandas DataFrame; its rows become dicts a slice at a time."""

    frame: Any

    @property
    def total(self) -> int | None:
        return len(self.frame)

    @property
    def repeatable(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Entry]:
        names = [str(name) for name in self.frame.columns]
        for start in range(0, len(self.frame), TABLE_ROWS):
            rows = self.frame.iloc[start : start + TABLE_ROWS]
            columns = [_cells(rows.iloc[:, i]) for i in range(len(names))]
            for offset, values in enumerate(zip(*columns, strict=True)):
                yield Entry(f"#{start + offset}", dict(zip(names, values, strict=True)))


def _cells(column: Any) -> list[Any]:
    """Python values of one column. Whole numbers that pandas made float, because cells are missing, stay float here."""
    return list(column.tolist())


@dataclass(frozen=True, slots=True)
class _Embedded:
    """What `.embed` gave: each input with the vector that is already there."""

    embeddings: Embeddings
    text: str
    vector: str

    @property
    def total(self) -> int | None:
        return len(self.embeddings)

    @property
    def repeatable(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Entry]:
        pairs = zip(self.embeddings.inputs, self.embeddings.vectors, strict=True)
        for position, (item, vector) in enumerate(pairs):
            fields = {self.text: item} if isinstance(item, str) else {}
            yield Entry(f"#{position}", {**fields, self.vector: vector})


def source_of(documents: Any, *, text: str, vector: str | None) -> Source:
    """The source behind what the caller handed over.

    Raises `InputError` for something that is no collection of documents, and for a file that is not there or of an
    unknown kind.
    """
    if isinstance(documents, Embeddings):
        if len(documents.inputs) != len(documents):
            raise InputError("These embeddings hold no inputs, so there is no text to store beside their vectors.")
        return _Embedded(documents, text, vector or "vector")
    if isinstance(documents, str | os.PathLike):
        return _file(Path(documents), vector=vector)
    if isinstance(documents, Mapping | Set):
        raise InputError(
            f"A {type(documents).__name__} is not a collection of documents in order.",
            hint="Put documents into a list.",
        )
    if hasattr(documents, "iloc") and hasattr(documents, "columns"):
        names = [str(name) for name in documents.columns]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InputError(f"The table has more than one column named {twice!r}.", hint="Rename one of them.")
        return _Frame(documents)
    if hasattr(documents, "iter_rows") and hasattr(documents, "columns"):  # polars
        return _Items(documents.iter_rows(named=True), len(documents), repeatable=False)
    if hasattr(documents, "to_batches") and hasattr(documents, "schema"):  # Arrow
        rows = itertools.chain.from_iterable(batch.to_pylist() for batch in documents.to_batches(TABLE_ROWS))
        return _Items(rows, len(documents), repeatable=False)
    if isinstance(documents, bytes | bytearray) or not isinstance(documents, Iterable):
        raise InputError(
            f"A {type(documents).__name__} is not a collection of documents.",
            hint="Give a list of dicts or texts, a DataFrame, a generator, or the path of a .jsonl or .parquet file.",
        )
    total = len(documents) if isinstance(documents, Sized) else None
    return _Items(documents, total, repeatable=not isinstance(documents, Iterator))


def _file(path: Path, *, vector: str | None) -> Source:
    name = path.name.lower()
    if name.endswith((".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")):
        kind: type[JsonLines | Parquet] = JsonLines
    elif name.endswith((".parquet", ".pq")):
        kind = Parquet
    else:
        raise InputError(
            f"{str(path)!r} is not a file of documents.",
            hint="Give a .jsonl or .parquet file; for one text, pass a list: [text].",
        )
    if not path.is_file():
        raise InputError(f"There is no file {str(path)!r}.", hint="Check the path; it counts from the working folder.")
    return JsonLines(path) if kind is JsonLines else Parquet(path, vector)


def sample_of(source: Source) -> Sequence[Any] | None:
    """The first documents of a source that can be read again; None where reading would use them up."""
    if not source.repeatable:
        return None
    items = (entry.item for entry in itertools.islice(source, SAMPLE))
    return [item for item in items if not isinstance(item, Unreadable)]


def chunks(source: Source, size: Chunking) -> Iterator[list[Entry]]:
    """Reads a stream in lists of at most `size.documents`, shorter where the source is slow."""
    entries = iter(source)
    while True:
        until = time.monotonic() + size.seconds
        chunk: list[Entry] = []
        for entry in entries:
            chunk.append(entry)
            if len(chunk) >= size.documents or time.monotonic() > until:
                break
        else:
            if chunk:
                yield chunk
            return
        yield chunk


@dataclass(slots=True)
class Chunking:
    """How much is read at a time: little at first, so that the first documents are safe early."""

    documents: int = 64
    most: int = 1024
    seconds: float = 1.0

    def grow(self) -> None:
        """Reads more next time."""
        self.documents = min(self.documents * 2, self.most)
