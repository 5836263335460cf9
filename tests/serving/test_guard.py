"""What stands before every request: token, size, time, log, figures."""

from __future__ import annotations

import json
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from jina_notebook.results import Embeddings
from tests.elastic.doubles import OverlapReranker, WordModel
from tests.serving.conftest import Api, GatedModel, Serve, error_of

ELASTICSEARCH = {"user-agent": "Apache-HttpAsyncClient/4.1.5 (Java/25.0.3)"}
SECRET = "the patient's name is Rosencrantz"


class Broken(WordModel):
    """Fails with an error that repeats the text."""

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        raise RuntimeError(f"cannot embed {inputs}")


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic dGVzdDp0ZXN0", "Bearer", "Bearer \xe4"])
@pytest.mark.parametrize("path", ["/v1/models", "/metrics", "/openapi.json", "/nowhere"])
def test_without_the_token_nothing_but_health_is_answered(api: Api, header: str | None, path: str) -> None:
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    answer = httpx.get(api.server.url + path, headers=headers)
    assert answer.status_code == 401
    assert error_of(answer)["type"] == "authentication_error"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert httpx.get(api.server.url + "/health", headers=headers).json() == {"status": "ok"}


def test_a_request_beyond_the_size_limit_is_a_413(serve: Serve, spy: WordModel) -> None:
    api = serve(spy, body=1000)
    answer = api.embed("x" * 2000, task="separation")
    assert answer.status_code == 413
    assert "1,000 bytes" in error_of(answer)["message"]
    parts = iter([b'{"model": "', b"x" * 3000, b'"}'])
    assert api.post("/v1/embeddings", content=parts).status_code == 413
    assert api.embed("short", task="separation").status_code == 200
    assert len(spy.calls) == 1


def test_a_request_that_never_ends_is_cut_off(serve: Serve, spy: WordModel) -> None:
    api = serve(spy, body_s=0.2)
    address = urlsplit(api.server.url)
    head = f"POST /v1/embeddings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {api.server.token}\r\ncontent-length: 9"
    with socket.create_connection((address.hostname, address.port), timeout=10) as raw:
        raw.sendall(f"{head}\r\n\r\n{{".encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not_found"), ("GET", "/v1/embeddings", 405, "refused"), ("GET", "/docs", 404, None)],
)
def test_unknown_paths_and_methods_get_the_error_object(
    api: Api, method: str, path: str, status: int, code: str | None
) -> None:
    answer = api.request(method, path)
    assert answer.status_code == status
    assert code in {None, error_of(answer)["code"]}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"tea"', b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_a_400(api: Api, body: bytes) -> None:
    answer = api.post("/v1/embeddings", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert "JSON object" in error_of(answer)["message"]


def test_the_log_has_a_line_per_request_without_texts(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "jina_notebook.serving"):
        api.embed([SECRET, SECRET], task="separation")
        api.embed(SECRET, task=SECRET)
        api.embed([SECRET, {"image": SECRET}], task="separation")
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "jina_notebook.serving"]
    assert [line["status"] for line in lines] == [200, 400, 400]
    assert lines[0].items() >= {"path": "/v1/embeddings", "model": "jina-embeddings-v3", "inputs": 2}.items()
    assert lines[0]["tokens"] > 0
    assert "Rosencrantz" not in caplog.text
    assert api.server.token not in caplog.text


def test_a_model_that_fails_is_a_500_that_repeats_nothing(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    api = serve(Broken("offline-minilm"))
    with caplog.at_level(logging.INFO):
        answer = api.post("/v1/embeddings", json={"model": "offline-minilm", "input": SECRET})
    assert answer.status_code == 500
    assert "RuntimeError" in error_of(answer)["message"]
    assert "Rosencrantz" not in answer.text + caplog.text
    assert "test_guard.py" in caplog.text
    assert api.get("/health").status_code == 200


def test_the_figures_count_requests_inputs_tokens_and_what_waits(api: Api) -> None:
    api.embed(["green tea", "soup"], task="separation")
    api.get("/nowhere/" + "x" * 50)
    text = api.get("/metrics").text
    assert 'jina_requests_total{path="/v1/embeddings",status="200"} 1.0' in text
    assert 'jina_requests_total{path="other",status="404"} 1.0' in text
    assert 'jina_inputs_total{model="jina-embeddings-v3"} 2.0' in text
    assert 'jina_tokens_total{model="jina-embeddings-v3"} 3.0' in text
    assert 'jina_waiting_requests{model="jina-embeddings-v3"} 0.0' in text


@pytest.mark.parametrize(("headers", "limit"), [(ELASTICSEARCH, "elastic_query_s"), ({}, "query_s")])
def test_a_query_that_takes_too_long_is_a_429_with_the_reason(
    serve: Serve, gated: GatedModel, headers: dict[str, str], limit: str
) -> None:
    api = serve(gated, **{limit: 0.3})
    first = _query(api, headers)
    assert first.status_code == 429
    assert "did not answer within 0.3 s" in error_of(first)["message"]
    assert int(first.headers["retry-after"]) >= 1
    again = _query(api, headers)
    assert again.status_code == 429
    assert "has been busy" in error_of(again)["message"]
    gated.gate.set()
    _wait(lambda: _query(api, headers).status_code == 200)


def test_elasticsearchs_reranker_is_told_in_time_and_others_may_wait(serve: Serve) -> None:
    class Slow(OverlapReranker):
        def rerank(self, query: Any, documents: Any, **options: Any) -> Any:
            time.sleep(0.5)
            return super().rerank(query, documents, **options)

    api = serve(Slow("jina-reranker-v3"), elastic_rerank_s=0.1)
    body = {"model": "jina-reranker-v3", "query": "tea", "documents": ["tea"]}
    assert api.post("/v2/rerank", json=body, headers=ELASTICSEARCH).status_code == 429
    assert api.post("/v2/rerank", json=body).status_code == 200


def test_many_inputs_or_passages_are_no_search_and_may_take_long(serve: Serve, gated: GatedModel) -> None:
    api = serve(gated, query_s=0.1, elastic_query_s=0.1)
    with ThreadPoolExecutor(2) as pool:
        several = pool.submit(api.embed, ["tea", "soup"], task="retrieval.query")
        passage = pool.submit(api.embed, "tea", task="retrieval.passage")
        time.sleep(0.4)
        assert not several.done()
        gated.gate.set()
        assert (several.result(20).status_code, passage.result(20).status_code) == (200, 200)


def test_parallel_requests_queue_and_what_is_too_much_is_a_429(serve: Serve, gated: GatedModel) -> None:
    api = serve(gated, jobs=4)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(api.embed, f"text {i}", task="retrieval.passage") for i in range(12)]
        _wait(lambda: sum(one.done() for one in asked) == 8)
        gated.gate.set()
        answers = [one.result(20) for one in asked]
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [429] * 8
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert error_of(refused)["code"] == "busy"
    assert "retry-after" in refused.headers


def test_a_client_that_leaves_frees_its_place(serve: Serve, gated: GatedModel) -> None:
    api = serve(gated, jobs=2)
    running = ThreadPoolExecutor(1).submit(api.embed, "first", task="retrieval.passage")
    assert gated.entered.wait(10)
    with pytest.raises(httpx.ReadTimeout):
        api.post(
            "/v1/embeddings",
            json={"model": "jina-embeddings-v3", "input": "left", "task": "retrieval.passage"},
            timeout=0.3,
        )
    _wait(lambda: 'jina_waiting_requests{model="jina-embeddings-v3"} 1.0' in api.get("/metrics").text)
    gated.gate.set()
    assert running.result(20).status_code == 200
    assert api.embed("last", task="retrieval.passage").status_code == 200
    assert "left" not in [text for call in gated.calls for text in call["inputs"]]


def test_concurrent_requests_are_computed_together_and_answered_apart(serve: Serve, gated: GatedModel) -> None:
    api = serve(gated)
    texts = [f"word{i} tea" for i in range(16)]
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(api.embed, text, task="retrieval.passage") for text in texts]
        _wait(lambda: 'jina_waiting_requests{model="jina-embeddings-v3"} 16.0' in api.get("/metrics").text)
        gated.gate.set()
        got = [one.result(20).json()["data"][0]["embedding"] for one in asked]
    assert got == [pytest.approx(row, abs=1e-6) for row in gated.embed(texts).vectors]
    assert len(gated.calls[:-1]) == 2


def _query(api: Api, headers: dict[str, str]) -> httpx.Response:
    body = {"model": "jina-embeddings-v3@retrieval.query", "input": ["tea"]}
    return api.post("/v1/embeddings", json=body, headers=headers)


def _wait(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come about within 20 s"
        time.sleep(0.02)
