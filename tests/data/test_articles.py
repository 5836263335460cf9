"""The articles are in the languages and relations that they claim."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from importlib import resources
from itertools import combinations
from typing import Any

import pytest

from jina_notebook import data

TOPICS = {"animals", "food", "weather", "music", "tools", "space", "sport", "cities"}
FREQUENT = {
    "en": "the of and in is a to with",
    "de": "der die das und in ist mit den",
    "es": "el la los de y en que con",
    "pt": "o a os de e em que com do da no na uma",
    "fr": "le la les de et des du dans",
}
SCRIPTS = {"zh": "CJK", "ar": "ARABIC", "hi": "DEVANAGARI"}


@pytest.fixture(scope="module")
def articles() -> data.Collection:
    return data.load("articles")


@pytest.fixture(scope="module")
def by_id(articles: data.Collection) -> dict[str, dict[str, Any]]:
    return {article["_id"]: article for article in articles.corpus}


def language_by_frequent_words(text: str) -> str:
    found = Counter(re.findall(r"\w+", text.lower()))
    return max(FREQUENT, key=lambda lang: sum(found[word] for word in FREQUENT[lang].split()))


def script_share(text: str, script: str) -> float:
    letters = [sign for sign in text if sign.isalpha()]
    return sum(unicodedata.name(sign).startswith(script) for sign in letters) / len(letters)


def test_160_articles_are_in_eight_languages(articles: data.Collection) -> None:
    languages = Counter(article["lang"] for article in articles.corpus)
    assert languages == {"en": 80, "de": 14, "es": 13, "pt": 13, "fr": 12, "zh": 10, "ar": 9, "hi": 9}


def test_eight_topics_are_of_similar_size(articles: data.Collection) -> None:
    topics = Counter(article["topic"] for article in articles.corpus)
    assert set(topics) == TOPICS
    assert min(topics.values()) >= 18
    assert max(topics.values()) <= 23


def test_texts_are_in_the_language_they_declare(articles: data.Collection) -> None:
    for article in articles.corpus:
        if script := SCRIPTS.get(article["lang"]):
            assert script_share(article["text"], script) > 0.9, article["_id"]
        else:
            assert language_by_frequent_words(article["text"]) == article["lang"], article["_id"]


def test_texts_are_of_similar_length(articles: data.Collection) -> None:
    for article in articles.corpus:
        if article["lang"] == "zh":
            assert 80 <= len(article["text"]) <= 130, article["_id"]
        else:
            assert 35 <= len(article["text"].split()) <= 70, article["_id"]


def test_a_translation_points_to_the_english_article_of_its_topic(by_id: dict[str, dict[str, Any]]) -> None:
    translations = [article for article in by_id.values() if article["same_as"]]
    assert len(translations) == 30
    for article in translations:
        original = by_id[article["same_as"]]
        assert (original["lang"], original["same_as"], original["duplicate_of"]) == ("en", "", "")
        assert original["topic"] == article["topic"]
        assert article["lang"] != "en"


def test_duplicates_are_edited_copies_in_the_same_language_and_nothing_else_is(
    by_id: dict[str, dict[str, Any]],
) -> None:
    copies = {(article["duplicate_of"], name) for name, article in by_id.items() if article["duplicate_of"]}
    assert len(copies) == 10
    for original, name in copies:
        assert by_id[original]["lang"] == by_id[name]["lang"]
        assert by_id[original]["topic"] == by_id[name]["topic"]
        assert by_id[original]["duplicate_of"] == ""
    words = {name: set(re.findall(r"[^\s.,;:]{4,}", article["text"].lower())) for name, article in by_id.items()}
    alike = {
        (left, right)
        for left, right in combinations(by_id, 2)
        if len(words[left] & words[right]) > 0.5 * len(words[left] | words[right])
    }
    assert alike == copies


def test_queries_come_in_three_kinds_and_all_languages(articles: data.Collection) -> None:
    fields = articles.query_fields.values()
    assert Counter(field["kind"] for field in fields) == {"same-language": 23, "cross-lingual": 18, "short": 12}
    assert {field["lang"] for field in fields} == {"en", "de", "es", "pt", "fr", "zh", "ar", "hi"}


def test_kinds_say_where_the_answer_is(articles: data.Collection, by_id: dict[str, dict[str, Any]]) -> None:
    for query, field in articles.query_fields.items():
        languages = {by_id[name]["lang"] for name, grade in articles.qrels[query].items() if grade == 2}
        if field["kind"] == "same-language":
            assert field["lang"] in languages, query
        if field["kind"] == "cross-lingual":
            assert field["lang"] not in languages, query
        if field["kind"] == "short":
            assert " " not in articles.queries[query], query


def test_the_query_animal_means_every_article_on_animals_although_they_lack_the_word(
    articles: data.Collection, by_id: dict[str, dict[str, Any]]
) -> None:
    query = next(name for name, text in articles.queries.items() if text == "animal")
    found = {name for name, grade in articles.qrels[query].items() if grade == 2}
    assert found == {name for name, article in by_id.items() if article["topic"] == "animals"}
    assert "animal" not in by_id["cat-en"]["text"].lower()
    assert articles.qrels[query]["computer-mouse-en"] == 0


def test_the_readme_gives_the_numbers_of_the_files(articles: data.Collection) -> None:
    lines = resources.files("jina_notebook.data").joinpath("README.md").read_text(encoding="utf-8")
    readme = " ".join(lines.split())
    count = Counter(article["lang"] for article in articles.corpus)
    assert f"English {count['en']}, German {count['de']}, Spanish {count['es']}, Portuguese {count['pt']}" in readme
    assert f"French {count['fr']}, Chinese {count['zh']}, Arabic {count['ar']}, Hindi {count['hi']}" in readme
