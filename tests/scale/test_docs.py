"""The figures of docs/scale.md are those that `jn.scale.plan` computes."""

from __future__ import annotations

from pathlib import Path

import jina_notebook as jn
from jina_notebook.results import ScalePlan
from jina_notebook.results.indexing import in_bytes

PAGE = Path(__file__).parent.parent.parent / "docs" / "scale.md"
SIZES = (10_000_000, 1_000_000_000)


def rows(marker: str) -> list[list[str]]:
    """The cells of the table after a marker, without its head."""
    table = PAGE.read_text("utf-8").split(f"<!-- {marker} -->\n", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def plans() -> list[ScalePlan]:
    return [
        jn.scale.plan(
            documents,
            300,
            "jina-embeddings-v3",
            accelerator="H100",
            hours=24 if documents == SIZES[0] else 7 * 24,
            worker_price=2.5,
            node_price=0.5,
        )
        for documents in SIZES
    ]


def test_hours_by_rate() -> None:
    for rate, *hours in rows("hours"):
        for documents, shown in zip(SIZES, hours, strict=True):
            plan = jn.scale.plan(documents, 300, "jina-embeddings-v3", tokens_per_second=int(rate.replace(",", "")))
            digits = 1 if plan.worker_hours < 10 else 0
            assert shown == f"{plan.worker_hours:,.{digits}f} h"


def test_memory_and_nodes_by_index_type() -> None:
    kinds = [{kind.index_type: kind for kind in plan.kinds} for plan in plans()]
    for name, *cells in rows("kinds"):
        both = [one[name.strip("`")] for one in kinds]
        assert cells == [cell for kind in both for cell in (in_bytes(2 * kind.memory_bytes), str(kind.data_nodes))]


def test_disk_shards_and_nodes() -> None:
    disk, primaries, nodes = rows("shards")
    assert disk[1:] == [in_bytes(plan.disk_bytes) for plan in plans()]
    assert primaries[1:] == [str(plan.primaries) for plan in plans()]
    assert nodes[1:] == [str(plan.data_nodes) for plan in plans()]


def test_costs() -> None:
    told = {row[0]: row[1:] for row in rows("costs")}
    assert told["tokens"] == [f"{plan.tokens:,}" for plan in plans()]
    assert told["GPU hours"] == [f"{plan.worker_hours:.1f}" for plan in plans()]
    assert [int(cell.split()[0]) for cell in told["GPUs"]] == [plan.workers for plan in plans()]
    assert told["embedding, once"] == [f"{plan.embedding_cost:,.2f}" for plan in plans()]
    assert told["data nodes, each month"] == [f"{plan.monthly_cost:,.2f}" for plan in plans()]
    assert f"{plans()[0].tokens_per_second:,.0f} tokens/s" in PAGE.read_text("utf-8")
