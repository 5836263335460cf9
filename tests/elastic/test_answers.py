from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.elastic.answers import Request, ask, ask_all, value_at
from jina_notebook.errors import IndexFitError
from tests.elastic.stub import StubServer, shown

REQUEST = Request(("shop", "docs"), {"size": 1})


def hit(**parts: Any) -> dict[str, Any]:
    answer = shown("a")
    answer["hits"]["hits"][0].update(parts)
    return answer


def only(answer: dict[str, Any]) -> Any:
    found = ask(StubServer(search=lambda _: answer).connection().client, REQUEST)
    assert found.documents is not None
    return found.documents["a", "shop"]


def test_hits_are_read_in_their_order_with_index_and_score() -> None:
    found = ask(StubServer(search=lambda _: shown("ba")).connection().client, REQUEST)
    assert found.places == ((("b", "shop"), 9.0), (("a", "shop"), 8.0))
    assert found.notes == ()


def test_a_hit_without_source_or_score_is_read_too() -> None:
    answer = hit(_score=None)
    del answer["hits"]["hits"][0]["_source"]
    found = ask(StubServer(search=lambda _: answer).connection().client, REQUEST)
    assert found.places == ((("a", "shop"), 0.0),)
    assert found.documents is not None
    assert found.documents["a", "shop"].source == {}


def test_marks_are_taken_out_of_fragments_and_markup_of_the_text_stays() -> None:
    document = only(hit(highlight={"text": ["<b>\ue000green\ue001</b> \ue000tea\ue001", "more \ue000tea\ue001"]}))
    assert document.highlights == ("<b>green</b> tea", "more tea")
    assert [[h[a:b] for a, b in h.spans] for h in document.highlights] == [["green", "tea"], ["tea"]]


def test_the_best_chunk_comes_as_the_passage() -> None:
    chunk = {"hits": {"hits": [{"fields": {"chunks": [{"text": ["the second chunk"]}]}}]}}
    assert only(hit(inner_hits={"chunks": chunk})).passage == "the second chunk"
    assert only(hit(inner_hits={"chunks": {"hits": {"hits": []}}})).passage is None
    assert only(hit()).passage is None


def test_several_searches_are_one_round_trip_and_each_is_answered_or_refused() -> None:
    error = {"error": {"type": "index_not_found_exception", "reason": "no", "index": "docs"}, "status": 404}
    listed = {"indices": [{"name": "shop"}], "aliases": [{"name": "doc"}], "data_streams": []}
    server = StubServer(
        search=lambda body: error if body["size"] == 2 else shown("a"),
        other=lambda _, path: (200, listed) if "_resolve" in path else None,
    )
    good, bad = ask_all(server.connection().client, [REQUEST, Request(("docs",), {"size": 2})])
    assert good.error is None
    assert len(good.places) == 1
    assert isinstance(bad.error, IndexFitError)
    assert bad.error.hint == "did you mean doc?"
    assert bad.refused == error["error"]
    assert [path for _, path in server.requests].count("/_msearch") == 1


@pytest.mark.parametrize(
    ("source", "path", "expected"),
    [
        ({"a": 1}, "a", 1),
        ({"a": {"b": 1}}, "a.b", 1),
        ({"a.b": 1}, "a.b", 1),
        ({"a": {"b.c": 1}}, "a.b.c", 1),
        ({"a": 1}, "a.b", None),
        ({}, "a", None),
    ],
)
def test_values_are_found_under_dotted_names(source: dict[str, Any], path: str, expected: Any) -> None:
    assert value_at(source, path) == expected
