"""The search explorer's Python side: what it asks, keeps, hands on and refuses."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.errors import OptionError, RequestError
from jina_notebook.render.vendor import MIME
from jina_notebook.widgets.search_explorer import SearchExplorer
from tests.widgets.shop import found, searches

__all__ = ["searches"]

Searches = list[dict[str, Any]]


def ask(explorer: SearchExplorer, **settings: Any) -> dict[str, Any]:
    """A message as the browser sends it, carried out."""
    explorer._received(None, {"do": "search", "settings": {**explorer.settings, **settings}}, [])
    assert explorer.wait(30)
    return explorer.status


def test_a_query_is_asked_at_once_and_stands_in_every_form_of_the_output(searches: Searches) -> None:
    explorer = SearchExplorer("shop", query="warm tea", rerank="offline-minilm", k=4)

    data, _ = explorer._repr_mimebundle_()

    assert [one["query"] for one in searches] == ["warm tea"]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].startswith('4 hits for "warm tea"')
    assert "<img alt=" in data["text/html"]
    assert "<table" in data["text/html"]
    assert data[MIME]["kind"] == "search-explorer"
    assert data[MIME]["blocks"][0]["rows"][0][2] == "mug"


def test_without_a_query_nothing_is_searched_and_the_static_form_says_so(searches: Searches) -> None:
    explorer = SearchExplorer("shop")

    assert searches == []
    assert "Nothing was searched yet." in repr(explorer)
    assert list(explorer.selection.columns) == ["rank", "score", "id", "index"]


def test_the_browser_changes_every_setting_and_gets_the_hits(searches: Searches) -> None:
    explorer = SearchExplorer("shop")

    status = ask(
        explorer,
        query="tea",
        index=["shop", "news"],
        mode="lexical",
        k=2,
        filter='{"term": {"lang": "en"}}',
        rerank="jina-reranker-v3",
    )

    assert status["state"] == "done"
    assert status["message"].startswith("2 hits in")
    assert {key: value for key, value in searches[0].items() if key != "connection"} == {
        "query": "tea",
        "index": ["shop", "news"],
        "mode": "lexical",
        "k": 2,
        "filter": {"term": {"lang": "en"}},
        "rerank": "jina-reranker-v3",
    }
    assert [hit["stages"][0][0] for hit in explorer.results["hits"]] == ["lexical", "lexical"]
    assert [stage for stage, _ in explorer.results["latency"]] == ["embed", "lexical", "vector", "rerank"]


def test_hidden_indices_are_not_offered(searches: Searches) -> None:
    assert SearchExplorer("shop").indices == ["shop", "news"]


def test_what_is_ticked_is_a_data_frame(searches: Searches) -> None:
    explorer = SearchExplorer("shop", query="tea")
    explorer.selected = [2, 0]

    assert explorer.selection["id"].tolist() == ["the", "tea"]


def test_a_new_search_forgets_what_was_ticked(searches: Searches) -> None:
    explorer = SearchExplorer("shop", query="tea")
    explorer.selected = [2]

    explorer.search("coffee")

    assert explorer.selected == []


def test_its_code_does_the_same_search(searches: Searches) -> None:
    explorer = SearchExplorer("shop", query='it\'s "tea"', filter={"term": {"lang": "en"}}, rerank="jina-reranker-v3")
    done: dict[str, Any] = {}

    exec(explorer.code, done)  # noqa: S102 - the code is what is tested

    assert searches[1] == {key: value for key, value in searches[0].items() if key != "connection"} | {"index": "shop"}
    assert [hit.id for hit in done["hits"]] == [hit.id for hit in found()]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"filter": "{not json"}, "no valid JSON at line 1, column 2"),
        ({"filter": "3"}, "not an Elasticsearch query"),
        ({"index": []}, "No index is chosen"),
        ({"k": 0}, "from 1 to 100"),
        ({"k": None}, "from 1 to 100"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_in_the_widget(
    searches: Searches, settings: dict[str, Any], words: str
) -> None:
    explorer = SearchExplorer("shop", query="tea")

    status = ask(explorer, **settings)

    assert status["state"] == "failed"
    assert words in status["message"]
    assert explorer.hits is not None
    assert explorer.settings["query"] == "tea"


def test_a_refused_request_is_said_in_the_widget_with_its_hint(
    searches: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = SearchExplorer("shop")

    def refuse(*_: Any, **__: Any) -> None:
        raise RequestError("The server refused it.", hint="Ask otherwise.")

    monkeypatch.setattr("jina_notebook.searching.search", refuse)

    assert ask(explorer, query="tea") == {
        "state": "failed",
        "label": "Searching",
        "message": "The server refused it.",
        "hint": "Ask otherwise.",
    }


def test_a_fault_of_a_first_search_fails_the_cell(searches: Searches) -> None:
    with pytest.raises(OptionError, match="from 1 to 100"):
        SearchExplorer("shop", query="tea", k=1000)


def test_a_cancelled_search_shows_nothing(searches: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = SearchExplorer("shop")
    began, go_on = threading.Event(), threading.Event()

    def slow(*_: Any, **__: Any) -> Any:
        began.set()
        assert go_on.wait(30)
        return found()

    monkeypatch.setattr("jina_notebook.searching.search", slow)
    explorer._received(None, {"do": "search", "settings": {"query": "tea"}}, [])
    assert began.wait(30)
    assert explorer.status["state"] == "running"

    explorer._received(None, {"do": "cancel"}, [])
    go_on.set()

    assert explorer.wait(30)
    assert explorer.status == {"state": "cancelled", "label": "Searching"}
    assert explorer.hits is None


def test_an_unknown_argument_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(OptionError, match="no argument 'qery'; it has index, query") as refused:
        jn.widgets.SearchExplorer("shop", qery="tea")

    assert refused.value.hint == "did you mean query?"


def test_an_unknown_setting_of_a_search_is_refused(searches: Searches) -> None:
    with pytest.raises(OptionError, match="no setting 'top'"):
        SearchExplorer("shop").search("tea", top=3)


def test_the_state_is_small_and_plain_json(searches: Searches) -> None:
    explorer = SearchExplorer("shop", query="tea")
    state = {key: value for key, value in explorer.get_state().items() if key not in {"_esm", "_css"}}

    assert len(json.dumps(state)) < 20_000
