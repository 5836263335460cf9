"""From paths or a Ray data set to blocks, and from a block to documents."""

from __future__ import annotations

import glob
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from jina_notebook.elastic.files import JsonLines, line_entry, lines_of
from jina_notebook.elastic.records import Entry, Unreadable
from jina_notebook.errors import InputError, JinaNotebookError

__all__ = ["BlockSource", "Piece", "Reading", "open_dataset", "pieces"]

KINDS = {
    "lines": (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"),
    "parquet": (".parquet", ".pq"),
    "images": (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
}
LABEL, LINE, FAULT = "label", "line", "fault"
ROWS = 1024
LINES_AT_ONCE = 2048
BLOCK_BYTES = 8 * 2**20  # of lines: what a worker is given at a time, and does again when it is lost
IMAGES_OF_A_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Reading:
    """A data set that is to be read. `lines`: its rows are lines of JSON that are still to be parsed.

    `total`: how many documents there are, None where that is not known before the end.
    """

    dataset: Any
    lines: bool
    total: int | None


class Piece(NamedTuple):
    """One block: its number, the reference to its rows, and which of them (`stop` None: to the end)."""

    number: int
    ref: Any
    start: int = 0
    stop: int | None = None


def open_dataset(ray: Any, documents: Any, *, image: str | None) -> Reading:
    """What the caller handed over as a Ray data set, not yet read.

    Raises `InputError` for something else, and for files that are not there or of different kinds.
    """
    if isinstance(documents, ray.data.Dataset):
        return Reading(documents, lines=False, total=_known_total(documents))
    files = _files(documents)
    kind = _kind(files)
    if kind == "lines":
        paths = ray.data.from_items([{"path": file} for file in files], override_num_blocks=len(files))
        dataset = paths.map_batches(_read_lines, batch_size=1, batch_format="numpy")
        dataset.context.target_max_block_size = BLOCK_BYTES
        return Reading(dataset, lines=True, total=_count_lines(files))
    if kind == "parquet":
        try:
            dataset = ray.data.read_parquet(files)
            return Reading(dataset, lines=False, total=int(dataset.count()))
        except (OSError, ValueError, ray.exceptions.RayError) as error:
            reason = str(error).strip().splitlines()[-1].rstrip(".")
            raise InputError(f"The Parquet files cannot be read: {reason}.") from error
    if image is None:
        raise InputError(f"{files[0]!r} is a picture, and no field of pictures is named.", hint='Pass image="image".')
    blocks = -(-len(files) // IMAGES_OF_A_BLOCK)
    dataset = ray.data.from_items([{image: file} for file in files], override_num_blocks=blocks)
    return Reading(dataset, lines=False, total=len(files))


def _known_total(dataset: Any) -> int | None:
    """Counting a data set that is not in memory would run all of its steps."""
    from ray.data.dataset import MaterializedDataset

    return int(dataset.count()) if isinstance(dataset, MaterializedDataset) else None


def _files(documents: Any) -> list[str]:
    if isinstance(documents, str | os.PathLike):
        documents = [documents]
    if not isinstance(documents, Sequence) or not all(isinstance(one, str | os.PathLike) for one in documents):
        raise InputError(
            f"A {type(documents).__name__} is neither a Ray data set nor a path or a list of paths.",
            hint="Documents in memory: ray.data.from_items(documents), or jn.index for what one machine can do.",
        )
    found = [file for one in documents for file in _found(os.fspath(one))]
    if not found:
        raise InputError("There are no files to read.", hint="Give paths of .jsonl or .parquet files, or of pictures.")
    return found


def _found(path: str) -> list[str]:
    if "://" in path:
        return [path]
    there = Path(path).expanduser()
    if there.is_dir():
        known = tuple(suffix for suffixes in KINDS.values() for suffix in suffixes)
        files = sorted(str(file) for file in there.rglob("*") if file.name.lower().endswith(known))
    elif there.is_file():
        files = [str(there)]
    else:
        files = sorted(glob.glob(str(there), recursive=True))  # noqa: PTH207 - patterns may be absolute
    if not files:
        raise InputError(
            f"There is nothing to read at {path!r}.",
            hint="Give a file, a folder or a pattern such as 'corpus/*.parquet'; every machine has to see it.",
        )
    return [str(Path(file).resolve()) for file in files]


def _kind(files: Sequence[str]) -> str:
    kinds = {}
    for file in files:
        name = file.lower()
        kind = next((kind for kind, suffixes in KINDS.items() if name.endswith(suffixes)), None)
        if kind is None:
            raise InputError(
                f"{file!r} is not a file of documents.", hint="Give .jsonl or .parquet files, or pictures."
            )
        kinds[kind] = file
    if len(kinds) > 1:
        one, other = list(kinds.values())[:2]
        raise InputError(f"{one!r} and {other!r} are files of different kinds.", hint="Read each kind by itself.")
    return next(iter(kinds))


def _count_lines(files: Sequence[str]) -> int | None:
    totals = [None if "://" in file else JsonLines(Path(file)).total for file in files]
    known = [total for total in totals if total is not None]
    return sum(known) if len(known) == len(totals) else None


def _read_lines(batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Runs on the cluster: the lines of one file, each with the name it has in a report."""
    for file in batch["path"]:
        yield from _lines_of_file(str(file))


def _lines_of_file(file: str) -> Iterator[dict[str, Any]]:
    name = file.rsplit("/", 1)[-1]
    labels: list[str] = []
    lines: list[bytes] = []
    try:
        for number, line in lines_of(file, lambda: _opened(file)):
            labels.append(f"{name} line {number}")
            lines.append(line)
            if len(lines) >= LINES_AT_ONCE:
                yield _columns(labels, lines)
                labels, lines = [], []
    except JinaNotebookError as error:  # the other files are read all the same
        yield _columns([*labels, name], [*lines, b""], error.message)
        return
    if lines:
        yield _columns(labels, lines)


def _columns(labels: list[str], lines: list[bytes], fault: str = "") -> dict[str, Any]:
    faults = [""] * (len(labels) - 1) + [fault]
    return {LABEL: labels, LINE: np.array(lines, dtype=object), FAULT: faults}


def _opened(file: str) -> IO[bytes]:
    if "://" not in file:
        return Path(file).open("rb")
    from pyarrow import fs

    system, path = fs.FileSystem.from_uri(file)
    return io.BufferedReader(system.open_input_file(path))


def pieces(dataset: Any) -> Iterator[Piece]:
    """The blocks of a data set as they become ready; Ray reads no further ahead than it has room for."""
    number = 0
    for bundle in dataset.iter_internal_ref_bundles():
        slices = getattr(bundle, "slices", None) or [None] * len(bundle.blocks)
        for block, part in zip(bundle.blocks, slices, strict=True):
            ref = getattr(block, "ref", None) or block[0]
            yield Piece(number, ref, *((part.start_offset, part.end_offset) if part is not None else (0, None)))
            number += 1


@dataclass(frozen=True, slots=True)
class BlockSource:
    """The documents of one block, as a source that can be read again."""

    block: Any
    number: int
    lines: bool = False
    image: str | None = None
    start: int = 0
    stop: int | None = None

    @property
    def total(self) -> int | None:
        return int(self._table().num_rows)

    @property
    def repeatable(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Entry]:
        table = self._table()
        for start in range(0, table.num_rows, ROWS):
            rows = table.slice(start, ROWS).to_pylist()
            if self.lines:
                yield from map(_of_line, rows)
            else:
                for offset, row in enumerate(rows, start):
                    yield Entry(f"block {self.number} #{offset}", self._document(row))

    def _document(self, row: dict[str, Any]) -> dict[str, Any]:
        pixels = row.get(self.image) if self.image is not None else None
        if isinstance(pixels, np.ndarray | list):  # what ray.data.read_images gives
            from PIL import Image

            row[str(self.image)] = Image.fromarray(np.asarray(pixels, dtype=np.uint8))
        return row

    def _table(self) -> Any:
        import pyarrow as pa

        table = self.block
        if not isinstance(table, pa.Table):
            table = pa.Table.from_pandas(table, preserve_index=False)
        stop = table.num_rows if self.stop is None else self.stop
        return table.slice(self.start, stop - self.start)


def _of_line(row: dict[str, Any]) -> Entry:
    if row[FAULT]:
        return Entry(row[LABEL], Unreadable(row[FAULT]))
    return line_entry(row[LABEL], row[LINE])
