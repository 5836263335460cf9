"""`jn.index` fills, `jn.search` finds; a stored document finds its neighbours."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.elastic.connection import Connection
from jina_notebook.errors import InputError
from jina_notebook.searching import more_like, search
from tests.elastic.doubles import OverlapReranker, WordModel, fill
from tests.searching.conftest import MODES, SHOP, ids


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
