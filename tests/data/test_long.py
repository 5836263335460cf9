"""The long documents keep the name that a question uses far from the sentence that answers it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from jina_notebook import data

NAMES = {
    "halvenmoor": "Halvenmoor",
    "tessarin": "Tessarin",
    "oduya": "Oduya",
    "lisk": "Lisk",
    "alvara": "Alvara",
    "tolma": "Tolma",
}
FAR = 800  # characters, about 130 words


@pytest.fixture(scope="module")
def long() -> data.Collection:
    return data.load("long")


@pytest.fixture(scope="module")
def answers(long: data.Collection) -> list[tuple[str, dict[str, Any], str]]:
    """Each query with the document that answers it and the sentence."""
    documents = {document["_id"]: document for document in long.corpus}
    return [
        (text, documents[name], long.query_fields[query]["section"])
        for query, text in long.queries.items()
        for name, grade in long.qrels[query].items()
        if grade == 2
    ]


def test_six_documents_in_three_languages_have_more_than_a_thousand_words(long: data.Collection) -> None:
    assert Counter(document["lang"] for document in long.corpus) == {"en": 4, "de": 1, "es": 1}
    for document in long.corpus:
        assert 1_100 <= len(document["text"].split()) <= 2_000, document["_id"]
        assert document["text"].count("\n\n") >= 12


def test_24_questions_are_answered_by_one_document_each(
    long: data.Collection, answers: list[tuple[str, dict[str, Any], str]]
) -> None:
    assert len(answers) == len(long.queries) == 24
    for query, fields in long.query_fields.items():
        assert list(long.qrels[query].values()).count(2) == 1
        assert set(fields) == {"lang", "section"}


def test_the_section_is_one_sentence_that_stands_verbatim_in_the_document_once(
    answers: list[tuple[str, dict[str, Any], str]],
) -> None:
    for _, document, section in answers:
        assert document["text"].count(section) == 1
        assert section[0].isupper()
        assert section.endswith(".")


def test_the_name_is_in_the_question_and_far_from_the_section(
    answers: list[tuple[str, dict[str, Any], str]],
) -> None:
    for text, document, section in answers:
        name = NAMES[document["_id"]]
        start = document["text"].index(section)
        assert name in text
        assert name not in document["text"][start - FAR : start + len(section)]
        assert name in document["text"][: start - FAR]


def test_two_towns_and_two_lives_can_be_mixed_up_without_their_names(long: data.Collection) -> None:
    texts = {document["_id"]: document["text"] for document in long.corpus}
    for left, right, phrase in (
        ("halvenmoor", "tessarin", "The charter that allowed it to hold a market on"),
        ("oduya", "lisk", "at the age of eighty-"),
    ):
        assert phrase in texts[left]
        assert phrase in texts[right]
    confusable = {frozenset(judgments) for judgments in long.qrels.values() if len(judgments) == 2}
    assert confusable == {frozenset({"halvenmoor", "tessarin"}), frozenset({"oduya", "lisk"})}
