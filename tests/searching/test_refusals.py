"""What is refused, with which sentence, and what odd queries get."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from jina_notebook.catalog import CATALOGUE
from jina_notebook.elastic.connection import Connection
from jina_notebook.errors import ConnectError, IndexFitError, InputError, OptionError
from jina_notebook.results import Hits
from jina_notebook.searching import search
from tests.elastic.doubles import WordModel, fill
from tests.searching.conftest import MODES, SHOP, ids


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


def test_searching_by_words_imports_no_torch() -> None:
    code = (
        "import sys, jina_notebook.searching as s\n"
        "try: s.search('tea', 'shop', mode='lexical', connection='none')\n"
        "except Exception as e: print(type(e).__name__)\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ConnectError", "False", "False"]
