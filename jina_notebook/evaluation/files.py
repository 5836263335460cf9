"""Runs and judgments in files: TREC's columns, BEIR's tables and JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, TypeVar

from jina_notebook.data.beir import numbered_lines, parse_grade, read_judgments
from jina_notebook.errors import InputError

__all__ = ["read_qrels", "read_run"]

TREC_QRELS, TREC_RUN = 4, 6
Number = TypeVar("Number", int, float)


def read_qrels(path: str | Path) -> dict[str, dict[str, int]]:
    """Query id to document id to grade, from BEIR's tab-separated table or TREC's `query iteration document grade`.

    The header tells which. Raises `InputError` naming file and line.
    """
    path = Path(path)
    _, first = next(numbered_lines(path), (1, ""))
    if first.startswith("query-id"):
        return read_judgments(path)
    qrels: dict[str, dict[str, int]] = {}
    for number, line in numbered_lines(path):
        columns = line.split()
        if len(columns) != TREC_QRELS:
            raise InputError(
                f"{path}, line {number}: {len(columns)} columns, neither BEIR's header nor TREC's 4 columns.",
                hint="BEIR: query-id, corpus-id, score between tabs; TREC: query, iteration, document, grade.",
            )
        query, _, document, grade = columns
        graded = qrels.setdefault(query, {})
        if document in graded:
            raise InputError(
                f"{path}, line {number}: document {document!r} is judged twice for query {query!r}.",
                hint="Keep one of the two lines.",
            )
        graded[document] = parse_grade(grade, path, number)
    return _not_empty(qrels, path, "judgments")


def read_run(path: str | Path) -> dict[str, dict[str, float]]:
    """Query id to document id to score, from TREC's `query Q0 document rank score tag` or BEIR's JSON of results.

    As for trec_eval, scores decide and the rank column is not used; equal scores keep the order of the lines.
    Raises `InputError` naming file and line.
    """
    path = Path(path)
    _, first = next(numbered_lines(path), (1, ""))
    if first.lstrip().startswith("{"):
        return _read_json(path)
    run: dict[str, dict[str, float]] = {}
    for number, line in numbered_lines(path):
        columns = line.split()
        if len(columns) != TREC_RUN:
            raise InputError(
                f"{path}, line {number}: {len(columns)} columns instead of TREC's 6.",
                hint="The columns are query, Q0, document, rank, score, tag.",
            )
        query, _, document, _, score, _ = columns
        scores = run.setdefault(query, {})
        if document in scores:
            raise InputError(
                f"{path}, line {number}: document {document!r} comes twice for query {query!r}.",
                hint="Each document counts once.",
            )
        scores[document] = _score(score, f"{path}, line {number}")
    return _not_empty(run, path, "results")


def _read_json(path: Path) -> dict[str, dict[str, float]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {error.lineno}: no valid JSON at column {error.colno}, {error.msg}.",
            hint="BEIR's results are one object: query id to document id to score.",
        ) from error
    run: dict[str, dict[str, float]] = {}
    for query, scores in content.items():
        if not isinstance(scores, dict):
            raise InputError(
                f"{path}: query {query!r} has a {type(scores).__name__}, not an object of document ids and scores.",
                hint="BEIR's results are one object: query id to document id to score.",
            )
        run[query] = {doc: _score(score, f"{path}, query {query!r}, {doc!r}") for doc, score in scores.items()}
    return _not_empty(run, path, "results")


def _score(value: Any, where: str) -> float:
    try:
        score = float(value)
    except (TypeError, ValueError):
        score = math.nan
    if math.isnan(score):
        raise InputError(f"{where}: the score is {value!r}, which is not a number.", hint="Higher scores are better.")
    return score


def _not_empty(content: dict[str, dict[str, Number]], path: Path, what: str) -> dict[str, dict[str, Number]]:
    if not content:
        raise InputError(f"{path} holds no {what}.", hint="Check that it was written to the end.")
    return content
