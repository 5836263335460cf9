"""The support corpus is what its README says it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from importlib import resources

import pytest

from jina_notebook import data
from jina_notebook.errors import OptionError

FUNCTION_WORDS = """
a about after all along also am an and any are as at be been but by can come could did do does ever for from get got had
has have how i if in into is it its just like may me my no not now of off on or our out over should since so some than
that the their them then there they this to too up was we were what when where which while who why will with you your
al como con cual de del el ella en es esta este la las le les lo los me mi mis no o para pero por que qué se ser si sin
su sus te tu un una uno y ya
ao aos as com como da das de do dos e em era eu foi já lhe mais mas meu minha na nas no nos num o os ou para pela pelo
por quando que se sem ser seu sua só também um uma
ab aber als am an auch auf aus bei bin bis da das dass dem den der des die durch ein eine einem einen einer er es für
hat ich ihr im in ins ist jetzt kann kein man mehr mein meine mich mit nach nicht noch nur ob oder rein sich sie sind so
um und von vor war was wenn wer wie wir zu zum zur
"""


@pytest.fixture(scope="module")
def support() -> data.Collection:
    return data.load()


def words(text: str) -> set[str]:
    """Lower-case words, codes such as e-417 in one piece."""
    return set(re.findall(r"\w+(?:-\w+)*", text.lower()))


def relevant(support: data.Collection, kind: str) -> Iterator[tuple[str, set[str], dict[str, set[str]]]]:
    """Each query of a kind: its id, its content words, and the words of each document that answers it."""
    content = {document["_id"]: words(f"{document['title']} {document['text']}") for document in support.corpus}
    for query, text in support.queries.items():
        if support.query_fields[query]["kind"] == kind:
            answers = {name: content[name] for name, grade in support.qrels[query].items() if grade == 2}
            yield query, words(text) - words(FUNCTION_WORDS), answers


def test_it_has_more_than_300_documents_and_60_judged_queries(support: data.Collection) -> None:
    assert len(support.corpus) == 342
    assert len(support.queries) == 60
    assert set(support.qrels) == set(support.queries)


def test_about_half_is_english_and_the_rest_spanish_portuguese_and_german(support: data.Collection) -> None:
    documents = Counter(document["lang"] for document in support.corpus)
    queries = Counter(fields["lang"] for fields in support.query_fields.values())
    assert documents == {"en": 182, "de": 59, "es": 54, "pt": 47}
    assert queries == {"en": 34, "es": 10, "de": 9, "pt": 7}


def test_the_readme_gives_the_numbers_of_the_files(support: data.Collection) -> None:
    readme = resources.files("jina_notebook.data").joinpath("README.md").read_text(encoding="utf-8")
    languages = Counter(document["lang"] for document in support.corpus)
    english, german, spanish, portuguese = (languages[code] for code in ("en", "de", "es", "pt"))
    assert f"English {english}, German {german}, Spanish {spanish}, Portuguese {portuguese}" in readme
    assert f"{len(support.corpus)} short documents" in readme
    kinds = Counter(fields["kind"] for fields in support.query_fields.values())
    for kind, count in kinds.items():
        assert f"| {kind} | {count} |" in readme


def test_every_document_has_a_unique_id_a_title_a_language_and_a_topic(support: data.Collection) -> None:
    assert len({document["_id"] for document in support.corpus}) == len(support.corpus)
    for document in support.corpus:
        assert set(document) == {"_id", "title", "text", "lang", "topic"}
        assert document["title"].strip() == document["title"] != ""
        assert document["_id"].startswith(document["topic"])


def test_every_text_has_40_to_90_words_and_appears_once(support: data.Collection) -> None:
    assert len({document["text"] for document in support.corpus}) == len(support.corpus)
    lengths = {document["_id"]: len(document["text"].split()) for document in support.corpus}
    assert {name: length for name, length in lengths.items() if not 40 <= length <= 90} == {}


def test_no_two_documents_share_a_sentence(support: data.Collection) -> None:
    sentences = Counter(
        sentence for document in support.corpus for sentence in set(re.split(r"(?<=[.!?])\s+", document["text"]))
    )
    assert [sentence for sentence, count in sentences.items() if count > 1 and len(sentence.split()) > 4] == []


def test_every_judgment_points_to_a_document_with_a_grade_from_0_to_2(support: data.Collection) -> None:
    known = {document["_id"] for document in support.corpus}
    for judgments in support.qrels.values():
        assert set(judgments) <= known
        assert set(judgments.values()) <= {0, 1, 2}


def test_every_query_has_a_document_that_answers_it(support: data.Collection) -> None:
    assert [query for query, judgments in support.qrels.items() if 2 not in judgments.values()] == []


def test_hard_negatives_are_judged(support: data.Collection) -> None:
    assert sum(0 in judgments.values() for judgments in support.qrels.values()) >= 40


def test_paraphrases_share_no_content_word_with_the_documents_that_answer_them(support: data.Collection) -> None:
    shared = {
        (query, name): asked & content
        for query, asked, answers in relevant(support, "paraphrase")
        for name, content in answers.items()
        if asked & content
    }
    assert shared == {}
    assert len(list(relevant(support, "paraphrase"))) >= 20


def test_exact_queries_share_a_rare_word_with_the_documents_that_answer_them(support: data.Collection) -> None:
    frequency = Counter(
        word for document in support.corpus for word in words(f"{document['title']} {document['text']}")
    )
    for query, asked, answers in relevant(support, "exact"):
        rare = {word for word in asked if frequency[word] <= 3}
        for name, content in answers.items():
            assert rare & content, (query, name)
    assert len(list(relevant(support, "exact"))) >= 12


def test_cross_lingual_queries_are_answered_in_another_language(support: data.Collection) -> None:
    language = {document["_id"]: document["lang"] for document in support.corpus}
    for query, _, answers in relevant(support, "cross-lingual"):
        assert support.query_fields[query]["lang"] not in {language[name] for name in answers}


def test_changing_a_loaded_corpus_changes_no_other(support: data.Collection) -> None:
    data.load().corpus.clear()
    assert len(data.load().corpus) == len(support.corpus)


def test_an_unknown_corpus_is_refused_with_a_near_name() -> None:
    with pytest.raises(OptionError, match="no corpus 'suport'") as caught:
        data.load("suport")
    assert caught.value.hint == "Did you mean support?"
