"""The late-interaction inspector on a page, driven by keyboard: a text and a picture of a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import expect

from jina_notebook.widgets.late_interaction import LateInteractionInspector
from tests.browser.stage import Stage
from tests.widgets.models import miniature

__all__ = ["miniature"]

Put = Callable[[Any, str], Stage]


def test_tokens_are_chosen_by_arrows_and_every_view_follows(stage: Put, theme: str) -> None:
    texts = ["A hot tea against a cold: drink it slowly.", "Wool socks for cold feet", "Reset your password here"]
    inspector = LateInteractionInspector("something warm to drink", texts, model="offline-minilm")
    staged = stage(inspector, "late_interaction")
    page = staged.page

    page.get_by_role("radio", name="all tokens").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="warm")).to_be_focused()
    expect(page.get_by_role("radio", name="warm")).to_be_checked()
    staged.pump()
    assert inspector.selection["query_token"].tolist() == ["warm"]
    staged.shot(f"late-text-{theme}")
    assert staged.violations() == []

    for number, name in enumerate(("Best matches", "Lines", "Heat map"), start=1):
        page.get_by_role("tab").nth(number - 1).focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        staged.shot(f"late-{number}-{theme}")
        assert staged.violations() == []
    page.get_by_role("img").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    one = inspector.interactions[0]
    said = f"{one.query_tokens[0]} × {one.tokens[1]}: {one.similarities[0, 1]:.3f}"
    expect(page.get_by_role("tabpanel").get_by_role("status")).to_have_text(said)

    page.get_by_label("Document", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("tab", name="Heat map")).to_have_attribute("aria-selected", "true")
    staged.pump()
    assert inspector.document == 1


def test_patches_of_a_page_are_walked_over(
    stage: Put, theme: str, miniature: Callable[[str], Any], tmp_path: Path
) -> None:
    file = tmp_path / "page.png"
    image = Image.new("RGB", (280, 168), "white")
    ImageDraw.Draw(image).rectangle((40, 30, 160, 90), fill="navy")
    image.save(file)
    inspector = LateInteractionInspector("blue", file, model=miniature("jina-embeddings-v4"))
    staged = stage(inspector, "late_interaction")

    canvas = staged.page.get_by_role("img")
    canvas.focus()
    staged.page.keyboard.press("ArrowDown")
    staged.page.keyboard.press("End")
    columns = inspector.interactions[0].grid[1]  # type: ignore[index]
    expect(staged.page.get_by_role("tabpanel").get_by_role("status")).to_contain_text(f"patch row 1, column {columns}:")
    staged.shot(f"late-page-{theme}")
    assert staged.violations() == []
