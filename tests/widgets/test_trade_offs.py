"""Sizes and precisions against judgments: the numbers themselves."""

from __future__ import annotations

import numpy as np
import pytest

from jina_notebook.errors import OptionError
from jina_notebook.widgets.trade_offs import PRECISIONS, Judged, TradeOff, check_precisions, knee_of, measured, rounded


def corpus(documents: int = 200, queries: int = 20, size: int = 128) -> Judged:
    """Each query lies near one document; the first coordinates hold most of the meaning, as Matryoshka's do."""
    random = np.random.default_rng(3)
    weight = (1 / np.sqrt(1 + np.arange(size))).astype(np.float32)
    given = random.normal(size=(documents, size)).astype(np.float32) * weight
    asked = given[:queries] + 0.9 * random.normal(size=(queries, size)).astype(np.float32) * weight
    return Judged(
        documents=given / np.linalg.norm(given, axis=1, keepdims=True),
        document_ids=tuple(f"d{i}" for i in range(documents)),
        queries=asked / np.linalg.norm(asked, axis=1, keepdims=True),
        query_ids=tuple(f"q{i}" for i in range(queries)),
        texts={f"q{i}": "?" for i in range(queries)},
        qrels={f"q{i}": {f"d{i}": 1} for i in range(queries)},
    )


def worth(found: list[TradeOff], size: int, precision: str) -> float:
    (one,) = [one for one in found if (one.dimensions, one.precision) == (size, precision)]
    return one.metrics["RR@10"]


def test_more_dimensions_and_bits_find_more_and_eight_bits_lose_next_to_nothing() -> None:
    found = measured(corpus(), (8, 32, 128), ("float", "int8", "int4", "bbq"), ["RR@10"], lambda *_: None)

    assert worth(found, 8, "float") < worth(found, 32, "float") <= worth(found, 128, "float")
    assert worth(found, 128, "int8") == pytest.approx(worth(found, 128, "float"), abs=0.01)
    assert worth(found, 128, "bbq") > 0.5


def test_fewer_bits_lie_farther_from_the_vectors_and_one_bit_keeps_two_values() -> None:
    vectors = corpus().documents

    errors = [float(np.abs(rounded(vectors, bits) - vectors).mean()) for bits in (8, 4, 1)]
    assert errors == sorted(errors)
    assert errors[0] < 0.001
    assert len(np.unique(rounded(vectors[:1], 1))) == 2
    assert len(np.unique(rounded(vectors[:1], 4))) <= 16


def test_float_is_exact_search() -> None:
    judged = corpus()

    (one,) = measured(judged, (128,), ("float",), ["Success@1"], lambda *_: None)

    first = (judged.queries @ judged.documents.T).argmax(axis=1)
    assert one.metrics["Success@1"] == pytest.approx(np.mean(first == np.arange(20)))


def test_bytes_are_those_that_elasticsearch_keeps_in_memory() -> None:
    sizes = {name: precision.bytes_per_document(1024) for name, precision in PRECISIONS.items()}

    assert sizes == {"float": 4096, "int8": 1028, "int4": 516, "bbq": 142}


def test_what_a_precision_does_not_take_is_left_out_and_the_smallest_stands_first() -> None:
    found = measured(corpus(), (32, 64), ("float", "bbq"), ["RR@10"], lambda *_: None)

    assert [(one.dimensions, one.precision) for one in found] == [(64, "bbq"), (32, "float"), (64, "float")]


def test_a_metric_beyond_a_hundred_documents_gets_as_many() -> None:
    (one,) = measured(corpus(), (8,), ("float",), ["R@200"], lambda *_: None)

    assert one.metrics["R@200"] == 1.0


def test_progress_counts_every_combination() -> None:
    seen: list[tuple[int, int]] = []

    measured(corpus(), (8, 16), ("float", "int8"), ["RR@10"], lambda *step: seen.append(step))

    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4)]


def curve(*points: tuple[int, float]) -> list[TradeOff]:
    return [TradeOff(dimensions=b, precision="float", bytes_per_document=b, metrics={"m": w}) for b, w in points]


@pytest.mark.parametrize(
    ("points", "knee"),
    [
        ([(64, 0.2), (128, 0.7), (256, 0.75), (512, 0.76)], 1),
        ([(64, 0.2), (128, 0.1), (256, 0.7), (512, 0.71)], 2),
        ([(64, 0.5)], 0),
        ([(64, 0.5), (128, 0.6)], 1),
        ([(64, 0.5), (128, 0.51), (128, 0.9)], 2),
        ([(64, 0.5), (128, 0.5), (256, 0.4)], 0),
    ],
)
def test_the_knee_is_where_more_bytes_stop_paying(points: list[tuple[int, float]], knee: int) -> None:
    assert knee_of(curve(*points), "m") == knee


def test_unknown_and_no_precisions_are_refused() -> None:
    with pytest.raises(OptionError, match="precisions has 'int9'; it may have float, int8, int4, bbq") as refused:
        check_precisions(["float", "int9"])
    assert refused.value.hint == "did you mean int8?"
    with pytest.raises(OptionError, match="precisions is empty"):
        check_precisions([])
