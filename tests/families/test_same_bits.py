"""In float32 a text has the same bits alone, among others and under any budget, so also on other machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import jina_notebook as jn
from jina_notebook.testing import tiny_checkpoint

NAMES = (
    "jina-embeddings-v5-text-nano",
    "jina-embeddings-v5-text-small",
    "jina-embeddings-v3",
    "jina-embeddings-v4",
    "jina-code-embeddings-0.5b",
    "jina-colbert-v2",
    "jina-clip-v2",
)
TEXTS = [" ".join(["tea", "water", "kettle", "cup"][(i * k) % 4] for k in range(2 + (i * 13) % 90)) for i in range(24)]


def rows(model: Any, texts: list[str], **options: Any) -> list[np.ndarray]:
    kind = {} if model.dimensions else {"return_multivector": True}
    embeddings = model.embed(texts, task=model.card.index_task, progress=False, **kind, **options)
    return [np.asarray(vector) for vector in embeddings.vectors]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Several threads share out elements at places that depend on their number, and round differently there."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", NAMES)
def test_bits_do_not_depend_on_the_batch(name: str, tmp_path: Path) -> None:
    model = jn.load(name, path=tiny_checkpoint(name, tmp_path / name), dtype="float32")
    together = rows(model, TEXTS)
    alone = [row for text in TEXTS for row in rows(model, [text])]
    in_fives = [row for start in range(0, 24, 5) for row in rows(model, TEXTS[start : start + 5])]
    for others in (alone, in_fives, rows(model, TEXTS, batch_tokens=1), rows(model, TEXTS, batch_tokens=300)):
        assert all(np.array_equal(one, other) for one, other in zip(together, others, strict=True))
    jn.unload(name)
