"""A miniature that workers load from its folder, and small Ray clusters on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.elastic.connection import Connection
from jina_notebook.testing import tiny_checkpoint
from tests.elastic.doubles import connected

NAME = "jina-embeddings-v5-text-nano"
STORE_BYTES = 100 * 2**20
QUICK = Path(__file__).parent / "quick"


@pytest.fixture(scope="package", autouse=True)
def quick_start() -> Iterator[None]:
    """Processes of Ray import what is in QUICK in place of what is slow; its usage reports are off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(QUICK))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield


@pytest.fixture(scope="package")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A miniature in float32, the precision in which results are the same bits everywhere."""
    folder = tiny_checkpoint(NAME, tmp_path_factory.mktemp("weights") / NAME)
    return jn.load(NAME, path=folder, dtype="float32")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """One node with two cores, to which this process is connected."""
    import ray

    ray.init(
        "local",
        num_cpus=2,
        object_store_memory=STORE_BYTES,
        include_dashboard=False,
        logging_level="ERROR",
        log_to_driver=False,
    )
    yield ray
    ray.shutdown()


@pytest.fixture
def es(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


@pytest.fixture
def corpus() -> list[dict[str, Any]]:
    """Documents of very different lengths, so that batches differ with who does what."""
    words = ["tea", "water", "kettle", "leaf", "steam", "cup", "warm", "green", "black", "slow"]
    texts = [" ".join(words[(i * k) % 10] for k in range(1, 2 + (i * 7) % 60)) for i in range(96)]
    return [{"_id": f"d{i}", "text": text, "number": i} for i, text in enumerate(texts)]


@pytest.fixture
def lines(tmp_path: Path, corpus: list[dict[str, Any]]) -> Path:
    """The same documents in two files of JSON lines."""
    import orjson

    folder = tmp_path / "corpus"
    folder.mkdir()
    for part in (0, 1):
        content = b"".join(orjson.dumps(document) + b"\n" for document in corpus[part::2])
        (folder / f"part-{part}.jsonl").write_bytes(content)
    return folder
