"""Widgets where the system forces its own few colours: what colour says is still there, and the focus can be seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from jina_notebook.widgets.gallery import Gallery
from tests.browser.stage import Stage
from tests.browser.test_matryoshka_page import explorer_of
from tests.widgets.pictures import picture


@pytest.fixture(params=["light", "dark"])
def forced(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1000, "height": 800}, color_scheme=request.param, forced_colors="active"
    )
    page = context.new_page()
    yield page
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    context.close()


def outline(page: Page) -> str:
    """Style and width of what is drawn around the focused element."""
    script = (
        "() => { const s = getComputedStyle(document.activeElement); return `${s.outlineStyle} ${s.outlineWidth}`; }"
    )
    return str(page.evaluate(script))


def theme(page: Page) -> str:
    return "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"


def colour(page: Page, name: str) -> str:
    """What a system colour is here."""
    script = (
        "(name) => { const one = document.body.appendChild(document.createElement('i')); one.style.color = name;"
        " const value = getComputedStyle(one).color; one.remove(); return value; }"
    )
    return str(page.evaluate(script, name))


def test_the_gallery_shows_what_is_picked_and_where_the_focus_is(forced: Page) -> None:
    gallery = Gallery([picture(n) for n in range(4)], captions=[f"photo {n}" for n in range(4)])
    staged = Stage(forced, gallery, "gallery")
    first = forced.get_by_role("option").first
    first.focus()
    forced.keyboard.press("Space")
    staged.pump()
    expect(first).to_have_attribute("aria-selected", "true")
    drawn = outline(forced).split()
    assert drawn[0] != "none"
    assert float(drawn[1].removesuffix("px")) >= 2
    picked = first.evaluate("(one) => getComputedStyle(one).borderTopColor")
    left = forced.get_by_role("option").nth(2).evaluate("(one) => getComputedStyle(one).borderTopColor")
    assert picked == colour(forced, "Highlight")
    assert left != picked
    assert staged.violations() == []
    staged.shot(f"gallery-forced-{theme(forced)}")


def test_curves_and_text_take_the_systems_colours(forced: Page) -> None:
    staged = Stage(forced, explorer_of(["RR@10"]), "matryoshka")
    text = forced.locator("svg text").first.evaluate("(one) => getComputedStyle(one).fill")
    assert text == colour(forced, "CanvasText")
    forced.get_by_label("Shown").focus()
    assert not outline(forced).startswith("none")
    assert staged.violations() == []
    staged.shot(f"matryoshka-forced-{theme(forced)}")
