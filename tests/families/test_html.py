"""The publisher's cleaning of web pages: what its patterns give, in time that grows with the page."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from jina_notebook.families import html as cleaning
from jina_notebook.families.html import clean_html, without
from tests.families.references.reader_lm import CONTROL, cleaned

PARTS = [
    *(
        "<script",
        "< script",
        "<  SCRIPT",
        "</script>",
        "< /script>",
        "</ script >",
        "/script>",
        "/ ScRiPt  >",
        "script",
    ),
    *(
        "<style",
        "<style>",
        "</style>",
        "</STYLE >",
        "/style>",
        "<meta",
        "<meta>",
        "< meta ",
        "<metadata>",
        "</metadata>",
    ),
    *("<!--", "< !--", "-->", "-- >", "--", "-", ">", "<", "/>", " ", "\n", "<link", "< LINK rel=x>", "<linked-data>"),
    *("<p>", "</p>", "text", "é日", "<svg", "<svg>", "<svg width=1>", "</svg>", "<SVG>", "</SVG>", "<img ", "<img>"),
    *('src="data:image/', "png", ";", ";base64,", "AAAA", '"', "'", "src='data:image/png;base64,A'", ' alt="x"', "\t"),
    *("<img alt='a' src=\"data:image/png;base64,AAAA\">", '<img src="data:image/;base64,A">', "ſcript", "<ſtyle>"),
    *("<!DOCTYPE html>", "<!---->", "<!-->", "<!--->", "ı", "İ", "K", "lınk", "<lin\u212a>", "\r\n", "\u2028"),
]
PAGES = [
    '<script src="x"/><p>swallowed</p></script><p>kept</p>',
    "<script>never closed <p>kept</p>",
    "<metadata>x</metadata><linked-page>y</linked-page>",
    "<script><style></script></style><!-- <script> --> </script>",
    "<!-- a --> b <!-- c -- > d <!--e--    >",
    "<style><!-- </style> -->",
    "<sc<script></script>ript>hidden</script>",
    "<!-- <link> <meta> --><link><meta>",
    "<meta <link > > <link <meta > >",
    "</script><script>a</script></script>",
    '<svg a="1"><path/></svg><SVG><path/></SVG><svg>open',
    "<svg <svg>x</svg>y</svg>",
    '<img class="a" src="data:image/png;base64,AA==" alt="tea"><img src=\'data:image/png;base64,AA\'>',
    '<img\nsrc="data:image/png;base64,AA"\n>',
    '<img src="data:image/png;base64,AA" <img src="x">',
    "",
    "plain",
    "<" * 50 + "script" + "/" * 50 + "script" + ">" * 50,
]
OPTIONS = [(False, False), (True, False), (False, True), (True, True)]


@pytest.mark.parametrize("html", PAGES)
@pytest.mark.parametrize(("svg", "base64"), OPTIONS)
def test_known_gaps_are_kept_as_the_patterns_leave_them(html: str, svg: bool, base64: bool) -> None:
    assert clean_html(html, clean_svg=svg, clean_base64=base64) == cleaned(html, svg=svg, base64=base64)


@pytest.mark.parametrize("seed", range(40))
def test_thousands_of_broken_pages_are_what_the_patterns_make_of_them(seed: int) -> None:
    choose = random.Random(seed)
    for _ in range(150):
        html = "".join(choose.choices(PARTS, k=choose.randint(1, 40)))
        svg, base64 = choose.choice(OPTIONS)
        assert clean_html(html, clean_svg=svg, clean_base64=base64) == cleaned(html, svg=svg, base64=base64), html


def test_a_page_is_cleaned_without_drawings_and_pictures_unless_asked() -> None:
    html = '<svg>x</svg><img src="data:image/png;base64,AA">'
    assert clean_html(html) == html


@pytest.mark.parametrize("seed", range(20))
def test_marks_are_gone_also_where_taking_one_out_forms_another(seed: int) -> None:
    choose = random.Random(seed)
    bits = [*CONTROL, "<|im_", "end|>", "start|>", "<|", "|>", "<|endof", "text|>", "a", " ", "\n"]
    for _ in range(100):
        text = "".join(choose.choices(bits, k=choose.randint(1, 30)))
        done = without(text, CONTROL)
        assert not any(mark in done for mark in CONTROL)
        if not any(mark in text for mark in CONTROL):
            assert done == text
        # nothing is taken but characters of marks
        rest = iter(text)
        assert all(letter in rest for letter in done)
    assert without("a<|im_<|im_end|>end|>b", CONTROL) == "ab"


class Counted:
    """A pattern that adds up how many characters its searches look at."""

    def __init__(self, pattern: re.Pattern[str], work: list[int]) -> None:
        self._pattern, self._work = pattern, work

    def search(self, text: str, position: int = 0) -> re.Match[str] | None:
        found = self._pattern.search(text, position)
        self._work.append((found.end() if found else len(text)) - position)
        return found


MALFORMED = {
    "open scripts": "<script ",
    "open styles": "< style>",
    "open comments": "<!-- ",
    "ends only": "/script>",
    "pairs": "<script></script>",
    "angles": "<",
    "wide": "<" + " " * 30,
    "links": "<link ",
    "mixture": "<script <style <!-- <meta <link /style> ",
}


@pytest.mark.parametrize("unit", MALFORMED.values(), ids=MALFORMED)
def test_the_patterns_look_at_every_character_a_few_times_only(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[int] = []
    counted = [cleaning.Rule(Counted(rule.begin, work), Counted(rule.end, work)) for rule in cleaning.RULES]  # type: ignore[arg-type]
    monkeypatch.setattr(cleaning, "RULES", counted)
    html = unit * (200_000 // len(unit))
    clean_html(html)
    assert 0 < sum(work) <= 3 * len(cleaning.RULES) * len(html)


def steps(call: Callable[[], object]) -> int:
    """How many lines of Python and calls of built-in functions a call takes."""
    count = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += 1

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return count


BROKEN = {
    "scripts": "<script ",
    "drawings": "<svg>",
    "open drawings": "<svg ",
    "pictures": '<img src="data:image/png;base64,',
    "open pictures": "<img ",
    "sources": 'src="data:image/a;',
    "quotes": '<img src="data:image/png;base64,A"',
    "marks": "<|im_end|>",
    "nested marks": "<|im_<|im_end|>end|>",
    "half marks": "<|im_",
    "tails": "end|>",
}


@pytest.mark.parametrize("unit", BROKEN.values(), ids=BROKEN)
def test_twice_the_page_is_about_twice_the_steps(unit: str) -> None:
    def work(count: int) -> int:
        html = unit * count
        return steps(lambda: without(clean_html(html, clean_svg=True, clean_base64=True), CONTROL))

    once, twice = work(1_500), work(3_000)
    assert once <= twice <= 2.2 * once


def test_marks_nested_a_thousand_deep_are_taken_out() -> None:
    depth = 2_000
    assert without("a" + "<|im_" * depth + "<|im_end|>" + "end|>" * depth + "b", CONTROL) == "ab"
