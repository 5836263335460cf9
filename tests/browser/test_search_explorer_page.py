"""The search explorer on a page, driven by keyboard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from jina_notebook.widgets.search_explorer import SearchExplorer
from tests.browser.stage import Stage
from tests.widgets.shop import found, searches

__all__ = ["searches"]

Put = Callable[[Any, str], Stage]


def test_a_search_by_keyboard_alone(searches: list[dict[str, Any]], stage: Put, theme: str) -> None:
    explorer = SearchExplorer("shop", rerank="offline-minilm")
    staged = stage(explorer, "search_explorer")
    page = staged.page

    page.keyboard.press("Tab")
    expect(page.get_by_label("Query", exact=True)).to_be_focused()
    page.keyboard.type("warm tea")
    page.keyboard.press("Enter")
    staged.pump()

    expect(page.get_by_role("status").first).to_contain_text("4 hits in")
    expect(page.get_by_role("cell", name="mug", exact=True)).to_be_visible()
    page.get_by_label("Select hit 1").focus()
    page.keyboard.press("Space")
    staged.pump()
    assert explorer.selection["id"].tolist() == ["mug"]

    page.get_by_text("Why, and what").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="rerank")).to_be_visible()
    staged.shot(f"search-hits-{theme}")
    assert staged.violations() == []

    page.get_by_role("tab", name="Hits").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("table", name="Rank changes")).to_contain_text("▲ up 1")
    staged.shot(f"search-ranks-{theme}")
    assert staged.violations() == []
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("80.0 ms")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("jn.search(")).to_be_visible()
    staged.shot(f"search-code-{theme}")
    assert staged.violations() == []


@pytest.mark.parametrize("theme", ["light"], indirect=True)
def test_a_failure_is_announced_and_what_was_found_stays(searches: list[dict[str, Any]], stage: Put) -> None:
    staged = stage(SearchExplorer("shop", query="tea"), "search_explorer")
    page = staged.page

    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Elasticsearch query that every hit must match").fill("{broken")
    page.get_by_role("button", name="Search").click()
    staged.pump()

    expect(page.get_by_role("status").first).to_contain_text("no valid JSON at line 1")
    expect(page.get_by_role("cell", name="mug", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["light"], indirect=True)
def test_a_running_search_shows_progress_and_is_cancelled(
    searches: list[dict[str, Any]], stage: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = SearchExplorer("shop")
    staged = stage(explorer, "search_explorer")
    go_on = threading.Event()
    monkeypatch.setattr("jina_notebook.searching.search", lambda *_, **__: go_on.wait(30) and found())
    explorer._received(None, {"do": "search", "settings": {"query": "tea"}}, [])
    staged.page.evaluate("(state) => window.pushState(state)", staged._state())

    expect(staged.page.get_by_role("progressbar", name="Progress")).to_be_visible()
    staged.page.get_by_role("button", name="Cancel").focus()
    staged.page.keyboard.press("Enter")
    expect(staged.page.get_by_role("button", name="Cancel")).to_be_visible()
    explorer._received(None, staged.page.evaluate("() => window.sent.pop()"), [])
    go_on.set()
    staged.pump()

    expect(staged.page.get_by_role("status").first).to_have_text("Searching: cancelled.")
    expect(staged.page.get_by_label("Query", exact=True)).to_be_focused()
    assert explorer.hits is None
