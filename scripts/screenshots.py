"""Pictures of the widgets for docs/images, taken in Chromium from the widgets over the package's own corpora.

    ELASTICSEARCH_URL=http://127.0.0.1:9200 python scripts/screenshots.py [NAME ...]

`lab` and `measure` show output/quickstart.ipynb, which `make demo` leaves.
Uses the offline stand-in, which the pictures say. WebP, at most 150 kB each; look at them before committing.
"""

from __future__ import annotations

import base64
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import jina_notebook as jn  # noqa: E402 - the stage below is in the tests, not in the package
from jina_notebook import data  # noqa: E402
from tests.browser.conftest import QUIET  # noqa: E402
from tests.browser.lab import Window, running  # noqa: E402
from tests.browser.stage import Stage  # noqa: E402

IMAGES = ROOT / "docs" / "images"
STAND_IN = "offline-minilm"
INDEX, INDEX_USED = "docs-support", {"search_explorer"}
LARGEST = 150_000  # bytes
Act = Callable[[Page], None]


def at_once(_: Page) -> None:
    """Nothing to do before the picture is taken."""


def search_explorer() -> tuple[Any, Act]:
    """A hybrid search, reranked. Title and first sentence, so that several hits have room."""
    articles = [
        {**one, "text": f"{one['title']}. {one['text'].partition('. ')[0]}."} for one in data.load("support").corpus
    ]
    jn.index(articles, INDEX, model=STAND_IN, recreate=True)
    widget = jn.widgets.SearchExplorer(INDEX, query="my cup is always lukewarm", k=5, rerank=STAND_IN)
    widget.indices = [INDEX]
    return widget, at_once


def embedding_map() -> tuple[Any, Act]:
    """The English articles by topic."""
    articles = [one for one in data.load("articles").corpus if one["lang"] == "en"]
    vectors = jn.load(STAND_IN).embed([f"{one['title']}. {one['text']}" for one in articles])
    rows = [{"title": one["title"], "topic": one["topic"]} for one in articles]
    return jn.widgets.EmbeddingMap(vectors, data=rows, color="topic"), at_once


def late_interaction() -> tuple[Any, Act]:
    """Which word met which."""
    documents = [
        "A hot tea against a cold: drink it slowly.",
        "Cold feet need woollen socks.",
        "The kettle boils water.",
    ]
    widget = jn.widgets.LateInteractionInspector("something warm to drink", documents, model=STAND_IN)
    return widget, lambda page: page.get_by_role("tab", name="Lines").click()


def gallery() -> tuple[Any, Act]:
    """The package's own pictures."""
    own = data.load("pictures").corpus
    chosen = [next(one for one in own if one["kind"] == kind) for kind in dict.fromkeys(one["kind"] for one in own)]
    chosen += [one for one in own if one not in chosen][: 8 - len(chosen)]
    captions = [one["title"] for one in chosen]
    return jn.widgets.Gallery([Path(one["image"]) for one in chosen], captions=captions), at_once


SHOTS: Mapping[str, tuple[Callable[[], tuple[Any, Act]], int]] = {
    "search_explorer": (search_explorer, 720),
    "embedding_map": (embedding_map, 770),
    "late_interaction": (late_interaction, 400),
    "gallery": (gallery, 580),
}


def shoot(browser: Browser, name: str) -> None:
    """One widget, down to a height, as WebP."""
    make, height = SHOTS[name]
    widget, act = make()
    widget.wait(300)
    context = browser.new_context(viewport={"width": 960, "height": height}, color_scheme="light")
    page = context.new_page()
    Stage(page, widget, name)
    page.add_style_tag(content="h1 { display: none } body { margin: 16px !important }")
    act(page)
    page.wait_for_timeout(500)
    _keep(page.screenshot(), name.replace("_", "-"))
    context.close()


def lab(browser: Browser, notebook: Path) -> None:
    """The executed quickstart in JupyterLab, at its reranked hits, without a kernel's help."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as started:
        shutil.copy(notebook, started.folder / notebook.name)
        window = Window(browser, started)
        window.page.set_viewport_size({"width": 1200, "height": 760})
        started.open(window.page, notebook.name, ready=False)
        window.page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        hits = window.page.get_by_text("hits for").last
        hits.wait_for(timeout=90_000)
        window.page.get_by_text("jn.search(questions[1]").last.scroll_into_view_if_needed()
        window.page.mouse.move(600, 400)
        window.page.mouse.wheel(0, 420)
        window.page.wait_for_timeout(1500)
        _keep(window.page.screenshot(), "lab")
        window.context.close()


def measure(notebook: Path) -> None:
    """The figure that the quickstart ends with."""
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = next(cell for cell in cells if cell.get("id") == "figure").outputs
    png = next(output.data["image/png"] for output in outputs if "image/png" in output.get("data", {}))
    _keep(base64.b64decode(png), "measure")


def _keep(png: bytes, name: str) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    path = IMAGES / f"{name}.webp"
    picture.save(path, "WEBP", quality=85, method=6)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}  {picture.width} x {picture.height}, {size:,} bytes", flush=True)
    if size > LARGEST:
        print(f"{path.name} is too large: lower its height or quality.", file=sys.stderr)


def main(names: list[str]) -> int:
    """All of them, or those that are named."""
    IMAGES.mkdir(exist_ok=True)
    quickstart = ROOT / "output" / "quickstart.ipynb"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=QUIET)
        for name in names or [*SHOTS, "lab", "measure"]:
            match name:
                case "lab":
                    lab(browser, quickstart)
                case "measure":
                    measure(quickstart)
                case _:
                    shoot(browser, name)
        browser.close()
    if INDEX_USED & set(names or SHOTS):
        jn.connect().client.indices.delete(index=INDEX, ignore_unavailable=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
