"""Several indices, aliases, and indices that others made."""

from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.elastic.connection import Connection
from jina_notebook.errors import IndexFitError
from jina_notebook.searching import search
from tests.elastic.doubles import OverlapReranker, WordModel, add, fill
from tests.searching.conftest import SHOP, ids


def other() -> WordModel:
    return WordModel("second-model", size=32)


class TestSeveralIndices:
    pytestmark = pytest.mark.server

    @pytest.fixture
    def two(self, server: Connection, index_name: str, model: WordModel) -> tuple[str, str]:
        """Two indices of two models and sizes; the second one's is found in memory."""
        first, second = f"{index_name}-1", f"{index_name}-2"
        fill(server, first, SHOP, model=model)
        fill(server, second, [{"id": "tea", "text": "tea ceremony"}, {"id": "z", "text": "zebra"}], model=other())
        return first, second

    @pytest.mark.parametrize("mode", ["vector", "hybrid"])
    def test_each_index_is_asked_in_its_own_models_words(
        self, server: Connection, two: tuple[str, str], model: WordModel, mode: str, in_memory: Any
    ) -> None:
        second = other()
        in_memory(model, second)
        hits = search("tea", list(two), mode=mode, k=10, connection=server)
        assert {hit.index for hit in hits[:2]} == set(two)
        assert (two[1], "tea") in {(hit.index, hit.id) for hit in hits[:2]}
        assert len(model.calls) == len(second.calls) == 1
        assert hits.model == "offline-minilm, second-model"
        assert hits[0].explanation[-1].name == "fusion"
        assert len(hits) == 7

    def test_one_reranker_judges_the_union(
        self, server: Connection, two: tuple[str, str], model: WordModel, in_memory: Any
    ) -> None:
        in_memory(model, other())
        hits = search("tea ceremony", list(two), k=3, rerank=OverlapReranker(), connection=server)
        assert (hits[0].index, hits[0].id, hits[0].score) == (two[1], "tea", 1.0)

    def test_words_are_searched_in_all_of_them_at_once(self, server: Connection, two: tuple[str, str]) -> None:
        hits = search("tea", ",".join(two), mode="lexical", connection=server)
        assert {(hit.index, hit.id) for hit in hits} == {(two[0], "tea"), (two[1], "tea")}
        assert [stage.name for stage in hits[0].explanation] == ["lexical"]

    def test_indices_of_one_model_are_one_search(self, server: Connection, index_name: str, model: WordModel) -> None:
        fill(server, f"{index_name}-a", SHOP[:2], model=model)
        fill(server, f"{index_name}-b", SHOP[2:], model=model)
        hits = search("infusion", f"{index_name}-*", mode="vector", k=2, model=model, connection=server)
        assert {hit.index for hit in hits} == {f"{index_name}-a", f"{index_name}-b"}
        assert [stage.name for stage in hits[0].explanation] == ["vector"]

    def test_an_alias_and_its_filter_are_kept(self, server: Connection, index_name: str, model: WordModel) -> None:
        fill(server, index_name, SHOP, model=model)
        alias = f"{index_name}-french"
        server.client.indices.put_alias(index=index_name, name=alias, filter={"term": {"lang": "fr"}})
        hits = search("green tea", alias, k=5, model=model, connection=server)
        assert set(ids(hits)) == {"the", "tax"}
        assert {hit.index for hit in hits} == {index_name}


class TestIndicesOfOthers:
    pytestmark = pytest.mark.server

    def test_an_index_without_a_model_works_when_it_is_named(
        self, server: Connection, index_name: str, model: WordModel
    ) -> None:
        fill(server, index_name, SHOP, model=model, meta=None)
        assert search("infusion", index_name, k=2, model=model, connection=server)[0].id in {"tea", "the"}
        assert ids(search("coffee", index_name, mode="lexical", connection=server)) == ["mug"]
        with pytest.raises(IndexFitError, match="does not say which model filled it"):
            search("infusion", index_name, connection=server)

    def test_chunks_bring_the_passage_that_matched(self, server: Connection, index_name: str, model: WordModel) -> None:
        vector = {"type": "dense_vector", "dims": 64, "similarity": "cosine", "index_options": {"type": "hnsw"}}
        chunk = {"type": "nested", "properties": {"text": {"type": "text"}, "vec": vector}}
        server.client.indices.create(index=index_name, mappings={"properties": {"chunks": chunk}})
        for id_, texts in (("1", ["wool socks", "green tea"]), ("2", ["coffee mug", "tax form"])):
            chunks = [{"text": t, "vec": model.embed(t).vectors[0].tolist()} for t in texts]
            server.client.index(index=index_name, id=id_, document={"chunks": chunks}, refresh=True)
        for mode in ("vector", "hybrid"):
            hit = search("infusion green", index_name, mode=mode, model=model, connection=server)[0]
            assert (hit.id, hit.passage) == ("1", "green tea")
            assert "vec" not in hit.source["chunks"][0]
        exact = search("tax form", index_name, mode="exact", model=model, connection=server)
        assert ids(exact) == ["2", "1"]
        assert exact[0].score == pytest.approx(1.0, abs=1e-5)

    @pytest.mark.parametrize("similarity", ["cosine", "dot_product", "l2_norm", "max_inner_product"])
    def test_exact_search_is_on_the_scale_of_every_similarity(
        self, server: Connection, index_name: str, model: WordModel, similarity: str
    ) -> None:
        fill(server, index_name, SHOP, model=model, vector={"similarity": similarity})
        near = search("green tea", index_name, mode="vector", model=model, connection=server)
        exact = search("green tea", index_name, mode="exact", model=model, connection=server)
        assert [hit.score for hit in exact] == pytest.approx([hit.score for hit in near], rel=1e-4)

    def test_vectors_that_are_not_indexed_are_compared_one_by_one(
        self, server: Connection, index_name: str, model: WordModel
    ) -> None:
        field = {"type": "dense_vector", "dims": 64, "index": False}
        fill(server, index_name, SHOP, model=model, dense=False, meta=None, properties={"vector": field})
        add(server, index_name, SHOP, model=model)
        hits = search("infusion", index_name, mode="vector", k=2, model=model, connection=server)
        assert set(ids(hits)) == {"tea", "the"}
        assert hits.notes == (f"vector of {index_name} has no vector index: every vector was compared",)
