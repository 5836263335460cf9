"""`/v1/rerank` and `/v2/rerank`, with Cohere's own client."""

from __future__ import annotations

from typing import Any

import cohere
import pytest

import jina_notebook as jn
from tests.elastic.doubles import OverlapReranker, WordModel
from tests.serving.conftest import Api, Serve, error_of

NAME = "jina-reranker-v3"
DOCUMENTS = ["a car on the road", "green tea", "tea with ${HOME}", "nothing"]


@pytest.fixture
def ranker() -> OverlapReranker:
    return OverlapReranker(NAME)


def rerank(api: Api, path: str = "/v2/rerank", **fields: Any) -> Any:
    return api.post(path, json={"model": NAME, "query": "tea", "documents": DOCUMENTS, **fields})


def test_coheres_client_gets_the_order_of_the_model(serve: Serve) -> None:
    model = jn.load("offline-minilm", device="cpu", dtype="float32")
    api = serve(model)
    client = cohere.ClientV2(api_key=api.server.token, base_url=api.server.url)
    got = client.rerank(model="offline-minilm", query="hot drink", documents=DOCUMENTS, top_n=2)
    want = model.rerank("hot drink", DOCUMENTS, top_n=2)
    assert [one.index for one in got.results] == [one.index for one in want]
    assert [one.relevance_score for one in got.results] == pytest.approx([one.relevance_score for one in want])


def test_results_come_best_first_and_no_more_than_asked_for(serve: Serve, ranker: OverlapReranker) -> None:
    results = rerank(serve(ranker)).json()["results"]
    assert [one["index"] for one in results] == [1, 2, 0, 3]
    assert all(set(one) == {"index", "relevance_score"} for one in results)


@pytest.mark.parametrize(
    ("path", "asked", "repeats"),
    [
        ("/v1/rerank", None, True),
        ("/v2/rerank", None, False),
        ("/v1/rerank", False, False),
        ("/v2/rerank", True, True),
    ],
)
def test_documents_are_repeated_as_the_path_has_it_or_as_asked(
    serve: Serve, ranker: OverlapReranker, path: str, asked: bool | None, repeats: bool
) -> None:
    first = rerank(serve(ranker), path, return_documents=asked).json()["results"][0]
    assert first.get("document") == ({"text": "green tea"} if repeats else None)


def test_documents_may_be_objects_with_a_text(serve: Serve, ranker: OverlapReranker) -> None:
    api = serve(ranker)
    answer = rerank(api, "/v1/rerank", documents=[{"text": "car"}, {"text": "tea"}], query={"text": "tea"})
    assert answer.json()["results"][0] == {"index": 1, "relevance_score": 1.0, "document": {"text": "tea"}}
    assert ranker.seen == [["car", "tea"]]


def test_no_documents_give_no_results(serve: Serve) -> None:
    api = serve(jn.load("offline-minilm", device="cpu", dtype="float32"))
    answer = api.post("/v1/rerank", json={"model": "offline-minilm", "query": "tea", "documents": []})
    assert (answer.status_code, answer.json()["results"]) == (200, [])


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"documents": None}, "documents"),
        ({"documents": "tea"}, "documents"),
        ({"documents": ["tea", 3]}, "documents"),
        ({"query": None}, "query"),
        ({"top_n": 0}, "top_n"),
        ({"top_n": "2"}, "top_n"),
        ({"model": None}, "model"),
    ],
)
def test_bad_fields_are_a_400_that_names_the_field(
    serve: Serve, ranker: OverlapReranker, fields: dict[str, Any], param: str
) -> None:
    answer = rerank(serve(ranker), **fields)
    assert answer.status_code == 400
    assert error_of(answer)["param"] == param


def test_a_model_that_does_not_rerank_is_refused(serve: Serve, spy: WordModel) -> None:
    answer = rerank(serve(spy), model="jina-embeddings-v3")
    assert answer.status_code == 400
    assert "/v1/embeddings" in error_of(answer)["message"]
