"""Debian's Chromium, started once, and a fresh context for every test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from jina_notebook.widgets.base import JinaWidget
from tests.browser.lab import Lab, Window, running
from tests.browser.stage import Stage

QUIET = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]

expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is needed: make test installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, headless=True, args=QUIET)
        yield started
        started.close()


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(browser: Browser, theme: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture
def stage(page: Page) -> Iterator[Callable[[JinaWidget, str], Stage]]:
    """Puts a widget on a page. At the end nothing may have been loaded from elsewhere, and nothing have failed."""
    staged: list[Stage] = []

    def put(widget: JinaWidget, name: str) -> Stage:
        staged.append(Stage(page, widget, name))
        return staged[-1]

    yield put
    assert [one.foreign for one in staged if one.foreign] == []
    assert [one.errors for one in staged if one.errors] == []


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for the whole run."""
    with running(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture
def window(browser: Browser, lab: Lab) -> Iterator[Window]:
    """A fresh context of it. At the end nothing may have been asked for beyond the server."""
    opened = Window(browser, lab)
    yield opened
    opened.context.close()
    assert opened.foreign == []
