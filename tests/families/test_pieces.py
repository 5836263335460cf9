"""Long pages are cut where blocks begin, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jina_notebook.families.pieces import cut_page
from jina_notebook.families.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def tokenizer(miniature: Callable[..., Path]) -> Tokenizer:
    return Tokenizer(miniature("ReaderLM-v2"))


PARAGRAPHS = "<div>" + "".join(f"<p>green tea number {i}, 茶 and é</p>\n" for i in range(60)) + "</div>"
PAGES = {
    "paragraphs": PARAGRAPHS,
    "one long word": "x" * 3000,
    "one long sentence": "green tea and coffee " * 200,
    "a long paragraph between short ones": "<p>tea</p>" * 5 + "<p>" + "coffee " * 300 + "</p>" + "<p>tea</p>" * 5,
    "tags in capitals": PARAGRAPHS.upper(),
    "decomposed letters": "<p>e\u0301 and n\u0303</p>" * 100,
    "emoji": "🍵" * 300,
}


@pytest.mark.parametrize("room", [20, 64, 500])
@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_pieces_are_short_enough_and_together_the_page(page: str, room: int, tokenizer: Tokenizer) -> None:
    pieces = cut_page(page, tokenizer, room)
    assert "".join(pieces) == page
    assert all(0 < len(tokenizer.plain(piece)) <= room for piece in pieces)
    assert len(pieces) <= 3 * len(tokenizer.plain(page)) / room + 1


def test_a_page_that_fits_is_one_piece(tokenizer: Tokenizer) -> None:
    assert cut_page("<p>tea</p>", tokenizer, 64) == ["<p>tea</p>"]


@pytest.mark.parametrize("tag", ["p", "div", "li", "tr", "h2", "section", "TABLE", "article"])
def test_a_piece_begins_with_a_block(tag: str, tokenizer: Tokenizer) -> None:
    page = f"<{tag} class='a'>green tea and <b>coffee</b>, <span>short</span></{tag}>" * 30
    pieces = cut_page(page, tokenizer, 100)
    assert len(pieces) > 3
    assert all(piece.startswith(f"<{tag} ") for piece in pieces)


def test_names_that_only_begin_like_a_block_do_not_count(tokenizer: Tokenizer) -> None:
    page = "<b>tea</b><param><link-list>coffee</link-list>" * 30
    pieces = cut_page(page, tokenizer, 100)
    assert len(pieces) > 3
    assert not any(piece.startswith(("<param", "<link")) for piece in pieces[1:3])


def test_room_for_one_token_is_enough(tokenizer: Tokenizer) -> None:
    pieces = cut_page("<p>tea</p>", tokenizer, 1)
    assert "".join(pieces) == "<p>tea</p>"
