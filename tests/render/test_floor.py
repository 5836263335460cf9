"""Rendering stands below everything that is rendered."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import jina_notebook.render

FILES = sorted(Path(jina_notebook.render.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_render_imports_nothing_of_the_package_but_itself(path: Path) -> None:
    imports = [node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    ours = [module for module in imports if module.startswith("jina_notebook")]
    assert all(module.startswith("jina_notebook.render") for module in ours)
