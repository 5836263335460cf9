"""Vectors from states, and MaxSim over packed document vectors."""

from __future__ import annotations

import numpy as np
import torch

from jina_notebook.inference import maxsim as module
from jina_notebook.inference.maxsim import PackedVectors, maxsim
from jina_notebook.inference.pooling import span_means, unit_rows


def test_means_are_accumulated_in_float32() -> None:
    hidden = torch.full((4096, 2), 1.001, dtype=torch.bfloat16)
    torch.testing.assert_close(span_means(hidden, [(0, 4096)])[0], hidden[0].float(), rtol=1e-6, atol=0)


def test_rows_are_cut_before_they_are_normalised() -> None:
    unit = unit_rows(np.array([[3.0, 4.0, 12.0], [0.0, 0.0, 5.0]], np.float32), 2)
    np.testing.assert_allclose(unit, [[0.6, 0.8], [0.0, 0.0]], atol=1e-7)
    assert unit.dtype == np.float32


def test_maxsim_equals_a_loop_over_documents_across_blocks(monkeypatch: object) -> None:
    generator = np.random.default_rng(0)
    query = generator.standard_normal((7, 16)).astype(np.float32)
    documents = [generator.standard_normal((n, 16)).astype(np.float32) for n in (3, 900, 1, 0, 40, 2500)]
    expected = [float((query @ d.T).max(1).sum()) if len(d) else 0.0 for d in documents]
    for block_bytes in (1, 1 << 14, 1 << 20):
        monkeypatch.setattr(module, "BLOCK_BYTES", block_bytes)  # type: ignore[attr-defined]
        np.testing.assert_allclose(maxsim(query, documents), expected, rtol=1e-5)
        np.testing.assert_allclose(maxsim(query, PackedVectors.of(documents)), expected, rtol=1e-5)


def test_stored_half_precision_is_scored_in_single() -> None:
    query, stored = np.array([[1.0, 2.0]], np.float32), [np.array([[0.5, 0.25], [2.0, 0.0]], np.float16)]
    assert maxsim(query, stored).tolist() == maxsim(query, PackedVectors.of(stored)).tolist() == [2.0]
    assert PackedVectors.of([]).rows.dtype == PackedVectors.of(stored).rows.dtype == np.float32


def test_maxsim_of_nothing_is_nothing() -> None:
    assert maxsim(np.ones((2, 4), np.float32), []).shape == (0,)
    assert maxsim(np.ones((0, 4), np.float32), [np.ones((3, 4), np.float32)]).tolist() == [0.0]
