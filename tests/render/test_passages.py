from __future__ import annotations

import pytest

from jina_notebook.render.blocks import Passage
from jina_notebook.render.passages import excerpt


def marked(passage: Passage) -> list[str]:
    return [passage.text[start:end] for start, end in passage.marks]


def test_the_querys_words_are_marked_without_case_and_accents() -> None:
    assert marked(excerpt("Un CAFÉ solo, dos cafés", "cafe solo")) == ["CAFÉ", "solo"]


def test_short_words_are_not_marked_and_numbers_are() -> None:
    assert marked(excerpt("it is on at 5 to 7", "is it on 5")) == ["5"]


def test_scripts_without_blanks_are_compared_inside_words() -> None:
    assert marked(excerpt("私は緑茶が好きです", "緑茶")) == ["緑茶"]


@pytest.mark.parametrize("query", ["", "   ", "?!", "(["])
def test_a_query_without_words_marks_nothing(query: str) -> None:
    assert excerpt("some text ([", query).marks == ()


def test_a_long_text_is_shown_from_where_the_query_matches() -> None:
    text = "filler " * 500 + "the needle is here " + "filler " * 500
    passage = excerpt(text, "needle", limit=200)
    assert marked(passage) == ["needle"]
    assert len(passage.text) == 200
    assert passage.length == len(text)
    assert text[passage.start :].startswith(passage.text)


def test_a_long_text_without_a_match_is_shown_from_its_beginning() -> None:
    passage = excerpt("x" * 1_000_000, "needle")
    assert (passage.start, passage.length, passage.marks) == (0, 1_000_000, ())


def test_a_match_at_the_very_end_is_still_shown() -> None:
    text = "x " * 5000 + "needle"
    passage = excerpt(text, "needle", limit=100)
    assert marked(passage) == ["needle"]
    assert passage.text.endswith("needle")


def test_a_text_that_fits_is_whole() -> None:
    assert excerpt("green tea", "tea") == Passage("green tea", ((6, 9),))
