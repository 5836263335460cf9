"""Local models as inference endpoints of a real server, and indices that use them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from elasticsearch import ApiError, helpers

import jina_notebook as jn
from jina_notebook.catalog import CATALOGUE
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.failures import explained
from jina_notebook.elastic.inference import (
    InferenceEndpoints,
    embedding_endpoint,
    endpoint_ids,
    rerank_endpoint,
    semantic_mapping,
)
from jina_notebook.endpoints import Endpoint
from jina_notebook.errors import CapabilityError, IndexFitError, InputError, OptionError, RequestError
from jina_notebook.serving.limits import Limits
from jina_notebook.serving.server import Server, start
from tests.conftest import delete_indices
from tests.elastic.doubles import OverlapReranker, WordModel, connected

V3 = "jina-embeddings-v3"
TEXTS = {
    "shell": "cd ${HOME} && echo ${api_key} $(date)",
    "script": "const greeting = `hello ${name}`; // ${input} ${}",
    "tea": "green tea is brewed in a pot",
    "car": "a car drives along the road",
}
PLACE = Endpoint("http://127.0.0.1:4711", "secret", (V3,))


def test_the_bodies_carry_the_task_in_the_models_name_and_cosine() -> None:
    body = embedding_endpoint(PLACE, V3, "retrieval.query")
    assert body["service"] == "openai"
    settings = body["service_settings"]
    assert settings["url"] == "http://127.0.0.1:4711/v1/embeddings"
    assert (settings["model_id"], settings["similarity"]) == (f"{V3}@retrieval.query", "cosine")
    assert embedding_endpoint(PLACE, "jina-clip-v2", None)["service_settings"]["model_id"] == "jina-clip-v2"
    reranker = rerank_endpoint(PLACE, "jina-reranker-v3")
    assert (reranker["service"], reranker["service_settings"]["url"]) == ("cohere", "http://127.0.0.1:4711")


def test_the_mapping_searches_with_the_other_endpoint_and_keeps_float32() -> None:
    ids = InferenceEndpoints("p", "q")
    field = semantic_mapping(ids, dimensions=1024)["properties"]["text"]
    assert (field["inference_id"], field["search_inference_id"]) == ("p", "q")
    assert field["index_options"]["dense_vector"] == {"type": "bbq_hnsw", "element_type": "float"}
    small = semantic_mapping(ids, dimensions=32)["properties"]["text"]
    assert small["index_options"]["dense_vector"]["type"] == "hnsw"


@pytest.mark.parametrize("card", list(CATALOGUE), ids=lambda card: str(card.name))
def test_every_model_gets_the_endpoints_it_can_fill(card: Any) -> None:
    ids = endpoint_ids(card)
    assert (ids.ingest is None) == (ids.search is None) == (not card.dimensions)
    assert (ids.rerank is not None) == card.reranks
    assert ids.ingest == (f"{card.name.lower()}-passage" if card.dimensions else None)


@pytest.mark.parametrize("name", ["", "Upper", "with space", "-dash", "dash-", "a/b", 3])
def test_a_name_that_elasticsearch_would_refuse_is_refused_first(name: Any) -> None:
    with pytest.raises(OptionError, match="no name for an inference endpoint"):
        endpoint_ids(CATALOGUE[V3], name)


@pytest.fixture
def spy() -> WordModel:
    return WordModel(V3, card=CATALOGUE[V3], size=64)


@pytest.fixture
def ranker() -> OverlapReranker:
    return OverlapReranker("jina-reranker-v3")


@pytest.fixture
def server(spy: WordModel, ranker: OverlapReranker) -> Iterator[Server]:
    with jn.serve([spy, ranker]) as running:
        yield running


@pytest.fixture
def trial(elasticsearch_trial_url: str, index_name: str) -> Iterator[Connection]:
    """A connection; endpoints whose names begin with the test's are deleted after it, before its indices are."""
    with connected(elasticsearch_trial_url) as connection:
        yield connection
        delete_indices(elasticsearch_trial_url, index_name)
        for one in connection.client.inference.get()["endpoints"]:
            if one["inference_id"].startswith(index_name):
                connection.client.inference.delete(inference_id=one["inference_id"], force=True)


@pytest.fixture
def ids(trial: Connection, server: Server, index_name: str) -> InferenceEndpoints:
    return trial.register_inference(V3, name=index_name)


def fill(connection: Connection, index: str, texts: dict[str, str]) -> None:
    actions = [{"_index": index, "_id": key, "_source": {"text": text}} for key, text in texts.items()]
    helpers.bulk(connection.client, actions, refresh=True)


def found(connection: Connection, index: str, query: str, kind: str = "semantic") -> list[str]:
    body = {"semantic": {"field": "text", "query": query}} if kind == "semantic" else {"match": {"text": query}}
    return [hit["_id"] for hit in connection.client.search(index=index, query=body)["hits"]["hits"]]


@pytest.mark.parametrize("kind", ["semantic", "match"])
def test_a_document_reaches_the_model_as_a_passage_and_a_query_as_a_query(
    trial: Connection, ids: InferenceEndpoints, spy: WordModel, index_name: str, kind: str
) -> None:
    assert trial.semantic_index(f"{index_name}-a", model=ids) == f"{index_name}-a"
    spy.calls.clear()
    fill(trial, f"{index_name}-a", {"tea": TEXTS["tea"]})
    assert [(call["inputs"], call["task"]) for call in spy.calls] == [([TEXTS["tea"]], "retrieval.passage")]
    spy.calls.clear()
    assert found(trial, f"{index_name}-a", "tea", kind) == ["tea"]
    assert [(call["inputs"], call["task"]) for call in spy.calls] == [(["tea"], "retrieval.query")]


def test_shell_and_javascript_texts_are_indexed_and_found(
    trial: Connection, ids: InferenceEndpoints, spy: WordModel, index_name: str
) -> None:
    index = trial.semantic_index(index_name, model=ids)
    fill(trial, index, TEXTS)
    assert found(trial, index, "${HOME} echo cd")[0] == "shell"
    assert found(trial, index, "const greeting ${name}")[0] == "script"
    seen = {text for call in spy.calls for text in call["inputs"]}
    assert set(TEXTS.values()) <= seen


def test_vectors_are_stored_as_the_model_gave_them(
    trial: Connection, ids: InferenceEndpoints, spy: WordModel, index_name: str
) -> None:
    index = trial.semantic_index(index_name, model=ids)
    fill(trial, index, {"tea": TEXTS["tea"]})
    answer = trial.client.search(index=index, fields=["_inference_fields"])
    (chunk,) = answer["hits"]["hits"][0]["_source"]["_inference_fields"]["text"]["inference"]["chunks"]["text"]
    assert chunk["embeddings"] == pytest.approx(spy.embed(TEXTS["tea"]).vectors[0], abs=1e-6)


def test_hundreds_of_documents_in_one_bulk_request_are_all_indexed(
    trial: Connection, ids: InferenceEndpoints, index_name: str
) -> None:
    index = trial.semantic_index(index_name, model=ids)
    fill(trial, index, {str(number): f"item{number} in the shop" for number in range(300)})
    assert trial.client.count(index=index)["count"] == 300
    assert found(trial, index, "item217")[0] == "217"


def test_another_index_is_reindexed_into_a_semantic_one(
    trial: Connection, ids: InferenceEndpoints, index_name: str
) -> None:
    fill(trial, f"{index_name}-plain", TEXTS)
    index = trial.semantic_index(f"{index_name}-semantic", model=ids)
    answer = trial.client.reindex(source={"index": f"{index_name}-plain"}, dest={"index": index}, refresh=True)
    assert (answer["total"], answer["failures"]) == (len(TEXTS), [])
    assert found(trial, index, "green tea pot")[0] == "tea"


def test_the_servers_reranker_orders_as_rerank_does(
    trial: Connection, server: Server, ranker: OverlapReranker, index_name: str
) -> None:
    ids = trial.register_inference(ranker, name=index_name)
    assert (ids.ingest, ids.search) == (None, None)
    texts = {str(number): f"tea {'leaf ' * number}" for number in (3, 0, 2, 1)} | {"shell": "tea ${HOME} and more leaf"}
    fill(trial, f"{index_name}-plain", texts)
    retriever = {
        "text_similarity_reranker": {
            "retriever": {"standard": {"query": {"match_all": {}}}},
            "field": "text",
            "inference_id": ids.rerank,
            "inference_text": "tea ${HOME}",
            "allow_rerank_failures": True,
        }
    }
    got = trial.client.search(index=f"{index_name}-plain", retriever=retriever)["hits"]["hits"]
    want = ranker.rerank("tea ${HOME}", list(texts.values()))
    assert [hit["_id"] for hit in got] == [list(texts)[item.index] for item in want]
    server.stop()
    assert len(trial.client.search(index=f"{index_name}-plain", retriever=retriever)["hits"]["hits"]) == len(texts)


def test_a_server_restarted_elsewhere_is_registered_anew_and_its_indices_go_on(
    trial: Connection, ids: InferenceEndpoints, server: Server, spy: WordModel, index_name: str
) -> None:
    index = trial.semantic_index(index_name, model=ids)
    fill(trial, index, TEXTS)
    server.stop()
    with jn.serve(spy) as again:
        assert again.url != server.url
        assert trial.register_inference(V3, name=index_name) == ids
        assert trial.register_inference(V3, name=index_name) == ids
        fill(trial, index, {"late": "a late document about soup"})
        assert found(trial, index, "soup")[0] == "late"
        assert found(trial, index, "green tea")[0] == "tea"
        every = [one["inference_id"] for one in trial.client.inference.get()["endpoints"]]
    assert sorted(one for one in every if one.startswith(index_name)) == sorted([ids.ingest or "", ids.search or ""])


def test_a_failed_registration_leaves_the_old_endpoint(
    trial: Connection, ids: InferenceEndpoints, spy: WordModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Endpoint("http://127.0.0.1:9", "t", (V3,))
    monkeypatch.setattr("jina_notebook.endpoints.offering", lambda model: nowhere)
    with pytest.raises(RequestError, match="does not answer"):
        trial.register_inference(V3, name=(ids.ingest or "").removesuffix("-passage"))
    kept = trial.client.inference.get(inference_id=ids.ingest)["endpoints"][0]
    assert kept["service_settings"]["url"] != "http://127.0.0.1:9/v1/embeddings"


def test_a_semantic_index_can_be_made_twice_but_another_index_is_not_taken_over(
    trial: Connection, ids: InferenceEndpoints, index_name: str
) -> None:
    index = trial.semantic_index(f"{index_name}-a", model=ids)
    fill(trial, index, {"tea": "tea"})
    assert trial.semantic_index(index, model=ids) == index
    assert trial.client.count(index=index)["count"] == 1
    fill(trial, f"{index_name}-plain", {"tea": "tea"})
    with pytest.raises(IndexFitError, match="exists"):
        trial.semantic_index(f"{index_name}-plain", model=ids)


def raised(action: Any) -> RequestError:
    with pytest.raises(RequestError) as caught, explained("search"):
        action()
    return caught.value


def test_a_stopped_model_server_is_named_where_elasticsearch_says_500(
    trial: Connection, ids: InferenceEndpoints, server: Server, index_name: str
) -> None:
    index = trial.semantic_index(index_name, model=ids)
    fill(trial, index, TEXTS)
    server.stop()
    error = raised(lambda: found(trial, index, "tea"))
    assert "model server behind the inference endpoint does not answer" in error.message
    assert "register_inference" in (error.hint or "")
    assert "does not answer" in raised(lambda: trial.client.index(index=index, document={"text": "x"})).message


def test_a_wrong_token_is_not_taken_for_elasticsearchs_login(
    trial: Connection, ids: InferenceEndpoints, server: Server, spy: WordModel, index_name: str
) -> None:
    index = trial.semantic_index(index_name, model=ids)
    port = int(server.url.rpartition(":")[2])
    server.stop()
    with jn.serve(spy, port=port):
        error = raised(lambda: found(trial, index, "tea"))
    assert "not the login of Elasticsearch" in error.message


def test_a_slow_model_is_explained_before_elasticsearch_gives_up(trial: Connection, index_name: str) -> None:
    class Slow(WordModel):
        delay = 0.0

        def embed(self, inputs: Any, **options: Any) -> Any:
            time.sleep(self.delay)
            return super().embed(inputs, **options)

    model = Slow(V3, card=CATALOGUE[V3], size=64)
    with start(model, limits=Limits(stop_s=30)):
        ids = trial.register_inference(model, name=index_name)
        index = trial.semantic_index(index_name, model=ids)
        model.delay = 12.0
        with pytest.raises(ApiError) as caught:
            found(trial, index, "tea")
    assert "Received a rate limit status code" in str(caught.value.body)
    assert "did not answer within 5 s" in str(caught.value.body) or "has been busy" in str(caught.value.body)
    assert "slower than a search may be" in raised(lambda: _again(caught.value)).message


def _again(error: Exception) -> None:
    raise error


def test_a_model_that_is_not_served_is_refused_with_the_next_step(trial: Connection) -> None:
    with pytest.raises(InputError, match="No server of this process serves jina-embeddings-v4") as caught:
        trial.register_inference("jina-embeddings-v4")
    assert 'jn.serve("jina-embeddings-v4")' in (caught.value.hint or "")
    with pytest.raises(InputError, match="is no model"):
        trial.register_inference(3)


def test_models_of_no_use_to_elasticsearch_are_refused(trial: Connection, ranker: OverlapReranker) -> None:
    reader = WordModel("ReaderLM-v2", card=CATALOGUE["ReaderLM-v2"])
    with jn.serve(reader), pytest.raises(InputError, match="neither one vector per text nor a ranking"):
        trial.register_inference(reader)
    with pytest.raises(InputError, match="gives no vectors"):
        trial.semantic_index("never-made", model=InferenceEndpoints(rerank="some-rerank"))


def test_a_basic_licence_is_said_and_the_client_side_way_offered(elasticsearch_url: str, server: Server) -> None:
    with connected(elasticsearch_url) as basic:
        for attempt in (lambda: basic.register_inference(V3), lambda: basic.semantic_index("never-made", model=V3)):
            with pytest.raises(CapabilityError, match="does not include inference") as caught:
                attempt()
            assert "jn.index" in (caught.value.hint or "")
        assert not basic.capabilities.allows("inference")


def test_a_card_of_another_name_makes_endpoints_of_that_name() -> None:
    card = replace(CATALOGUE[V3], name="Mine")
    assert endpoint_ids(card).search == "mine-query"
