"""Every mode of `jn.search` on a real server, with small models that need no weights."""

from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.elastic.connection import Connection
from jina_notebook.errors import IndexFitError, OptionError, RequestError
from jina_notebook.searching import search
from tests.elastic.doubles import OverlapReranker, WordModel, connected, fill
from tests.searching.conftest import MODES, SHOP, ids


class TestModes:
    pytestmark = pytest.mark.server

    def test_words_are_found_by_lexical_search_and_only_words(self, shop: Any) -> None:
        assert ids(shop("infusion", mode="lexical")) == []
        assert ids(shop("coffee mug", mode="lexical")) == ["mug"]

    @pytest.mark.parametrize("mode", ["vector", "exact", "hybrid", "late-interaction"])
    def test_meaning_is_found_without_a_word_in_common(self, shop: Any, mode: str) -> None:
        assert set(ids(shop("infusion", mode=mode, k=2))) == {"tea", "the"}

    def test_hybrid_puts_first_what_both_find(self, shop: Any) -> None:
        first = shop("green infusion", mode="hybrid")[0]
        assert first.id == "tea"
        assert [(stage.name, stage.rank) for stage in first.explanation] == [
            ("lexical", 1),
            ("vector", first.explanation[1].rank),
            ("fusion", 1),
        ]

    def test_lexical_search_loads_no_model(self, shop: Any, model: WordModel) -> None:
        hits = shop("coffee", mode="lexical", model="jina-embeddings-v4")
        assert ids(hits) == ["mug"]
        assert hits.model is None
        assert model.calls == []

    def test_exact_and_approximate_search_score_alike(self, shop: Any) -> None:
        exact, near = shop("green tea", mode="exact"), shop("green tea", mode="vector")
        assert ids(exact) == ids(near)
        assert [hit.score for hit in exact] == pytest.approx([hit.score for hit in near], abs=1e-5)

    def test_hits_say_where_they_came_from_and_hold_no_vectors(self, shop: Any, index_name: str) -> None:
        hits = shop("green tea", k=2)
        assert [(hit.rank, hit.index) for hit in hits] == [(1, index_name), (2, index_name)]
        assert hits[0].source == {"text": "green tea from the mountains", "lang": "en"}
        assert (hits.mode, hits.model, hits.text_field) == ("hybrid", "offline-minilm", "text")
        assert list(hits.latency) == ["embed", "search", "fusion", "fetch"]

    def test_the_words_that_matched_are_marked_beside_the_text(self, shop: Any) -> None:
        (fragment,) = shop("green tea", mode="hybrid", k=1)[0].highlights
        assert fragment == "green tea from the mountains"
        assert [fragment[a:b] for a, b in fragment.spans] == ["green", "tea"]

    def test_the_fusion_that_runs_on_the_client_says_why(self, shop: Any) -> None:
        (note,) = shop("green tea").notes
        assert note.startswith("rrf runs on the client: not in this server: no retriever of that name")

    def test_weights_move_the_fusion(self, shop: Any) -> None:
        lexical = shop("coffee infusion", weights={"lexical": 1, "vector": 0})
        vector = shop("coffee infusion", weights={"lexical": 0, "vector": 1})
        assert lexical[0].id == "mug"
        assert vector[0].id in {"tea", "the"}

    def test_linear_fusion_gives_scores_from_0_to_1(self, shop: Any) -> None:
        hits = shop("coffee or infusion of green tea", fusion="linear", k=5)
        assert hits[0].score <= 1.0
        assert hits[-1].score >= 0.0
        assert hits[0].id == "tea"


class TestQuantisedVectors:
    pytestmark = pytest.mark.server

    def test_scoring_again_with_full_vectors_finds_what_exact_search_finds(
        self, server: Connection, index_name: str, model: WordModel
    ) -> None:
        texts = [{"id": f"{i:03}", "text": f"tea {i} {i % 7} {i % 11} {i % 13}"} for i in range(300)]
        fill(server, index_name, texts, model=model, vector={"index_options": {"type": "bbq_hnsw"}})
        options: dict[str, Any] = {"k": 10, "model": model, "connection": server}
        exact = search("tea 5 of 3", index_name, mode="exact", **options)
        near = search("tea 5 of 3", index_name, mode="vector", oversample=10, num_candidates=300, **options)
        assert ids(near) == ids(exact)
        assert [hit.score for hit in near] == pytest.approx([hit.score for hit in exact], abs=1e-5)


class TestNumberOfHits:
    """A hidden default must not cap or fail a search for more hits."""

    pytestmark = pytest.mark.server

    @pytest.fixture
    def hundred(self, server: Connection, index_name: str, model: WordModel) -> Any:
        texts = [{"id": f"{i:03}", "text": f"tea number {i}"} for i in range(100)]
        fill(server, index_name, texts, model=model, tokens="binary", vector={"index_options": {"type": "int8_hnsw"}})
        return lambda **options: search("tea", index_name, connection=server, model=model, **options)

    @pytest.mark.parametrize("mode", MODES)
    def test_sixty_hits_are_sixty_hits_in_every_mode(self, hundred: Any, mode: str) -> None:
        hits = hundred(mode=mode, k=60)
        assert len(hits) == len(set(ids(hits))) == 60
        assert [hit.rank for hit in hits] == list(range(1, 61))

    @pytest.mark.parametrize("mode", MODES)
    def test_sixty_hits_stay_sixty_when_reranked(self, hundred: Any, mode: str) -> None:
        hits = hundred(mode=mode, k=60, rerank=OverlapReranker())
        assert len(hits) == 60
        assert "all 60 hits were reranked, not only 50" in hits.notes

    def test_every_document_can_be_asked_for(self, hundred: Any) -> None:
        assert len(hundred(mode="hybrid", k=10_000)) == 100

    @pytest.mark.parametrize("mode", MODES)
    def test_more_hits_than_candidates_are_refused_before_anything_is_sent(self, mode: str) -> None:
        def nothing_may_be_sent() -> Any:
            raise AssertionError

        with pytest.raises(OptionError, match=r"k=60 .*num_candidates=20.*k <= num_candidates <= 10,000"):
            search("tea", "shop", mode=mode, k=60, num_candidates=20, connection=nothing_may_be_sent)  # type: ignore[arg-type]


class TestFilters:
    pytestmark = pytest.mark.server

    @pytest.fixture
    def shoes(self, server: Connection, index_name: str, model: WordModel) -> Any:
        texts = [{"id": str(i), "text": "red shoe", "lang": "en"} for i in range(200)]
        texts.append({"id": "fr", "text": "tax form", "lang": "fr"})
        fill(server, index_name, texts, model=model, tokens="binary")
        return lambda **options: search("red shoe", index_name, connection=server, model=model, **options)

    @pytest.mark.parametrize("mode", ["vector", "exact", "hybrid", "late-interaction"])
    def test_the_only_document_that_passes_is_found_however_far_it_is(self, shoes: Any, mode: str) -> None:
        assert ids(shoes(mode=mode, k=5, filter={"term": {"lang": "fr"}})) == ["fr"]

    def test_lexical_search_keeps_to_the_filter(self, shoes: Any) -> None:
        assert ids(shoes(mode="lexical", filter={"term": {"lang": "fr"}})) == []
        assert len(shoes(mode="lexical", filter={"term": {"lang": "en"}})) == 10

    @pytest.mark.parametrize("mode", MODES)
    def test_the_reranked_list_keeps_to_the_filter(self, shoes: Any, mode: str) -> None:
        hits = shoes(mode=mode, k=5, rerank=OverlapReranker(), filter=[{"term": {"lang": "fr"}}])
        assert {hit.source["lang"] for hit in hits} <= {"fr"}
        assert len(hits) == (0 if mode == "lexical" else 1)

    def test_several_filters_must_all_match(self, shoes: Any) -> None:
        assert ids(shoes(filter=[{"term": {"lang": "fr"}}, {"ids": {"values": ["0"]}}])) == []

    def test_an_unknown_field_and_an_unknown_kind_are_errors(self, shoes: Any) -> None:
        with pytest.raises(IndexFitError, match="names the field 'lnag'"):
            shoes(filter={"term": {"lnag": "fr"}})
        with pytest.raises(RequestError, match=r"unknown query \[trem\]"):
            shoes(filter={"trem": {"lang": "fr"}})


class TestReranking:
    pytestmark = pytest.mark.server

    def test_the_reranker_has_the_last_word_and_the_way_there_is_told(self, shop: Any) -> None:
        hits = shop("wool", mode="vector", k=5, rerank=OverlapReranker("judge"))
        assert hits[0].id == "sock"
        assert [stage.name for stage in hits[0].explanation] == ["vector", "rerank"]
        assert hits.reranker == "judge"
        assert hits[0].score == pytest.approx(1 / 5)

    def test_documents_beyond_the_hits_are_reranked_too(self, shop: Any) -> None:
        reranker = OverlapReranker()
        hits = shop("green infusion", mode="vector", k=1, rerank=reranker, rerank_top=4)
        assert len(reranker.seen[0]) == 4
        assert len(hits) == 1

    @pytest.mark.parametrize("top", [0, -1, 2.5, True, 10_001, None])
    def test_a_number_of_documents_that_is_none_is_refused(self, shop: Any, top: Any) -> None:
        with pytest.raises(OptionError, match="rerank_top="):
            shop("tea", rerank=OverlapReranker(), rerank_top=top)


class TestLateInteraction:
    pytestmark = pytest.mark.server

    def test_maxsim_follows_the_vector_search(self, shop: Any) -> None:
        hit = shop("green infusion", mode="late-interaction", k=1)[0]
        assert [stage.name for stage in hit.explanation] == ["vector", "maxsim"]
        assert hit.score == pytest.approx(2.0, abs=1e-3)
        assert set(hit.source) == {"text", "lang"}

    def test_an_index_of_token_vectors_alone_is_searched_through_all_its_documents(
        self, server: Connection, index_name: str, model: WordModel
    ) -> None:
        fill(server, index_name, SHOP, model=model, tokens="binary", dense=False)
        hits = search("infusion", index_name, mode="late-interaction", k=2, connection=server, model=model)
        assert set(ids(hits)) == {"tea", "the"}
        assert [stage.name for stage in hits[0].explanation] == ["lexical", "maxsim"]

    def test_the_server_and_the_client_rank_alike(
        self, server: Connection, elasticsearch_trial_url: str, index_name: str, model: WordModel
    ) -> None:
        fill(server, index_name, SHOP, model=model, tokens="binary")
        here = search("warm infusion", index_name, mode="late-interaction", connection=server, model=model)
        with connected(elasticsearch_trial_url) as trial:
            fill(trial, index_name, SHOP, model=model, tokens="rank_vectors")
            there = search("warm infusion", index_name, mode="late-interaction", connection=trial, model=model)
        assert ids(here)[:3] == ids(there)[:3]
        assert [hit.score for hit in here] == pytest.approx([hit.score for hit in there], abs=5e-3)
