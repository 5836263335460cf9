"""`jina-notebook evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, documented


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    contents = {
        "qrels.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\n",
        "qrels.trec": "q1 0 d1 1\nq2 0 d2 2\n",
        "worse.trec": "q1 Q0 d1 1 2.0 a\nq2 Q0 d3 1 2.0 a\nq2 Q0 d2 2 1.0 a\n",
        "better.json": json.dumps({"q1": {"d1": 2.0}, "q2": {"d2": 2.0}, "q3": {"d9": 1.0}}),
        "queries.jsonl": '{"_id": "q1", "text": "tea"}\n{"_id": "q2", "text": "ale"}\n',
    }
    for name, text in contents.items():
        (tmp_path / name).write_text(text, "utf-8")


RUNS = ("--runs", "worse=worse.trec", "--runs", "better=better.json")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("qrels", ["qrels.tsv", "qrels.trec"])
def test_every_run_is_measured_and_compared_with_the_first(qrels: str, shell: Shell) -> None:
    ended = shell("evaluate", "--qrels", qrels, *RUNS, "--metrics", "RR@10, P@1", "--json")
    (record,) = ended.records
    assert record["metrics"] == {"worse": {"RR@10": 0.75, "P@1": 0.5}, "better": {"RR@10": 1.0, "P@1": 1.0}}
    assert record["per_query"]["worse"]["RR@10"] == {"q1": 1.0, "q2": 0.5}
    first = record["comparisons"][0]
    assert (first["a"], first["b"], first["metric"], first["delta"]) == ("worse", "better", "RR@10", 0.25)
    assert (first["wins"], first["ties"], first["losses"]) == (1, 1, 0)
    assert record.keys() == documented("evaluate").keys()
    assert first.keys() == documented("evaluate")["comparisons"][0].keys()


@pytest.mark.usefixtures("files")
def test_text_is_the_table_of_runs_and_of_comparisons(shell: Shell) -> None:
    ended = shell("evaluate", "--qrels", "qrels.tsv", *RUNS)
    assert ended.out.startswith("2 runs over 2 judged queries")
    assert "nDCG@10" in ended.out
    assert "Against worse" in ended.out
    alone = shell("evaluate", "--qrels", "qrels.tsv", "--runs", "worse=worse.trec")
    assert "Against" not in alone.out
    assert alone.out.startswith("1 run over 2 judged queries")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--runs", "worse.trec"), "--runs is 'worse.trec', not NAME=FILE."),
        (("--runs", "a=none.trec"), "none.trec does not exist"),
        (("--runs", "a=worse.trec", "--runs", "a=worse.trec"), "The run 'a' is given twice."),
        (("--runs", "a=worse.trec", "--metrics", "nDGC@10"), "nDGC@10"),
        (("--runs", "a=better.json", "--queries", "queries.jsonl"), "'q3'"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(arguments: tuple[str, ...], said: str, shell: Shell) -> None:
    ended = shell("evaluate", "--qrels", "qrels.tsv", *arguments)
    assert (ended.status, ended.out) == (1, "")
    assert said in ended.err


@pytest.mark.usefixtures("files")
def test_queries_that_fit_change_nothing(shell: Shell) -> None:
    plain = shell("evaluate", "--qrels", "qrels.tsv", "--runs", "worse=worse.trec")
    assert plain == shell(
        "evaluate", "--qrels", "qrels.tsv", "--runs", "worse=worse.trec", "--queries", "queries.jsonl"
    )


def test_no_runs_are_a_usage_error(shell: Shell) -> None:
    assert shell("evaluate", "--qrels", "qrels.tsv").status == 2
