"""Models that do what a test says, and servers of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pytest

from jina_notebook.catalog import CATALOGUE
from jina_notebook.results import Embeddings
from jina_notebook.serving.limits import Limits
from jina_notebook.serving.server import Server, start
from tests.elastic.doubles import WordModel

Serve = Callable[..., "Api"]


class Api(httpx.Client):
    """A client that sends the token; `server` is the one it talks to."""

    def __init__(self, server: Server) -> None:
        super().__init__(base_url=server.url, headers={"authorization": f"Bearer {server.token}"}, timeout=30)
        self.server = server

    def embed(self, texts: Any, **more: Any) -> httpx.Response:
        return self.post("/v1/embeddings", json={"model": "jina-embeddings-v3", "input": texts, **more})


class GatedModel(WordModel):
    """Embeds only while its gate is open; `entered` says that a call waits before it."""

    def __init__(self, name: str = "jina-embeddings-v3") -> None:
        super().__init__(name, card=replace(CATALOGUE[name]), size=64)
        self.gate = threading.Event()
        self.entered = threading.Event()

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        self.entered.set()
        assert self.gate.wait(60)
        return super().embed(inputs, **options)


@pytest.fixture
def spy() -> WordModel:
    """Recorded calls of what looks like jina-embeddings-v3."""
    return WordModel("jina-embeddings-v3", card=CATALOGUE["jina-embeddings-v3"], sizes=(32, 64), size=64)


@pytest.fixture
def gated() -> Iterator[GatedModel]:
    model = GatedModel()
    yield model
    model.gate.set()


@pytest.fixture
def serve(request: pytest.FixtureRequest) -> Iterator[Serve]:
    """Starts servers with given models and limits; all are stopped after the test."""
    opened: list[Api] = []

    def begin(*models: Any, token: str | None = None, **limits: Any) -> Api:
        api = Api(start(list(models), token=token, limits=Limits(**limits)))
        opened.append(api)
        return api

    yield begin
    for api in opened:
        for model in api.server._models:
            if isinstance(model.model, GatedModel):
                model.model.gate.set()
        api.server.stop()
        api.close()


@pytest.fixture
def api(serve: Serve, spy: WordModel) -> Api:
    return serve(spy)


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error object, whose four fields are checked."""
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert answer.headers["content-type"] == "application/json"
    return error


def cosine(one: Any, other: Any) -> float:
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
