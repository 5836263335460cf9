"""`/v1/embeddings`: OpenAI's and Jina's fields, with OpenAI's own client."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from PIL import Image

import jina_notebook as jn
from jina_notebook.testing import tiny_checkpoint
from tests.elastic.doubles import OverlapReranker, WordModel
from tests.serving.conftest import Api, Serve, cosine, error_of

QUERY = "jina-embeddings-v3@retrieval.query"


@pytest.fixture(scope="module")
def minilm() -> Any:
    return jn.load("offline-minilm", device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def v3(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tiny_checkpoint("jina-embeddings-v3", tmp_path_factory.mktemp("v3"))
    return jn.load("jina-embeddings-v3", path=folder, device="cpu", dtype="float32")


def client_of(api: Api) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{api.server.url}/v1", api_key=api.server.token, max_retries=0)


def test_openais_client_decodes_vectors_of_the_models_size_in_both_encodings(serve: Serve, minilm: Any) -> None:
    client = client_of(serve(minilm))
    want = minilm.embed(["tea", "a cup of coffee"]).vectors
    for options in ({}, {"encoding_format": "float"}, {"encoding_format": "base64"}):
        answer = client.embeddings.create(model="offline-minilm", input=["tea", "a cup of coffee"], **options)
        got = [
            np.frombuffer(base64.b64decode(one.embedding), "<f4") if isinstance(one.embedding, str) else one.embedding
            for one in answer.data
        ]
        assert [len(vector) for vector in got] == [384, 384]
        assert all(cosine(a, b) >= 0.99999 for a, b in zip(got, want, strict=True))
        assert [one.index for one in answer.data] == [0, 1]
        assert answer.usage.prompt_tokens == sum(minilm.embed(["tea", "a cup of coffee"]).token_counts)


def test_base64_is_little_endian_float32(api: Api, spy: WordModel) -> None:
    answer = api.embed("tea", task="separation", embedding_type="base64").json()
    raw = base64.b64decode(answer["data"][0]["embedding"])
    assert np.frombuffer(raw, "<f4") == pytest.approx(spy.embed("tea").vectors[0])


def test_a_text_alone_and_in_a_list_give_the_same(api: Api) -> None:
    alone, listed = (api.embed(given, task="separation").json() for given in ("tea", ["tea"]))
    assert alone["data"] == listed["data"]
    assert len(alone["data"]) == 1


@pytest.mark.parametrize(
    "fields",
    [{"model": QUERY}, {"task": "retrieval.query"}, {"model": QUERY, "task": "retrieval.query"}],
)
def test_the_task_is_read_from_the_field_or_from_the_models_name(
    api: Api, spy: WordModel, fields: dict[str, Any]
) -> None:
    answer = api.embed(["tea"], **fields)
    assert answer.status_code == 200
    assert answer.json()["model"] == fields.get("model", "jina-embeddings-v3")
    assert spy.calls[-1]["task"] == "retrieval.query"


def test_dimensions_and_truncate_reach_the_model(api: Api, spy: WordModel) -> None:
    answer = api.embed(["tea"], task="separation", dimensions=32, truncate=False)
    assert len(answer.json()["data"][0]["embedding"]) == 32
    assert (spy.calls[-1]["dimensions"], spy.calls[-1]["truncate"]) == (32, False)


def test_objects_with_text_and_with_an_image_are_taken(api: Api, spy: WordModel) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(picture, "PNG")
    encoded = base64.b64encode(picture.getvalue()).decode()
    inputs = [{"text": "tea"}, {"image": encoded}, {"image": f"data:image/png;base64,{encoded}"}, "soup"]
    assert len(api.embed(inputs, task="separation").json()["data"]) == 4
    text, one, two, plain = spy.calls[-1]["inputs"]
    assert (text, plain) == ("tea", "soup")
    assert (one.size, two.size) == ((3, 2), (3, 2))


def test_a_big_request_is_split_and_keeps_its_order(serve: Serve, spy: WordModel) -> None:
    api = serve(spy, step=100)
    texts = [f"word{number} " * 3 for number in range(300)]
    data = api.embed(texts, task="retrieval.passage").json()["data"]
    assert [one["index"] for one in data] == list(range(300))
    assert len(spy.calls) > 10
    assert np.array([one["embedding"] for one in data]) == pytest.approx(spy.embed(texts).vectors, abs=1e-6)


def test_late_chunking_gives_one_vector_per_chunk(serve: Serve, v3: Any) -> None:
    api = serve(v3)
    chunks = ["Berlin is a city. ", "It lies on the Spree."]
    answer = api.embed(chunks, task="retrieval.passage", late_chunking=True).json()
    want = v3.embed(chunks, task="retrieval.passage", late_chunking=True).vectors
    assert np.array([one["embedding"] for one in answer["data"]]) == pytest.approx(want, abs=1e-6)
    plain = api.embed(chunks, task="retrieval.passage").json()
    assert plain["data"][1]["embedding"] != answer["data"][1]["embedding"]


def test_multi_vectors_come_as_a_list_per_input(serve: Serve, minilm: Any) -> None:
    api = serve(minilm)
    fields = {"model": "offline-minilm", "input": ["green tea"], "return_multivector": True}
    got = api.post("/v1/embeddings", json=fields).json()["data"][0]["embeddings"]
    assert np.array(got) == pytest.approx(minilm.embed("green tea", return_multivector=True).vectors[0], abs=1e-6)


def test_a_text_that_is_too_long_is_named_by_its_position_where_it_may_not_be_cut(serve: Serve, v3: Any) -> None:
    api = serve(v3, step=8)
    answer = api.embed(["a b c d", "e f", "word " * 9000], task="separation", truncate=False)
    assert answer.status_code == 400
    assert "Input 2" in error_of(answer)["message"]


@pytest.mark.parametrize(
    ("fields", "param", "says"),
    [
        ({"input": []}, "input", "not empty"),
        ({"input": [1, 2]}, "input", "list of texts"),
        ({"input": [[1, 2]]}, "input", "list of texts"),
        ({"input": None}, "input", "list of texts"),
        ({"input": {"text": "tea"}}, "input", "list of texts"),
        ({"input": [{"text": "tea", "image": "AAAA"}]}, "input", r"input\[0\] needs either"),
        ({"input": [{}]}, "input", r"input\[0\] needs either"),
        ({"input": ["tea", {"image": "not base64"}]}, "input", r"input\[1\] is neither"),
        ({"input": [{"image": "größe"}]}, "input", r"input\[0\] is neither"),
        ({"input": [{"image": "data:image/png;base64,größe"}]}, "input", r"input\[0\] cannot be read"),
        ({"input": [{"image": "https://example.org/a.png"}]}, "input", "nothing is fetched"),
        ({"input": [{"image": "AAAA"}]}, "input", r"input\[0\] cannot be read"),
        ({"task": "retrieval.queries"}, "task", "one of retrieval.query"),
        ({"task": "retrieval.query", "model": "jina-embeddings-v3@separation"}, "task", "'separation'"),
        ({"dimensions": 33}, "dimensions", "33"),
        ({"dimensions": 0}, "dimensions", "greater"),
        ({"dimensions": "64"}, "dimensions", "integer"),
        ({"encoding_format": "binary"}, "encoding_format", "float"),
        ({"encoding_format": "float", "embedding_type": "base64"}, "embedding_type", "base64"),
        ({"normalized": False}, "normalized", "True"),
        ({"truncate": "yes"}, "truncate", "boolean"),
    ],
)
def test_bad_fields_are_a_400_that_names_the_field(api: Api, fields: dict[str, Any], param: str, says: str) -> None:
    answer = api.post("/v1/embeddings", json={"model": "jina-embeddings-v3", "input": ["tea"], **fields})
    error = error_of(answer)
    assert answer.status_code == 400
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    with pytest.raises(ValueError, match=says):
        raise ValueError(error["message"])
    assert api.embed("still alive", task="separation").status_code == 200


def test_a_model_that_needs_a_task_says_which_there_are(serve: Serve, v3: Any) -> None:
    answer = serve(v3).embed("tea")
    assert answer.status_code == 400
    assert error_of(answer)["param"] == "task"
    assert "retrieval.passage" in error_of(answer)["message"]


def test_a_model_that_only_reranks_is_refused_with_the_path_that_fits(serve: Serve) -> None:
    api = serve(OverlapReranker("jina-reranker-v3"))
    answer = api.post("/v1/embeddings", json={"model": "jina-reranker-v3", "input": "tea"})
    assert answer.status_code == 400
    assert "/v1/rerank" in error_of(answer)["message"]


def test_openais_client_raises_its_own_errors(api: Api) -> None:
    client = client_of(api)
    with pytest.raises(openai.NotFoundError, match="did you mean jina-embeddings-v3"):
        client.embeddings.create(model="jina-embedings-v3", input="tea")
    with pytest.raises(openai.BadRequestError, match="has no task"):
        client.embeddings.create(model="jina-embeddings-v3@nonsense", input="tea")
    stranger = openai.OpenAI(base_url=f"{api.server.url}/v1", api_key="wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.embeddings.create(model="jina-embeddings-v3", input="tea")


def test_nothing_is_loaded_for_a_request(api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("jina_notebook.loading.load", loaded.append)
    answer = api.post("/v1/embeddings", json={"model": "offline-minilm", "input": "tea"})
    assert (answer.status_code, loaded) == (404, [])
    assert error_of(answer)["code"] == "model_not_found"
