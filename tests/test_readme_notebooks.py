"""The README's table of notebooks is what the folder holds now."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from jina_notebook import report

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


@pytest.fixture(scope="module")
def readme_notebooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme_notebooks", ROOT / "scripts" / "readme_notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_notebooks_is_what_the_folder_holds(readme_notebooks: ModuleType) -> None:
    text = README.read_text("utf-8")

    assert readme_notebooks.with_table(text) == text, "run `make readme`"


def test_every_notebook_has_a_row_with_two_badges_that_open_it(readme_notebooks: ModuleType) -> None:
    rows = {row for row in readme_notebooks.table().splitlines() if ".ipynb" in row}
    found = {
        path: (unquote(binder), colab)
        for row in rows
        for path, binder, colab in re.findall(r"\]\((notebooks/[^)]+)\) .*urlpath=([^)]+)\).*/blob/\w+/([^)]+)\)", row)
    }

    assert len(found) == len(rows) == len(report.notebooks())
    assert all(opened == (f"lab/tree/{path}", path) for path, opened in found.items())
    assert all((ROOT / path).is_file() for path in found)


def test_a_promise_is_made_of_whole_sentences_and_breaks_no_table(readme_notebooks: ModuleType) -> None:
    long = "One | two. " + "More words here " * 20 + "end."

    assert readme_notebooks.promise(long) == "One \\| two."
    assert readme_notebooks.promise("First\nline. Second line.") == "First line. Second line."
