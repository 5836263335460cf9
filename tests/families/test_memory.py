"""One long text costs what it costs alone, whoever stands beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MEASURE = """
import json, sys, warnings
import psutil, threading, time
import jina_notebook as jn

warnings.simplefilter("ignore")
name, path, task, short, long = sys.argv[1:]
model = jn.load(name, path=path, device="cpu", dtype="float32")
model.embed(["warm up"] * 3, task=task)
process = psutil.Process()
before = process.memory_info().rss
peak, stop = [before], threading.Event()

def watch():
    while not stop.wait(0.002):
        peak[0] = max(peak[0], process.memory_info().rss)

watcher = threading.Thread(target=watch)
watcher.start()
model.embed(["tea"] * int(short) + ["word " * int(long)], task=task, progress=False)
stop.set()
watcher.join()
print(json.dumps((peak[0] - before) / 2**20))
"""


def extra_megabytes(name: str, folder: Path, task: str, *, short: int, long: int) -> float:
    """How far the resident size rose above that of the warm model."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, name, str(folder), task, str(short), str(long)],
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
    )
    return float(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("name", "task"), [("jina-embeddings-v3", "text-matching"), ("jina-code-embeddings-0.5b", "nl2code.passage")]
)
def test_three_hundred_short_texts_beside_a_long_one_cost_little_more_than_it_alone(
    name: str, task: str, miniature: Callable[..., Path]
) -> None:
    alone = extra_megabytes(name, miniature(name), task, short=0, long=7_000)
    together = extra_megabytes(name, miniature(name), task, short=300, long=7_000)
    # padded to the long text's length, 300 rows of 7,000 tokens would need gigabytes
    assert together <= alone + 60
    # a full attention matrix of one head would be 196 MB
    assert alone < 180
