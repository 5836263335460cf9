"""Embeddings as records and as files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jina_notebook.cli.output import as_line
from jina_notebook.errors import InputError, MissingExtraError, OptionError

if TYPE_CHECKING:
    from jina_notebook.results import Embeddings

__all__ = ["check", "records", "write"]


def records(embeddings: Embeddings, start: int = 0) -> Iterator[dict[str, Any]]:
    """`{"index", "embedding", "tokens", "truncated"}` of each vector; `start` is the index of the first.

    `embedding` is a list of numbers, or one list per token.
    """
    rows = zip(embeddings.vectors, embeddings.token_counts, embeddings.truncated, strict=True)
    for index, (vector, tokens, truncated) in enumerate(rows, start):
        yield {"index": index, "embedding": vector, "tokens": int(tokens), "truncated": bool(truncated)}


def check(path: Path, *, multivector: bool) -> None:
    """Refuses a file that could not be written, before anything is embedded."""
    if path.suffix not in WRITERS:
        raise OptionError(
            f"--output is {str(path)!r}, whose ending is not one of {', '.join(WRITERS)}.",
            hint="The ending chooses the format.",
        )
    if multivector and path.suffix == ".npy":
        raise OptionError(
            "A .npy file holds one vector per input, and --return-multivector gives one per token.",
            hint="Write a .parquet or .jsonl file.",
        )
    if not path.expanduser().absolute().parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {path.name} to.", hint="Make it first.")
    if path.suffix == ".parquet":
        _arrow()


def write(path: Path, parts: Sequence[Embeddings]) -> dict[str, Any]:
    """Writes the file at once, so that nobody reads half of one, and says what is in it."""
    target = path.expanduser().absolute()
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix)
    os.close(descriptor)
    draft = Path(name)
    try:
        WRITERS[path.suffix](draft, parts)
        draft.chmod(0o666 & ~_umask())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    first = parts[0]
    return {
        "output": str(path),
        "vectors": sum(len(part) for part in parts),
        "dimensions": first.dimensions,
        "model": first.model,
        "revision": first.revision,
        "task": first.task,
        "tokens": sum(sum(part.token_counts) for part in parts),
    }


def _umask() -> int:
    """The process's mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _numbered(parts: Sequence[Embeddings]) -> Iterator[dict[str, Any]]:
    start = 0
    for part in parts:
        yield from records(part, start)
        start += len(part)


def _jsonl(path: Path, parts: Sequence[Embeddings]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(as_line(record) + "\n" for record in _numbered(parts))


def _npy(path: Path, parts: Sequence[Embeddings]) -> None:
    import numpy as np

    with path.open("wb") as file:
        np.save(file, np.concatenate([np.asarray(part.vectors) for part in parts]), allow_pickle=False)


def _parquet(path: Path, parts: Sequence[Embeddings]) -> None:
    pyarrow = _arrow()
    from pyarrow import parquet

    columns: dict[str, list[Any]] = {"index": [], "embedding": [], "tokens": [], "truncated": []}
    for record in _numbered(parts):
        for key, values in columns.items():
            values.append(record[key])
    multivector = parts[0].multivector
    kind = pyarrow.list_(pyarrow.float32())
    vectors = columns.pop("embedding")
    given = [list(rows) for rows in vectors] if multivector else vectors
    array = pyarrow.array(given, type=pyarrow.list_(kind) if multivector else kind)
    parquet.write_table(pyarrow.table({**columns, "embedding": array}), path)


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise MissingExtraError(
            "Writing a .parquet file needs pyarrow.", hint='Install it: pip install "jina-notebook[parquet]"'
        ) from None
    return pyarrow


WRITERS: dict[str, Callable[[Path, Sequence[Embeddings]], None]] = {
    ".jsonl": _jsonl,
    ".npy": _npy,
    ".parquet": _parquet,
}
"""Endings of files, and what writes them."""
