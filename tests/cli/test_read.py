"""`jina-notebook read` and `ask`: what the model is given, and what is printed where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jina_notebook.catalog import card
from jina_notebook.results import Answer, Reading
from jina_notebook.testing import tiny_checkpoint
from tests.cli.conftest import Shell, documented, shape

SCHEMA = {"type": "object", "properties": {"price": {"type": "number"}}}


class Telling:
    """Reads and answers always the same, and keeps what it was given."""

    def __init__(self, name: str, *, truncated: bool = False) -> None:
        self.card = card(name)
        self.given: list[Any] = []
        self.truncated = truncated

    def read(self, html: str, **options: Any) -> Reading:
        self.given += [html, options]
        data = {"price": 3} if options["schema"] else None
        return Reading(text="# Tea", data=data, truncated=self.truncated, model="m", revision="r", tokens=2)

    def ask(self, image: Any, question: str, **options: Any) -> Answer:
        self.given += [image, question, options]
        return Answer(text="A cat.", truncated=self.truncated, model="m", revision="r", tokens=3)


@pytest.fixture
def reader(loaded: dict[str, Any]) -> Telling:
    loaded["ReaderLM-v2"] = model = Telling("ReaderLM-v2")
    return model


@pytest.fixture
def looker(loaded: dict[str, Any]) -> Telling:
    loaded["jina-vlm"] = model = Telling("jina-vlm")
    return model


def test_a_pipe_is_read_and_the_text_alone_is_printed(shell: Shell, reader: Telling) -> None:
    ended = shell("read", "--instruction", "the title", "--max-new-tokens", "9", pipe="<h1>Tea</h1>")
    assert ended == (0, "# Tea\n", "")
    assert reader.given == ["<h1>Tea</h1>", {"instruction": "the title", "schema": None, "max_new_tokens": 9}]


def test_a_file_is_read_with_a_schema_from_a_file_or_the_line(shell: Shell, reader: Telling, tmp_path: Path) -> None:
    page, schema = tmp_path / "page.html", tmp_path / "schema.json"
    page.write_text("<p>3</p>", "utf-8")
    schema.write_text(json.dumps(SCHEMA), "utf-8")
    for given in (str(schema), json.dumps(SCHEMA)):
        (record,) = shell("read", str(page), "--schema", given, "--json").records
        assert record["data"] == {"price": 3}
        assert shape(record) == {**shape(documented("read")), "data": {"price": None}}
    assert [reader.given[0], reader.given[1]["schema"]] == ["<p>3</p>", SCHEMA]
    assert reader.given[3]["schema"] == SCHEMA


def test_a_text_that_was_cut_is_told_on_stderr(shell: Shell, reader: Telling) -> None:
    reader.truncated = True
    ended = shell("read", pipe="<p>3</p>")
    assert ended.out == "# Tea\n"
    assert "token limit" in ended.err


@pytest.mark.parametrize(
    ("arguments", "pipe", "said"),
    [
        (("https://example.org",), None, "pages are not fetched"),
        (("no-such.html",), None, "There is no file 'no-such.html'."),
        ((), " \n", "There is no HTML"),
        (("--schema", "{broken"), "<p>", "--schema is not JSON"),
        (("--schema", "no-such.json"), "<p>", "There is no file 'no-such.json'."),
        (("--model", "jina-embeddings-v3"), "<p>", "cannot use jina-embeddings-v3"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    arguments: tuple[str, ...], pipe: str | None, said: str, shell: Shell, reader: Telling
) -> None:
    ended = shell("read", *arguments, pipe=pipe)
    assert (ended.status, ended.out, reader.given) == (1, "", [])
    assert said in ended.err


def test_a_terminal_is_not_read_unasked(shell: Shell, reader: Telling) -> None:
    assert shell("read").status == 2
    assert reader.given == []


def test_a_miniature_reads_from_its_folder(shell: Shell, tmp_path: Path) -> None:
    path = tiny_checkpoint("ReaderLM-v2", tmp_path / "checkpoint")
    ended = shell("read", "--path", str(path), "--max-new-tokens", "4", "--json", pipe="<p>tea</p>")
    assert ended.status == 0, ended.err
    assert ended.records[0]["model"] == "ReaderLM-v2"
    assert 1 <= ended.records[0]["tokens"] <= 4


def test_ask_hands_over_the_file_or_the_bytes_of_the_pipe(shell: Shell, looker: Telling) -> None:
    assert shell("ask", "cat.png", "What is it?") == (0, "A cat.\n", "")
    assert shell("ask", "-", "What is it?", "--max-new-tokens", "5", pipe=b"\x89PNG").out == "A cat.\n"
    assert looker.given == [
        *(Path("cat.png"), "What is it?", {"max_new_tokens": None}),
        *(b"\x89PNG", "What is it?", {"max_new_tokens": 5}),
    ]


def test_ask_as_json_has_every_documented_field(shell: Shell, looker: Telling) -> None:
    (record,) = shell("ask", "cat.png", "What is it?", "--json").records
    assert shape(record) == shape(documented("ask"))
    assert (record["question"], record["text"]) == ("What is it?", "A cat.")


def test_ask_refuses_a_model_without_eyes(shell: Shell, looker: Telling) -> None:
    ended = shell("ask", "cat.png", "What is it?", "--model", "ReaderLM-v2")
    assert ended.status == 1
    assert "Models for it: jina-vlm." in ended.err
