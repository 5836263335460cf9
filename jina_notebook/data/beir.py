"""The BEIR layout: `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv` in one folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jina_notebook.errors import InputError

__all__ = ["Collection", "numbered_lines", "parse_grade", "read_beir", "read_judgments", "read_queries"]

Qrels = dict[str, dict[str, int]]
HEADER = ["query-id", "corpus-id", "score"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Collection:
    """Documents, queries and judgments that belong together.

    `corpus`: dicts with `_id`, `title`, `text` and whatever else the file has, in its order. `queries`: id to text.
    `qrels`: query id to document id to grade, where 0 is a document judged not relevant. `query_fields`: per query
    what its line has beside id and text (language, kind). `path`: the folder.
    """

    name: str
    corpus: list[dict[str, Any]] = field(repr=False)
    queries: dict[str, str] = field(repr=False)
    qrels: Qrels = field(repr=False)
    query_fields: dict[str, dict[str, Any]] = field(repr=False)
    path: Path


def read_beir(folder: str | Path, *, split: str = "test") -> Collection:
    """Reads a folder in BEIR layout.

    Judged documents need not be in the corpus, judged queries must have a text. Raises `InputError` naming file and
    line for a missing file, invalid JSON, a missing or mistyped field, a repeated id, a bad header or grade.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(
            f"{str(folder)!r} is not a folder.",
            hint="Give the folder that holds corpus.jsonl, queries.jsonl and qrels/.",
        )
    corpus = list(_records(folder / "corpus.jsonl"))
    queries: dict[str, str] = {}
    query_fields: dict[str, dict[str, Any]] = {}
    for record in _records(folder / "queries.jsonl"):
        queries[record["_id"]] = record["text"]
        query_fields[record["_id"]] = {key: value for key, value in record.items() if key not in {"_id", "text"}}
    qrels = read_judgments(folder / "qrels" / f"{split}.tsv", queries=queries)
    return Collection(
        name=folder.resolve().name,
        corpus=[{"title": "", **record} for record in corpus],
        queries=queries,
        qrels=qrels,
        query_fields=query_fields,
        path=folder,
    )


def read_queries(path: str | Path) -> dict[str, str]:
    """Id to text from a file such as BEIR's `queries.jsonl`. Raises `InputError` naming file and line."""
    return {record["_id"]: record["text"] for record in _records(Path(path))}


def read_judgments(path: str | Path, *, queries: dict[str, str] | None = None) -> Qrels:
    """Reads a tab-separated file with the header `query-id`, `corpus-id`, `score`.

    With `queries`, a judged query that is not among them is an error. Raises `InputError` naming file and line.
    """
    path = Path(path)
    lines = numbered_lines(path)
    number, first = next(lines, (1, ""))
    if first.split("\t") != HEADER:
        raise InputError(
            f"{path}, line {number}: the header is {first[:80]!r}, not query-id, corpus-id and score between tabs.",
            hint="The columns are separated by tabs; files in TREC's form are read by evaluation.read_qrels.",
        )
    qrels: Qrels = {}
    for number, line in lines:
        columns = line.split("\t")
        if len(columns) != len(HEADER):
            raise InputError(f"{path}, line {number}: {len(columns)} columns instead of 3.", hint="Separate by tabs.")
        query, document, grade = columns
        if queries is not None and query not in queries:
            raise InputError(
                f"{path}, line {number}: query {query!r} is judged, but queries.jsonl has no such _id.",
                hint="Add the query or remove its judgments.",
            )
        graded = qrels.setdefault(query, {})
        if document in graded:
            raise InputError(
                f"{path}, line {number}: document {document!r} is judged twice for query {query!r}.",
                hint="Keep one of the two lines.",
            )
        graded[document] = parse_grade(grade, path, number)
    return qrels


def parse_grade(text: str, path: Path, number: int) -> int:
    """A whole number, 0 for not relevant; "1.0" is one too."""
    try:
        value = float(text)
        if value.is_integer():
            return int(value)
    except ValueError:
        value = float("nan")
    raise InputError(
        f"{path}, line {number}: the grade is {text!r}, which is not a whole number.",
        hint="0 stands for not relevant, 1 and above for relevant.",
    )


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers from 1, without line ends or byte order mark.

    Raises `InputError` for a missing file or one that is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except FileNotFoundError as error:
        parent = path.parent
        there = ", ".join(sorted(entry.name for entry in parent.iterdir())[:10]) if parent.is_dir() else ""
        raise InputError(
            f"{path} does not exist.",
            hint=f"{parent} holds {there}."
            if there
            else "The BEIR layout is corpus.jsonl, queries.jsonl, qrels/*.tsv.",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8: byte {error.object[error.start]:#04x} cannot be decoded.",
            hint="Save the file as UTF-8.",
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", hint="Check its type and permissions.") from error


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """One dict per line, with a unique `_id` and a `text`, both strings."""
    seen: dict[str, int] = {}
    for number, line in numbered_lines(path):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(
                f"{path}, line {number}: no valid JSON at column {error.colno}, {error.msg}.",
                hint="Each line holds one JSON object.",
            ) from error
        if not isinstance(record, dict):
            raise InputError(
                f"{path}, line {number}: a {type(record).__name__} instead of a JSON object.",
                hint='A line looks like {"_id": "1", "text": "green tea"}.',
            )
        if isinstance(record.get("_id"), int):
            record["_id"] = str(record["_id"])
        for name in ("_id", "text"):
            _check_text(record, name, path, number)
        if record.get("title") is None:
            record.pop("title", None)
        identity = record["_id"]
        if identity in seen:
            raise InputError(
                f"{path}, line {number}: the _id {identity!r} was used in line {seen[identity]} before.",
                hint="Ids must be unique.",
            )
        seen[identity] = number
        yield record


def _check_text(record: dict[str, Any], name: str, path: Path, number: int) -> None:
    if name not in record:
        raise InputError(
            f"{path}, line {number}: no field {name!r} among {', '.join(map(repr, record)) or 'none'}.",
            hint="Every line needs _id and text.",
        )
    if not isinstance(record[name], str):
        raise InputError(
            f"{path}, line {number}: the field {name!r} is a {type(record[name]).__name__}, not a string.",
            hint="Put it in quotes.",
        )
