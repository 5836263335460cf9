from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from jina_notebook import report
from jina_notebook.errors import ReportError

LOADS = re.compile(
    r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)\s*=\s*[\"']?(?!data:)[^\"'>]+", re.IGNORECASE
)
IMPORTS = re.compile(r"@import|url\(\s*[\"']?https?:|\bimport\s*\(|\bfrom\s+['\"]https?:", re.IGNORECASE)


@pytest.fixture
def executed(tmp_path: Path) -> Path:
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "<p>its still form</p>"}
    cells = [
        nbformat.v4.new_markdown_cell("# Title\n\nWith $x^2$ and\n\n```mermaid\ngraph TD; A-->B\n```"),
        nbformat.v4.new_code_cell(
            "hidden_word = 1",
            outputs=[
                nbformat.v4.new_output("display_data", data=widget),
                nbformat.v4.new_output("execute_result", data=report.metrics({"nDCG@10": 0.5})._repr_mimebundle_()),
            ],
        ),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    nbformat.write(notebook, tmp_path / "done.ipynb")
    return tmp_path / "done.ipynb"


def test_the_page_asks_nothing_of_the_network(executed: Path) -> None:
    page = report.export_html(executed).read_text("utf-8")

    assert LOADS.findall(page) == []
    assert IMPORTS.findall(page) == []
    assert "<script" not in page


def test_a_widget_shows_in_its_still_form_and_records_as_tables(executed: Path) -> None:
    page = report.export_html(executed).read_text("utf-8")

    assert "its still form" in page
    assert "<th" in page
    assert "nDCG@10" in page


def test_the_page_goes_where_it_is_told_and_may_leave_the_code_out(executed: Path, tmp_path: Path) -> None:
    page = report.export_html(executed, tmp_path / "page.html", code=False)

    assert page == tmp_path / "page.html"
    assert "hidden_word" not in page.read_text("utf-8")
    assert "hidden_word" in report.export_html(executed).read_text("utf-8")


def test_a_notebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"absent\.ipynb"):
        report.export_html(tmp_path / "absent.ipynb")
