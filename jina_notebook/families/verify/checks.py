"""Runs golden values against a loaded model: one function per kind of check, in `golden.json` one record per check."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import JinaNotebookError, ModelError
from jina_notebook.families.verify.verdicts import Verdict, Verification, compare_number, compare_vector

__all__ = ["golden", "verify"]

Check = Mapping[str, Any]
Rows = NDArray[np.float32]


@cache
def golden() -> Mapping[str, Sequence[Check]]:
    """The checks of every model that has some, by catalogue name."""
    text = resources.files(__package__).joinpath("golden.json").read_text(encoding="utf-8")
    records: dict[str, list[Check]] = json.loads(text)
    return MappingProxyType({name: tuple(checks) for name, checks in records.items()})


def verify(model: Any, *, checks: Sequence[Check] | None = None) -> Verification:
    """Compares a loaded model with the golden values of its catalogue name (or with `checks`).

    The values are those of the official weights in float32: a miniature fails, and bfloat16 may.

    Raises `ModelError` where there is nothing to compare with. A check that cannot be run has failed.

    >>> verify(jn.load("jina-embeddings-v3", dtype="float32")).passed
    """
    chosen = golden().get(model.name, ()) if checks is None else checks
    if not chosen:
        raise ModelError(
            f"There are no golden values for {model.name}.", hint=f"There are some for: {', '.join(golden())}."
        )
    verdicts = [verdict for check in chosen for verdict in _run(model, check)]
    return Verification(
        model=model.name,
        revision=model.revision,
        path=str(model.path),
        dtype=str(model.dtype),
        verdicts=tuple(verdicts),
    )


def _run(model: Any, check: Check) -> list[Verdict]:
    try:
        return KINDS[check["kind"]](model, check)
    except (JinaNotebookError, OSError, ValueError, IndexError) as error:
        label = f"{check['kind']}{_about(check)}"
        return [_judged(label, False, "a result", str(error), check)]


def _about(check: Check) -> str:
    task = check.get("task") or "/".join(str(task) for task in check.get("tasks", ()) if task)
    return f" ({task})" if task else ""


def _source(check: Check) -> str:
    return str(check.get("source", ""))


def _inputs(values: Sequence[Any]) -> list[Any]:
    return [value if isinstance(value, str) else _plain_image(value) for value in values]


def _plain_image(value: Mapping[str, Any]) -> Any:
    """A picture of one colour: it looks the same whatever the resampling."""
    from PIL import Image

    return Image.new("RGB", (value["width"], value["height"]), tuple(value["rgb"]))


def _name(value: Any) -> str:
    text = value if isinstance(value, str) else f"{value['width']}x{value['height']} picture"
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _cosine(one: Rows, other: Rows) -> float:
    return float(np.dot(one.astype(np.float64), other.astype(np.float64)))


def _judged(label: str, good: bool, expected: str, got: str, check: Check) -> Verdict:
    return Verdict(check=label, status="pass" if good else "fail", expected=expected, got=got, source=_source(check))


def _noted(label: str, expected: str, got: str, check: Check) -> Verdict:
    return Verdict(check=label, status="note", expected=expected, got=got, source=_source(check))


def _equal(label: str, expected: Any, got: Any, check: Check) -> Verdict:
    return _judged(label, got == expected, str(expected), str(got), check)


def _header(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header: dict[str, Any] = json.loads(stream.read(length))
    return header


def _parameters(model: Any, check: Check) -> list[Verdict]:
    files = sorted(Path(model.path).rglob("*.safetensors"))
    count = sum(
        math.prod(tensor["shape"]) for file in files for name, tensor in _header(file).items() if name != "__metadata__"
    )
    expected = " or ".join(f"{number:,}" for number in check["counts"])
    return [_judged("parameters", count in check["counts"], expected, f"{count:,}", check)]


def _encode(model: Any, text: str) -> list[int]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(model.path) / "tokenizer.json"))
    return [int(number) for number in tokenizer.encode(text).ids]


def _token_ids(model: Any, check: Check) -> list[Verdict]:
    return [_equal(f"token ids of {_name(check['text'])}", check["ids"], _encode(model, check["text"]), check)]


def _last_token(model: Any, check: Check) -> list[Verdict]:
    ids = _encode(model, check["text"])
    got = f"{ids[-1]} after {len(ids) - 1} others" if ids else "no tokens"
    return [_noted(f"last token of {_name(check['text'])}", "whatever tokenizer.json gives", got, check)]


def _token_counts(model: Any, check: Check) -> list[Verdict]:
    got = model.embed(check["texts"], task=check["task"]).token_counts
    return [
        _equal(f"tokens of {_name(text)}", expected, int(count), check)
        for text, expected, count in zip(check["texts"], check["counts"], got, strict=True)
    ]


def _token_sum(model: Any, check: Check) -> list[Verdict]:
    got = sum(int(count) for count in model.embed(check["texts"], task=check["task"]).token_counts)
    return [_equal(f"tokens of {len(check['texts'])} texts together", check["total"], got, check)]


def _vectors(model: Any, check: Check) -> list[Verdict]:
    rows = model.embed(_inputs(check["inputs"]), task=check["task"], dimensions=check["dimensions"]).vectors
    return [
        compare_vector(
            f"vector of {_name(value)}{_about(check)}",
            first,
            row,
            cosine=check["cosine"],
            tolerance=check["tolerance"],
            source=_source(check),
        )
        for value, first, row in zip(check["inputs"], check["first"], rows, strict=True)
    ]


def _multi_vectors(model: Any, check: Check) -> list[Verdict]:
    sizes = tuple(model.token_dimensions)
    if check["dimensions"] not in sizes:
        needed, has = f"a head of {check['dimensions']}", f"one of {', '.join(map(str, sizes))}"
        return [_noted(f"token vectors{_about(check)}", needed, has, check)]
    (rows,) = model.embed(
        [check["input"]], task=check["task"], return_multivector=True, dimensions=check["dimensions"]
    ).vectors
    label = f"of {_name(check['input'])}{_about(check)}"
    verdicts = [_equal(f"number of vectors {label}", check["rows"], len(rows), check)]
    for place, first in check["first"].items():
        if int(place) < len(rows):
            verdicts.append(
                compare_vector(
                    f"vector {place} {label}",
                    first,
                    rows[int(place)],
                    cosine=None,
                    tolerance=check["tolerance"],
                    source=_source(check),
                )
            )
    return verdicts


def _cosines(model: Any, check: Check) -> list[Verdict]:
    rows = model.embed(_inputs(check["inputs"]), task=check["task"], dimensions=check["dimensions"]).vectors
    return [
        compare_number(
            f"cosine of {_name(check['inputs'][one])} and {_name(check['inputs'][other])}",
            expected,
            _cosine(rows[one], rows[other]),
            check["tolerance"],
            _source(check),
        )
        for one, other, expected in check["pairs"]
    ]


def _query_cosines(model: Any, check: Check) -> list[Verdict]:
    ask, answer = check["tasks"]
    verdicts = []
    for size, expected in check["cosines"].items():
        query = model.embed([check["query"]], task=ask, dimensions=int(size)).vectors[0]
        rows = model.embed(check["documents"], task=answer, dimensions=int(size)).vectors
        verdicts += [
            compare_number(
                f"cosine of the query with {_name(document)} at {size}",
                value,
                _cosine(query, row),
                check["tolerance"],
                _source(check),
            )
            for document, value, row in zip(check["documents"], expected, rows, strict=True)
        ]
    return verdicts


def _margin(model: Any, check: Check) -> list[Verdict]:
    ask, answer = check["tasks"]
    query = model.embed([check["query"]], task=ask).vectors[0]
    relevant, unrelated = model.embed([check["relevant"], check["unrelated"]], task=answer).vectors
    margin = _cosine(query, relevant) - _cosine(query, unrelated)
    label = f"how much nearer the relevant text is to {_name(check['query'])}"
    return [_judged(label, margin >= check["margin"], f"at least {check['margin']:g}", f"{margin:.4f}", check)]


def _scores(model: Any, check: Check) -> list[Verdict]:
    scores = model.rerank(check["query"], check["documents"]).scores
    verdicts = [
        compare_number(
            f"score of {_name(check['documents'][int(place)])}",
            expected,
            float(scores[int(place)]),
            check["tolerance"],
            _source(check),
        )
        for place, expected in check["scores"].items()
    ]
    known = sorted(check["scores"], key=lambda place: -check["scores"][place])
    order = [int(place) for place in known]
    got = [int(place) for place in np.argsort(-np.asarray(scores), kind="stable")[: len(order)]]
    return [*verdicts, _equal(f"best documents for {_name(check['query'])}", order, got, check)]


def _order(model: Any, check: Check) -> list[Verdict]:
    best = int(np.argmax(model.rerank(check["query"], check["documents"]).scores))
    return [_equal(f"best document for {_name(check['query'])}", check["best"], best, check)]


def _contains(label: str, text: str, check: Check) -> list[Verdict]:
    return [
        _judged(f"{label} mentions {part!r}", part.casefold() in text.casefold(), part, _name(text), check)
        for part in check["contains"]
    ]


def _read(model: Any, check: Check) -> list[Verdict]:
    return _contains("the Markdown", model.read(check["html"], max_new_tokens=64).text, check)


def _ask(model: Any, check: Check) -> list[Verdict]:
    answer = model.ask(_plain_image(check["image"]), check["question"], max_new_tokens=16)
    return _contains("the answer", answer.text, check)


KINDS: Mapping[str, Callable[[Any, Check], list[Verdict]]] = MappingProxyType(
    {
        "parameters": _parameters,
        "token-ids": _token_ids,
        "last-token": _last_token,
        "token-counts": _token_counts,
        "token-sum": _token_sum,
        "vectors": _vectors,
        "multi-vectors": _multi_vectors,
        "cosines": _cosines,
        "query-cosines": _query_cosines,
        "margin": _margin,
        "scores": _scores,
        "order": _order,
        "read": _read,
        "ask": _ask,
    }
)
