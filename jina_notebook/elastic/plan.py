"""From what was read to what is to be stored: ids, content, hash; faults and duplicates are named, never raised."""

from __future__ import annotations

import datetime
import decimal
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from jina_notebook.elastic.pictures import picture_of
from jina_notebook.elastic.records import Document, Entry, Unreadable, is_missing
from jina_notebook.elastic.seen import SeenIds
from jina_notebook.elastic.vectors import as_vector
from jina_notebook.results import Failure
from jina_notebook.unicode import well_formed

__all__ = ["Columns", "Planner", "Seen"]

LONGEST_ID_BYTES = 512  # one longer id makes the server refuse the whole request
AS_IS = orjson.OPT_SERIALIZE_NUMPY
SORTED = AS_IS | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
HASH_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which field of a document holds what. `vector` holds vectors that are already there."""

    text: str = "text"
    image: str | None = None
    vector: str | None = None
    id: str | None = None
    reserved: frozenset[str] = frozenset()


class Seen(Protocol):
    """The ids that came before, in this stream or in all that are read for one index."""

    def known(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """For each id whether it came before."""
        ...

    def add(self, ids: Sequence[str]) -> None:
        """Remembers these ids."""
        ...


class Fault(Exception):
    """A document that cannot be stored, with the reason and the field."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


@dataclass(slots=True)
class Planner:
    """Turns entries into documents, each id once.

    `space` is what else decides how a document is stored (model, revision, task, sizes); it goes into the hash.
    `failures` collects what cannot be stored, `repeated` counts documents without an id of their own whose content came
    before.
    """

    columns: Columns
    space: bytes
    failures: list[Failure] = field(default_factory=list)
    repeated: int = 0
    seen: Seen = field(default_factory=SeenIds)

    def plan(self, entries: Sequence[Entry]) -> list[Document]:
        """Documents in order; what cannot be stored is added to `failures`."""
        planned: list[Document] = []
        for entry in entries:
            try:
                planned.append(self._document(entry))
            except Fault as fault:
                self.failures.append(Failure(self._name(entry), fault.reason, fault.field))
        return self._once(planned)

    def _once(self, planned: Sequence[Document]) -> list[Document]:
        known = self.seen.known([document.id for document in planned]).tolist()
        fresh: dict[str, Document] = {}
        for document, before in zip(planned, known, strict=True):
            if not before and document.id not in fresh:
                fresh[document.id] = document
            elif document.named:
                self.failures.append(
                    Failure(document.id, f"duplicate of {document.id!r}: a document with this id came before")
                )
            else:
                self.repeated += 1
        self.seen.add(list(fresh))
        return list(fresh.values())

    def _name(self, entry: Entry) -> str:
        """The id of a document that cannot be stored, or its place where it has none."""
        if isinstance(entry.item, Mapping):
            try:
                found = _id_of(entry.item, self.columns.id)
            except Fault:
                found = None
            if found is not None:
                return found
        return entry.label

    def _document(self, entry: Entry) -> Document:
        fields = self._fields(entry.item)
        id = _id_of(fields, self.columns.id)  # noqa: A001 - the field's own word
        fields.pop("_id", None)
        for name in self.columns.reserved.intersection(fields):
            raise Fault(f"the field {name!r} is where the model's vectors go; rename it", name)
        vector = None
        if self.columns.vector is not None:
            vector = as_vector(fields.pop(self.columns.vector, None), self.columns.vector, Fault)
        content, mark = self._content(fields, given=vector is not None)
        source, canonical = _serialised(fields)
        if id is None and self.columns.id is not None:
            raise Fault("id is missing", self.columns.id)
        digest = sha1(canonical, usedforsecurity=False)  # the quickest of the library's over a vector's bytes
        digest.update(mark)
        if content is None and vector is not None:  # all that tells it from others without a text
            digest.update(vector.tobytes())
        own = id if id is not None else digest.hexdigest()[:HASH_DIGITS]
        digest.update(self.space)
        if vector is not None:
            digest.update(vector.data if vector.flags.c_contiguous else vector.tobytes())
        return Document(own, source, content, digest.hexdigest()[:HASH_DIGITS], vector, named=id is not None)

    def _fields(self, item: Any) -> dict[Any, Any]:
        if isinstance(item, Mapping):
            return dict(item)
        if isinstance(item, Unreadable):
            raise Fault(item.reason)
        if isinstance(item, str):
            return {self.columns.text: item}
        if is_missing(item):
            raise Fault("text is missing", self.columns.text)
        if self.columns.image is not None:
            return {self.columns.image: item}
        raise Fault(f"a document is a dict or a text, not {type(item).__name__}")

    def _content(self, fields: dict[Any, Any], *, given: bool) -> tuple[Any, bytes]:
        """What is embedded, and bytes that change with a picture; the picture becomes a reference in `fields`."""
        image = self.columns.image
        if image is not None and not is_missing(fields.get(image)):
            picture, reference, mark = picture_of(fields[image], image, Fault)
            if reference is None:
                del fields[image]
            else:
                fields[image] = reference
            return picture, mark
        text = fields.get(self.columns.text)
        if isinstance(text, str):
            fields[self.columns.text] = text = well_formed(text)
            return text, b""
        if not is_missing(text):
            raise Fault(f"text is {type(text).__name__}, not str: {_shown(text)}", self.columns.text)
        if given:
            return None, b""
        name = image or self.columns.text
        raise Fault("image is missing" if image else "text is missing", name)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "\u2026"


def _id_of(fields: Mapping[Any, Any], column: str | None) -> str | None:
    """The caller's id as text: the field of that name, else `_id`, else None. Whole floats count as whole numbers."""
    value = fields.get("_id" if column is None else column)
    if isinstance(value, str):
        text = well_formed(value)
    elif is_missing(value):
        return None
    elif isinstance(value, bool | bytes | Mapping | list | tuple | set):
        raise Fault(f"id is {type(value).__name__}, not text or a number: {_shown(value)}", column or "_id")
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value)
    if not text:
        return None
    if len(text) > LONGEST_ID_BYTES // 4 and len(text.encode()) > LONGEST_ID_BYTES:
        raise Fault(f"id is {len(text.encode())} bytes long; {LONGEST_ID_BYTES} are allowed", column or "_id")
    return text


def _serialised(fields: dict[Any, Any]) -> tuple[bytes, bytes]:
    """The JSON object as it is stored, and what is hashed: its keys in order, without those that have no value.

    Tables give every row every column, lines of JSON only what they have: the same content has the same hash.
    """
    try:
        source = orjson.dumps(fields, default=_plain, option=AS_IS)
        present = _present(fields)
        if len(fields) < 2 and present is fields:
            return source, source
        return source, orjson.dumps(present, default=_plain, option=SORTED)
    except TypeError:  # a lone surrogate, a key that is no text, or a value without a form in JSON
        cleaned = _without_loops(fields)
    try:
        source = orjson.dumps(cleaned, default=_plain, option=AS_IS)
        return source, orjson.dumps(_present(cleaned), default=_plain, option=SORTED)
    except TypeError as error:
        raise Fault(*_culprit(cleaned, error)) from None


def _present(fields: dict[Any, Any]) -> dict[Any, Any]:
    if not any(map(is_missing, fields.values())):
        return fields
    return {name: value for name, value in fields.items() if not is_missing(value)}


def _culprit(fields: Mapping[Any, Any], error: TypeError) -> tuple[str, str | None]:
    for name, value in fields.items():
        try:
            orjson.dumps(value, default=_plain, option=SORTED)
        except TypeError as inner:
            return f"the field {name!r} cannot be stored as JSON: {inner.__cause__ or inner}", str(name)
    return f"the document cannot be stored as JSON: {error}", None


def _without_loops(fields: dict[Any, Any]) -> dict[str, Any]:
    try:
        return {well_formed(str(name)): _cleaned(value) for name, value in fields.items()}
    except RecursionError:
        raise Fault("the document holds itself, or is nested too deep") from None


def _cleaned(value: Any) -> Any:
    """The same value with keys as text and without lone surrogates, which JSON cannot hold."""
    if isinstance(value, str):
        return well_formed(str(value))
    if isinstance(value, Mapping):
        return {well_formed(str(k)): _cleaned(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(v) for v in value]
    return value


def _plain(value: Any) -> Any:
    """What orjson does not know: pandas' and numpy's scalars, decimals, paths, subclasses of the plain types."""
    if is_missing(value):
        return None
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, os.PathLike):
        return os.fspath(Path(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
