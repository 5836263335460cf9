from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook import report
from jina_notebook.errors import InputError, OptionError, ReportError, ThresholdError


def _past(**metrics: str | int | float | bool) -> report.Past:
    when = "2026-11-24T03:00:00+00:00"
    return report.Past(path=Path("out/a.ipynb"), recorded_at=when, recorded=report.Recorded(metrics=metrics))


def test_figures_within_their_limits_hold_and_show_what_moved() -> None:
    verdict = report.compare(
        {"nDCG@10": 0.48, "documents": 342},
        _past(**{"nDCG@10": 0.5, "documents": 340}),
        {"nDCG@10": report.Limit(drop=0.02)},
    )

    assert verdict.held
    verdict.check()
    shown = str(verdict)
    assert "The limit holds" in shown
    assert "2026-11-24T03:00:00+00:00, a.ipynb" in shown
    assert "−0.0200" in shown
    assert "+2" in shown
    assert "drop 0.02" in shown


def test_every_limit_that_was_crossed_is_named_in_one_error() -> None:
    limits = {
        "hybrid nDCG@10": report.Limit(drop=0.02),
        "hybrid p50 ms": report.Limit(rise=1, relative=True),
        "without a vector": report.Limit(at_most=0),
        "best": report.Limit(at_least=0.9),
    }
    before = _past(**{"hybrid nDCG@10": 0.5, "hybrid p50 ms": 10, "without a vector": 3, "best": 0.95})
    now = {"hybrid nDCG@10": 0.47, "hybrid p50 ms": 21.5, "without a vector": 3, "best": 0.8}

    verdict = report.compare(now, before, limits)
    with pytest.raises(ThresholdError) as caught:
        verdict.check(hint="Look.")

    assert caught.value.message == (
        "4 thresholds were crossed since the run of 2026-11-24T03:00:00+00:00: "
        "hybrid nDCG@10 fell from 0.5000 to 0.4700, by more than 0.02; "
        "hybrid p50 ms rose from 10 to 21.50, by more than 100%; "
        "without a vector is 3, above 0; best is 0.8000, below 0.9."
    )
    assert caught.value.hint == "Look."
    assert isinstance(caught.value, ReportError)
    assert not verdict.held
    assert str(verdict).count("CROSSED") == 4


@pytest.mark.parametrize(
    ("limit", "before", "now", "crossed"),
    [
        (report.Limit(drop=0.02), 0.50, 0.48, False),
        (report.Limit(drop=0.02), 0.50, 0.479, True),
        (report.Limit(drop=0.02), 0.50, 0.9, False),
        (report.Limit(rise=5), 10, 15, False),
        (report.Limit(rise=5), 10, 15.1, True),
        (report.Limit(drop=0.1, relative=True), 200, 180, False),
        (report.Limit(drop=0.1, relative=True), 200, 179, True),
        (report.Limit(rise=0.5, relative=True), -2.0, -1.0, False),
        (report.Limit(drop=0), 3, 3, False),
        (report.Limit(at_least=0.3), None, 0.3, False),
        (report.Limit(at_least=0.3), None, 0.29, True),
        (report.Limit(drop=0.01), None, 0.1, False),
    ],
)
def test_a_limit_is_crossed_beyond_its_amount_and_not_at_it(
    limit: report.Limit, before: float | None, now: float, crossed: bool
) -> None:
    past = None if before is None else _past(m=before)

    assert report.compare({"m": now}, past, {"m": limit}).held is not crossed


def test_a_first_run_says_that_there_was_none_before_it() -> None:
    verdict = report.compare({"a": 1}, None, {"a": report.Limit(drop=0.1)})

    assert verdict.held
    assert "no earlier run of this kind" in str(verdict)
    assert "new, holds" in str(verdict)


def test_metrics_that_are_new_gone_or_texts_stand_in_the_table_too() -> None:
    verdict = report.compare(
        report.metrics({"best way": "hybrid", "new one": 2}), _past(**{"best way": "lexical", "gone": 0.25}), {}
    )

    rows = {row.name: row for row in verdict.rows}
    assert rows["new one"].state == "new"
    assert rows["gone"].state == "no longer recorded"
    assert "another" in str(verdict)
    assert "No limits" in str(verdict)


def test_a_limit_of_a_metric_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(OptionError, match="limit for 'hybird'") as caught:
        report.compare({"hybrid": 1}, None, {"hybird": report.Limit(drop=1)})
    assert caught.value.hint == "did you mean hybrid?"

    with pytest.raises(InputError, match="'best way', which is 'hybrid' and no number"):
        report.compare({"best way": "hybrid"}, None, {"best way": report.Limit(drop=1)})


@pytest.mark.parametrize(
    "options",
    [{}, {"relative": True}, {"drop": -0.1}, {"rise": float("nan")}, {"at_least": float("inf")}, {"drop": True}],
)
def test_a_limit_that_limits_nothing_or_is_no_number_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(InputError, match="limit"):
        report.Limit(**options)  # type: ignore[arg-type]


def test_a_verdict_shows_in_a_page_with_its_names_escaped() -> None:
    html = report.compare({"<b>": 1}, None, {"<b>": report.Limit(at_most=0)})._repr_html_()

    assert "&lt;b&gt; is 1, above 0." in html
    assert "<b>" not in html
