"""The embedding map on a page: by keyboard, by lasso, and with a hundred thousand points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from jina_notebook.widgets.embedding_map import EmbeddingMap
from tests.browser.stage import Stage
from tests.widgets.test_embedding_map import clouds

Put = Callable[[Any, str], Stage]


def test_points_are_walked_picked_and_asked_for_their_neighbours(stage: Put, theme: str) -> None:
    vectors, names = clouds()
    texts = [f"text {i}" for i in range(300)]
    shown = EmbeddingMap(vectors, data={"text": texts, "name": names}, color="name")
    staged = stage(shown, "embedding_map")
    page = staged.page
    expect(page.get_by_text("0 of 300 points selected")).to_be_visible()

    page.get_by_role("application", name="Map of points").focus()
    for key in ("ArrowRight", "ArrowRight", "Space", "Enter"):
        page.keyboard.press(key)
    staged.pump()
    (position,) = shown.selection.index
    assert shown.point["position"] == position
    expect(page.get_by_role("table", name="Neighbours")).to_contain_text(shown.point["neighbours"][0][1])
    staged.shot(f"map-{theme}")
    assert staged.violations() == []

    page.get_by_role("button", name="Select cloud 1, 100 points").focus()
    page.keyboard.press("Enter")
    staged.pump()
    assert shown.selection["name"].unique().tolist() == ["cloud 1"]
    expect(page.get_by_text("100 of 300 points selected")).to_be_visible()

    page.get_by_label("Select where the label has").fill("text 29")
    page.keyboard.press("Enter")
    staged.pump()
    assert shown.selection["text"].tolist() == ["text 29", *(f"text {n}" for n in range(290, 300))]

    page.get_by_label("Colour by").focus()
    page.keyboard.press("ArrowUp")
    staged.pump()
    assert shown.legend["title"] == "text"


@pytest.mark.parametrize("theme", ["light"], indirect=True)
def test_a_lasso_around_a_hundred_thousand_points_is_a_data_frame(stage: Put) -> None:
    random = np.random.default_rng(2)
    places = random.normal(size=(100_000, 2)).astype(np.float32)
    shown = EmbeddingMap(places, data={"number": range(100_000)}, color="number", projection=places)
    staged = stage(shown, "embedding_map")
    page = staged.page
    expect(page.get_by_text("0 of 100,000 points selected")).to_be_visible()
    page.wait_for_timeout(500)  # the first frame is drawn
    page.get_by_role("button", name="Lasso").click()
    box = page.locator(".jn-plot canvas").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    page.mouse.move(middle[0], middle[1])
    page.mouse.down()
    for dx, dy in ((60, 0), (120, 0), (120, -60), (120, -120), (60, -120), (0, -120), (0, -60), (0, -8)):
        page.mouse.move(middle[0] + dx, middle[1] + dy, steps=4)
    page.mouse.up()
    page.wait_for_function("() => window.saved.selected !== undefined")
    staged.shot("map-lasso")
    staged.pump()

    inside = places[shown.selection.index]
    assert 1_000 < len(inside) < 60_000
    assert (inside.mean(axis=0) > places.mean(axis=0)).all()
