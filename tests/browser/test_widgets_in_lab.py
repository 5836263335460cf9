"""Live widgets, the side panel and the editor in JupyterLab, with a kernel and a server."""

from __future__ import annotations

import io
from collections import Counter
from typing import cast

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.lab import Window
from tests.elastic.doubles import WordModel, connected, fill

SHOP = [
    {"id": "tea", "text": "green tea from the mountains"},
    {"id": "mug", "text": "a mug that keeps coffee warm"},
    {"id": "sock", "text": "wool socks for cold feet"},
]


@pytest.fixture
def shop(elasticsearch_url: str, index_name: str) -> str:
    with connected(elasticsearch_url) as connection:
        fill(connection, index_name, SHOP, model=WordModel())
    return index_name


def test_widgets_answer_a_live_kernel_and_follow_the_theme(window: Window, shop: str, elasticsearch_url: str) -> None:
    explorer = (
        "import jina_notebook as jn\n"
        f"es = jn.connect({elasticsearch_url!r})\n"
        f"explorer = jn.widgets.SearchExplorer({shop!r}, query='tea', mode='lexical')\n"
        "explorer"
    )
    the_map = (
        "import numpy as np\n"
        "v = np.random.default_rng(0).normal(size=(500, 8))\n"
        "the_map = jn.widgets.EmbeddingMap(v, data={'text': [f't{i}' for i in range(500)]})\n"
        "the_map"
    )
    window.lab.notebook("live.ipynb", [explorer, the_map])
    window.lab.open(window.page, "live.ipynb")
    window.run_all()
    page = window.page
    search = page.locator(".jn-search")

    expect(search.get_by_role("cell", name="tea", exact=True)).to_be_visible()
    search.get_by_label("Query", exact=True).fill("coffee")
    search.get_by_label("Query", exact=True).press("Enter")
    expect(search.get_by_role("cell", name="mug", exact=True)).to_be_visible()
    search.get_by_label("Select hit 1").focus()
    page.keyboard.press("Space")
    cells = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")
    assert cells == 2, "a key pressed in a widget reached the notebook"
    for theme in ("Light", "Dark"):
        window.theme(f"JupyterLab {theme}")
        search.scroll_into_view_if_needed()
        window.shot(f"lab-search-{theme.lower()}")
        assert window.violations(".jn-search") == []
        page.locator(".jn-map").scroll_into_view_if_needed()
        window.shot(f"lab-map-{theme.lower()}")
        assert points_of(window) == {"Light": (0, 114, 178), "Dark": (86, 180, 233)}[theme]
        assert window.violations(".jn-map") == []


def test_the_other_widgets_are_driven_by_keyboard_and_python_hears_of_it(window: Window) -> None:
    gallery = (
        "import jina_notebook as jn\n"
        "from PIL import Image\n"
        "pictures = [Image.new('RGB', (40, 30), c) for c in ('red', 'green', 'blue')]\n"
        "gallery = jn.widgets.Gallery(pictures, captions=['one', 'two', 'three'])\n"
        "gallery"
    )
    inspector = (
        "texts = ['hot tea', 'wool socks']\n"
        "inspector = jn.widgets.LateInteractionInspector('warm tea', texts, model='offline-minilm')\n"
        "inspector"
    )
    sizes = (
        "documents = [{'_id': str(i), 'text': t} for i, t in enumerate(('hot tea', 'wool socks', 'night train') * 4)]\n"
        "sizes = jn.widgets.MatryoshkaExplorer({'q': 'warm tea'}, {'q': {'0': 1}}, documents, model='offline-minilm',\n"
        "                                      metrics=['RR@10', 'R@10'])\n"
        "sizes"
    )
    window.lab.notebook(
        "others.ipynb", [gallery, inspector, sizes, "print(gallery.selected, inspector.token, sizes.metric)"]
    )
    window.lab.open(window.page, "others.ipynb")
    window.run_all()
    page = window.page

    page.get_by_role("listbox").get_by_role("option").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 of 3 picked")).to_be_visible()
    page.get_by_role("radio", name="all tokens").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="all tokens")).not_to_be_checked()
    page.get_by_label("Shown").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Shown")).to_have_value("R@10")
    for theme in ("Light", "Dark"):
        window.theme(f"JupyterLab {theme}")
        for name in ("gallery", "late", "matryoshka"):
            page.locator(f".jn-{name}").scroll_into_view_if_needed()
            window.shot(f"lab-{name}-{theme.lower()}")
            assert window.violations(f".jn-{name}") == []

    page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 3;"
        " return window.jupyterapp.commands.execute('notebook:run-cell'); }"
    )
    expect(page.locator(".jp-OutputArea-output").last).to_contain_text("[1] 0 R@10")


def points_of(window: Window) -> tuple[int, ...]:
    """The nearest of the two themes' colours of points to the most frequent colour of the map beside its background."""
    image = Image.open(io.BytesIO(window.page.locator(".jn-map canvas").screenshot())).convert("RGB")
    counts = Counter(cast("list[tuple[int, int, int]]", list(image.get_flattened_data())))
    found = counts.most_common(2)[1][0]
    known = ((0, 114, 178), (86, 180, 233))
    return min(known, key=lambda one: sum(abs(a - b) for a, b in zip(one, found, strict=True)))


def test_the_side_panel_tells_of_a_kernel_and_inserts_cells(window: Window, shop: str, elasticsearch_url: str) -> None:
    load = f"import jina_notebook as jn\nes = jn.connect({elasticsearch_url!r})\nmodel = jn.load('offline-minilm')"
    window.lab.notebook("panel.ipynb", [load])
    window.lab.open(window.page, "panel.ipynb")
    page = window.page
    page.evaluate("() => window.jupyterapp.commands.execute('jina-notebook:open-panel')")
    panel = page.locator("#jina-notebook-panel")
    expect(panel).to_contain_text("Models in memory")
    window.run_all()

    expect(panel).to_contain_text("offline-minilm")
    expect(panel).to_contain_text(shop)
    expect(panel).to_contain_text("3 documents, offline-minilm")
    for theme in ("Light", "Dark"):
        window.theme(f"JupyterLab {theme}")
        window.shot(f"lab-panel-{theme.lower()}")
        assert window.violations("#jina-notebook-panel") == []

    panel.get_by_role("button", name="Unload offline-minilm").focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Unload offline-minilm")).to_have_count(0)
    panel.get_by_role("button", name=f"Explore {shop}").focus()
    page.keyboard.press("Enter")
    sources = page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map((c) => c.model.sharedModel.getSource())"
    )
    assert sources[-1] == f'import jina_notebook as jn\n\njn.widgets.SearchExplorer("{shop}")'
    counted = page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map((c) => c.model.executionCount)"
    )
    assert counted == [1, None], "the panel's questions count as no execution"


def test_prose_in_our_cell_magics_is_not_coloured_as_python_and_other_cells_are(window: Window) -> None:
    prose = "%%jina_embed --model m\nfor all who wait\n# a heading"
    window.lab.notebook("cells.ipynb", [prose, "for i in range(3):\n    pass"])
    window.lab.open(window.page, "cells.ipynb")
    page = window.page
    window.theme("JupyterLab Light")
    expect(page.locator(".cm-line.jn-options")).to_have_text("%%jina_embed --model m")
    expect(page.locator(".cm-line.jn-words")).to_have_count(2)
    expect(page.locator(".cm-line:not(.jn-words) span", has_text="for")).to_be_visible()  # Python is coloured by now

    plain, coloured = page.evaluate(
        "() => { const all = (s) => [...document.querySelectorAll(s)].map((n) => getComputedStyle(n).color);"
        " return ['.cm-line.jn-words, .cm-line.jn-words span', '.cm-line:not(.jn-words):not(.jn-options) span']"
        ".map((s) => [...new Set(all(s))]) }"
    )
    assert len(plain) == 1
    assert set(coloured) - set(plain)
    window.shot("lab-cells")


def test_commands_are_in_the_palette_and_the_launcher(window: Window) -> None:
    window.lab.notebook("commands.ipynb", [""])
    window.lab.open(window.page, "commands.ipynb", ready=False)
    page = window.page
    page.evaluate("() => window.jupyterapp.commands.execute('jina-notebook:insert-models')")
    expect(page.locator(".jp-Cell .cm-content").first).to_contain_text("jn.models()")

    page.evaluate("() => window.jupyterapp.commands.execute('launcher:create')")
    page.locator(".jp-LauncherCard", has_text="Jina: models").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#jina-notebook-panel")).to_be_visible()
