from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jina_notebook.elastic.answers import Document
from jina_notebook.elastic.reranking import Contents, content_of, reranked
from jina_notebook.elastic.search import Found
from jina_notebook.errors import InputError
from tests.elastic.doubles import OverlapReranker

TEXT = {"shop": Contents(("text",))}


def found(**sources: Any) -> Found:
    keys = [(id_, "shop") for id_ in sources]
    order = tuple((key, float(len(keys) - at)) for at, key in enumerate(keys))
    documents = {key: Document(source=source) for key, source in zip(keys, sources.values(), strict=True)}
    return Found(order=order, lists=(("vector", order),), documents=documents, latency={"search": 0.1})


def texts(**values: str) -> Found:
    return found(**{id_: {"text": text} for id_, text in values.items()})


def ids(after: Found) -> list[str]:
    return [key[0] for key, _ in after.order]


def test_the_reranker_orders_the_documents_anew_and_both_places_stay_known() -> None:
    after = reranked(texts(a="tea and much more", b="tea"), "tea", OverlapReranker(), top=10, contents=TEXT)
    assert ids(after) == ["b", "a"]
    assert after.order[0][1] == 1.0
    assert [(name, [key[0] for key, _ in places]) for name, places in after.lists] == [
        ("vector", ["a", "b"]),
        ("rerank", ["b", "a"]),
    ]
    assert list(after.latency) == ["search", "rerank"]


def test_only_the_first_documents_are_read() -> None:
    reranker = OverlapReranker()
    after = reranked(texts(a="x", b="tea", c="tea"), "tea", reranker, top=2, contents=TEXT)
    assert reranker.seen == [["x", "tea"]]
    assert ids(after) == ["b", "a"]


def test_documents_without_text_follow_in_their_own_order() -> None:
    mixed = found(a={}, b={"text": "tea"}, c={"text": " "}, d={"text": "green tea"})
    after = reranked(mixed, "tea", OverlapReranker(), top=10, contents=TEXT)
    assert ids(after) == ["b", "d", "a", "c"]
    assert after.notes == ("without text, so behind the reranked documents: 2",)


def test_nothing_to_read_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="None of the 1 documents found has a text that overlap could read"):
        reranked(found(a={"title": "tea"}), "tea", OverlapReranker(), top=10, contents=TEXT)


def test_nothing_found_is_nothing_reranked() -> None:
    reranker = OverlapReranker()
    after = reranked(found(), "tea", reranker, top=10, contents=TEXT)
    assert after.order == ()
    assert reranker.seen == []


@pytest.mark.parametrize(
    ("source", "fields", "expected"),
    [
        ({"text": "one"}, ("text",), "one"),
        ({"title": "T", "text": "one"}, ("title", "text"), "T\none"),
        ({"text": ["one", "", "two"]}, ("text",), "one\ntwo"),
        ({"page": {"text": "one"}}, ("page.text",), "one"),
        ({"text": 7}, ("text",), None),
        ({}, ("text",), None),
    ],
)
def test_what_a_reranker_reads_of_a_document(source: Any, fields: tuple[str, ...], expected: Any) -> None:
    assert content_of(Document(source=source), Contents(fields)) == expected


def test_a_chunk_stands_in_for_a_document_without_text() -> None:
    assert content_of(Document(source={}, passage="the chunk"), Contents(("text",))) == "the chunk"


def test_an_image_is_read_before_its_text_where_the_file_is_here(tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    picture.write_bytes(b"png")
    contents = Contents(("text",), "image")
    assert content_of(Document(source={"image": str(picture)}), contents) == picture
    assert content_of(Document(source={"image": str(picture), "text": "T"}), contents) == picture
    assert content_of(Document(source={"image": "gone.png", "text": "T"}), contents) == "T"
    assert content_of(Document(source={"image": str(picture), "text": "T"}), replace(contents, image=None)) == "T"
    assert content_of(Document(source={"image": "gone.png"}), contents) is None
    assert content_of(Document(source={"image": str(picture)}), replace(contents, image=None)) is None
