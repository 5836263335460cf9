"""What indexing would take, said before anything is written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import jina_notebook as jn
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.estimate import footprint
from jina_notebook.errors import InputError
from jina_notebook.results import IndexEstimate
from tests.elastic.doubles import WordModel, connected


@pytest.fixture
def es(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


def texts(count: int) -> list[dict[str, Any]]:
    return [{"id": str(i), "text": f"text number {i}"} for i in range(count)]


def estimated(documents: Any, index: str, es: Connection, **options: Any) -> IndexEstimate:
    settings: dict[str, Any] = {"model": WordModel(), "id": "id", **options}
    report = jn.index(documents, index, connection=es, estimate=True, **settings)
    assert isinstance(report, IndexEstimate)
    return report


@pytest.mark.parametrize(
    ("kind", "memory", "disk"),
    [
        ("flat", 4_096_000, 4_096_000),
        ("hnsw", 4_160_000, 4_160_000),
        ("int8_hnsw", 1_092_000, 5_188_000),
        ("int4_flat", 516_000, 4_612_000),
        ("bbq_hnsw", 206_000, 4_302_000),
    ],
)
def test_memory_and_disk_follow_the_index_type(kind: str, memory: int, disk: int) -> None:
    size = footprint(kind, 1024, 1000)
    assert (size.memory, size.disk) == (memory, disk)


def test_nothing_is_written_and_a_few_documents_are_embedded(es: Connection, index_name: str) -> None:
    model = WordModel()
    report = estimated(texts(5000), index_name, es, model=model)
    assert not es.client.indices.exists(index=index_name)
    assert (report.indexed, report.skipped, report.failed) == (5000, 0, ())
    assert report.tokens == 15_000
    assert report.index_type == "int8_hnsw"
    assert sum(len(call["inputs"]) for call in model.calls) < 50
    assert report.seconds == max(report.embed_seconds, report.write_seconds)


def test_what_is_sent_is_projected_from_real_lines(es: Connection, index_name: str) -> None:
    documents = texts(300)
    projected = estimated(documents, index_name, es)
    real = jn.index(documents, index_name, model=WordModel(), id="id", connection=es)
    assert projected.bytes_sent == pytest.approx(real.bytes_sent, rel=0.05)
    assert projected.index_type == "flat"


def test_what_is_there_or_cannot_be_stored_is_not_counted(es: Connection, index_name: str) -> None:
    jn.index(texts(10), index_name, model=WordModel(), id="id", connection=es)
    report = estimated([*texts(12), {"id": "x"}], index_name, es)
    assert (report.indexed, report.skipped) == (2, 10)
    assert [f.id for f in report.failed] == ["x"]
    assert report.index_type == "flat"


def test_given_vectors_need_no_embedding(es: Connection, index_name: str) -> None:
    rows = np.eye(64, dtype=np.float32)
    documents = [{"id": str(i), "text": "a", "v": rows[i]} for i in range(64)]
    report = estimated(documents, index_name, es, model="jina-embeddings-v3", vector="v")
    assert (report.indexed, report.dimensions, report.tokens, report.embed_seconds) == (64, 64, 0, 0.0)
    assert report.memory_bytes == 64 * 64 * 4


def test_nothing_to_index_takes_nothing(es: Connection, index_name: str) -> None:
    report = estimated([], index_name, es)
    assert (report.indexed, report.tokens, report.bytes_sent, report.seconds) == (0, 0, 0, 0.0)


def test_token_vectors_count_on_disk(es: Connection, index_name: str) -> None:
    plain = estimated(texts(100), index_name, es)
    multi = estimated(texts(100), index_name, es, multivector=True)
    assert multi.disk_bytes - plain.disk_bytes == pytest.approx(100 * 3 * 64 * 8 / 3, rel=0.01)


def test_documents_that_can_be_read_only_once_are_left_alone(es: Connection, index_name: str) -> None:
    stream = iter(texts(5))
    with pytest.raises(InputError, match="can be read only once"):
        estimated(stream, index_name, es)
    assert len(list(itertools.islice(stream, 10))) == 5


def test_the_display_names_time_memory_and_disk(es: Connection, index_name: str) -> None:
    text = repr(estimated(texts(100), index_name, es))
    for part in ("100 to index", "memory of the server", "disk of the server", "tokens", "about"):
        assert part in text
