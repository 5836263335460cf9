"""Reading a folder in BEIR layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook.data import read_beir
from jina_notebook.errors import InputError

CORPUS = '{"_id": "d1", "title": "Tea", "text": "green tea"}\n{"_id": "d2", "text": "coffee"}\n'
QUERIES = '{"_id": "q1", "text": "something warm", "lang": "en"}\n'
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n"


def write(folder: Path, corpus: str = CORPUS, queries: str = QUERIES, qrels: str = QRELS, split: str = "test") -> Path:
    (folder / "qrels").mkdir(exist_ok=True)
    (folder / "corpus.jsonl").write_text(corpus, encoding="utf-8")
    (folder / "queries.jsonl").write_text(queries, encoding="utf-8")
    (folder / "qrels" / f"{split}.tsv").write_text(qrels, encoding="utf-8")
    return folder


def test_a_folder_becomes_documents_queries_and_judgments(tmp_path: Path) -> None:
    collection = read_beir(write(tmp_path))
    assert collection.corpus == [
        {"_id": "d1", "title": "Tea", "text": "green tea"},
        {"_id": "d2", "title": "", "text": "coffee"},
    ]
    assert collection.queries == {"q1": "something warm"}
    assert collection.qrels == {"q1": {"d1": 2, "d2": 0}}
    assert collection.query_fields == {"q1": {"lang": "en"}}
    assert (collection.name, collection.path) == (tmp_path.name, tmp_path)


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, corpus="\ufeff" + CORPUS.replace("\n", "\r\n\r\n"), qrels="\ufeff" + QRELS.replace("\n", "\r\n"))
    assert read_beir(tmp_path).qrels == {"q1": {"d1": 2, "d2": 0}}


def test_numbers_as_ids_become_text_and_whole_grades_may_have_a_point(tmp_path: Path) -> None:
    write(tmp_path, '{"_id": 7, "text": "tea"}', '{"_id": 1, "text": "tea"}', "query-id\tcorpus-id\tscore\n1\t7\t1.0\n")
    collection = read_beir(tmp_path)
    assert collection.corpus[0]["_id"] == "7"
    assert collection.qrels == {"1": {"7": 1}}


def test_another_split_is_read_by_its_name(tmp_path: Path) -> None:
    assert read_beir(write(tmp_path, split="dev"), split="dev").qrels == {"q1": {"d1": 2, "d2": 0}}


def test_a_judged_document_may_be_missing_from_the_corpus(tmp_path: Path) -> None:
    assert read_beir(write(tmp_path, qrels=QRELS + "q1\tgone\t1\n")).qrels["q1"]["gone"] == 1


def test_a_document_that_is_not_text_in_line_2_is_named(tmp_path: Path) -> None:
    write(tmp_path, corpus=CORPUS.splitlines()[0] + "\n{not json}\n")
    with pytest.raises(InputError, match=r"corpus\.jsonl, line 2: no valid JSON at column 2"):
        read_beir(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('["d1"]', "line 1: a list instead of a JSON object"),
        ('{"text": "tea"}', "line 1: no field '_id' among 'text'"),
        ('{"_id": "d1", "title": "tea"}', "line 1: no field 'text' among '_id', 'title'"),
        ('{"_id": "d1", "text": null}', "line 1: the field 'text' is a NoneType, not a string"),
        ('{"_id": "d1", "text": "a"}\n{"_id": "d1", "text": "b"}', "line 2: the _id 'd1' was used in line 1 before"),
    ],
)
def test_a_record_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_beir(write(tmp_path, corpus=line))
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("q1\td1\t2\n", "line 1: the header is 'q1\\td1\\t2'"),
        ("", "line 1: the header is ''"),
        ("query-id\tcorpus-id\tscore\nq1 d1 2\n", "line 2: 1 columns instead of 3"),
        ("query-id\tcorpus-id\tscore\nq1\td1\thigh\n", "line 2: the grade is 'high'"),
        ("query-id\tcorpus-id\tscore\nq1\td1\t0.5\n", "line 2: the grade is '0.5'"),
        ("query-id\tcorpus-id\tscore\nq1\td1\tinf\n", "line 2: the grade is 'inf'"),
        ("query-id\tcorpus-id\tscore\nq9\td1\t1\n", "line 2: query 'q9' is judged, but queries.jsonl has no such _id"),
        ("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td1\t2\n", "line 3: document 'd1' is judged twice for query 'q1'"),
    ],
)
def test_a_judgment_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, qrels: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_beir(write(tmp_path, qrels=qrels))
    assert message in caught.value.message


def test_a_missing_file_is_named_with_what_is_there_instead(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(InputError, match=r"train\.tsv does not exist") as caught:
        read_beir(tmp_path, split="train")
    assert "test.tsv" in str(caught.value.hint)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere' is not a folder"):
        read_beir(tmp_path / "nowhere")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "corpus.jsonl").write_bytes('{"_id": "d1", "text": "müde"}'.encode("latin-1"))
    with pytest.raises(InputError, match=r"corpus\.jsonl is not UTF-8: byte 0xfc"):
        read_beir(tmp_path)


def test_a_folder_in_a_file_s_place_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "queries.jsonl").unlink()
    (tmp_path / "queries.jsonl").mkdir()
    with pytest.raises(InputError, match=r"queries\.jsonl cannot be read"):
        read_beir(tmp_path)
