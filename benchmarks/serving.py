"""`make bench-serve`: 32 concurrent clients against `jn.serve`, and the same texts through `.embed` directly.

    python -m benchmarks.serving [--texts 640] [--clients 32] [--rounds 3] [--words 120]

The clients run in a process of their own, one text per request, over connections that stay open. They share the
machine's cores with the server, so its throughput here is a lower bound.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import numpy as np

import jina_notebook as jn
from benchmarks.timing import interleave, machine

MODEL = "offline-minilm"
WORDS = ("tea", "kettle", "leaf", "water", "steam", "order", "parcel", "invoice", "refund", "account", "cable", "road")


def texts(count: int, words: int) -> list[str]:
    """Passages of uneven length, about `words` words."""
    draw = random.Random(0)
    return [" ".join(draw.choices(WORDS, k=draw.randint(words // 2, words * 3 // 2))) for _ in range(count)]


def load(url: str, token: str, clients: int, inputs: Sequence[str]) -> None:
    """The clients; prints seconds in all and of every request as JSON. Runs in a process of its own."""
    address = urlsplit(url)
    waiting = list(enumerate(inputs))
    lock = threading.Lock()
    seconds: list[float] = []
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def client() -> None:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=600)
        while True:
            with lock:
                if not waiting:
                    return
                _, text = waiting.pop()
            body = json.dumps({"model": MODEL, "input": text, "encoding_format": "base64"})
            started = time.perf_counter()
            connection.request("POST", "/v1/embeddings", body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            with lock:
                seconds.append(time.perf_counter() - started)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seconds) == len(inputs)
    print(json.dumps({"all": time.perf_counter() - started, "each": seconds}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("texts", 640), ("clients", 32), ("rounds", 3), ("words", 120)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--load", nargs=2, metavar=("URL", "TOKEN"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    inputs = texts(asked.texts, asked.words)
    if asked.load:
        url, token = asked.load
        load(url, token, asked.clients, inputs)
        return
    print(machine())
    model = jn.load(MODEL, device="cpu", dtype="float32")
    tokens = sum(model.embed(inputs, progress=False).token_counts)
    runs: list[dict[str, object]] = []
    with jn.serve(model) as server:
        sizes = [f"--{name}={getattr(asked, name)}" for name in ("texts", "clients", "words")]
        command = [sys.executable, "-m", "benchmarks.serving", "--load", server.url, server.token, *sizes]

        def served() -> None:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            runs.append(json.loads(done.stdout))

        rows = interleave(
            {"direct": lambda: model.embed(inputs, progress=False), "served": served}, rounds=asked.rounds
        )
    direct = rows[0].seconds
    timed = runs[1:]  # the first warms up; the clients' start is not counted
    took = float(np.median([run["all"] for run in timed]))
    each = np.array([seconds for run in timed for seconds in run["each"]])  # type: ignore[attr-defined]
    p50, p99 = np.percentile(each, [50, 99])
    print(f"{asked.texts} texts, {tokens:,} tokens, {asked.clients} clients, medians of {asked.rounds} rounds")
    print(f"direct  {direct:7.2f} s  {tokens / direct:9,.0f} tokens/s")
    print(f"served  {took:7.2f} s  {tokens / took:9,.0f} tokens/s  {direct / took:.0%} of direct")
    print(f"request p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")


if __name__ == "__main__":
    main()
