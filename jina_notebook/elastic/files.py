"""Files of documents, read as streams: JSON lines (the layout of BEIR's `corpus.jsonl`) and Parquet."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from jina_notebook.elastic.records import Entry, Unreadable
from jina_notebook.errors import InputError, MissingExtraError

__all__ = ["JsonLines", "Parquet", "line_entry", "lines_of"]

COUNTED_BYTES = 256 * 2**20  # larger files are not read twice only to know their number of lines
BLOCK = 2**20
ROWS = 512


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object per line; blank lines are passed over, a broken line is named by its number."""

    path: Path

    @property
    def total(self) -> int | None:
        if self.path.suffix == ".gz" or self.path.stat().st_size > COUNTED_BYTES:
            return None
        with self.path.open("rb") as file:
            return sum(1 for line in file if not line.isspace())

    @property
    def repeatable(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Entry]:
        for number, line in lines_of(str(self.path), lambda: self.path.open("rb")):
            yield line_entry(f"line {number}", line)


def lines_of(name: str, opened: Callable[[], IO[bytes]]) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not blank, with their numbers from 1 on; unpacked where its name ends in `.gz`.

    Raises `InputError` for a file that cannot be read to its end.
    """
    try:
        with opened() as raw:
            file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if name.endswith(".gz") else raw
            for number, line in enumerate(file, 1):
                content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if content and not content.isspace():
                    yield number, content
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name!r} cannot be read to its end: {error}.") from None


def line_entry(label: str, content: bytes) -> Entry:
    """The document on one line; a broken line keeps its name and the reason."""
    import orjson

    try:
        return Entry(label, orjson.loads(content))
    except orjson.JSONDecodeError as error:
        return Entry(label, Unreadable(f"{label} is not JSON: {error.msg}"))


@dataclass(frozen=True, slots=True)
class Parquet:
    """A Parquet file, a few hundred rows at a time; vectors in the column `vector` stay arrays."""

    path: Path
    vector: str | None = None

    @property
    def total(self) -> int | None:
        return int(self._file().metadata.num_rows)

    @property
    def repeatable(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Entry]:
        position = 0
        for batch in self._file().iter_batches(batch_size=ROWS):
            names = batch.schema.names
            columns = [self._values(batch, name) for name in names]
            for values in zip(*columns, strict=True):
                yield Entry(f"#{position}", dict(zip(names, values, strict=True)))
                position += 1

    def _values(self, batch: Any, name: str) -> list[Any]:
        column = batch.column(name)
        rows = _vectors(column) if name == self.vector and len(column) else None
        return cast("list[Any]", column.to_pylist()) if rows is None else rows

    def _file(self) -> Any:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            raise MissingExtraError(
                f"Reading {str(self.path)!r} needs pyarrow.", hint='Install it: pip install "jina-notebook[parquet]"'
            ) from None
        try:
            return parquet.ParquetFile(self.path)
        except (pyarrow.ArrowInvalid, OSError) as error:
            raise InputError(f"{str(self.path)!r} cannot be read as Parquet: {error}.") from None


def _vectors(column: Any) -> list[Any] | None:
    """Rows of a column of equally long float lists, as arrays; None for any other column."""
    from pyarrow import types

    lists = types.is_list(column.type) or types.is_large_list(column.type) or types.is_fixed_size_list(column.type)
    if not lists or column.null_count or not types.is_floating(column.type.value_type):
        return None
    flat = column.flatten()
    width, rest = divmod(len(flat), len(column))
    lengths = column.value_lengths().to_numpy(zero_copy_only=False)
    if rest or flat.null_count or (lengths != width).any():
        return None
    return list(flat.to_numpy(zero_copy_only=False).reshape(len(column), width))
