from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook import report
from jina_notebook.errors import InputError


def _runs(count: int, *, failed: int | None = None) -> list[report.Past]:
    def past(i: int) -> report.Past:
        failure = "ThresholdError: crossed" if i == failed else None
        recorded = report.Recorded(metrics={"nDCG": 0.5 + i / 1000, "way": "hybrid"}, failure=failure)
        when = f"2026-{10 + i // 28:02d}-{i % 28 + 1:02d}T03:00:00+00:00"
        return report.Past(path=Path(f"{i}.ipynb"), recorded_at=when, recorded=recorded)

    return [past(i) for i in range(count)]


def test_each_run_is_a_point_and_this_run_is_the_last() -> None:
    figure = report.trend(_runs(3), ["nDCG"], now={"nDCG": 0.6}, y="nDCG@10")

    axes = figure.axes[0]
    (line,) = axes.get_lines()
    assert list(line.get_xdata()) == [1, 2, 3, 4]
    assert line.get_ydata()[-1] == 0.6
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["Oct 01 03:00", "Oct 02 03:00", "Oct 03 03:00", "this run"]
    assert "nDCG@10" in figure.alt_text  # type: ignore[attr-defined]


def test_a_run_that_failed_is_marked() -> None:
    figure = report.trend(_runs(3, failed=1), ["nDCG"], now=report.metrics({"nDCG": 0.6}), y="nDCG@10")

    marks = [line for line in figure.axes[0].get_lines() if list(line.get_xdata()) == [2, 2]]
    assert len(marks) == 1


def test_many_runs_are_cut_to_the_last_and_not_all_are_named() -> None:
    figure = report.trend(_runs(80), ["nDCG"], now={"nDCG": 0.6}, y="nDCG@10")

    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert len(axes.get_lines()[0].get_xdata()) == 61
    assert 2 <= len(labels) <= 9
    assert labels[-1] == "this run"


def test_a_metric_that_some_runs_lack_has_a_point_where_it_is() -> None:
    figure = report.trend(_runs(2), ["nDCG", "new"], now={"nDCG": 0.6, "new": 3}, y="value")

    assert [list(line.get_xdata()) for line in figure.axes[0].get_lines()] == [[1, 2, 3], [3]]


def test_metrics_that_no_run_has_as_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="No run has a number for way, absent"):
        report.trend(_runs(2), ["way", "absent"], now={"way": "hybrid"}, y="value")
