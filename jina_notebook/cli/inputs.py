"""What commands read: words of the line, a file, or standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import typer

from jina_notebook.errors import InputError
from jina_notebook.magics import bodies

__all__ = ["STANDARD_INPUT", "contents", "documents", "items", "picture", "read_bytes", "read_text"]

STANDARD_INPUT = "-"


def items(words: Sequence[str], source: str | None, *, what: str) -> list[Any]:
    """Texts and records of the words, of the file `source`, or of standard input: one per line, or JSON lines.

    Raises `InputError` where there is nothing, and a usage error where nothing was given and a terminal would be read.
    """
    if source is not None and words:
        raise typer.BadParameter("Words and --input were both given: keep one of them.")
    if list(words) == [STANDARD_INPUT]:
        source = STANDARD_INPUT
    elif words:
        return list(words)
    name = source or STANDARD_INPUT
    found = bodies.items(read_text(name, asked=source is not None, what=what))
    if not found:
        raise InputError(f"There are no {what} in {shown(name)}.", hint="One per line, or JSON lines.")
    return found


def contents(found: Sequence[Any]) -> list[Any]:
    """What models read: texts as they are, of records their text, else the path of their picture."""
    return [_content(item) for item in found]


def _content(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return item["text"] if "text" in item else Path(str(item["image"]))


def documents(source: str) -> Any:
    """Documents to index: a file's path as it is, or standard input as a stream that memory does not grow with.

    Standard input holds JSON lines where its first line is a JSON object, else one text per line.
    """
    if source != STANDARD_INPUT:
        return source
    return _streamed(_stdin(asked=True, what="documents"))


def _streamed(stream: IO[bytes]) -> Iterator[Any]:
    from jina_notebook.elastic.records import Unreadable

    records: bool | None = None
    for number, raw in enumerate(stream, 1):
        line = _decoded(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw, STANDARD_INPUT).rstrip("\r\n")
        if not line.strip():
            continue
        value = _json(line)
        if records is None:
            records = isinstance(value, dict)
        if not records:
            yield {"text": line}
        else:
            yield value if isinstance(value, dict) else Unreadable(f"line {number} is not a JSON object")


def _json(line: str) -> Any:
    try:
        return json.loads(line) if line.lstrip().startswith("{") else None
    except json.JSONDecodeError:
        return None


def picture(source: str) -> Any:
    """A picture for a model: a file's path, or the bytes of standard input."""
    return read_bytes(source, what="picture") if source == STANDARD_INPUT else Path(source).expanduser()


def read_text(source: str, *, asked: bool = True, what: str) -> str:
    """A file, or standard input with `-`, as text. Raises `InputError` for what is missing or is not UTF-8."""
    return _decoded(read_bytes(source, asked=asked, what=what), source).removeprefix("\ufeff")


def read_bytes(source: str, *, asked: bool = True, what: str) -> bytes:
    """A file, or standard input with `-`, as it is. Raises `InputError` for a file that cannot be read."""
    if source == STANDARD_INPUT:
        return _stdin(asked=asked, what=what).read()
    path = Path(source).expanduser()
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"There is no file {source!r}.", hint="Check the path; it counts from the working folder."
        ) from None
    except OSError as error:
        raise InputError(f"{source!r} cannot be read: {error.strerror}.") from error


def shown(source: str) -> str:
    """The name of a source in a sentence."""
    return "standard input" if source == STANDARD_INPUT else repr(source)


def _decoded(raw: bytes, source: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{shown(source)[:1].upper()}{shown(source)[1:]} is not UTF-8: byte {raw[error.start]:#04x} at "
            f"position {error.start} cannot be decoded.",
            hint="Convert it first, for example with iconv.",
        ) from error


def _stdin(*, asked: bool, what: str) -> IO[bytes]:
    """Standard input; a terminal only where it was asked for, so that no command waits unseen for somebody to type."""
    stream = sys.stdin
    if stream is None or (not asked and stream.isatty()):
        raise typer.BadParameter(f"There are no {what}: give them as words, with --input FILE, or through a pipe.")
    return stream.buffer
