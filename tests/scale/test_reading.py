"""Which files are meant, and what one block holds."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from jina_notebook.elastic.records import Unreadable
from jina_notebook.errors import InputError
from jina_notebook.scale.reading import FAULT, LABEL, LINE, BlockSource, _files, _kind, _lines_of_file, pieces


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.jsonl", "a.jsonl", "notes.txt"):
        (tmp_path / name).write_text('{"text": "tea"}\n')
    return tmp_path


def test_a_folder_a_pattern_and_a_list_name_files_in_order(folder: Path) -> None:
    both = [str(folder / "a.jsonl"), str(folder / "b.jsonl")]
    assert _files(folder) == both
    assert _files(str(folder / "*.jsonl")) == both
    assert _files([folder / "b.jsonl", folder / "a.jsonl"]) == both[::-1]
    assert _files("s3://bucket/corpus.jsonl") == ["s3://bucket/corpus.jsonl"]


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ("nowhere.jsonl", "There is nothing to read at 'nowhere.jsonl'."),
        (7, "A int is neither a Ray data set nor a path or a list of paths."),
        ([{"text": "tea"}], "A list is neither a Ray data set nor a path or a list of paths."),
        ([], "There are no files to read."),
    ],
)
def test_what_is_no_data_set_is_refused(documents: Any, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        _files(documents)
    assert refused.value.message == sentence


def test_files_of_other_kinds_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match=r"notes\.txt' is not a file of documents"):
        _kind([str(folder / "notes.txt")])
    with pytest.raises(InputError, match="are files of different kinds"):
        _kind(["a.jsonl", "b.parquet"])
    assert [_kind([name]) for name in ("A.JSONL", "a.ndjson.gz", "a.pq", "a.jpeg")] == [
        "lines",
        "lines",
        "parquet",
        "images",
    ]


def blocks_of(file: Path) -> list[dict[str, Any]]:
    return [
        dict(zip((LABEL, LINE, FAULT), row, strict=True))
        for block in _lines_of_file(str(file))
        for row in zip(block[LABEL], block[LINE], block[FAULT], strict=True)
    ]


def entries(rows: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    return [tuple(entry) for entry in BlockSource(pa.Table.from_pylist(rows), 3, lines=True)]


def test_lines_of_json_keep_their_file_and_number_and_a_broken_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"text": "tea", "n": 1}\n\n{"text":\n"water"\n')
    found = entries(blocks_of(file))
    assert found[0] == ("corpus.jsonl line 1", {"text": "tea", "n": 1})
    assert found[1][0] == "corpus.jsonl line 3"
    assert isinstance(found[1][1], Unreadable)
    assert found[1][1].reason.startswith("corpus.jsonl line 3 is not JSON: ")
    assert found[2] == ("corpus.jsonl line 4", "water")


def test_lines_are_read_through_an_address_as_well(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"text": "tea"}\n{"text": "water"}\n'))
    (block,) = _lines_of_file(file.as_uri())
    assert list(block[LABEL]) == ["corpus.jsonl.gz line 1", "corpus.jsonl.gz line 2"]
    assert list(block[LINE]) == [b'{"text": "tea"}\n', b'{"text": "water"}\n']


def test_an_address_that_cannot_be_opened_is_named_and_the_other_files_are_read(tmp_path: Path) -> None:
    (block,) = _lines_of_file((tmp_path / "nowhere.jsonl").as_uri())
    assert list(block[LABEL]) == ["nowhere.jsonl"]
    assert "cannot be read to its end" in block[FAULT][0]


def test_a_file_that_breaks_off_gives_what_was_whole_and_names_itself(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl.gz"
    whole = gzip.compress(b"".join(b'{"text": "line %d of a longer file"}\n' % i for i in range(5000)))
    file.write_bytes(whole[: len(whole) // 2])
    found = entries(blocks_of(file))
    assert len(found) > 100
    assert found[0] == ("corpus.jsonl.gz line 1", {"text": "line 0 of a longer file"})
    label, last = found[-1]
    assert label == "corpus.jsonl.gz"
    assert "cannot be read to its end" in last.reason


def test_rows_of_a_table_are_named_by_block_and_row() -> None:
    table = pa.Table.from_pylist([{"text": f"t{i}", "n": i} for i in range(5)])
    source = BlockSource(table, 2, start=1, stop=4)
    assert [tuple(entry) for entry in source] == [
        (f"block 2 #{i}", {"text": f"t{i + 1}", "n": i + 1}) for i in range(3)
    ]
    assert (source.total, source.repeatable) == (3, True)


def test_a_block_of_pandas_reads_like_one_of_arrow() -> None:
    frame = pd.DataFrame({"text": ["a", "b"], "n": [1, 2]})
    assert [entry.item for entry in BlockSource(frame, 0)] == [{"text": "a", "n": 1}, {"text": "b", "n": 2}]


def test_pixels_become_a_picture() -> None:
    pixels = np.zeros((2, 3, 3), dtype=np.uint8).tolist()
    (entry,) = BlockSource(pa.Table.from_pylist([{"image": pixels}]), 0, image="image")
    assert isinstance(entry.item["image"], Image.Image)
    assert entry.item["image"].size == (3, 2)


def test_blocks_are_numbered_and_parts_of_blocks_stay_parts() -> None:
    part = SimpleNamespace(start_offset=2, end_offset=5)
    bundles = [
        SimpleNamespace(blocks=[("r0", None), ("r1", None)], slices=[None, part]),
        SimpleNamespace(blocks=[("r2", None)], slices=None),
    ]
    found = list(pieces(SimpleNamespace(iter_internal_ref_bundles=lambda: iter(bundles))))
    assert [tuple(piece) for piece in found] == [(0, "r0", 0, None), (1, "r1", 2, 5), (2, "r2", 0, None)]
