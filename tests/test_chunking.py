"""`jn.chunk`: pieces measured in a model's own tokens."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.errors import InputError, OptionError
from jina_notebook.testing import tiny_checkpoint

TEXT = "The river rises in the hills. It is short! Who would have thought?\n\nA second paragraph begins here. " * 12


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("v3") / "weights"
    return jn.load(
        "jina-embeddings-v3", path=tiny_checkpoint("jina-embeddings-v3", folder), device="cpu", dtype="float32"
    )


@pytest.mark.parametrize("size", [30, 64, 10_000])
def test_no_chunk_is_longer_than_asked_and_none_of_the_text_is_lost(model: Any, size: int) -> None:
    chunks = jn.chunk(TEXT, model=model, max_tokens=size)
    assert "".join(chunks) == TEXT
    assert all(0 < model.count_tokens(chunk) <= size for chunk in chunks)


def test_chunks_end_where_sentences_end(model: Any) -> None:
    chunks = jn.chunk(TEXT, model=model, max_tokens=model.count_tokens(TEXT) // 8)
    assert len(chunks) > 8
    assert all(chunk.rstrip()[-1] in ".!?" for chunk in chunks)


def test_an_overlap_repeats_the_end_of_the_chunk_before(model: Any) -> None:
    chunks = jn.chunk(TEXT, model=model, max_tokens=120, overlap=60)
    repeated = [len(set(a.split()) & set(b.split())) for a, b in pairwise(chunks)]
    assert len("".join(chunks)) > len(TEXT)
    assert min(repeated) > 0


def test_chunks_feed_late_chunking(model: Any) -> None:
    chunks = jn.chunk(TEXT, model=model, max_tokens=64)
    embeddings = model.embed(chunks, task="retrieval.passage", late_chunking=True)
    assert embeddings.vectors.shape == (len(chunks), 128)


@pytest.mark.parametrize(
    "options", [{"max_tokens": 0}, {"max_tokens": 2.5}, {"overlap": -1}, {"max_tokens": 8, "overlap": 8}]
)
def test_impossible_sizes_are_refused(model: Any, options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(options)) if len(options) == 1 else "overlap"):
        jn.chunk(TEXT, model=model, **options)


def test_only_one_text_at_a_time(model: Any) -> None:
    with pytest.raises(InputError, match="one text, and got list"):
        jn.chunk([TEXT], model=model)  # type: ignore[arg-type]


def test_half_an_emoji_does_not_stop_it(model: Any) -> None:
    assert jn.chunk("price 12\ud83e", model=model) == ["price 12\ufffd"]
