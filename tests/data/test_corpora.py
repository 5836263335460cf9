"""What every text corpus promises: unique ids, judgments that point somewhere, honest grades."""

from __future__ import annotations

from collections import Counter

import pytest

from jina_notebook import data

TEXT_CORPORA = ("articles", "code", "long", "tables", "tools")


@pytest.fixture(scope="module", params=TEXT_CORPORA)
def collection(request: pytest.FixtureRequest) -> data.Collection:
    return data.load(request.param)


def test_the_corpora_are_found_by_their_folders() -> None:
    assert set(TEXT_CORPORA) <= set(data.names())


def test_ids_and_texts_appear_once(collection: data.Collection) -> None:
    for field in ("_id", "text"):
        repeated = {value: n for value, n in Counter(doc[field] for doc in collection.corpus).items() if n > 1}
        assert repeated == {}


def test_documents_of_one_corpus_have_the_same_fields_and_a_title(collection: data.Collection) -> None:
    assert len({tuple(document) for document in collection.corpus}) == 1
    for document in collection.corpus:
        assert document["title"].strip() == document["title"] != ""
        assert document["text"].strip() != ""


def test_every_query_is_judged_and_answered(collection: data.Collection) -> None:
    assert set(collection.qrels) == set(collection.queries)
    assert [query for query, judgments in collection.qrels.items() if 2 not in judgments.values()] == []
    assert len(set(collection.queries.values())) == len(collection.queries)


def test_every_judgment_points_to_a_document_with_a_grade_from_0_to_2(collection: data.Collection) -> None:
    known = {document["_id"] for document in collection.corpus}
    for judgments in collection.qrels.values():
        assert set(judgments) <= known
        assert set(judgments.values()) <= {0, 1, 2}


def test_near_neighbours_are_judged_as_not_relevant(collection: data.Collection) -> None:
    if collection.name != "long":
        assert sum(0 in judgments.values() for judgments in collection.qrels.values()) >= len(collection.queries) / 3
