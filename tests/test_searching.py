"""`jn.search` on a real server, with small models that need no weights."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.catalog import CATALOGUE
from jina_notebook.elastic.connection import Connection
from jina_notebook.errors import ConnectError, IndexFitError, InputError, OptionError, RequestError
from jina_notebook.results import Hits
from jina_notebook.searching import more_like, search
from tests.elastic.doubles import OverlapReranker, WordModel, add, connected, fill

MODES = ("lexical", "vector", "exact", "hybrid", "late-interaction")
SHOP = [
    {"id": "tea", "text": "green tea from the mountains", "lang": "en"},
    {"id": "mug", "text": "a mug that keeps coffee warm", "lang": "en"},
    {"id": "the", "text": "thé vert de montagne", "lang": "fr"},
    {"id": "tax", "text": "formulaire pour les impôts", "lang": "fr"},
    {"id": "sock", "text": "wool socks for cold feet", "lang": "en"},
]
SYNONYMS = {"infusion": "tea", "thé": "tea", "vert": "green", "montagne": "mountains"}


@pytest.fixture
def model() -> WordModel:
    return WordModel(size=64, synonyms=SYNONYMS)


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


@pytest.fixture
def shop(server: Connection, index_name: str, model: WordModel) -> Any:
    """An index with token vectors, searched with its own model."""
    fill(server, index_name, SHOP, model=model, tokens="binary")

    def ask(query: Any, **options: Any) -> Hits:
        return search(query, index_name, connection=server, **{"model": model, **options})

    return ask


def ids(hits: Hits) -> list[str]:
    return [hit.id for hit in hits]


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
        assert note.startswith("rrf runs on the client: not in this server: unknown retriever [rrf]")

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


def other() -> WordModel:
    return WordModel("second-model", size=32)


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts models where `jn.load` would keep them."""
    from jina_notebook import loading

    def put(*models: WordModel) -> None:
        keys = {loading.Loaded(m.name, "/", m.revision, "cpu", "float32"): m for m in models}
        monkeypatch.setattr(loading, "loaded", lambda: keys)

    return put


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


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"mode": "vectr"}, "mode='vectr' is not known; allowed are vector, exact"),
            ({"mode": None}, "mode=None is not known"),
            ({"fusion": "rff"}, "fusion='rff' is not known; allowed are rrf, linear"),
            ({"k": 0}, "k=0 is not allowed"),
            ({"num_candidates": 20_000}, "num_candidates=20000 is not allowed"),
            ({"oversample": 0.5}, "oversample=0.5 is not allowed"),
            ({"filter": "lang:fr"}, "filter='lang:fr' is not a query"),
            ({"weights": {"lexicl": 1}}, "the weight of='lexicl' is not known"),
            ({"weights": {"lexical": -1}}, "The weight of lexical is -1"),
            ({"weights": {"lexical": 0, "vector": 0}}, "are all 0"),
            ({"weights": [1, 2]}, "is not a mapping"),
            ({"index": ""}, "index='' names no index"),
        ],
    )
    def test_a_bad_option_is_refused_before_a_server_is_needed(self, options: dict[str, Any], message: str) -> None:
        with pytest.raises(OptionError, match=message):
            search("tea", **{"index": "shop", "connection": "not-connected", **options})

    def test_a_near_name_is_suggested(self) -> None:
        with pytest.raises(OptionError) as caught:
            search("tea", "shop", mode="vectr")
        assert caught.value.hint == "did you mean vector?"

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("", "The query is empty"),
            (" \n\t", "The query is empty"),
            (None, "A query is a text or an image, not NoneType"),
            (["tea"], "A query is a text or an image, not list"),
            (7, "A query is a text or an image, not int"),
        ],
    )
    def test_a_query_that_is_none_is_refused(self, query: Any, message: str) -> None:
        with pytest.raises(InputError, match=message):
            search(query, "shop", connection="not-connected")

    @pytest.mark.parametrize("query", [Path("a.png"), b"\x89PNG"])
    def test_lexical_search_cannot_look_for_an_image(self, query: Any) -> None:
        with pytest.raises(InputError, match="Lexical search needs words"):
            search(query, "shop", mode="lexical", connection="not-connected")

    def test_a_connection_that_was_not_made_is_named(self) -> None:
        with pytest.raises(ConnectError, match="There is no connection named 'not-connected'"):
            search("tea", "shop", connection="not-connected")

    @pytest.mark.server
    def test_a_missing_index_suggests_one(self, shop: Any, server: Connection, index_name: str) -> None:
        for mode in MODES:
            with pytest.raises(IndexFitError, match=f"no index, alias or data stream named '{index_name}x'") as caught:
                search("tea", f"{index_name}x", mode=mode, connection=server)
            assert caught.value.hint == f"did you mean {index_name}?"

    @pytest.mark.server
    @pytest.mark.parametrize("mode", MODES)
    def test_a_closed_index_is_named(self, shop: Any, server: Connection, index_name: str, mode: str) -> None:
        server.client.indices.close(index=index_name)
        with pytest.raises(IndexFitError, match=f"The index '{index_name}' is closed"):
            shop("tea", mode=mode)

    @pytest.mark.server
    def test_an_index_without_vectors_is_searched_by_words_alone(self, server: Connection, index_name: str) -> None:
        fill(server, index_name, SHOP, model=None)
        assert ids(search("coffee", index_name, mode="lexical", connection=server)) == ["mug"]
        with pytest.raises(IndexFitError, match=f"The index {index_name} has no vector field"):
            search("coffee", index_name, model=WordModel(size=64), connection=server)

    @pytest.mark.server
    def test_another_model_or_size_is_refused_with_both_names(self, shop: Any) -> None:
        with pytest.raises(IndexFitError, match=r"filled by offline-minilm \(r1\), 64 dimensions; a query from other"):
            shop("tea", model=WordModel("other", size=64))

    @pytest.mark.server
    def test_a_server_that_is_gone_is_one_sentence(self) -> None:
        from elasticsearch import Elasticsearch

        from jina_notebook.elastic.capabilities import Capabilities

        gone = Connection(
            Elasticsearch("http://127.0.0.1:9", max_retries=0),
            Capabilities(lambda *_: (200, {}), version="9.4.3", licence="basic"),
            name="gone",
            url="http://127.0.0.1:9",
        )
        with pytest.raises(ConnectError, match="The connection to Elasticsearch failed"):
            search("tea", "shop", mode="lexical", connection=gone)


class TestQueries:
    pytestmark = pytest.mark.server

    def test_half_an_emoji_and_odd_characters_are_no_error(self, shop: Any) -> None:
        for query in ("tea \ud83e", "tea \x00\u202e", '"tea" AND (', "tea" * 5000):
            assert isinstance(shop(query), Hits)

    def test_a_text_of_a_million_characters_is_searched_and_said_to_be_cut(self, shop: Any) -> None:
        hits = shop("warm coffee mug " * 70_000, mode="lexical")
        assert ids(hits) == ["mug"]
        assert hits.notes == ("lexical search read the first 1,024 words of the query",)

    def test_a_document_of_a_megabyte_is_found_and_marked(self, server: Connection, index_name: str) -> None:
        fill(server, index_name, [{"id": "long", "text": "tea " + "word " * 220_000}], model=None)
        (hit,) = search("tea", index_name, mode="lexical", connection=server)
        assert hit.highlights[0].startswith("tea word")
        assert len(hit.highlights[0]) < 400

    def test_markup_in_a_document_stays_as_it_is(self, server: Connection, index_name: str) -> None:
        text = "<img src=x onerror=alert(1)> </td> \u202egnp"
        fill(server, index_name, [{"id": "1", "text": text}], model=None)
        (hit,) = search("img", index_name, mode="lexical", connection=server)
        assert hit.source["text"] == text
        assert hit.highlights == (text,)

    def test_an_image_is_searched_by_its_vector(self, server: Connection, index_name: str, tmp_path: Path) -> None:
        sees = WordModel("jina-clip-v2", size=64, card=CATALOGUE["jina-clip-v2"])
        fill(server, index_name, SHOP, model=sees)
        hits = search(tmp_path / "a.png", index_name, k=3, model=sees, connection=server)
        assert len(hits) == 3
        assert "an image has no words: only the vector search ran" in hits.notes

    def test_searches_at_the_same_time_do_not_disturb_each_other(self, shop: Any) -> None:
        found: dict[int, list[str]] = {}

        def run(number: int) -> None:
            found[number] = ids(shop("green infusion" if number % 2 else "coffee mug"))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found[1] == found[3] == found[5] == found[7]
        assert found[0] == found[2] == found[4] == found[6]
        assert found[0][0] == "mug"


class TestMoreLike:
    pytestmark = pytest.mark.server

    def test_the_neighbours_of_a_hit_are_found_without_a_model(
        self, shop: Any, server: Connection, model: WordModel
    ) -> None:
        hit = shop("green tea", k=1)[0]
        model.calls.clear()
        similar = more_like(hit, k=2, connection=server)
        assert hit.id == "tea"
        assert similar[0].id == "the"
        assert similar.query == "more like tea"
        assert model.calls == []
        assert hit.id not in ids(more_like(hit, k=10, connection=server))

    def test_an_id_and_its_index_will_do_and_filters_apply(
        self, shop: Any, server: Connection, index_name: str
    ) -> None:
        assert callable(shop)
        similar = more_like("tea", index_name, k=4, filter={"term": {"lang": "en"}}, connection=server)
        assert set(ids(similar)) == {"mug", "sock"}

    def test_the_same_id_of_another_index_is_another_document(
        self, server: Connection, index_name: str, model: WordModel
    ) -> None:
        for name in (f"{index_name}-1", f"{index_name}-2"):
            fill(server, name, SHOP, model=model)
        first = search("tea", f"{index_name}-1", k=1, model=model, connection=server)[0]
        similar = more_like(first, f"{index_name}-*", k=1, connection=server)
        assert (similar[0].id, similar[0].index) == ("tea", f"{index_name}-2")

    def test_what_names_no_document_is_refused(self, server: Connection) -> None:
        with pytest.raises(InputError, match="does not say which document is meant"):
            more_like("tea", connection=server)
        with pytest.raises(InputError, match="does not say which document is meant"):
            more_like(7, "shop", connection=server)  # type: ignore[arg-type]


class TestWithIndexing:
    """`jn.index` fills, `jn.search` finds: nothing but the two in between."""

    pytestmark = pytest.mark.server

    @pytest.fixture
    def model(self) -> WordModel:
        return WordModel(size=64, synonyms=SYNONYMS)

    @pytest.mark.parametrize("mode", MODES)
    def test_what_was_indexed_is_found_at_once_in_every_mode(
        self, server: Connection, index_name: str, model: WordModel, mode: str
    ) -> None:
        jn.index(SHOP, index_name, model=model, id="id", multivector=True, connection=server, progress=False)
        hits = jn.search("green tea", index_name, mode=mode, model=model, connection=server)
        assert hits[0].id == "tea"
        assert set(hits[0].source) == {"id", "text", "lang"}

    def test_a_late_document_is_found_at_once_through_an_alias(
        self, server: Connection, index_name: str, model: WordModel
    ) -> None:
        alias = f"{index_name}-kb"
        jn.index(SHOP, index_name, model=model, id="id", connection=server, progress=False)
        server.client.indices.put_alias(index=index_name, name=alias)
        late = [{"id": "new", "text": "late arrival"}]
        jn.index(late, alias, model=model, id="id", connection=server, progress=False)
        hits = jn.search("late arrival", alias, k=3, model=model, connection=server)
        assert hits[0].id == "new"
        assert hits[0].index == index_name
        assert list(server.client.indices.get(index=f"{index_name}*").body) == [index_name]

    def test_documents_of_two_writers_at_a_time_are_all_found(self, server: Connection, index_name: str) -> None:
        def write(part: int) -> None:
            texts = [{"id": f"{part}-{i}", "text": f"tea {part} {i}"} for i in range(30)]
            own = WordModel(size=64)
            jn.index(texts, index_name, model=own, id="id", connection=server, progress=False)

        threads = [threading.Thread(target=write, args=(part,)) for part in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        hits = jn.search("tea", index_name, mode="vector", k=60, model=WordModel(size=64), connection=server)
        assert len(hits) == 60

    def test_the_filter_comes_before_the_neighbours(
        self, server: Connection, index_name: str, model: WordModel
    ) -> None:
        texts = [{"id": str(i), "text": "red shoe", "lang": "en"} for i in range(200)]
        texts.append({"id": "fr", "text": "tax form", "lang": "fr"})
        jn.index(texts, index_name, model=model, id="id", connection=server, progress=False)
        only = {"term": {"lang": "fr"}}
        for mode in ("vector", "exact", "hybrid"):
            hits = jn.search("red shoe", index_name, mode=mode, k=5, filter=only, model=model, connection=server)
            assert ids(hits) == ["fr"]
            reranked = jn.search(
                "red shoe",
                index_name,
                mode=mode,
                k=5,
                filter=only,
                rerank=OverlapReranker(),
                model=model,
                connection=server,
            )
            assert ids(reranked) == ["fr"]


def test_searching_by_words_imports_no_torch() -> None:
    code = (
        "import sys, jina_notebook.searching as s\n"
        "try: s.search('tea', 'shop', mode='lexical', connection='none')\n"
        "except Exception as e: print(type(e).__name__)\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ConnectError", "False", "False"]
