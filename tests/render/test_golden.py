"""Everything rendered, against what was looked at and kept. `UPDATE_GOLDEN=1` writes it anew."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jina_notebook.render.blocks import Page
from jina_notebook.render.html import to_html
from jina_notebook.render.markdown import to_markdown
from jina_notebook.render.text import to_text
from jina_notebook.render.vendor import to_vendor
from tests.render.pages import PAGES

GOLDEN = Path(__file__).parent / "golden"
FORMS: dict[str, Callable[[Page], str]] = {
    "txt": lambda page: to_text(page, columns=100),
    "md": to_markdown,
    "html": to_html,
    "json": lambda page: json.dumps(to_vendor(page), indent=1, ensure_ascii=False),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PAGES)
def test_the_rendering_is_the_one_that_was_looked_at(name: str, form: str) -> None:
    rendered = FORMS[form](PAGES[name]).rstrip("\n") + "\n"
    path = GOLDEN / f"{name}.{form}"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(rendered, encoding="utf-8")
    assert rendered == path.read_text("utf-8")
