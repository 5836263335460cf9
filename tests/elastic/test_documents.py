"""Sources: whatever a caller hands over is read as a stream of documents, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jina_notebook.elastic.documents import Chunking, chunks, sample_of, source_of
from jina_notebook.errors import InputError
from jina_notebook.results import Embeddings


def read(documents: Any, **options: Any) -> list[Any]:
    return [entry.item for entry in source_of(documents, **{"text": "text", "vector": None, **options})]


def embeddings(**changes: Any) -> Embeddings:
    facts: dict[str, Any] = {
        "vectors": np.eye(2, dtype=np.float32),
        "model": "m",
        "revision": "r",
        "task": None,
        "dimensions": 2,
        "token_counts": (1, 1),
        "truncated": (False, False),
        "inputs": ("a", "b"),
    }
    return Embeddings(**{**facts, **changes})


def test_a_list_a_tuple_a_generator_and_an_iterator_give_their_items_with_their_places() -> None:
    items = [{"text": "a"}, "b", None]
    for documents in (items, tuple(items), iter(items), (item for item in items)):
        source = source_of(documents, text="text", vector=None)
        assert [(e.label, e.item) for e in source] == [("#0", {"text": "a"}), ("#1", "b"), ("#2", None)]


def test_the_number_is_known_where_it_can_be_and_generators_are_read_once() -> None:
    assert source_of([1, 2], text="t", vector=None).total == 2
    stream = source_of(iter([1, 2]), text="t", vector=None)
    assert stream.total is None
    assert not stream.repeatable
    assert sample_of(stream) is None
    assert list(stream)


def test_a_frame_gives_rows_by_position_whatever_its_index() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"], "n": [1, 2, 3]}, index=[7, 7, 0])
    assert read(frame.iloc[1:]) == [{"text": "b", "n": 2}, {"text": "c", "n": 3}]


def test_a_long_frame_is_read_whole_and_in_order() -> None:
    frame = pd.DataFrame({"text": [f"t{i}" for i in range(1500)]})
    assert [row["text"] for row in read(frame)] == [f"t{i}" for i in range(1500)]
    assert len(sample_of(source_of(frame, text="text", vector=None)) or []) == 1000


def test_a_frame_keeps_arrays_and_names_that_are_no_text() -> None:
    frame = pd.DataFrame({"text": ["a"], 2024: [5], "v": [np.ones(3, dtype=np.float32)]})
    (row,) = read(frame)
    assert row["2024"] == 5
    assert row["v"].tolist() == [1, 1, 1]


def test_a_frame_with_two_columns_of_one_name_is_refused() -> None:
    with pytest.raises(InputError, match="more than one column named 'a'"):
        read(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_series_and_an_arrow_table_are_read() -> None:
    assert read(pd.Series(["a", "b"], index=[5, 5])) == ["a", "b"]
    assert read(pa.table({"text": ["a", "b"], "n": [1, None]})) == [{"text": "a", "n": 1}, {"text": "b", "n": None}]


def test_a_table_that_gives_named_rows_is_read() -> None:
    class Table:
        columns = ("text",)

        def __len__(self) -> int:
            return 2

        def iter_rows(self, *, named: bool) -> Iterator[dict[str, str]]:
            assert named
            return iter([{"text": "a"}, {"text": "b"}])

    assert read(Table()) == [{"text": "a"}, {"text": "b"}]


def test_embeddings_give_their_inputs_with_the_vectors_that_are_there() -> None:
    rows = read(embeddings(), vector="vector")
    assert [row["text"] for row in rows] == ["a", "b"]
    assert rows[1]["vector"].tolist() == [0, 1]


def test_embeddings_without_inputs_are_refused() -> None:
    with pytest.raises(InputError, match="hold no inputs"):
        read(embeddings(inputs=()), vector="vector")


@pytest.mark.parametrize(
    ("documents", "text"),
    [
        ({"text": "a"}, "A dict is not a collection"),
        ({"a", "b"}, "A set is not a collection"),
        (5, "A int is not a collection"),
        (None, "A NoneType is not a collection"),
        (b"bytes", "A bytes is not a collection"),
        ("just a sentence", "not a file of documents"),
        ("missing.jsonl", r"no file 'missing\.jsonl'"),
        (Path("notes.docx"), "not a file of documents"),
    ],
)
def test_something_that_is_no_collection_is_refused(documents: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        source_of(documents, text="text", vector=None)


def test_chunks_grow_and_hold_everything_once() -> None:
    size = Chunking(documents=2, most=8)
    lengths, items = [], []
    for chunk in chunks(source_of(range(23), text="t", vector=None), size):
        lengths.append(len(chunk))
        items += [entry.item for entry in chunk]
        size.grow()
    assert lengths == [2, 4, 8, 8, 1]
    assert items == list(range(23))


def test_a_slow_source_is_read_in_short_chunks() -> None:
    size = Chunking(documents=64, seconds=-1.0)
    assert [len(chunk) for chunk in chunks(source_of(range(3), text="t", vector=None), size)] == [1, 1, 1]


def test_what_was_read_before_a_source_fails_is_handed_on_with_the_next_chunk_only() -> None:
    def feed() -> Iterator[int]:
        yield from range(5)
        raise KeyboardInterrupt

    pieces = chunks(source_of(feed(), text="t", vector=None), Chunking(documents=2))
    assert [entry.item for entry in next(pieces)] == [0, 1]
    assert [entry.item for entry in next(pieces)] == [2, 3]
    with pytest.raises(KeyboardInterrupt):
        next(pieces)
