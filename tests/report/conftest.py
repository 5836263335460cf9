"""Small notebooks written for the test that asks for one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

WriteNotebook = Callable[..., Path]


@pytest.fixture
def write_notebook(tmp_path: Path) -> WriteNotebook:
    """`write_notebook("k = 3  # type: int  # how many", "k + 1")`: parameters, then a headed cell for each source."""

    def write(parameters: str, *sources: str, name: str = "small") -> Path:
        cells = [
            nbformat.v4.new_markdown_cell("# Small\n\nA notebook for a test."),
            nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        ]
        for number, source in enumerate(sources, 1):
            cells += [nbformat.v4.new_markdown_cell(f"## Part {number}"), nbformat.v4.new_code_cell(source)]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write
