"""Files of vectors: whole or not at all, named by their content, and what is there is not embedded again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from jina_notebook.elastic.documents import source_of
from jina_notebook.elastic.embedding import EmbeddingStage
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.plan import Columns
from jina_notebook.elastic.work import Work
from jina_notebook.errors import IndexFitError, InputError
from jina_notebook.results import IndexReport
from jina_notebook.scale.parts import Folder, PartsWriter
from tests.elastic.doubles import WordModel, meta_of

DOCUMENTS = [{"_id": str(i), "text": f"text number {i}", "price": i / 2} for i in range(5)]


def written(folder: Folder, documents: list[Any], *, tokens: bool = False, there: Any = None) -> IndexReport:
    model = WordModel()
    meta = meta_of(model, token_field="token_vectors" if tokens else None)
    source = source_of(documents, text="text", vector=None)
    stage = EmbeddingStage.for_index(model, meta)
    work = Work(source=source, total=source.total, columns=Columns(), wanted=meta, stage=stage)
    return PartsWriter(folder, work, there).run()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder.of(tmp_path / "vectors")
    made.prepared(meta_of(WordModel()))
    return made


def read(folder: Folder) -> list[dict[str, Any]]:
    return [row for file in folder.files() for row in parquet.read_table(file).to_pylist()]


def test_a_row_holds_the_document_and_its_vector(folder: Folder) -> None:
    report = written(folder, DOCUMENTS)
    rows = sorted(read(folder), key=lambda row: row["_id"])
    assert (report.indexed, report.skipped, report.failed) == (5, 0, ())
    assert [(row["_id"], row["text"], row["price"]) for row in rows] == [
        (d["_id"], d["text"], d["price"]) for d in DOCUMENTS
    ]
    expected = WordModel().embed([d["text"] for d in DOCUMENTS]).vectors
    assert np.array_equal(np.array([row["vector"] for row in rows], dtype=np.float32), expected)
    assert report.bytes_sent > 0


def test_the_same_documents_again_are_the_same_file(folder: Folder) -> None:
    written(folder, DOCUMENTS)
    before = folder.files()
    written(folder, DOCUMENTS)
    assert folder.files() == before
    assert len(read(folder)) == 5


def test_what_is_there_is_not_embedded_again_and_what_changed_is(folder: Folder) -> None:
    written(folder, DOCUMENTS)
    changed = [*DOCUMENTS[:4], {**DOCUMENTS[4], "text": "another text"}]
    report = written(folder, changed, there=folder.seen())
    assert (report.indexed, report.skipped, report.tokens) == (1, 4, 2)
    assert len(read(folder)) == 6


def test_token_vectors_are_kept_one_matrix_a_document(folder: Folder) -> None:
    written(folder, [{"_id": "a", "text": "green tea"}, {"_id": "b", "text": "tea"}], tokens=True)
    rows = {row["_id"]: np.array(row["token_vectors"], dtype=np.float32) for row in read(folder)}
    assert {key: value.shape for key, value in rows.items()} == {"a": (2, 64), "b": (1, 64)}
    expected = WordModel().embed(["green tea"], return_multivector=True).vectors[0]
    assert np.array_equal(rows["a"], expected)


def test_a_field_of_different_types_is_kept_as_json(folder: Folder) -> None:
    written(folder, [{"_id": "a", "text": "x", "tag": 1}, {"_id": "b", "text": "y", "tag": {"k": "v"}}])
    assert sorted(row["tag"] for row in read(folder)) == ["1", '{"k":"v"}']


def test_documents_that_cannot_be_stored_are_named_and_the_others_written(folder: Folder) -> None:
    report = written(folder, [{"_id": "a", "text": 3}, {"_id": "b", "text": "tea"}, {"_id": "b", "text": "tea"}])
    assert [(f.id, report.indexed) for f in report.failed] == [("a", 1), ("b", 1)]


def test_nothing_to_write_makes_no_file(folder: Folder) -> None:
    assert written(folder, []).indexed == 0
    assert folder.files() == []
    assert folder.seen() is None


def test_the_folder_remembers_its_model_and_refuses_another(folder: Folder) -> None:
    meta = meta_of(WordModel())
    assert folder.remembered() == meta
    assert json.loads((Path(folder.name) / "_jina_notebook.json").read_text())["jina_notebook"]["model"] == meta.model
    folder.prepared(meta)
    for change, told in (
        ({"model": "jina-embeddings-v3"}, "with model 'offline-minilm'; 'jina-embeddings-v3' does not fit"),
        ({"task": "text-matching"}, "with task 'retrieval.passage'; 'text-matching' does not fit"),
        ({"dimensions": 32}, "with dimensions 64; 32 does not fit"),
    ):
        with pytest.raises(IndexFitError, match=told):
            folder.prepared(replace(meta, **change))


def test_a_folder_of_someone_else_has_no_memory(tmp_path: Path) -> None:
    assert Folder.of(tmp_path).remembered() is None
    assert Folder.of(tmp_path).files() == []


def test_something_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="output=None is not the path of a folder"):
        Folder.of(None)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        Folder.of(tmp_path / "file" / "inside").prepared(
            IndexMeta(model="m", revision="r", task=None, query_task=None, dimensions=4)
        )
