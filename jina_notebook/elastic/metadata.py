"""Mapping of a document's other fields, by what a sample of documents holds.

A field gets the type that most of its values have, so that one value of another kind fails its own document instead of
bending the field for all. Fields that the sample does not show are mapped by the server when they first appear.
"""

from __future__ import annotations

import datetime
import numbers
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jina_notebook.elastic.records import is_missing

__all__ = ["DYNAMIC_TEMPLATES", "KEYWORD", "analyzer_for", "properties_of"]

KEYWORD: dict[str, Any] = {"type": "keyword", "fields": {"text": {"type": "text"}}}
LONG_TEXT: dict[str, Any] = {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}}
DYNAMIC_TEMPLATES: list[dict[str, Any]] = [{"strings": {"match_mapping_type": "string", "mapping": KEYWORD}}]
LONGEST_KEYWORD = 256
LONG_SHARE = 0.1  # a field is prose where more of its values than this are longer
DEEPEST = 4
MOST_FIELDS = 300  # an index takes 1,000, subfields included
PLAIN_NAME = re.compile(r"[^\s._*][^.*]*")  # other names are left to the server, which may refuse them
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?")
DATE: dict[str, Any] = {
    "type": "date",
    "format": "strict_date_optional_time_nanos||yyyy-MM-dd HH:mm:ss||yyyy-MM-dd HH:mm||epoch_millis",
}

STOP_WORDS = {
    "english": "the and of to is in that for with this are you your not from have was which",
    "german": "der die das und ist nicht mit ein eine für auf dem den sich auch wird sie ihr",
    "spanish": "el los las que una por con para del está como más pero sus este cuando si su",
    "portuguese": "os das que uma por com para não está como mais mas seu este quando são você do",
    "french": "le les des est une que dans pour pas sur avec vous qui sont votre cette aux du",
    "italian": "il gli della che una per con non sono nel più questo alla come di è dei",
    "dutch": "het een van niet met voor zijn op dat aan ook als maar wordt bij uit naar",
}
_WORDS = {language: frozenset(words.split()) for language, words in STOP_WORDS.items()}
JUDGED_TEXTS = 20
AGREEMENT = 0.9


def properties_of(documents: Iterable[Mapping[str, Any]], *, without: Iterable[str]) -> dict[str, Any]:
    """`properties` of a mapping for the fields that these documents show, except those named in `without`.

    >>> properties_of([{"price": 5, "lang": "fr"}], without=["text"])["price"]
    {'type': 'long'}
    """
    excluded = set(without)
    budget = [MOST_FIELDS]
    return _properties([{k: v for k, v in d.items() if k not in excluded} for d in documents], DEEPEST, budget)


def _properties(objects: Sequence[Mapping[Any, Any]], depth: int, budget: list[int]) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    for item in objects:
        for name, value in item.items():
            if isinstance(name, str) and PLAIN_NAME.fullmatch(name):
                values.setdefault(name, []).extend(_scalars(value))
    properties: dict[str, Any] = {}
    for name, found in values.items():
        if budget[0] <= 0:
            break
        spec = _spec(found, depth, budget)
        if spec is not None:
            budget[0] -= 1 + len(spec.get("fields", {}))
            properties[name] = spec
    return properties


def _scalars(value: Any) -> list[Any]:
    """The single values of a field: Elasticsearch maps a list by what stands in it."""
    if isinstance(value, list | tuple | set | frozenset):
        return [inner for item in value for inner in _scalars(item)]
    return [] if is_missing(value) else [value]


def _kind(value: Any) -> str:
    if isinstance(value, bool) or type(value).__name__ == "bool_" or type(value).__name__ == "bool":
        return "boolean"
    if isinstance(value, numbers.Integral):
        return "long"
    if isinstance(value, numbers.Real) or type(value).__name__ == "Decimal":
        return "double"
    if isinstance(value, datetime.date | datetime.datetime):
        return "date"
    if isinstance(value, str):
        return "date" if ISO_DATE.fullmatch(value) else "string"
    return "object" if isinstance(value, Mapping) else "other"


def _spec(values: list[Any], depth: int, budget: list[int]) -> dict[str, Any] | None:
    kinds = Counter(_kind(value) for value in values)
    if not kinds:
        return None
    numeric = kinds["long"] + kinds["double"]
    half = len(values) / 2
    if numeric > half:
        return {"type": "double" if kinds["double"] else "long"}
    if kinds["boolean"] > half:
        return {"type": "boolean"}
    if kinds["object"] > half:
        if depth <= 0:
            return None
        inner = _properties([v for v in values if isinstance(v, Mapping)], depth - 1, budget)
        return {"properties": inner} if inner else None
    if kinds["date"] > half:
        return dict(DATE)
    if kinds["other"] > half:
        return None
    long = sum(isinstance(v, str) and len(v) > LONGEST_KEYWORD for v in values)
    return dict(LONG_TEXT if long > LONG_SHARE * len(values) else KEYWORD)


def analyzer_for(texts: Iterable[str]) -> str:
    """The built-in analyzer of the language that nearly all of these texts are in, else `"standard"`.

    Few texts, several languages, code or names give `"standard"`: a wrong stemmer loses more than it finds.
    """
    votes: Counter[str] = Counter()
    for text in texts:
        words = re.findall(r"[^\W\d_]+", text[:2000].lower())
        counts = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
        best, second = sorted(counts, key=lambda language: counts[language], reverse=True)[:2]
        if counts[best] >= 2 and counts[best] >= 1.5 * counts[second]:
            votes[best] += 1
        elif words:
            votes["standard"] += 1
    total = votes.total()
    language, count = votes.most_common(1)[0] if votes else ("standard", 0)
    return language if total >= JUDGED_TEXTS and count >= AGREEMENT * total else "standard"
