"""`jina-notebook serve`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jina_notebook.testing import tiny_checkpoint

CODE = "from jina_notebook.cli import main; main()"
TEXT = "a secret text"


def run(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CODE, "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )


@pytest.fixture
def serving() -> Iterator[subprocess.Popen[str]]:
    process = run("offline-minilm", "--json", "--device", "cpu", JINA_NOTEBOOK_SERVE_TOKEN="from-the-environment")
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_where_it_is_answers_and_ends_cleanly_on_a_signal(
    serving: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert serving.stdout is not None
    record = json.loads(serving.stdout.readline())
    assert record["token"] == "from-the-environment"
    assert record["models"] == ["offline-minilm"]
    answer = httpx.post(
        f"{record['url']}/v1/embeddings",
        json={"model": "offline-minilm", "input": TEXT},
        headers={"authorization": f"Bearer {record['token']}"},
        timeout=60,
    )
    assert len(answer.json()["data"][0]["embedding"]) == 384
    serving.send_signal(number)
    out, log = serving.communicate(timeout=60)
    assert (serving.returncode, out) == (0, "")
    line = json.loads(log.splitlines()[0])
    assert (line["path"], line["status"], line["model"]) == ("/v1/embeddings", 200, "offline-minilm")
    assert log.splitlines()[-1] == "Stopping."
    assert TEXT not in log


def test_a_checkpoint_in_a_folder_is_served_under_the_models_name(tmp_path: Path) -> None:
    folder = tiny_checkpoint("jina-reranker-v3", tmp_path / "weights")
    process = run(f"jina-reranker-v3={folder}", "--device", "cpu", "--dtype", "float32", "--token", "t")
    try:
        assert process.stdout is not None
        shown, token = process.stdout.readline(), process.stdout.readline()
        assert shown.startswith("<Server of jina-reranker-v3 at http://127.0.0.1:")
        assert token == "token: t\n"
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_an_unknown_model_is_one_sentence_and_a_hint() -> None:
    process = run("offline-minilmm")
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "did you mean offline-minilm" in error
    assert "Traceback" not in error
