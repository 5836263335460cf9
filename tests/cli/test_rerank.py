"""`jina-notebook rerank`."""

from __future__ import annotations

from pathlib import Path

import jina_notebook as jn
from jina_notebook.testing import tiny_checkpoint
from tests.cli.conftest import Shell, documented, shape

MINILM = ("--model", "offline-minilm", "--device", "cpu", "--dtype", "float32")
DRINKS = "a bicycle\nhot chocolate\niced tea\n"


def test_documents_of_a_pipe_come_back_best_first(shell: Shell) -> None:
    (record,) = shell("rerank", "something warm to drink", *MINILM, "--json", pipe=DRINKS).records
    expected = jn.load("offline-minilm", device="cpu", dtype="float32").rerank(
        "something warm to drink", DRINKS.splitlines()
    )
    assert [result["index"] for result in record["results"]] == [item.index for item in expected]
    assert [result["document"] for result in record["results"]] == [item.document for item in expected]
    assert [result["rank"] for result in record["results"]] == [1, 2, 3]
    assert shape(record) == shape(documented("rerank"))
    assert record["stand_in"] is True


def test_words_are_documents_and_text_is_a_table(shell: Shell) -> None:
    ended = shell("rerank", "something warm to drink", *DRINKS.splitlines(), *MINILM, "--top-n", "2")
    assert ended.status == 0
    assert ended.out.startswith("2 of 3 documents ranked for")
    assert "hot chocolate" in ended.out
    assert "a bicycle" not in ended.out


def test_records_come_back_with_all_their_fields(shell: Shell) -> None:
    lines = '{"id": 7, "text": "a bicycle"}\n{"id": 8, "text": "hot chocolate"}\n'
    (record,) = shell("rerank", "warm drink", *MINILM, "--json", pipe=lines).records
    assert record["results"][0]["document"] == {"id": 8, "text": "hot chocolate"}
    (bare,) = shell("rerank", "warm drink", *MINILM, "--json", "--no-return-documents", pipe=lines).records
    assert [result["document"] for result in bare["results"]] == [None, None]


def test_a_checkpoint_in_a_folder(shell: Shell, tmp_path: Path) -> None:
    name = "jina-reranker-v2-base-multilingual"
    path = tiny_checkpoint(name, tmp_path / "checkpoint")
    ended = shell("rerank", "tea", "a", "b", "--model", name, "--path", str(path), "--json")
    assert ended.status == 0, ended.err
    assert ended.records[0]["revision"] == "local"
    assert len(ended.records[0]["results"]) == 2


def test_a_model_that_does_not_rerank_is_refused(shell: Shell) -> None:
    ended = shell("rerank", "tea", "a", "--model", "jina-embeddings-v3")
    assert (ended.status, ended.out) == (1, "")
    assert "jina-notebook rerank cannot use jina-embeddings-v3" in ended.err
    assert "jina-reranker-v3" in ended.err


def test_no_documents_are_an_error_and_no_query_is_a_usage_error(shell: Shell) -> None:
    assert shell("rerank", "tea", pipe="\n\n").status == 1
    assert shell("rerank").status == 2
