"""How notebooks become pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.docs.pages import script

sheets = script("docs_notebooks").sheets
contents = script("docs_notebooks").contents


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks" / "20-workflows"
    folder.mkdir(parents=True)
    cells = [
        nbformat.v4.new_markdown_cell(
            "# A title\n\nWhat it gives. And more, [there](../../docs/guide.md).", id="title"
        ),
        nbformat.v4.new_code_cell("1 + 1", id="sum"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "one.ipynb")
    return tmp_path / "notebooks"


def executed(notebooks: Path, folder: Path, outputs: list[Any], **parameters: str) -> Path:
    """A run's file, as papermill leaves it."""
    node = nbformat.read(notebooks / "20-workflows" / "one.ipynb", as_version=4)
    injected = nbformat.v4.new_code_cell("k = 1", metadata={"tags": ["injected-parameters"]})
    node.cells[1].outputs = [nbformat.from_dict(output) for output in outputs]
    node.cells.insert(1, injected)
    node.metadata["papermill"] = {"parameters": parameters}
    node.metadata["widgets"] = {"state": {}}
    folder.mkdir(exist_ok=True)
    nbformat.write(node, folder / "one.ipynb")
    return folder


def result(**data: Any) -> dict[str, Any]:
    bundle = {key.replace("_", "/"): value for key, value in data.items()}
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": bundle}


def test_a_run_of_the_same_source_is_shown_without_what_needs_a_kernel(notebooks: Path, tmp_path: Path) -> None:
    view = result(text_plain="2", text_html="<b>2</b>")
    view["data"]["application/vnd.jupyter.widget-view+json"] = {"model_id": "x"}
    folder = executed(notebooks, tmp_path / "output", [view], weights="auto")

    (sheet,) = sheets(notebooks, [folder])
    page = json.loads(sheet.text())

    assert sheet.run_with == "auto"
    assert page["cells"][-1]["outputs"][0]["data"] == {"text/plain": "2", "text/html": "<b>2</b>"}
    assert [cell["id"] for cell in page["cells"]] == ["title", "sum"]
    assert "widgets" not in page["metadata"]


def test_a_run_with_miniatures_says_that_its_figures_mean_nothing(notebooks: Path, tmp_path: Path) -> None:
    (sheet,) = sheets(notebooks, [executed(notebooks, tmp_path / "output", [result(text_plain="2")], weights="tiny")])

    assert "the\nfigures mean nothing" in json.loads(sheet.text())["cells"][1]["source"]
    assert "| of miniatures |" in contents([sheet])


def test_a_notebook_that_was_never_run_or_has_changed_or_failed_has_no_outputs(notebooks: Path, tmp_path: Path) -> None:
    (never,) = sheets(notebooks, [tmp_path])
    failed = {"output_type": "error", "ename": "E", "evalue": "no", "traceback": []}
    (broken,) = sheets(notebooks, [executed(notebooks, tmp_path / "broken", [failed])])
    folder = executed(notebooks, tmp_path / "output", [result(text_plain="2")])
    source = notebooks / "20-workflows" / "one.ipynb"
    source.write_text(source.read_text("utf-8").replace("1 + 1", "1 + 2"), "utf-8")
    (changed,) = sheets(notebooks, [folder])

    for sheet in (never, broken, changed):
        page = json.loads(sheet.text())
        assert sheet.run_with is None
        assert page["cells"][-1]["outputs"] == []
        assert "without outputs" in page["cells"][1]["source"]


def test_the_first_folder_that_has_a_current_run_is_taken(notebooks: Path, tmp_path: Path) -> None:
    first = executed(notebooks, tmp_path / "first", [result(text_plain="one")])
    second = executed(notebooks, tmp_path / "second", [result(text_plain="two")])

    (sheet,) = sheets(notebooks, [tmp_path / "none", first, second])

    assert json.loads(sheet.text())["cells"][-1]["outputs"][0]["data"] == {"text/plain": "one"}


def test_the_page_that_lists_them_has_title_promise_and_link(notebooks: Path, tmp_path: Path) -> None:
    page = contents(list(sheets(notebooks, [tmp_path])))

    assert "## Workflows" in page
    assert "| [A title](notebooks/20-workflows/one.ipynb) | What it gives. | none |" in page
    assert "\nnotebooks/20-workflows/one.ipynb\n" in page


def test_links_of_notebooks_to_pages_lead_there_in_the_site(notebooks: Path, tmp_path: Path) -> None:
    (sheet,) = sheets(notebooks, [tmp_path])

    assert "[there](../../guide.md)" in json.loads(sheet.text())["cells"][0]["source"]


def test_the_home_folder_of_the_one_who_ran_it_is_not_published(
    notebooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    said = result(text_plain="in /home/somebody/.cache/huggingface")

    (sheet,) = sheets(notebooks, [executed(notebooks, tmp_path / "output", [said])])

    assert json.loads(sheet.text())["cells"][-1]["outputs"][0]["data"]["text/plain"] == "in ~/.cache/huggingface"
