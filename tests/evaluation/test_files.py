"""Runs and judgments read from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook.errors import InputError
from jina_notebook.evaluation import read_qrels, read_run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.txt"


def test_judgments_are_read_from_trec_s_columns(path: Path) -> None:
    path.write_text("q1 0 d1 2\nq1 0 d2 0\nq2\t0\td1\t-1\n")
    assert read_qrels(path) == {"q1": {"d1": 2, "d2": 0}, "q2": {"d1": -1}}


def test_judgments_are_read_from_beir_s_table(path: Path) -> None:
    path.write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    assert read_qrels(path) == {"q1": {"d1": 2}}


def test_a_run_is_read_from_trec_s_columns(path: Path) -> None:
    path.write_text("q1 Q0 d2 1 12.5 bm25\nq1 Q0 d1 2 1e1 bm25\n\nq2 Q0 d1 1 -3 bm25\n")
    assert read_run(path) == {"q1": {"d2": 12.5, "d1": 10.0}, "q2": {"d1": -3.0}}


def test_a_run_is_read_from_beir_s_json(path: Path) -> None:
    path.write_text('{"q1": {"d1": 0.5, "d2": 1}}')
    assert read_run(path) == {"q1": {"d1": 0.5, "d2": 1.0}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q1 d1 1\n", "line 1: 3 columns, neither BEIR's header nor TREC's 4 columns"),
        ("q1 0 d1 1\nq1 0 d2 yes\n", "line 2: the grade is 'yes'"),
        ("q1 0 d1 1\nq1 0 d1 2\n", "line 2: document 'd1' is judged twice for query 'q1'"),
        ("query-id,corpus-id,score\n", "line 1: the header is 'query-id,corpus-id,score'"),
        ("", "holds no judgments"),
    ],
)
def test_judgments_that_cannot_be_read_are_named_with_their_line(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_qrels(path)
    assert message in caught.value.message
    assert str(path) in caught.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q1 Q0 d1 1 0.5\n", "line 1: 5 columns instead of TREC's 6"),
        ("q1 Q0 d1 1 0.5 a\nq1 Q0 d2 2 nan a\n", "line 2: the score is 'nan', which is not a number"),
        ("q1 Q0 d1 1 0.5 a\nq1 Q0 d1 2 0.4 a\n", "line 2: document 'd1' comes twice for query 'q1'"),
        ('{"q1": {"d1": 0.5,}}', "line 1: no valid JSON"),
        ('{"q1": ["d1"]}', "query 'q1' has a list"),
        ('{"q1": {"d1": "high"}}', "query 'q1', 'd1': the score is 'high'"),
        ("", "holds no results"),
    ],
)
def test_a_run_that_cannot_be_read_is_named_with_its_line(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_run(path)
    assert message in caught.value.message
    assert str(path) in caught.value.message


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(InputError, match=r"file\.txt does not exist"):
        read_run(path)
