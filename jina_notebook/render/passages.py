"""The part of a text worth showing, and the query's words in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from jina_notebook.render.blocks import Passage

__all__ = ["excerpt"]

SEARCHED = 200_000  # characters in which words are looked for: a 1 MB line must not hold up a display
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def excerpt(text: str, query: str = "", *, marks: Sequence[tuple[int, int]] = (), limit: int = 400) -> Passage:
    """At most `limit` characters of `text`, from the first word that `query` shares with it.

    Words are compared without case and accents; scripts that use no blanks are compared as they stand. `marks` are
    (start, end) of words that are known to match; then nothing is compared.

    >>> excerpt("Fresh green tea", "GREEN").marks
    ((6, 11),)
    """
    marks = _ordered(marks) or _marks(text[:SEARCHED], query)
    if len(text) <= limit:
        return Passage(text, marks)
    start = _start(text, marks[0][0] if marks else 0, limit)
    end = start + limit
    shown = tuple((a - start, b - start) for a, b in marks if a >= start and b <= end)
    return Passage(text[start:end], shown, len(text), start)


def _ordered(marks: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Sorted, without those that begin inside another."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if start < end and (not kept or start >= kept[-1][1]):
            kept.append((start, end))
    return tuple(kept)


def _start(text: str, first: int, limit: int) -> int:
    if first < limit * 3 // 4:
        return 0
    start = min(first - limit // 4, len(text) - limit)
    blank = text.find(" ", start, first)
    return blank + 1 if blank >= 0 else start


def _marks(text: str, query: str) -> tuple[tuple[int, int], ...]:
    wanted = {_folded(word) for word in _WORD.findall(query)}
    wanted = {word for word in wanted if len(word) > 2 or word.isdigit() or _UNSPACED.search(word)}
    if not wanted:
        return ()
    unspaced = [word for word in wanted if _UNSPACED.search(word)]
    found: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        word = match.group()
        if _folded(word) in wanted:
            found.append(match.span())
        elif unspaced:
            found += _inside(word, match.start(), unspaced)
    return tuple(found)


def _inside(word: str, offset: int, wanted: list[str]) -> list[tuple[int, int]]:
    pattern = "|".join(re.escape(part) for part in sorted(wanted, key=len, reverse=True))
    return [(offset + m.start(), offset + m.end()) for m in re.finditer(pattern, word)]


def _folded(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))
