"""`jn.index` with vectors that are already there, with token vectors, and with pictures."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import jina_notebook as jn
from jina_notebook.catalog import CATALOGUE
from jina_notebook.elastic.connection import Connection
from jina_notebook.errors import IndexFitError, InputError
from tests.elastic.doubles import WordModel, connected

V3 = "jina-embeddings-v3"
VECTORS = np.random.default_rng(5).normal(size=(30, 16)).astype(np.float32)


@pytest.fixture
def es(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


def rows(**fields: Any) -> list[dict[str, Any]]:
    return [{"id": str(i), "text": f"row {i}", "v": VECTORS[i], **fields} for i in range(len(VECTORS))]


def stored_vectors(es: Connection, index: str, field: str = "vector") -> dict[str, list[float]]:
    found = es.client.search(index=index, size=100, fields=[field], source=False)
    return {hit["_id"]: hit["fields"][field] for hit in found["hits"]["hits"]}


def same(values: list[float], row: np.ndarray) -> bool:
    """A cosine field stores direction and length apart, so the last bit may differ."""
    return bool(np.allclose(values, row, rtol=1e-6, atol=0))


def mapping(es: Connection, index: str) -> dict[str, Any]:
    found: dict[str, Any] = es.client.indices.get_mapping(index=index)[index]["mappings"]["properties"]
    return found


def test_given_vectors_arrive_exactly_and_nothing_is_loaded_or_embedded(es: Connection, index_name: str) -> None:
    report = jn.index(rows(), index_name, model=V3, vector="v", id="id", connection=es)
    assert (report.indexed, report.dimensions, report.embed_seconds) == (30, 16, 0.0)
    there = stored_vectors(es, index_name)
    assert all(same(there[str(i)], VECTORS[i]) for i in range(30))
    assert "v" not in mapping(es, index_name)
    assert jn.index(rows(), index_name, model=V3, vector="v", id="id", connection=es).skipped == 30


@pytest.mark.parametrize("kind", ["frame", "parquet", "lists"])
def test_given_vectors_come_from_tables_and_files_too(
    es: Connection, index_name: str, tmp_path: Path, kind: str
) -> None:
    documents: Any = [{**row, "v": row["v"].tolist()} for row in rows()]
    if kind != "lists":
        documents = pd.DataFrame(rows())
    if kind == "parquet":
        documents.to_parquet(tmp_path / "c.parquet")
        documents = tmp_path / "c.parquet"
    assert jn.index(documents, index_name, model=V3, vector="v", id="id", connection=es).indexed == 30
    there = stored_vectors(es, index_name)
    assert same(there["7"], VECTORS[7])


def test_a_server_that_takes_no_base64_gets_the_same_numbers(es: Connection, index_name: str) -> None:
    es.capabilities.deny("base64_vectors", "pretended")
    jn.index(rows(), index_name, model=V3, vector="v", id="id", connection=es)
    assert same(stored_vectors(es, index_name)["3"], VECTORS[3])


def test_vectors_that_no_index_takes_are_named_and_the_rest_is_stored(es: Connection, index_name: str) -> None:
    documents = rows()
    documents[3]["v"] = np.zeros(16, dtype=np.float32)
    documents[5]["v"] = [*VECTORS[5][:-1].tolist(), float("nan")]
    documents[7]["v"] = VECTORS[7][:8]
    documents[9]["v"] = None
    documents[11]["v"] = "0.1 0.2"
    report = jn.index(documents, index_name, model=V3, vector="v", id="id", connection=es)
    assert report.indexed == 25
    assert {f.id: f.field for f in report.failed} == dict.fromkeys(("3", "5", "7", "9", "11"), "v")


def test_another_size_than_that_of_the_index_is_refused_or_named(es: Connection, index_name: str) -> None:
    jn.index(rows(), index_name, model=V3, vector="v", id="id", connection=es)
    longer = [{"id": "x", "text": "a", "v": [1.0] * 17}]
    report = jn.index(longer, index_name, model=V3, vector="v", id="id", connection=es)
    assert "has 17 dimensions; the index holds 16" in report.failed[0].reason
    with pytest.raises(IndexFitError, match="dimensions 16; 17 does not fit"):
        jn.index(longer, index_name, model=V3, vector="v", id="id", dimensions=17, connection=es)


def test_a_changed_vector_is_written_again(es: Connection, index_name: str) -> None:
    documents = rows()
    jn.index(documents, index_name, model=V3, vector="v", id="id", connection=es)
    documents[0]["v"] = VECTORS[1]
    report = jn.index(documents, index_name, model=V3, vector="v", id="id", connection=es)
    assert (report.indexed, report.skipped) == (1, 29)
    assert same(stored_vectors(es, index_name)["0"], VECTORS[1])


def test_a_document_that_brings_a_vector_unasked_is_named(es: Connection, index_name: str) -> None:
    report = jn.index([{"id": "1", "text": "a", "vector": [1]}], index_name, model=WordModel(), id="id", connection=es)
    assert "rename it" in report.failed[0].reason


def test_token_vectors_are_packed_on_a_basic_licence(es: Connection, index_name: str) -> None:
    model = WordModel(size=16)
    documents = [{"id": "1", "text": "green tea leaf"}, {"id": "2", "text": "cup"}]
    jn.index(documents, index_name, model=model, id="id", multivector=True, connection=es)
    source = es.client.get(index=index_name, id="1")["_source"]
    packed = np.frombuffer(base64.b64decode(source["token_vectors"]), "<f2").reshape(-1, 16)
    expected = model.embed("green tea leaf", return_multivector=True).vectors[0]
    assert source["token_vectors_count"] == 3
    assert packed.tolist() == expected.astype(np.float16).tolist()
    meta = es.meta(index_name)
    assert meta is not None
    assert (meta.token_field, meta.token_storage, meta.token_dimensions) == ("token_vectors", "binary", 16)
    model.calls.clear()
    jn.index([{"id": "3", "text": "pot"}], index_name, model=model, id="id", connection=es)
    assert "token_vectors" in es.client.get(index=index_name, id="3")["_source"]


def test_token_vectors_are_scored_by_the_server_where_the_licence_allows(
    elasticsearch_trial_url: str, index_name: str
) -> None:
    model = WordModel(size=16)
    with connected(elasticsearch_trial_url) as es:
        jn.index(["green tea", "cup"], index_name, model=model, multivector=True, connection=es)
        assert mapping(es, index_name)["token_vectors"]["type"] == "rank_vectors"
        assert {len(v) for v in stored_vectors(es, index_name, "token_vectors").values()} == {1, 2}
        hits = jn.search("cup", index_name, mode="late-interaction", model=model, connection=es)
        assert hits[0].source["text"] == "cup"


class Colbert(WordModel):
    """Gives token vectors only."""

    def __init__(self) -> None:
        super().__init__("jina-colbert-v2", card=CATALOGUE["jina-colbert-v2"], size=16)
        self.token_dimensions, self.dimensions = self.dimensions, ()

    def embed(self, inputs: Any, **options: Any) -> Any:
        assert options.get("return_multivector")
        self.dimensions = self.token_dimensions
        try:
            return super().embed(inputs, **options)
        finally:
            self.dimensions = ()


def test_a_model_of_token_vectors_alone_needs_no_other(es: Connection, index_name: str) -> None:
    report = jn.index(["green tea", "cup"], index_name, model=Colbert(), connection=es)
    assert (report.indexed, report.dimensions) == (2, 16)
    assert "vector" not in mapping(es, index_name)
    meta = es.meta(index_name)
    assert meta is not None
    assert (meta.vector_field, meta.token_field) == (None, "token_vectors")


def test_given_multi_vectors_are_stored_as_token_vectors(es: Connection, index_name: str) -> None:
    documents = [{"id": "1", "text": "a", "v": VECTORS[:3]}, {"id": "2", "text": "b", "v": VECTORS[0]}]
    report = jn.index(
        documents, index_name, model="jina-colbert-v2", vector="v", id="id", multivector=True, connection=es
    )
    assert report.indexed == 1
    assert [f.id for f in report.failed] == ["2"]
    assert es.client.get(index=index_name, id="1")["_source"]["token_vectors_count"] == 3


class Clip(WordModel):
    """Takes pictures, by their colour; a broken file is an error that names its place."""

    def __init__(self) -> None:
        super().__init__("jina-clip-v2", card=CATALOGUE["jina-clip-v2"], size=16)

    def embed(self, inputs: Any, **options: Any) -> Any:
        read = []
        for position, item in enumerate(inputs):
            if isinstance(item, str):
                read.append(item)
                continue
            try:
                with Image.open(item) as image:
                    read.append(str(image.convert("RGB").resize((1, 1)).getpixel((0, 0))))
            except OSError as error:
                raise InputError(f"Input {position}, {item.name}, is truncated: {error}.") from None
        return super().embed(read, **options)


def test_one_broken_picture_is_named_and_the_others_are_stored(es: Connection, index_name: str, tmp_path: Path) -> None:
    good, cut = tmp_path / "good.jpg", tmp_path / "cut.jpg"
    Image.effect_noise((64, 64), 90).convert("RGB").save(good)
    cut.write_bytes(good.read_bytes()[:-400])
    documents: list[dict[str, Any]] = [{"id": str(i), "image": str(good)} for i in range(9)]
    documents += [{"id": "9", "image": str(cut)}, {"id": "10", "image": "gone.jpg"}, {"id": "11", "text": "a caption"}]
    report = jn.index(documents, index_name, model=Clip(), image="image", id="id", connection=es)
    assert report.indexed == 10
    assert {f.id for f in report.failed} == {"9", "10"}
    assert "cut.jpg, is truncated" in next(f.reason for f in report.failed if f.id == "9")
    assert es.client.get(index=index_name, id="0")["_source"] == {"id": "0", "image": str(good)}
    assert mapping(es, index_name)["image"]["type"] == "keyword"
    meta = es.meta(index_name)
    assert meta is not None
    assert (meta.task, meta.query_task, meta.image_field) == (None, "retrieval.query", "image")
