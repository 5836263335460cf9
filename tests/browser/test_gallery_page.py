"""The gallery on a page, driven by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from jina_notebook.widgets.gallery import Gallery
from tests.browser.stage import Stage
from tests.widgets.pictures import picture

Put = Callable[[Any, str], Stage]


def test_pictures_are_picked_and_enlarged_by_keys(stage: Put, theme: str) -> None:
    scores = [0.2, 0.9, 0.5, 0.4, 0.3, 0.8, 0.1]
    gallery = Gallery([picture(n) for n in range(7)], captions=[f"photo {n}" for n in range(7)], scores=scores)
    staged = stage(gallery, "gallery")
    page = staged.page
    best = page.get_by_role("listbox").get_by_role("option").first

    expect(best).to_have_attribute("aria-label", "photo 1, score 0.9000")
    best.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    staged.pump()
    assert 1 in gallery.selected
    assert len(gallery.selected) == 2
    expect(page.get_by_text("2 of 7 picked")).to_be_visible()
    staged.shot(f"gallery-{theme}")
    assert staged.violations() == []

    page.keyboard.press("Control+a")
    staged.pump()
    assert gallery.selected == list(range(7))
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    staged.pump()
    assert gallery.selected == []
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="photo 1")).to_be_visible()
    staged.shot(f"gallery-enlarged-{theme}")
    assert staged.violations() == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(best).to_be_focused()
