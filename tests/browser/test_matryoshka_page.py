"""The Matryoshka explorer on a page, driven by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from jina_notebook.widgets.matryoshka import MatryoshkaExplorer
from tests.browser.stage import Stage
from tests.elastic.doubles import WordModel
from tests.widgets.test_trade_offs import corpus

Put = Callable[[Any, str], Stage]


class Spread(WordModel):
    """Sizes whose worth differs, so that there is a curve."""

    def embed(self, inputs: Any, **options: Any) -> Any:
        given = super().embed(inputs, **options)
        judged = corpus(documents=len(inputs))
        rows = judged.documents if len(inputs) > 30 else judged.queries[: len(inputs)]
        object.__setattr__(given, "vectors", rows)
        return given


def explorer_of(metrics: list[str]) -> MatryoshkaExplorer:
    """200 documents, 20 queries with one answer each, four sizes."""
    model = Spread(size=128, sizes=(16, 32, 64, 128))
    documents = [{"_id": f"d{i}", "text": f"text {i}"} for i in range(200)]
    queries = {f"q{i}": f"query {i}" for i in range(20)}
    qrels = {f"q{i}": {f"d{i}": 1} for i in range(20)}
    return MatryoshkaExplorer(queries, qrels, documents, model=model, metrics=metrics)


def test_metric_axis_and_ticks_by_keyboard(stage: Put, theme: str) -> None:
    explorer = explorer_of(["RR@10", "R@10"])
    staged = stage(explorer, "matryoshka")
    page = staged.page

    expect(page.get_by_role("img")).to_have_attribute(
        "aria-label", f"RR@10 by bytes per document; knee at {told(explorer, 'RR@10')}"
    )
    staged.shot(f"matryoshka-{theme}")
    assert staged.violations() == []

    page.get_by_label("Shown").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("img")).to_have_attribute(
        "aria-label", f"R@10 by bytes per document; knee at {told(explorer, 'R@10')}"
    )
    page.get_by_label("by", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("img")).to_have_attribute(
        "aria-label", f"R@10 by dimensions; knee at {told(explorer, 'R@10')}"
    )

    page.get_by_label("Select 128 float").focus()
    page.keyboard.press("Space")
    staged.pump()
    assert explorer.metric == "R@10"
    assert explorer.selection["dimensions"].tolist() == [128]

    page.get_by_label("Metrics").fill("P@1")
    page.keyboard.press("Enter")
    staged.pump()
    expect(page.get_by_role("columnheader", name="P@1")).to_be_visible()
    staged.shot(f"matryoshka-dimensions-{theme}")
    assert staged.violations() == []


def told(explorer: MatryoshkaExplorer, metric: str) -> str:
    row = explorer.trade_offs.iloc[explorer.knees[metric]]
    return f"{row['dimensions']} dimensions, {row['precision']}"
