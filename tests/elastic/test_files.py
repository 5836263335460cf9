"""Files of documents."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from jina_notebook.elastic.documents import source_of
from jina_notebook.elastic.records import Entry, Unreadable
from jina_notebook.errors import InputError


def read(path: Path, vector: str | None = None) -> list[Entry]:
    return list(source_of(path, text="text", vector=vector))


def test_a_corpus_in_the_beir_layout_is_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    lines = [{"_id": str(i), "title": f"t{i}", "text": f"x{i}", "metadata": {}} for i in range(3)]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    assert [entry.item for entry in read(path)] == lines
    assert source_of(str(path), text="text", vector=None).total == 3


def test_a_broken_line_is_named_by_its_number_and_blank_lines_count(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a"}\n\n{"text": "b"\n\r\n{"text": "c"}')
    entries = read(path)
    assert [entry.label for entry in entries] == ["line 1", "line 3", "line 5"]
    assert entries[0].item == {"text": "a"}
    assert isinstance(entries[1].item, Unreadable)
    assert "line 3 is not JSON" in entries[1].item.reason
    assert entries[2].item == {"text": "c"}


def test_bytes_that_are_no_utf8_are_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(b'{"text": "caf\xe9"}\n{"text": "b"}\n')
    first, second = read(path)
    assert isinstance(first.item, Unreadable)
    assert second.item == {"text": "b"}


def test_a_compressed_file_is_read_without_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a"}\n{"text": "b"}\n'))
    assert [entry.item["text"] for entry in read(path)] == ["a", "b"]
    assert source_of(path, text="text", vector=None).total is None


@pytest.mark.parametrize("cut", [b"not gzip at all", gzip.compress(b'{"text": "a"}\n' * 5000)[:-20]])
def test_a_compressed_file_that_is_cut_off_is_a_clear_error(tmp_path: Path, cut: bytes) -> None:
    path = tmp_path / "c.jsonl.gz"
    path.write_bytes(cut)
    with pytest.raises(InputError, match=r"c\.jsonl\.gz.* cannot be read to its end"):
        read(path)


def table(**columns: Any) -> pa.Table:
    return pa.table({"text": [f"t{i}" for i in range(700)], **columns})


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.list_(pa.float32(), 3), pa.large_list(pa.float64())])
def test_parquet_is_read_in_batches_with_vectors_as_arrays(tmp_path: Path, kind: pa.DataType) -> None:
    vectors = np.arange(2100, dtype=np.float32).reshape(700, 3)
    parquet.write_table(table(v=pa.array(list(vectors.tolist()), type=kind)), tmp_path / "c.parquet")
    entries = read(tmp_path / "c.parquet", vector="v")
    assert len(entries) == source_of(tmp_path / "c.parquet", text="text", vector=None).total == 700
    assert entries[699].item["text"] == "t699"
    assert isinstance(entries[0].item["v"], np.ndarray)
    assert np.stack([entry.item["v"] for entry in entries]).tolist() == vectors.tolist()


def test_uneven_or_missing_vectors_come_as_lists(tmp_path: Path) -> None:
    ragged = [[1.0, 2.0], None, [3.0]] + [[0.5, 0.5]] * 697
    parquet.write_table(table(v=pa.array(ragged, type=pa.list_(pa.float32()))), tmp_path / "c.parquet")
    assert [entry.item["v"] for entry in read(tmp_path / "c.parquet", vector="v")][:3] == [[1.0, 2.0], None, [3.0]]


def test_a_frame_written_by_pandas_is_read(tmp_path: Path) -> None:
    pd.DataFrame({"text": ["a"], "when": [pd.Timestamp("2024-01-02")]}).to_parquet(tmp_path / "c.parquet")
    (entry,) = read(tmp_path / "c.parquet")
    assert entry.item["when"].year == 2024


def test_a_file_that_is_no_parquet_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "c.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read(tmp_path / "c.parquet")
