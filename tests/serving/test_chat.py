"""`/v1/chat/completions`: readers of pages, and models that answer about pictures, with OpenAI's own client."""

from __future__ import annotations

from typing import Any

import openai
import pytest

import jina_notebook as jn
from jina_notebook.catalog import CATALOGUE
from jina_notebook.results import Answer, Reading
from jina_notebook.testing import tiny_checkpoint
from tests.elastic.doubles import WordModel
from tests.serving.conftest import Api, Serve, error_of

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
PAGE = "<h1>Tea</h1><p>Green or black.</p>"


class Writer:
    """A reader or a model of pictures that remembers what it was asked."""

    def __init__(self, name: str, method: str) -> None:
        self.name, self.revision, self.card = name, "r1", CATALOGUE[name]
        self.asked: list[Any] = []
        setattr(self, method, getattr(self, f"_{method}"))

    def _read(self, html: str, **options: Any) -> Reading:
        self.asked.append((html, options))
        return Reading(text="# Tea", truncated=options["max_new_tokens"] == 1, tokens=3)

    def _ask(self, image: Any, question: str, **options: Any) -> Answer:
        self.asked.append((image, question, options))
        return Answer(text="a cat")

    def count_tokens(self, text: str) -> int:
        return len(text.split())


@pytest.fixture
def reader() -> Writer:
    return Writer("ReaderLM-v2", "read")


@pytest.fixture
def seer() -> Writer:
    return Writer("jina-vlm", "ask")


def complete(api: Api, model: Writer, content: Any, **fields: Any) -> Any:
    messages = [{"role": "user", "content": content}]
    return api.post("/v1/chat/completions", json={"model": model.name, "messages": messages, **fields})


def test_a_tiny_reader_answers_openais_client_as_read_does(serve: Serve, tmp_path: Any) -> None:
    model = jn.load("ReaderLM-v2", path=tiny_checkpoint("ReaderLM-v2", tmp_path), device="cpu", dtype="float32")
    api = serve(model)
    client = openai.OpenAI(base_url=f"{api.server.url}/v1", api_key=api.server.token, max_retries=0)
    messages: Any = [{"role": "user", "content": PAGE}]
    got = client.chat.completions.create(model="ReaderLM-v2", messages=messages, max_tokens=8)
    want = model.read(PAGE, max_new_tokens=8)
    assert got.choices[0].message.content == want.text
    assert got.choices[0].finish_reason == ("length" if want.truncated else "stop")
    assert got.usage is not None
    assert got.usage.completion_tokens == want.tokens


def test_instruction_schema_and_limit_reach_the_reader(serve: Serve, reader: Writer) -> None:
    api = serve(reader)
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    messages = [{"role": "system", "content": "Only the title."}, {"role": "user", "content": PAGE}]
    form = {"type": "json_schema", "json_schema": {"name": "page", "schema": schema}}
    fields = {"model": "ReaderLM-v2", "messages": messages, "max_tokens": 1, "response_format": form}
    answer = api.post("/v1/chat/completions", json=fields).json()
    page, options = reader.asked[0]
    assert (page, options["instruction"], options["schema"]) == (PAGE, "Only the title.", schema)
    assert answer["choices"][0]["finish_reason"] == "length"


def test_pictures_and_a_question_reach_a_model_of_pictures(serve: Serve, seer: Writer) -> None:
    api = serve(seer)
    picture = {"type": "image_url", "image_url": {"url": PIXEL}}
    answer = complete(api, seer, [picture, {"type": "text", "text": "What is it?"}]).json()
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "a cat"}
    image, question, _ = seer.asked[0]
    assert (image.size, question) == ((1, 1), "What is it?")
    complete(api, seer, [picture, picture, {"type": "text", "text": "Which?"}])
    assert len(seer.asked[1][0]) == 2


@pytest.mark.parametrize(
    ("content", "fields", "param"),
    [
        ("", {"stream": True}, "stream"),
        ("", {"n": 2}, "n"),
        ("", {"max_tokens": 0}, "max_tokens"),
        ("", {"messages": []}, "messages"),
        ("", {"messages": [{"role": "system", "content": "x"}]}, "messages"),
        ("", {"response_format": {"type": "json_schema"}}, "response_format"),
        ([{"type": "text"}], {}, "messages"),
        ([{"type": "image_url", "image_url": {"url": PIXEL}}], {}, "messages"),
    ],
)
def test_bad_fields_are_a_400_that_names_the_field(
    serve: Serve, reader: Writer, content: Any, fields: dict[str, Any], param: str
) -> None:
    answer = complete(serve(reader), reader, content, **fields)
    assert answer.status_code == 400
    assert error_of(answer)["param"] == param
    assert reader.asked == []


def test_a_question_without_a_picture_and_a_model_of_another_kind_are_refused(
    serve: Serve, seer: Writer, spy: WordModel
) -> None:
    api = serve(seer, spy)
    assert "image_url" in error_of(complete(api, seer, "What is it?"))["message"]
    messages = [{"role": "user", "content": "hello"}]
    answer = api.post("/v1/chat/completions", json={"model": spy.name, "messages": messages})
    assert answer.status_code == 400
    assert "only readers" in error_of(answer)["message"]
