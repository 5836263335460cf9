"""Long documents cut into chunks, each with a vector, in one document of the index."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import jina_notebook as jn
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.embedding import EmbeddingStage
from jina_notebook.elastic.lines import Encoder
from jina_notebook.elastic.mapping import own_properties, reserved_fields
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.passages import Chunks, chunked, chunks_of
from jina_notebook.elastic.records import Document
from jina_notebook.errors import IndexFitError, OptionError
from jina_notebook.testing import tiny_checkpoint
from tests.conftest import delete_indices
from tests.elastic.doubles import CARD, WordModel, connected

TEA = "Green tea is brewed at eighty degrees. It loses its colour in boiling water. "
SOCKS = "Wool socks are washed cold. They shrink in a dryer. "
TRAINS = "The night train leaves at ten. Its carriages have beds. "
ARTICLES = [
    {"id": "mixed", "text": TEA * 3 + SOCKS * 3, "title": "Tea and socks"},
    {"id": "travel", "text": TRAINS * 4, "title": "Trains"},
]


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


@pytest.fixture
def name(elasticsearch_url: str) -> Iterator[str]:
    made = f"test-chunks-{uuid.uuid4().hex[:8]}"
    yield made
    delete_indices(elasticsearch_url, made)


@pytest.mark.server
class TestOnAServer:
    def test_a_hit_is_the_document_and_its_passage_the_chunk_that_matched(self, server: Connection, name: str) -> None:
        report = jn.index(ARTICLES, name, model="offline-minilm", id="id", chunk_tokens=24, connection=server)
        assert (report.indexed, report.failed) == (2, ())
        for mode in ("vector", "exact", "hybrid"):
            hits = jn.search("laundry of knitted clothes", name, mode=mode, connection=server)
            assert hits[0].id == "mixed"
            assert hits[0].passage is not None
            assert "ocks" in hits[0].passage or "dryer" in hits[0].passage
            assert "chunks" not in hits[0].source
            assert hits[0].source["text"] == ARTICLES[0]["text"]
        words = jn.search("carriages", name, mode="lexical", connection=server)
        assert [hit.id for hit in words] == ["travel"]

    def test_the_chunks_are_the_text_and_none_is_too_long(self, server: Connection, name: str) -> None:
        jn.index(ARTICLES, name, model="offline-minilm", id="id", chunk_tokens=24, connection=server)
        model = jn.load("offline-minilm")
        for article in ARTICLES:
            stored = server.client.get(index=name, id=article["id"], source=["chunks"])["_source"]["chunks"]
            assert "".join(chunk["text"] for chunk in stored) == article["text"]
            assert len(stored) >= 2
            assert max(model.count_tokens(chunk["text"]) for chunk in stored) <= 24
        mapping = server.client.indices.get_mapping(index=name)[name]["mappings"]
        assert mapping["properties"]["chunks"]["type"] == "nested"
        assert mapping["properties"]["chunks"]["properties"]["vector"]["dims"] == 384
        assert mapping["_meta"]["jina_notebook"]["chunk_tokens"] == 24

    def test_a_second_run_follows_the_index_and_another_length_is_refused(self, server: Connection, name: str) -> None:
        jn.index(ARTICLES, name, model="offline-minilm", id="id", chunk_tokens=24, connection=server)
        again = jn.index(ARTICLES, name, model="offline-minilm", id="id", connection=server)
        assert (again.indexed, again.skipped) == (0, 2)
        with pytest.raises(IndexFitError, match="with chunks of tokens 24; 48 does not fit"):
            jn.index(ARTICLES, name, model="offline-minilm", id="id", chunk_tokens=48, connection=server)
        with pytest.raises(jn.JinaNotebookError, match="has no vector of its own"):
            jn.more_like("mixed", name, connection=server)

    def test_given_vectors_and_a_cluster_are_refused_for_an_index_of_chunks(
        self, server: Connection, name: str
    ) -> None:
        jn.index(ARTICLES, name, model="offline-minilm", id="id", chunk_tokens=24, connection=server)
        with pytest.raises(OptionError, match="chunks have vectors of their own"):
            jn.index([{"text": "a", "v": [0.1] * 384}], name, model="offline-minilm", vector="v", connection=server)
        with pytest.raises(OptionError, match=r"cut into chunks, which jn\.scale\.index does not do"):
            jn.scale.index("corpus.jsonl", name, model="offline-minilm", connection=server)

    def test_an_index_of_whole_documents_does_not_take_chunks(self, server: Connection, name: str) -> None:
        jn.index(ARTICLES, name, model="offline-minilm", id="id", connection=server)
        with pytest.raises(IndexFitError, match="with chunks of tokens None; 24 does not fit"):
            jn.index(ARTICLES, name, model="offline-minilm", id="id", chunk_tokens=24, connection=server)

    def test_late_chunks_are_those_of_the_model(
        self, server: Connection, name: str, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tiny_checkpoint("jina-embeddings-v3", tmp_path_factory.mktemp("v3") / "v3")
        model = jn.load("jina-embeddings-v3", path=folder, device="cpu", dtype="float32")
        report = jn.index(ARTICLES, name, model=model, id="id", chunk_tokens=40, late_chunking=True,
                          index_options="flat", connection=server)  # fmt: skip
        assert report.indexed == 2
        pieces = jn.chunk(ARTICLES[1]["text"], model=model, max_tokens=40)
        late = model.embed(pieces, task="retrieval.passage", late_chunking=True).vectors
        alone = model.embed(pieces, task="retrieval.passage").vectors
        answer = server.client.search(index=name, query={"ids": {"values": ["travel"]}}, source_includes=["chunks"],
                                      source_exclude_vectors=False)  # fmt: skip
        stored = np.array([chunk["vector"] for chunk in answer["hits"]["hits"][0]["_source"]["chunks"]])
        np.testing.assert_allclose(stored, late, atol=1e-5)
        assert np.abs(late - alone).max() > 1e-3

    def test_an_estimate_counts_chunks_as_vectors(self, server: Connection, name: str) -> None:
        options = {"model": "offline-minilm", "connection": server, "estimate": True, "index_options": "flat"}
        whole = jn.index(ARTICLES, name, **options)
        cut = jn.index(ARTICLES, name, chunk_tokens=24, **options)
        assert cut.memory_bytes > 3 * whole.memory_bytes


def test_wishes_that_cannot_be_met_are_refused() -> None:
    assert chunks_of(None, False) is None
    assert chunks_of(64, True) == Chunks(64, late=True)
    for tokens, late, what in ((None, True, "needs chunk_tokens"), (0, False, "chunk_tokens=0"),
                               (True, False, "chunk_tokens=True"), (5, "yes", "late_chunking='yes'")):  # fmt: skip
        with pytest.raises(OptionError, match=what):
            chunks_of(tokens, late)


def test_token_vectors_pictures_and_models_without_late_chunking_are_refused() -> None:
    meta = stage_meta()
    for other in (replace(meta, token_field="t"), replace(meta, image_field="i"), replace(meta, vector_field=None)):
        with pytest.raises(OptionError, match="chunk_tokens goes with texts and one vector per chunk"):
            chunked(other, Chunks(9), CARD, there=None)
    with pytest.raises(OptionError, match="has no late chunking"):
        chunked(meta, Chunks(9, late=True), replace(CARD, late_chunking=False), there=None)


def stage_meta() -> IndexMeta:
    return IndexMeta(model="m", revision="r", task=None, query_task=None, dimensions=64)


def test_passages_of_several_documents_keep_to_their_own() -> None:
    meta = chunked(stage_meta(), Chunks(2), CARD, there=None)
    stage = EmbeddingStage.for_index(WordModel(), meta, cut=lambda text: text.split("|") if text else [])
    texts = ["green tea|socks", "", "a|b|c"]
    documents = [Document(str(i), b"{}", text, "h") for i, text in enumerate(texts)]
    embedded = stage.embed(documents)
    assert embedded.passages is not None
    assert [list(own.texts) for own in embedded.passages] == [["green tea", "socks"], [""], ["a", "b", "c"]]
    expected = WordModel().embed(["green tea", "socks"]).vectors
    np.testing.assert_allclose(embedded.passages[0].vectors, expected, atol=1e-6)
    assert [len(own.vectors) for own in embedded.passages] == [2, 1, 3]
    lines = Encoder(meta, base64=False).items(embedded)[0].lines.splitlines()
    assert lines[1].count(b'"vector":[') == 2
    assert b'"text":"green tea"' in lines[1]


def test_the_mapping_nests_the_vector_and_keeps_the_name_for_itself() -> None:
    meta = chunked(stage_meta(), Chunks(2), CARD, there=None)
    properties = own_properties(meta, index_options={"type": "flat"})
    assert properties["chunks"]["properties"]["vector"]["dims"] == 64
    assert "vector" not in properties
    assert "chunks" in reserved_fields(meta, but=None)
    assert chunked(stage_meta(), None, CARD, there=meta) == meta
