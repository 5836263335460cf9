"""Markdown, read back by another implementation (mistune): foreign text gives neither markup nor other cells."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import cast

import mistune
import pytest

from jina_notebook.render.blocks import Column, Page, Passage, Prose, Table
from jina_notebook.render.markdown import to_markdown
from tests.render.pages import FOREIGN
from tests.render.reading import Element, read

to_html = cast(
    "Callable[[str], str]", mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "math"])
)


def seen(page: Page) -> Element:
    return read(to_html(to_markdown(page)))


HOSTILE = [
    "<script>alert(1)</script>",
    "a | b || c",
    "*a* **b** _c_ __d__ ~~e~~",
    "`code` ``more``",
    "[link](javascript:alert(1)) ![image](x)",
    "costs $5 and $6, $$x$$",
    "&lt; &amp; &#124;",
    "back\\slash \\| \\*",
    "# heading",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_in_a_cell_reads_as_it_was_given(text: str) -> None:
    columns = (Column("a", "a"), Column("b", "b"))
    tree = seen(Page("test", "title", (), (Table(columns, ((text, Passage(text)),)),)))
    cells = tree.all("td")
    assert [cell.text for cell in cells] == [text, text]
    assert [element.tag for cell in cells for element in cell.all()] == []


def test_a_page_of_foreign_text_has_no_markup_of_its_own() -> None:
    tags = {element.tag for element in seen(FOREIGN).all()}
    assert tags <= {"p", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "pre", "code"}
    assert len(seen(FOREIGN).all("td")) == 3


def test_words_of_the_query_are_strong() -> None:
    tree = seen(
        Page("test", "t", (), (Table((Column("a", "a"),), ((Passage("a *green* tea", ((3, 8), (10, 13))),),)),))
    )
    assert [mark.text for mark in tree.all("td")[0].all("strong")] == ["green", "tea"]
    assert tree.all("td")[0].text == "a *green* tea"


def test_prose_stays_in_its_fence_whatever_it_holds() -> None:
    text = "```\n<b>x</b>\n````\n# y"
    fence = seen(Page("test", "t", (), (Prose(text),))).all("pre")[0]
    assert html.unescape(fence.text).strip() == text
    assert re.search(r"^`{5}text$", to_markdown(Page("test", "t", (), (Prose(text),))), re.MULTILINE)
