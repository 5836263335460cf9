"""Vectors as bytes: exact, in the byte order that each side expects, and faults found before they are sent."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from jina_notebook.elastic.encoding import as_base64, as_json, faults, packed_float16, token_rows

ROWS = np.random.default_rng(3).normal(size=(4, 6)).astype(np.float32)


@pytest.mark.parametrize("rows", [ROWS, ROWS[:, ::2], ROWS.astype(np.float64), ROWS.astype(np.float16)])
def test_base64_holds_big_endian_float32(rows: np.ndarray) -> None:
    for text, row in zip(as_base64(rows), rows, strict=True):
        decoded = np.frombuffer(base64.b64decode(json.loads(text)), dtype=">f4")
        assert decoded.astype(np.float32).tolist() == row.astype(np.float32).tolist()


def test_many_rows_of_a_list_or_a_matrix_come_out_in_order() -> None:
    rows = np.arange(600, dtype=np.float32).reshape(200, 3) + 1
    assert as_base64(list(rows)) == as_base64(rows)
    assert [json.loads(text)[0] for text in as_json(list(rows))] == rows[:, 0].tolist()
    rows[[5, 70, 199]] = 0
    assert list(faults(list(rows))) == [5, 70, 199]


def test_json_gives_the_same_float32_back() -> None:
    for text, row in zip(as_json(ROWS), ROWS, strict=True):
        assert np.array(json.loads(text), dtype=np.float32).tolist() == row.tolist()
        assert len(text) < 100


def test_token_vectors_are_a_list_of_vectors_either_way() -> None:
    assert len(json.loads(token_rows(ROWS, base64=True))) == 4
    assert np.array(json.loads(token_rows(ROWS, base64=False)), dtype=np.float32).tolist() == ROWS.tolist()


def test_packed_token_vectors_are_little_endian_float16() -> None:
    decoded = np.frombuffer(base64.b64decode(json.loads(packed_float16(ROWS))), dtype="<f2").reshape(ROWS.shape)
    assert decoded.tolist() == ROWS.astype(np.float16).tolist()


def test_rows_that_no_field_takes_are_found_with_their_reasons() -> None:
    rows = np.ones((5, 3), dtype=np.float32)
    rows[1] = 0
    rows[2, 1] = np.nan
    rows[3, 2] = -np.inf
    rows[4] = [0, 0, 1e-30]
    assert faults(rows) == {
        1: "the vector is zero in every dimension",
        2: "the vector holds nan at position 1",
        3: "the vector holds -inf at position 2",
    }
