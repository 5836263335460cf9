"""The description that the server gives of itself holds, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from jina_notebook.catalog import CATALOGUE
from jina_notebook.serving.server import Server, start
from tests.elastic.doubles import OverlapReranker, WordModel
from tests.serving.conftest import Api

OPERATIONS = [
    ("GET", "/health"),
    ("GET", "/v1/models"),
    ("GET", "/metrics"),
    ("POST", "/v1/embeddings"),
    ("POST", "/v1/rerank"),
    ("POST", "/v2/rerank"),
    ("POST", "/v2/embed"),
    ("POST", "/v1/chat/completions"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    models = [WordModel("offline-minilm", size=64), OverlapReranker("jina-reranker-v3")]
    running = start(models)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def description(server: Server) -> schemathesis.BaseSchema:
    headers = {"authorization": f"Bearer {server.token}"}
    read = schemathesis.openapi.from_url(f"{server.url}/openapi.json", headers=headers)

    @read.auth()
    class Token:
        """Known to schemathesis as the login, so that it can also leave it out and expect a refusal."""

        def get(self, case: Any, context: Any) -> str:
            return server.token

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

    return read


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(
    description: Any, server: Server, method: str, path: str, mode: schemathesis.GenerationMode
) -> None:
    # Which requests a model takes is more than a schema can say: whether a picture decodes, or two fields agree.
    statuses: list[int] = []
    operation = description[path][method]
    if mode is schemathesis.GenerationMode.NEGATIVE and method == "GET":
        mode = schemathesis.GenerationMode.POSITIVE  # without fields there is nothing to get wrong

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        if mode is schemathesis.GenerationMode.POSITIVE and method == "POST":
            case.body["model"] = "jina-reranker-v3" if "rerank" in path else "offline-minilm"  # or all would be 404
        statuses.append(case.call_and_validate(excluded_checks=[positive_data_acceptance]).status_code)

    check()
    if mode is schemathesis.GenerationMode.POSITIVE:
        assert {200, 400} & set(statuses)
        assert set(statuses) <= {200, 400}
    else:  # wrong tokens are among what is tried
        assert 400 in statuses
        assert set(statuses) <= {200, 400, 401, 404}
    assert server.running


def test_every_path_is_described_with_its_refusals(server: Server) -> None:
    with Api(server) as api:
        paths = api.get("/openapi.json").json()["paths"]
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} == set(OPERATIONS)
    posts = {path for path, methods in paths.items() if "post" in methods}
    assert posts == {"/v1/embeddings", "/v1/rerank", "/v2/rerank", "/v2/embed", "/v1/chat/completions"}
    for path in posts:
        assert {"200", "400", "401", "404", "413", "429", "503"} <= set(paths[path]["post"]["responses"])
        assert "422" not in paths[path]["post"]["responses"]


def test_the_examples_name_models_that_exist() -> None:
    from jina_notebook.serving.embeddings import EmbeddingRequest

    (example,) = EmbeddingRequest.model_fields["model"].examples or []
    name, _, task = example.partition("@")
    assert task in CATALOGUE[name].tasks
