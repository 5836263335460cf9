"""Static pictures of the widgets: what is written in them can be read."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.text import Text

from jina_notebook.widgets.figures import rank_lines

STAGES = ["lexical", "vector", "result"]


@pytest.mark.parametrize(("count", "lowest"), [(2, 3), (6, 50), (10, 100), (20, 400)])
def test_names_beside_the_lines_lie_apart_however_long_the_axis(count: int, lowest: int) -> None:
    ranks = {f"document-{i}": {"lexical": lowest - i, "vector": i + 1, "result": i + 1} for i in range(count)}

    figure = rank_lines(ranks, STAGES)

    figure.canvas.draw()
    names = [Text.get_window_extent(text) for text in figure.axes[0].texts]  # without the line to it
    assert len(names) == count
    assert not [pair for pair in combinations(names, 2) if pair[0].y0 + 1 < pair[1].y1 and pair[1].y0 + 1 < pair[0].y1]
    assert all(figure.bbox.y0 <= name.y0 and name.y1 <= figure.bbox.y1 for name in names)


def test_a_document_that_left_early_is_named_where_its_line_ends() -> None:
    figure = rank_lines({"kept": {"lexical": 2, "result": 1}, "lost": {"lexical": 1, "vector": 4}}, STAGES)

    ends = {text.get_text(): text.xy for text in figure.axes[0].texts}
    assert ends == {"kept": (2, 1), "lost": (1, 4)}
