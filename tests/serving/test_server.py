"""Starting and stopping: a thread of its own, a token, an address."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

import jina_notebook as jn
from jina_notebook import endpoints
from jina_notebook.errors import InputError, MissingExtraError, OptionError, UnknownModelError
from jina_notebook.serving import server as serving
from jina_notebook.serving.limits import Limits
from tests.elastic.doubles import WordModel
from tests.serving.conftest import Api, GatedModel, Serve


def test_it_serves_from_a_cell_whose_event_loop_runs_and_patches_nothing(spy: WordModel) -> None:
    before = asyncio.run, asyncio.new_event_loop, asyncio.get_event_loop_policy().__class__

    async def cell() -> int:
        loop = asyncio.get_running_loop()
        with jn.serve(spy) as server:
            async with httpx.AsyncClient(headers={"authorization": f"Bearer {server.token}"}) as client:
                body = {"model": spy.name, "input": "tea", "task": "separation"}
                answer = await client.post(f"{server.url}/v1/embeddings", json=body)
        assert asyncio.get_running_loop() is loop
        return answer.status_code

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one
        assert thread.submit(asyncio.run, cell()).result() == 200
    assert before == (asyncio.run, asyncio.new_event_loop, asyncio.get_event_loop_policy().__class__)


def test_a_name_is_loaded_before_the_first_request() -> None:
    with jn.serve("offline-minilm") as server:
        assert server.models == ("offline-minilm",)
        assert repr(server) == f"<Server of offline-minilm at {server.url}>"
        body = {"model": "offline-minilm", "input": "tea"}
        answer = httpx.post(
            f"{server.url}/v1/embeddings", json=body, headers={"authorization": f"Bearer {server.token}"}
        )
    assert len(answer.json()["data"][0]["embedding"]) == 384


def test_tokens_are_random_unless_given_and_in_no_display(spy: WordModel) -> None:
    with jn.serve(spy) as one, jn.serve(spy) as two, jn.serve(spy, token="my-own") as three:
        assert len({one.token, two.token}) == 2
        assert len(one.token) >= 32
        assert three.token == "my-own"
        shown = f"{one!r} {three!r} {endpoints.running()!r}"
    assert one.token not in shown
    assert "my-own" not in shown


def test_only_this_machine_can_reach_it_unless_told_otherwise(spy: WordModel) -> None:
    with jn.serve(spy) as server:
        assert server.url.startswith("http://127.0.0.1:")
    with jn.serve(spy, host="0.0.0.0") as server:
        assert httpx.get(f"{server.url}/health").status_code == 200


def test_several_models_are_served_side_by_side_each_under_its_name(serve: Serve, spy: WordModel) -> None:
    other = WordModel("offline-minilm", size=64)
    api = serve(spy, other)
    listed = {one["id"]: one for one in api.get("/v1/models").json()["data"]}
    assert list(listed) == ["jina-embeddings-v3", "offline-minilm"]
    assert "retrieval.query" in listed["jina-embeddings-v3"]["tasks"]
    assert listed["offline-minilm"]["dimensions"] == [64]
    api.post("/v1/embeddings", json={"model": "offline-minilm", "input": "tea"})
    assert (len(other.calls), len(spy.calls)) == (1, 0)


def test_stopping_ends_its_threads_and_frees_its_port_and_may_be_done_twice(spy: WordModel) -> None:
    before = set(threading.enumerate())
    server = jn.serve(spy)
    port = int(server.url.rpartition(":")[2])
    assert endpoints.offering(spy.name) is not None
    server.stop()
    server.stop()
    assert not server.running
    assert "stopped" in repr(server)
    assert endpoints.offering(spy.name) is None
    assert {thread.name for thread in set(threading.enumerate()) - before if "jina-serving" in thread.name} == set()
    with jn.serve(spy, port=port) as again:
        assert again.url == server.url


def test_what_is_being_computed_when_it_stops_is_answered_and_what_waits_is_a_503(
    serve: Serve, gated: GatedModel
) -> None:
    api = serve(gated)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(api.embed, "first", task="separation")
        assert gated.entered.wait(10)
        second = pool.submit(api.embed, "second", task="retrieval.passage")
        while 'jina_waiting_requests{model="jina-embeddings-v3"} 2.0' not in api.get("/metrics").text:
            assert not second.done()
        stopping = pool.submit(api.server.stop)
        assert second.result(20).status_code == 503
        gated.gate.set()
        assert first.result(20).status_code == 200
        stopping.result(20)


def test_a_stop_does_not_wait_for_ever_for_a_model_that_hangs(gated: GatedModel) -> None:
    server = serving.start(gated, limits=Limits(stop_s=1.0))
    api = Api(server)
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(api.embed, "tea", task="separation")
        assert gated.entered.wait(10)
        server.stop()
        assert not server.running
        gated.gate.set()
        with pytest.raises((httpx.HTTPError, AssertionError)):
            assert hanging.result(20).status_code == 200


@pytest.mark.parametrize("models", [[], [None], 3, object()])
def test_something_that_is_no_model_is_refused(models: Any) -> None:
    with pytest.raises(InputError):
        jn.serve(models)


def test_names_are_checked_as_loading_does_and_may_not_stand_for_two(spy: WordModel) -> None:
    with pytest.raises(UnknownModelError, match="did you mean offline-minilm"):
        jn.serve("offline-minilmm")
    with pytest.raises(OptionError, match="given twice"):
        jn.serve([spy, WordModel(spy.name)])


@pytest.mark.parametrize("token", ["", "two words", "späte", "a\nb", 3])
def test_a_token_that_no_header_can_hold_is_refused(spy: WordModel, token: Any) -> None:
    with pytest.raises(OptionError, match="token"):
        jn.serve(spy, token=token)


@pytest.mark.parametrize("port", [-1, 65536, "8000", True])
def test_a_port_that_is_none_is_refused(spy: WordModel, port: Any) -> None:
    with pytest.raises(OptionError, match="port="):
        jn.serve(spy, port=port)


def test_a_port_in_use_says_by_whom(spy: WordModel) -> None:
    with jn.serve(spy) as server, pytest.raises(OptionError, match="serves jina-embeddings-v3 there"):
        jn.serve(spy, port=int(server.url.rpartition(":")[2]))
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OptionError, match="free one"):
        jn.serve(spy, port=taken.getsockname()[1])
    with pytest.raises(OptionError, match="cannot be used"):
        jn.serve(spy, host="no such host")


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch, spy: WordModel) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingExtraError, match=r"jina-notebook\[serve\]"):
        jn.serve(spy)


def test_importing_the_package_brings_in_no_web_server() -> None:
    probe = "import sys, jina_notebook as jn; jn.serve; print([m for m in ('fastapi', 'uvicorn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_process_that_ends_without_stopping_ends_cleanly() -> None:
    code = "import jina_notebook as jn; server = jn.serve('offline-minilm'); print(server.running)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert (done.stdout.strip(), done.stderr.strip()) == ("True", "")
