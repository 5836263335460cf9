"""Two nodes, one of which is killed in the middle of a run: every document is in the index exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.elastic.connection import Connection
from jina_notebook.scale.pool import Pool
from tests.scale.conftest import STORE_BYTES

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture
def two_nodes() -> Iterator[Any]:
    """This process is on the first node; the second one may be lost."""
    import ray
    from ray.cluster_utils import Cluster

    noticing = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500, "health_check_failure_threshold": 2}
    nodes = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 2,
            "object_store_memory": STORE_BYTES,
            "include_dashboard": False,
            "_system_config": noticing,
        },
    )
    second = nodes.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
    ray.init(nodes.address, logging_level="ERROR", log_to_driver=False)
    yield nodes, second
    ray.shutdown()
    nodes.shutdown()


@pytest.fixture
def both_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """No block is handed out before there is a worker on either node."""
    first = Pool.wait

    def wait(self: Pool) -> None:
        first(self)
        while self._starting:
            finished, _ = self.cluster.ray.wait(list(self._starting), num_returns=1, timeout=60)
            for ref in finished:
                self._started(ref)

    monkeypatch.setattr(Pool, "wait", wait)


@pytest.mark.usefixtures("both_begin")
def test_every_document_is_there_once_although_a_node_was_killed(
    two_nodes: Any, es: Connection, index_name: str, model: Any
) -> None:
    import ray

    nodes, second = two_nodes
    documents = [{"_id": f"d{i}", "text": f"text {i} " + "tea " * (i % 50)} for i in range(480)]
    dataset = ray.data.from_items(documents, override_num_blocks=60)
    killed: list[int] = []

    def kill_once(done: int, total: int) -> None:
        if done >= 120 and not killed:
            killed.append(done)
            nodes.remove_node(second, allow_graceful=False)

    report = jn.scale.index(dataset, index_name, model=model, connection=es, workers=2, num_cpus=1, progress=kill_once)

    assert killed
    assert killed[0] < 480
    assert (report.nodes, report.lost) == (2, 1)
    assert (report.indexed, report.skipped, report.failed, report.failed_blocks) == (480, 0, (), ())
    found = es.client.search(index=index_name, size=1000, source=False)["hits"]["hits"]
    assert sorted(hit["_id"] for hit in found) == sorted(document["_id"] for document in documents)
    assert es.client.count(index=index_name)["count"] == 480
