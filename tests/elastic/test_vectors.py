"""Vectors that came with the documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jina_notebook.elastic.plan import Fault
from jina_notebook.elastic.records import Document
from jina_notebook.elastic.vectors import as_vector, fitting


@pytest.mark.parametrize(
    "value",
    [[1, 2, 3], (1.0, 2.0, 3.0), np.array([1, 2, 3]), np.array([1, 2, 3], dtype=np.float16), [np.float32(1), 2, 3.0]],
)
def test_any_list_of_numbers_becomes_float32(value: Any) -> None:
    vector = as_vector(value, "v", Fault)
    assert vector.dtype == np.float32
    assert vector.tolist() == [1.0, 2.0, 3.0]


def test_a_float32_array_is_taken_as_it_is() -> None:
    given = np.ones(4, dtype=np.float32)
    assert as_vector(given, "v", Fault) is given


def test_a_missing_number_becomes_nan_which_is_named_later() -> None:
    assert np.isnan(as_vector([1, None], "v", Fault)).tolist() == [False, True]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "missing"),
        (float("nan"), "missing"),
        ("0.1, 0.2", "str, not a list"),
        (b"\x00", "bytes, not a list"),
        (["a", "b"], "not a list of numbers"),
        ([[1, 2], [3]], "not a list of numbers"),
        ([], "shape"),
        (5, "shape"),
        (np.ones((2, 2, 2)), "shape"),
        ({"a": 1}, "not a list of numbers"),
    ],
)
def test_anything_else_is_a_fault_with_the_field(value: Any, reason: str) -> None:
    with pytest.raises(Fault, match=reason) as found:
        as_vector(value, "v", Fault)
    assert found.value.field == "v"


def test_what_is_too_large_for_float32_becomes_infinite_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    assert np.isinf(as_vector([1e39, 1.0], "v", Fault)).tolist() == [True, False]
    assert not recwarn.list


def document(key: str, vector: Any) -> Document:
    return Document(key, b"{}", None, "", None if vector is None else np.asarray(vector, dtype=np.float32))


def test_documents_that_fit_are_kept_in_order_and_the_others_named() -> None:
    documents = [
        document("a", [1, 0]),
        document("short", [1]),
        document("zero", [0, 0]),
        document("none", None),
        document("nan", [1, np.nan]),
        document("multi", [[1, 0]]),
        document("b", [0, 1]),
    ]
    kept, failures = fitting(documents, dimensions=2, tokens=False, field="v")
    assert [d.id for d in kept.documents] == ["a", "b"]
    assert {f.id: f.reason for f in failures} == {
        "short": "the vector has 1 dimensions; the index holds 2",
        "zero": "the vector is zero in every dimension",
        "none": "the vector is missing",
        "nan": "the vector holds nan at position 1",
        "multi": "the vector has the shape (1, 2); one row is expected",
    }
    assert {f.field for f in failures} == {"v"}


def test_multi_vectors_may_have_any_number_of_tokens() -> None:
    documents = [
        document("a", [[1, 0], [0, 1]]),
        document("b", [[1, 1]]),
        document("flat", [1, 0]),
        document("c", [[0, 0]]),
    ]
    kept, failures = fitting(documents, dimensions=2, tokens=True, field="v")
    assert [d.id for d in kept.documents] == ["a", "b"]
    assert [f.id for f in failures] == ["flat", "c"]


def test_without_documents_nothing_is_kept_and_nothing_fails() -> None:
    kept, failures = fitting([], dimensions=3, tokens=False, field="v")
    assert (kept.documents, kept.vectors, failures) == ([], [], [])


def test_most_of_the_documents_tell_the_size_where_it_is_not_known() -> None:
    documents = [document("odd", [1]), document("a", [1, 2]), document("b", [3, 4])]
    kept, failures = fitting(documents, dimensions=0, tokens=False, field="v")
    assert kept.vectors is not None
    assert [row.tolist() for row in kept.vectors] == [[1.0, 2.0], [3.0, 4.0]]
    assert [f.id for f in failures] == ["odd"]
