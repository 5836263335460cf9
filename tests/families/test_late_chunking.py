"""Which tokens belong to which chunk, and the windows of documents beyond the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook.errors import InputError
from jina_notebook.families.late_chunking import OVERLAP, chunk_spans, overlapping
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.testing import tiny_checkpoint


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder: Path = tmp_path_factory.mktemp("v3") / "weights"
    return Tokenizer(tiny_checkpoint("jina-embeddings-v3", folder))


def test_spans_follow_each_other_and_cover_every_token(tokenizer: Tokenizer) -> None:
    chunks = ["Berlin is large.", " It has a river.", " And parks."]
    ids, spans = chunk_spans(tokenizer, "Represent: ", chunks)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(ids)
    assert [stop for _, stop in spans[:-1]] == [start for start, _ in spans[1:]]


def test_the_first_span_takes_the_instruction(tokenizer: Tokenizer) -> None:
    chunks = ["Berlin is large.", " It has a river."]
    bare = chunk_spans(tokenizer, "", chunks)[1]
    longer = chunk_spans(tokenizer, "Represent the document: ", chunks)[1]
    assert longer[0][1] - longer[0][0] > bare[0][1] - bare[0][0]
    assert longer[1][1] - longer[1][0] == bare[1][1] - bare[1][0]


def test_a_chunk_without_a_token_is_named(tokenizer: Tokenizer) -> None:
    with pytest.raises(InputError, match="Chunk 1"):
        chunk_spans(tokenizer, "", ["Berlin.", "", " Paris."])


@pytest.mark.parametrize(("tokens", "limit"), [(10, 800), (800, 800), (801, 800), (30_000, 8192), (5000, 300)])
def test_windows_give_every_state_once(tokens: int, limit: int) -> None:
    given = [range(start + skip, stop) for start, stop, skip in overlapping(tokens, limit)]
    assert [i for part in given for i in part] == list(range(tokens))
    assert all(stop - start <= limit for start, stop, _ in overlapping(tokens, limit))


def test_windows_overlap_as_stated() -> None:
    (_, first, _), (second, _, skip) = overlapping(9000, 8192)
    assert first - second == skip == OVERLAP
