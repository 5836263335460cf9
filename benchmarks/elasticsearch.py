"""`make bench-elasticsearch`: indexing against its peers, memory and time of long streams, latency of each search mode.

    python -m benchmarks.elasticsearch [indexing] [scale] [latency]

`indexing`: `jn.index(vector=…)` with 20,000 vectors of 1,024 dimensions and 300 characters each, against
`elasticsearch.helpers.bulk` and langchain-elasticsearch. `scale`: memory and time per document at 100,000 and
1,000,000. `latency`: see `benchmarks.latency`.

A server of its own is started for the run and deleted after it. Every variant makes an index with the same mapping,
with refresh off and no copies, writes the same documents, and is timed until everything can be searched. Beside the
whole call of `jn.index` stands its writing alone, from its own report. langchain needs a client below 9, so it runs in
a scratch environment that this program makes; without a package index it is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from elasticsearch import Elasticsearch, helpers
from numpy.typing import NDArray

import jina_notebook as jn
from benchmarks.latency import latency
from benchmarks.timing import Row, machine, table
from jina_notebook.elastic.local import server

DIMENSIONS = 1024
CHARACTERS = 300
WARM_S = 20.0
MODEL = "jina-embeddings-v3"
SERVER = "benchmark"
INDEX = "benchmark"
OURS, WRITING = "jn.index(vector=…), the whole call", "jn.index(vector=…), its writing"
SCRATCH = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "jina-notebook-benchmark" / "langchain"
WORDS = [
    "tea",
    "cup",
    "green",
    "kettle",
    "leaf",
    "pot",
    "steam",
    "water",
    "black",
    "oolong",
    "shelf",
    "order",
    "parcel",
]

LANGCHAIN = """
import json, sys, time
import numpy as np
from langchain_elasticsearch import ElasticsearchStore

url, index, folder = sys.argv[1:]
texts = json.load(open(f"{folder}/texts.json"))
vectors = np.load(f"{folder}/vectors.npy")
ids = [str(i) for i in range(len(texts))]
store = ElasticsearchStore(index_name=index, es_url=url, query_field="text", vector_query_field="vector")
for line in sys.stdin:
    started = time.perf_counter()
    pairs = zip(texts, (row.tolist() for row in vectors))
    store.add_embeddings(pairs, ids=ids, create_index_if_not_exists=False, refresh_indices=True)
    print(time.perf_counter() - started, flush=True)
"""


def texts(count: int) -> list[str]:
    chosen = np.random.default_rng(1).choice(WORDS, size=(count, 60))
    return [" ".join(row)[:CHARACTERS] for row in chosen]


def vectors(count: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(0).standard_normal((count, DIMENSIONS), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


class Corpus:
    """The documents, and an empty index for each variant."""

    def __init__(self, url: str, count: int, kind: str) -> None:
        self.url, self.count, self.kind = url, count, kind
        self.client = Elasticsearch(url)
        self.texts, self.vectors = texts(count), vectors(count)
        self.rows = [
            {"id": str(i), "text": t, "v": v} for i, (t, v) in enumerate(zip(self.texts, self.vectors, strict=True))
        ]

    def clear(self) -> None:
        self.client.options(ignore_status=404).indices.delete(index=INDEX)

    def make(self) -> None:
        field = {
            "type": "dense_vector",
            "dims": DIMENSIONS,
            "similarity": "cosine",
            "index_options": {"type": self.kind},
        }
        properties = {"id": {"type": "keyword"}, "text": {"type": "text"}, "vector": field}
        settings = {"refresh_interval": "-1", "number_of_replicas": 0}
        self.client.indices.create(index=INDEX, mappings={"properties": properties}, settings=settings)

    def check(self) -> str:
        found = int(self.client.count(index=INDEX)["count"])
        return "nothing lost" if found == self.count else f"{self.count - found} LOST"

    def with_helpers(self) -> None:
        self.make()
        actions = (
            {"_index": INDEX, "_id": row["id"], "id": row["id"], "text": row["text"], "vector": row["v"].tolist()}
            for row in self.rows
        )
        helpers.bulk(self.client, actions)
        self.client.indices.refresh(index=INDEX)

    def with_us(self) -> float:
        """Seconds of writing, by the report."""
        options = {"type": self.kind}
        report = jn.index(self.rows, INDEX, model=MODEL, vector="v", id="id", index_options=options, progress=False)
        assert report.indexed == self.count, report
        return report.write_seconds


def langchain(corpus: Corpus, folder: Path) -> subprocess.Popen[str] | None:
    """A process of its own environment that writes once for each line it is sent; None where it cannot be made."""
    python = SCRATCH / "bin" / "python"
    if not python.exists():
        SCRATCH.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(SCRATCH)], check=True)
        made = subprocess.run(
            [python, "-m", "pip", "install", "-q", "langchain-elasticsearch==1.0.0", "numpy"], check=False
        )
        if made.returncode:
            return None
    np.save(folder / "vectors.npy", corpus.vectors)
    (folder / "texts.json").write_text(json.dumps(corpus.texts))
    command = [str(python), "-c", LANGCHAIN, corpus.url, INDEX, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def once(peer: subprocess.Popen[str], corpus: Corpus) -> float:
    corpus.make()
    assert peer.stdin is not None
    assert peer.stdout is not None
    peer.stdin.write("go\n")
    peer.stdin.flush()
    return float(peer.stdout.readline())


def timed(call: Callable[[], float | None]) -> tuple[float, float | None]:
    """Seconds of the call, and what it gives."""
    started = time.perf_counter()
    given = call()
    return time.perf_counter() - started, given


def compare(url: str, count: int, kind: str, rounds: int, folder: Path) -> str:
    """Rounds in which every variant runs in turn, after all of them ran for `WARM_S` each.

    The server compiles what it runs often: a variant that takes a second would meet a colder one than its peers do.
    """
    corpus = Corpus(url, count, kind)
    peer = langchain(corpus, folder)
    variants: dict[str, Callable[[], tuple[float, float | None]]] = {
        "helpers.bulk, defaults": lambda: timed(corpus.with_helpers),
    }
    if peer is not None:
        variants["langchain-elasticsearch add_embeddings"] = lambda: (once(peer, corpus), None)
    variants[OURS] = lambda: timed(corpus.with_us)
    seconds: dict[str, list[float]] = {name: [] for name in (*variants, WRITING)}
    lost: dict[str, str] = {}
    for run in variants.values():
        until = time.perf_counter() + WARM_S
        while time.perf_counter() < until:
            corpus.clear()
            run()
    for name, run in [*variants.items()] * rounds:
        corpus.clear()
        took, writing = run()
        lost[name] = lost[WRITING] = corpus.check()
        seconds[name].append(took)
        seconds[WRITING] += [] if writing is None else [writing]
    corpus.clear()
    if peer is not None:
        peer.terminate()
    first = next(iter(variants))
    rows = [
        Row(name, statistics.median(took), tuple(a / b for a, b in zip(seconds[first], took, strict=True)), lost[name])
        for name, took in seconds.items()
    ]
    return table(f"{kind}: {count:,} documents, {rounds} rounds", rows, unit="docs", amount=count)


def stream(count: int) -> Iterator[dict[str, Any]]:
    row = np.ones(8, dtype=np.float32)
    for i in range(count):
        yield {"id": str(i), "text": f"small document number {i}", "v": row}


def scale_once(count: int) -> None:
    """One run in a process of its own: seconds, and the most memory it ever had."""
    report = jn.index(stream(count), INDEX, model=MODEL, vector="v", id="id", recreate=True, progress=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"documents": report.indexed, "seconds": report.seconds, "peak_mb": peak}))


def scale(url: str) -> str:
    lines = [f"\n{'documents':>10} {'seconds':>8} {'µs/document':>12} {'peak memory MB':>15}"]
    for count in (1_000, 100_000, 1_000_000):
        command = [sys.executable, "-m", "benchmarks.elasticsearch", "--scale-once", str(count)]
        environment = {**os.environ, "ELASTICSEARCH_URL": url}
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        run = json.loads(done.stdout)
        each = 1e6 * run["seconds"] / run["documents"]
        lines.append(f"{run['documents']:>10,} {run['seconds']:>8.1f} {each:>12.1f} {run['peak_mb']:>15.0f}")
    return "\n".join(lines)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def indexing(url: str, asked: argparse.Namespace) -> Iterator[str]:
    for kind in asked.kinds:
        with tempfile.TemporaryDirectory() as folder:
            yield compare(url, asked.documents, kind, asked.rounds, Path(folder))


PARTS: dict[str, Callable[[str, argparse.Namespace], Iterable[str]]] = {
    "indexing": indexing,
    "scale": lambda url, _: [scale(url)],
    "latency": lambda url, _: [latency(url)],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all where none is named")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", default=["flat", "int8_hnsw"])
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--scale-once", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"{', '.join(sorted(unknown))} is no part; parts are {', '.join(PARTS)}")
    if asked.scale_once:
        scale_once(asked.scale_once)
        return
    running = server.start(name=SERVER, port=free_port(), heap=asked.heap, fresh=True)
    try:
        jn.connect(running.url)
        print(machine())
        print(f"Elasticsearch {running.version}, heap {running.heap}, {running.license} licence", flush=True)
        for part in asked.parts or PARTS:
            for lines in PARTS[part](running.url, asked):
                print(lines, flush=True)
    finally:
        server.stop(SERVER, delete_data=True)


if __name__ == "__main__":
    main()
