"""The web pages are messy, and what is expected of them is on them."""

from __future__ import annotations

import base64
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from jina_notebook import data
from jina_notebook.families.html import clean_html

MOST = 8_000  # characters of a page: a small machine can read it
WITH_DATA = {"product-kettle", "recipe-lentils", "events-library", "job-mechanic", "prices-pool"}


@pytest.fixture(scope="module")
def pages() -> data.Collection:
    return data.load("pages")


def visible(page: str) -> str:
    """What is left of a page without scripts, comments, tags and entities."""
    joined = re.sub(r"</?sup>", "", clean_html(page))
    return html.unescape(re.sub(r"<[^>]*>", " ", joined)).replace("\xa0", " ")


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", text))


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def test_ten_pages_in_six_languages_half_of_them_with_a_schema(pages: data.Collection) -> None:
    assert Counter(page["lang"] for page in pages.corpus) == {"en": 5, "de": 1, "es": 1, "fr": 1, "pt": 1, "zh": 1}
    assert {page["_id"] for page in pages.corpus if page["schema"]} == WITH_DATA
    assert {page["_id"] for page in pages.corpus if page["data"]} == WITH_DATA


def test_every_page_comes_as_content_with_its_expected_markdown(pages: data.Collection) -> None:
    for page in pages.corpus:
        assert set(page) == {"_id", "title", "text", "lang", "html", "markdown", "data", "schema"}
        assert "<" in page["html"]
        assert len(page["html"]) < MOST
        assert page["title"] in page["markdown"]
        assert page["markdown"].startswith("# ")


def test_every_page_is_as_messy_as_found(pages: data.Collection) -> None:
    seen: Counter[str] = Counter()
    for page in pages.corpus:
        source = page["html"].lower()
        signs = (
            "<script",
            "<style",
            "<!--",
            "cookie",
            "style=",
            ";base64,",
            "<nav",
            "<svg",
            "<iframe",
            "<font",
            "<o:p>",
        )
        here = [sign for sign in signs if sign in source]
        assert len(here) >= 2, page["_id"]
        seen.update(here)
    assert min(seen.values()) >= 1
    assert set(seen) >= {"<script", "<style", "<!--", "cookie", ";base64,", "<svg", "<iframe", "<font", "<o:p>"}


def test_some_tags_are_never_closed(pages: data.Collection) -> None:
    unclosed = [
        page["_id"]
        for page in pages.corpus
        for tag in ("p", "li", "td")
        if len(re.findall(rf"<{tag}[\s>]", page["html"], re.IGNORECASE)) > page["html"].lower().count(f"</{tag}>")
    ]
    assert len(set(unclosed)) >= 4


def test_embedded_images_are_images(pages: data.Collection) -> None:
    found = [uri for page in pages.corpus for uri in re.findall(r'base64,([^"]+)"', page["html"])]
    assert len(found) >= 4
    for encoded in found:
        assert base64.b64decode(encoded, validate=True)[:4] in {b"GIF8", b"\x89PNG"}


def test_the_markdown_says_nothing_that_the_page_does_not(pages: data.Collection) -> None:
    for page in pages.corpus:
        shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r" \1 ", page["markdown"]).replace("```python", "```")
        shown = re.sub(r"^\d+\. ", "", shown, flags=re.MULTILINE)
        alternative = " ".join(re.findall(r'alt="([^"]*)"', page["html"], re.IGNORECASE))
        there = words(visible(page["html"]) + " " + html.unescape(alternative))
        known = {word.lower() for word in there}
        assert {word for word in words(shown) if word.lower() not in known} == set(), page["_id"]


def test_links_and_images_of_the_markdown_are_those_of_the_page(pages: data.Collection) -> None:
    targets = [
        (page["_id"], target, page["html"])
        for page in pages.corpus
        for target in re.findall(r"\]\(([^)]+)\)", page["markdown"])
    ]
    assert len(targets) >= 8
    assert [(name, target) for name, target, source in targets if f'"{target}"' not in source] == []


@pytest.mark.parametrize("word", ["cookie", "javascript", "advertisement", "anzeige", "base64", "newsletter", "登录"])
def test_what_surrounds_the_content_is_not_in_the_markdown(pages: data.Collection, word: str) -> None:
    assert any(word in page["html"].lower() for page in pages.corpus)
    assert [page["_id"] for page in pages.corpus if word in page["markdown"].lower()] == []


def test_the_expected_data_fit_their_schemas(pages: data.Collection) -> None:
    for page in pages.corpus:
        if page["schema"]:
            jsonschema.Draft202012Validator.check_schema(page["schema"])
            jsonschema.validate(page["data"], page["schema"])
            assert set(page["data"]) == set(page["schema"]["properties"])


def test_every_expected_text_and_number_is_on_the_page(pages: data.Collection) -> None:
    for page in pages.corpus:
        content = re.sub(r"\s+", " ", visible(page["html"]))
        numbers = {float(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d+)?", content)}
        numbers |= {float(number.replace(",", "")) for number in re.findall(r"\d{1,3},\d{3}", content)} | {0.0}
        for leaf in leaves(page["data"]):
            if isinstance(leaf, str):
                assert leaf in content, (page["_id"], leaf)
            elif not isinstance(leaf, bool) and leaf is not None:
                assert float(leaf) in numbers, (page["_id"], leaf)


def test_every_query_has_a_page_that_answers_it_and_every_page_a_query(pages: data.Collection) -> None:
    known = {page["_id"] for page in pages.corpus}
    assert set(pages.qrels) == set(pages.queries)
    assert all(set(judged) <= known and max(judged.values()) == 2 for judged in pages.qrels.values())
    assert {name for judged in pages.qrels.values() for name, grade in judged.items() if grade == 2} == known
    assert len(pages.queries) == 20


def test_changing_a_page_changes_no_other_load(pages: data.Collection) -> None:
    data.load("pages").corpus[0]["data"].clear()
    assert json.dumps(data.load("pages").corpus[0]["data"]) == json.dumps(pages.corpus[0]["data"])
