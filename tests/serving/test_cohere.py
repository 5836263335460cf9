"""`/v2/embed`, with Cohere's own client."""

from __future__ import annotations

import base64
from typing import Any

import cohere
import numpy as np
import pytest

from tests.elastic.doubles import OverlapReranker, WordModel
from tests.serving.conftest import Api, Serve, error_of

NAME = "jina-embeddings-v3"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def embed(api: Api, **fields: Any) -> Any:
    given = {} if {"images", "inputs"} & set(fields) else {"texts": ["tea"]}
    return api.post("/v2/embed", json={"model": NAME, "input_type": "search_query", **given, **fields})


@pytest.mark.parametrize(
    ("input_type", "task"),
    [
        ("search_query", "retrieval.query"),
        ("search_document", "retrieval.passage"),
        ("classification", "classification"),
        ("clustering", "separation"),
    ],
)
def test_coheres_client_chooses_the_task_by_input_type(api: Api, spy: WordModel, input_type: Any, task: str) -> None:
    client = cohere.ClientV2(api_key=api.server.token, base_url=api.server.url)
    got = client.embed(model=NAME, texts=["tea", "soup"], input_type=input_type, embedding_types=["float"])
    assert np.array(got.embeddings.float_) == pytest.approx(spy.embed(["tea", "soup"]).vectors, abs=1e-6)
    assert spy.calls[0]["task"] == task
    assert got.texts == ["tea", "soup"]


def test_a_task_in_the_models_name_comes_before_input_type(api: Api, spy: WordModel) -> None:
    assert embed(api, model=f"{NAME}@separation").status_code == 200
    assert spy.calls[0]["task"] == "separation"


def test_vectors_come_in_every_form_asked_for(api: Api, spy: WordModel) -> None:
    got = embed(api, embedding_types=["float", "base64"], output_dimension=32).json()["embeddings"]
    assert np.frombuffer(base64.b64decode(got["base64"][0]), "<f4") == pytest.approx(got["float"][0])
    assert len(got["float"][0]) == 32


def test_pictures_and_mixed_inputs_are_taken(api: Api, spy: WordModel) -> None:
    assert len(embed(api, images=[PIXEL]).json()["embeddings"]["float"]) == 1
    mixed = [
        {"content": [{"type": "text", "text": "tea"}]},
        {"content": [{"type": "image_url", "image_url": {"url": PIXEL}}]},
    ]
    assert len(embed(api, inputs=mixed).json()["embeddings"]["float"]) == 2
    text, picture = spy.calls[-1]["inputs"]
    assert (text, picture.size) == ("tea", (1, 1))


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"texts": ["a"], "images": [PIXEL]}, "texts"),
        ({"texts": None}, "texts"),
        ({"texts": []}, "texts"),
        ({"images": ["https://example.org/a.png"]}, "images"),
        ({"inputs": [{"content": [{"type": "text"}]}]}, "inputs"),
        ({"embedding_types": ["int8"]}, "embedding_types"),
        ({"truncate": "START"}, "truncate"),
        ({"input_type": "query"}, "input_type"),
        ({"output_dimension": 33}, "dimensions"),
    ],
)
def test_bad_fields_are_a_400_that_names_the_field(api: Api, fields: dict[str, Any], param: str) -> None:
    answer = embed(api, **fields)
    assert answer.status_code == 400
    assert error_of(answer)["param"] == param


def test_a_model_without_such_a_task_or_without_vectors_is_refused(serve: Serve) -> None:
    code = WordModel("jina-code-embeddings-0.5b", card=_card("jina-code-embeddings-0.5b"))
    api = serve(code, OverlapReranker("jina-reranker-v3"))
    answer = embed(api, model=code.name, input_type="clustering")
    assert (answer.status_code, error_of(answer)["param"]) == (400, "input_type")
    assert embed(api, model=code.name).status_code == 200
    assert code.calls[-1]["task"] == "nl2code.query"
    assert embed(api, model="jina-reranker-v3").status_code == 400


def _card(name: str) -> Any:
    from jina_notebook.catalog import card

    return card(name)
