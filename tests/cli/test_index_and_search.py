"""`jina-notebook index` and `search` on a real server: files, pipes, reports, hits, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jina_notebook import loading
from jina_notebook.elastic import connection
from jina_notebook.testing import tiny_checkpoint
from tests.cli.conftest import Shell, documented, shape

pytestmark = pytest.mark.server

SHOP = [
    {"id": "mug", "text": "A double-walled mug keeps tea warm for hours.", "price": 12},
    {"id": "lamp", "text": "A desk lamp with three brightness levels.", "price": 30},
    {"id": "hose", "text": "A garden hose of fifteen metres.", "price": 25},
]
LINES = "".join(json.dumps(document) + "\n" for document in SHOP)
MINILM = ("--model", "offline-minilm", "--device", "cpu")


@pytest.fixture(autouse=True)
def server(elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(connection, "_known", {})
    monkeypatch.setenv("ELASTICSEARCH_URL", elasticsearch_url)
    yield
    for known in connection.connections():
        known.close()


@pytest.fixture
def shop(shell: Shell, index_name: str) -> str:
    assert shell("index", "-", index_name, *MINILM, "--id", "id", pipe=LINES).status == 0
    return index_name


def test_a_file_is_indexed_once(shell: Shell, index_name: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.jsonl"
    file.write_text(LINES, "utf-8")
    (first,) = shell("index", str(file), index_name, *MINILM, "--id", "id", "--json").records
    (again,) = shell("index", str(file), index_name, *MINILM, "--id", "id", "--json").records
    assert (first["indexed"], first["skipped"], first["failed"]) == (3, 0, [])
    assert (again["indexed"], again["skipped"]) == (0, 3)
    assert first.keys() == documented("index").keys()
    assert first["estimate"] is False


def test_lines_of_a_pipe_are_texts_where_they_are_no_records(shell: Shell, index_name: str) -> None:
    ended = shell("index", "-", index_name, *MINILM, pipe="green tea\n\n{black} coffee\n")
    assert ended.out.startswith(f"{index_name}: 2 indexed, 0 skipped (already there), 0 failed")
    (hits,) = shell("search", "coffee", index_name, "--mode", "lexical", "--json").records
    assert [hit["source"]["text"] for hit in hits["hits"]] == ["{black} coffee"]


def test_failed_documents_are_told_and_fail_only_a_strict_run(shell: Shell, index_name: str) -> None:
    lines = '{"id": "1", "text": "tea"}\nbroken\n{"id": "3"}\n'
    lenient = shell("index", "-", index_name, *MINILM, "--id", "id", "--json", pipe=lines)
    assert lenient.status == 0
    assert [failed["id"] for failed in lenient.records[0]["failed"]] == ["#1", "3"]
    assert shape(lenient.records[0]["failed"]) == shape(documented("index")["failed"])
    assert "2 of 3 documents were not stored" in lenient.err
    strict = shell("index", "-", index_name, *MINILM, "--id", "id", "--strict", pipe=lines)
    assert strict.status == 1
    assert "line 2 is not a JSON object" in strict.out


def test_an_estimate_writes_nothing(shell: Shell, index_name: str) -> None:
    (record,) = shell("index", "-", index_name, *MINILM, "--id", "id", "--estimate", "--json", pipe=LINES).records
    assert record["estimate"] is True
    assert record["indexed"] == 3
    assert record.keys() == documented("index").keys() | documented("index --estimate").keys()
    missing = shell("search", "tea", index_name, "--mode", "lexical")
    assert missing.status == 1
    assert index_name in missing.err


def test_fields_and_sizes_are_handed_on(shell: Shell, index_name: str, tmp_path: Path) -> None:
    name = "jina-embeddings-v3"
    path = tiny_checkpoint(name, tmp_path / "checkpoint")
    options = ("--model", name, "--path", str(path), "--device", "cpu", "--dtype", "float32")
    lines = '{"sku": "a", "body": "tea"}\n'
    more = ("--id", "sku", "--text", "body", "--dimensions", "64", "--index-options", '{"type": "flat"}')
    ended = shell("index", "-", index_name, *options, *more, "--json", pipe=lines)
    assert ended.status == 0, ended.err
    assert (ended.records[0]["dimensions"], ended.records[0]["revision"]) == (64, "local")
    loading.unload()
    unknown = shell("search", "tea", index_name, "--mode", "vector")
    assert (unknown.status, unknown.out) == (1, "")
    assert "local folder" in unknown.err
    (found,) = shell("search", "tea", index_name, "--mode", "vector", *options, "--json").records
    assert [hit["id"] for hit in found["hits"]] == ["a"]
    again = shell(
        "index", "-", index_name, *options, "--recreate", "--dimensions", "32", "--json", pipe='{"text": "x"}'
    )
    assert again.records[0]["dimensions"] == 32


def test_hits_as_json_have_every_documented_field(shell: Shell, shop: str) -> None:
    ended = shell("search", "something to drink from", shop, "--k", "2", "--json")
    (found,) = ended.records
    assert len(found["hits"]) == 2
    assert found["hits"][0]["id"] == "mug"
    assert found["hits"][0]["source"]["price"] == 12
    expected = documented("search")
    assert found.keys() == expected.keys()
    assert found["hits"][0].keys() == expected["hits"][0].keys()
    assert shape(found["hits"][0]["explanation"]) == shape(expected["hits"][0]["explanation"])
    assert (found["model"], found["stand_in"]) == ("offline-minilm", True)


def test_hits_as_text_are_a_table(shell: Shell, shop: str) -> None:
    ended = shell("search", "lamp", shop, "-k", "1", "--mode", "lexical")
    assert ended.out.startswith('1 hit for "lamp"')
    assert "A desk lamp" in ended.out


def test_filter_and_rerank(shell: Shell, shop: str) -> None:
    cheap = '{"range": {"price": {"lt": 28}}}'
    options = ("--filter", cheap, "--rerank", "offline-minilm", "--rerank-top", "5", "--json")
    (found,) = shell("search", "light", shop, "--mode", "vector", *options).records
    assert {hit["id"] for hit in found["hits"]} == {"mug", "hose"}
    assert found["reranker"] == "offline-minilm"
    assert found["hits"][0]["explanation"][-1]["stage"] == "rerank"


def test_a_reranker_from_a_folder(shell: Shell, shop: str, tmp_path: Path) -> None:
    name = "jina-reranker-v2-base-multilingual"
    path = tiny_checkpoint(name, tmp_path / "checkpoint")
    ended = shell("search", "lamp", shop, "--mode", "lexical", "--rerank", name, "--rerank-path", str(path), "--json")
    assert ended.status == 0, ended.err
    assert ended.records[0]["reranker"] == name


def test_several_indices_and_several_queries(shell: Shell, shop: str) -> None:
    other = f"{shop}-other"
    shell("index", "-", other, *MINILM, pipe="A camping lamp.\n")
    ended = shell("search", "-", shop, other, "--mode", "lexical", "--json", pipe="lamp\nhose\n")
    assert [found["query"] for found in ended.records] == ["lamp", "hose"]
    assert {hit["index"] for hit in ended.records[0]["hits"]} == {shop, other}
    assert "2 searches" in shell("search", "-", shop, other, "--mode", "lexical", pipe="lamp\nhose\n").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mode", "lexicl"), "lexical"),
        (("--filter", "{price"), "--filter is '{price', which is not JSON"),
        (("--rerank", "jina-reranker-v4"), "did you mean jina-reranker-v"),
        (("--model", "jina-embeddings-v3"), "was filled by offline-minilm"),
        (("--device", "gpu"), "device='gpu'"),
    ],
)
def test_what_does_not_fit_is_a_sentence(arguments: tuple[str, ...], said: str, shell: Shell, shop: str) -> None:
    ended = shell("search", "lamp", shop, *arguments)
    assert (ended.status, ended.out) == (1, "")
    assert said in ended.err


def test_an_unknown_index_names_the_near_one(shell: Shell, shop: str) -> None:
    ended = shell("search", "lamp", f"{shop}x")
    assert ended.status == 1
    assert f"did you mean {shop}" in ended.err


def test_a_folder_without_its_models_name_is_a_usage_error(shell: Shell, shop: str) -> None:
    assert shell("search", "lamp", shop, "--path", "x").status == 2
    assert shell("search", "lamp", shop, "--rerank-path", "x").status == 2


def test_a_server_that_is_not_there_is_a_sentence(shell: Shell) -> None:
    ended = shell("search", "lamp", "shop", "--url", "http://127.0.0.1:9")
    assert (ended.status, ended.out) == (1, "")
    assert "127.0.0.1:9" in ended.err


def test_an_interrupted_run_says_that_it_can_go_on(
    shell: Shell, index_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jina_notebook import indexing

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(indexing, "index", interrupted)
    ended = shell("index", "-", index_name, *MINILM, pipe=LINES)
    assert ended.status == 130
    assert "goes on from there" in ended.err
