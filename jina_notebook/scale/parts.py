"""Vectors in a folder of Parquet files: written whole or not at all, named by what they hold, added to by the next run.

Columns: `_id`, the fields of the documents, `vector` (a list of float32 of fixed size) and, where asked for,
`token_vectors`; `_jina_hash` tells what changed. A file `_jina_notebook.json` beside them remembers the model.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from jina_notebook.elastic.documents import Chunking, chunks
from jina_notebook.elastic.mapping import FINGERPRINT_FIELD
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.plan import Planner
from jina_notebook.elastic.records import Document, Embedded
from jina_notebook.elastic.seen import SeenIds
from jina_notebook.elastic.work import Work
from jina_notebook.errors import IndexFitError, InputError
from jina_notebook.results import Failure, IndexReport

__all__ = ["Folder", "PartsWriter"]

MEMORY = "_jina_notebook.json"
READ_AT_ONCE = 1024
ROWS_OF_A_FILE = 8192


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the files are: a path that every machine sees, or an address such as `s3://bucket/vectors`."""

    name: str

    @classmethod
    def of(cls, output: Any) -> Folder:
        """Raises `InputError` for something that is no path."""
        if not isinstance(output, str | os.PathLike) or not os.fspath(output):
            raise InputError(f"output={output!r} is not the path of a folder.")
        text = os.fspath(output)
        return cls(text if "://" in text else str(Path(text).expanduser().absolute()))

    def prepared(self, wanted: IndexMeta) -> None:
        """Makes the folder and writes down the model.

        Raises `IndexFitError` for a folder that another model, task or size filled, `InputError` for one that cannot be
        written.
        """
        there = self.remembered()
        if there is not None:
            _require_same(self.name, there, wanted)
            return
        system, path = self._system()
        try:
            system.create_dir(path, recursive=True)
            with system.open_output_stream(f"{path}/{MEMORY}") as stream:
                stream.write(json.dumps(wanted.to_mapping(), indent=1).encode())
        except OSError as error:
            raise InputError(f"{self.name!r} cannot be written: {error}.") from error

    def remembered(self) -> IndexMeta | None:
        """What the files that are there were made with; None for a folder that is new."""
        from pyarrow import fs

        system, path = self._system()
        if system.get_file_info(f"{path}/{MEMORY}").type != fs.FileType.File:
            return None
        with system.open_input_stream(f"{path}/{MEMORY}") as stream:
            return IndexMeta.from_mapping(json.loads(stream.read()))

    def seen(self) -> SeenIds | None:
        """Ids with their hashes that the files hold; None where there are none."""
        from pyarrow import parquet

        system, _ = self._system()
        there = SeenIds()
        for file in self.files():
            with system.open_input_file(file) as stream:
                table = parquet.read_table(stream, columns=["_id", FINGERPRINT_FIELD])
            there.add([_mark(*pair) for pair in zip(*(column.to_pylist() for column in table.columns), strict=True)])
        return there if len(there) else None

    def files(self) -> list[str]:
        """The files of vectors, by name."""
        from pyarrow import fs

        system, path = self._system()
        found = system.get_file_info(fs.FileSelector(path, allow_not_found=True))
        return sorted(info.path for info in found if info.base_name.startswith("part-"))

    def write(self, name: str, table: Any) -> int:
        """One file, under its own name only when it is whole; the same content again takes its place. Gives bytes."""
        from pyarrow import parquet

        system, path = self._system()
        draft = f"{path}/.{name}-{uuid.uuid4().hex}"
        with system.open_output_stream(draft) as stream:
            parquet.write_table(table, stream)
        size = int(system.get_file_info(draft).size)
        system.move(draft, f"{path}/{name}")
        return size

    def _system(self) -> tuple[Any, str]:
        from pyarrow import fs

        if "://" not in self.name:
            return fs.LocalFileSystem(), self.name
        try:
            system, path = fs.FileSystem.from_uri(self.name)
        except (OSError, ValueError) as error:
            raise InputError(f"{self.name!r} cannot be opened: {error}.") from error
        return system, path


def _require_same(name: str, there: IndexMeta, wanted: IndexMeta) -> None:
    for what in ("model", "revision", "task", "dimensions", "text_field", "image_field", "token_field"):
        one, other = getattr(there, what), getattr(wanted, what)
        if one != other:
            raise IndexFitError(
                f"{name!r} was filled by {there.model} with {what.replace('_', ' ')} {one!r}; {other!r} does not fit.",
                hint="Choose another folder, or delete this one.",
            )


def _mark(id: str, fingerprint: str) -> str:  # noqa: A002 - the field's own word
    return f"{id}\0{fingerprint}"


@dataclass(slots=True)
class PartsWriter:
    """One block: read, plan, drop what is there, embed, write."""

    folder: Folder
    work: Work
    there: SeenIds | None
    _planner: Planner = field(init=False)
    _held: list[Embedded] = field(init=False, default_factory=list)
    _unchanged: int = field(init=False, default=0)
    _stored: int = field(init=False, default=0)
    _bytes: int = field(init=False, default=0)
    _write_seconds: float = field(init=False, default=0.0)

    def run(self) -> IndexReport:
        """Stores what can be stored, then says what became of each document."""
        started = time.monotonic()
        work, stage = self.work, self.work.stage
        self._planner = Planner(work.columns, work.space)
        if work.seen is not None:
            self._planner.seen = work.seen
        for chunk in chunks(work.source, Chunking(READ_AT_ONCE, READ_AT_ONCE)):
            fresh = self._fresh(self._planner.plan(chunk))
            while stage is not None and fresh:
                batch, fresh = fresh[: stage.batch], fresh[stage.batch :]
                self._hold(stage.embed(batch))
        self._flush()
        failed: list[Failure] = [*self._planner.failures, *(stage.failures if stage is not None else ())]
        return IndexReport(
            index=self.folder.name,
            model=work.wanted.model,
            revision=work.wanted.revision,
            dimensions=work.wanted.dimensions,
            indexed=self._stored,
            skipped=self._unchanged + self._planner.repeated,
            failed=tuple(failed),
            truncated=stage.truncated if stage is not None else 0,
            tokens=stage.token_count if stage is not None else 0,
            embed_seconds=stage.seconds if stage is not None else 0.0,
            write_seconds=self._write_seconds,
            seconds=time.monotonic() - started,
            bytes_sent=self._bytes,
            stand_in=work.stand_in,
        )

    def _fresh(self, documents: list[Document]) -> list[Document]:
        if self.there is None:
            return documents
        known = self.there.known([_mark(document.id, document.fingerprint) for document in documents])
        self._unchanged += int(known.sum())
        return [document for document, before in zip(documents, known, strict=True) if not before]

    def _hold(self, embedded: Embedded) -> None:
        if embedded.documents:
            self._held.append(embedded)
        if sum(len(part.documents) for part in self._held) >= ROWS_OF_A_FILE:
            self._flush()

    def _flush(self) -> None:
        if not self._held:
            return
        started = time.monotonic()
        documents = [document for part in self._held for document in part.documents]
        marks = blake2b("\n".join(_mark(d.id, d.fingerprint) for d in documents).encode(), digest_size=12)
        self._bytes += self.folder.write(f"part-{marks.hexdigest()}.parquet", _table(documents, self._held))
        self._stored += len(documents)
        self._held = []
        self._write_seconds += time.monotonic() - started


def _table(documents: list[Document], parts: list[Embedded]) -> Any:
    import pyarrow as pa

    rows = [orjson.loads(document.source) for document in documents]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, Any] = {"_id": pa.array([document.id for document in documents], pa.string())}
    columns |= {name: _column([row.get(name) for row in rows]) for name in names}
    columns[FINGERPRINT_FIELD] = pa.array([document.fingerprint for document in documents], pa.string())
    if parts[0].vectors is not None:
        vectors = np.concatenate([np.asarray(part.vectors, dtype=np.float32) for part in parts])
        columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    if parts[0].tokens is not None:
        matrices = [matrix for part in parts for matrix in part.tokens or []]
        flat = np.concatenate(matrices)
        each = pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), flat.shape[1])
        offsets = np.concatenate([[0], np.cumsum([len(matrix) for matrix in matrices])]).astype(np.int32)
        columns["token_vectors"] = pa.ListArray.from_arrays(pa.array(offsets), each)
    return pa.table(columns)


def _column(values: list[Any]) -> Any:
    """A column of one type; values of different types become their JSON."""
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return pa.array([None if value is None else orjson.dumps(value).decode() for value in values], pa.string())
