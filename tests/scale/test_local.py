"""A cluster that a call starts on this machine is gone after it, and reports nothing to anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

import jina_notebook as jn
from jina_notebook.errors import ClusterError

pytestmark = pytest.mark.slow


def test_a_local_cluster_lives_as_long_as_the_call(
    model: Any, corpus: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray
    from ray._common.usage.usage_lib import usage_stats_enabled

    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    table = tmp_path / "corpus.parquet"
    import pandas as pd

    pd.DataFrame(corpus).to_parquet(table)
    report = jn.scale.embed(
        table, model=model, output=tmp_path / "out", dimensions=64, task="text-matching", address="local", num_cpus=1
    )
    assert not ray.is_initialized()
    assert not usage_stats_enabled()
    assert (report.indexed, report.dimensions) == (96, 64)
    rows = [row for file in (tmp_path / "out").glob("part-*") for row in parquet.read_table(file).to_pylist()]
    assert {row["number"] for row in rows} == set(range(96))
    assert {len(row["vector"]) for row in rows} == {64}


def test_an_address_where_no_cluster_is_is_one_sentence() -> None:
    with pytest.raises(ClusterError, match=r"There is no Ray cluster at address='127\.0\.0\.1:1'") as refused:
        jn.scale.embed("corpus.jsonl", model="jina-embeddings-v3", output="vectors", address="127.0.0.1:1")
    assert "ray start --head" in str(refused.value.hint)
