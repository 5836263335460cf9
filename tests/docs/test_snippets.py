"""Every recipe of how-to.md runs, with miniatures in the place of weights and a real Elasticsearch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook import loading
from jina_notebook.catalog import ModelCard
from jina_notebook.elastic import connection
from jina_notebook.families.weights import choose_weights
from tests.docs.pages import blocks, read, sections

OPENING = blocks(read("how-to.md").partition("\n## ")[0], "python")
RECIPES = [(title, found) for title, text in sections(read("how-to.md")) if (found := blocks(text, "python"))]
pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def miniatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are loaded as miniatures of the same architecture."""
    locate = loading._locate

    def located(card: ModelCard, path: Any, revision: str | None) -> tuple[Path, str]:
        own = None if card.stand_in else choose_weights(card.name, weights="tiny").path
        return locate(card, path or own, revision)

    monkeypatch.setattr(loading, "_locate", located)


@pytest.fixture(autouse=True)
def own_indices(monkeypatch: pytest.MonkeyPatch, elasticsearch_url: str, index_name: str) -> Iterator[str]:
    """The names in the recipes stand for indices of this test only."""
    monkeypatch.setattr(connection, "_known", {})
    jn.connect(elasticsearch_url)
    yield index_name
    for known in connection.connections():
        known.close()
    jn.unload()


class OwnNames(ast.NodeTransformer):
    """Puts the test's prefix before every text that is the name of an index."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called in {"index", "search", "more_like", "compare_indices"}:
            node.args[1] = ast.fix_missing_locations(self._renamed(node.args[1]))
        return node

    def _renamed(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.List):
            return ast.List([self._renamed(one) for one in node.elts], ast.Load())
        assert isinstance(node, ast.Constant)
        return ast.copy_location(ast.Constant(f"{self.prefix}-{node.value}"), node)


@pytest.mark.parametrize(("title", "found"), RECIPES, ids=[title for title, _ in RECIPES])
def test_the_recipe_runs(title: str, found: list[str], own_indices: str) -> None:
    names: dict[str, Any] = {}
    ran = 0
    for source in (*OPENING, *found):
        tree = OwnNames(own_indices).visit(ast.parse(source))
        exec(compile(ast.fix_missing_locations(tree), f"how-to.md, {title}", "exec"), names)  # noqa: S102 - the recipes are ours
        ran += len(tree.body)

    assert ran > 2
    assert names["jn"] is jn
