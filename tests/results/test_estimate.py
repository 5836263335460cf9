"""What indexing would take, as it shows."""

from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.results import Failure, IndexEstimate, IndexReport
from tests.results.samples import report


def estimate(**changes: Any) -> IndexEstimate:
    values: dict[str, Any] = {
        "index": "kb",
        "model": "jina-embeddings-v3",
        "revision": "r",
        "dimensions": 1024,
        "indexed": 1_000_000,
        "skipped": 7,
        "failed": (Failure("x", "text is missing", "text"),),
        "tokens": 130_000_000,
        "embed_seconds": 9000.0,
        "write_seconds": 900.0,
        "seconds": 9000.0,
        "bytes_sent": 5_900_000_000,
        "sample": 24,
        "memory_bytes": 210_000_000,
        "disk_bytes": 4_700_000_000,
        "index_type": "bbq_hnsw",
    }
    return IndexEstimate(**(values | changes))


def test_an_estimate_names_documents_tokens_time_memory_and_disk() -> None:
    text = repr(estimate())
    for part in (
        "1,000,000 to index",
        "7 skipped",
        "1 cannot be stored",
        "about 130,000,000",
        "2.5 h",
        "210.0 MB",
        "4.7 GB",
    ):
        assert part in text
    assert "text is missing" in text


@pytest.mark.parametrize(("seconds", "shown"), [(0.0, "0 s"), (89.0, "89 s"), (600.0, "10 min"), (5400.0, "1.5 h")])
def test_a_time_is_shown_in_the_unit_that_suits_it(seconds: float, shown: str) -> None:
    assert f"about {shown}" in repr(estimate(seconds=seconds))


def test_an_estimate_is_a_report_whose_numbers_add_up() -> None:
    assert isinstance(estimate(), IndexReport)
    assert estimate().documents == 1_000_008


@pytest.mark.parametrize(("embed", "write", "slower"), [(2.0, 1.0, "embed"), (1.0, 2.0, "write"), (0.0, 0.0, None)])
def test_the_slower_stage_is_named(embed: float, write: float, slower: str | None) -> None:
    result = report(embed_seconds=embed, write_seconds=write)
    assert result.bottleneck == slower
    assert (f"Slower stage: {slower}" in repr(result)) is (slower is not None)


def test_bytes_per_document_count_what_was_stored() -> None:
    result = report(indexed=50, bytes_sent=100_000)
    assert result.bytes_per_document == 2000.0
    assert "100.0 kB (2.0 kB a document)" in repr(result)
    assert report(indexed=0, bytes_sent=0).bytes_per_document == 0.0
