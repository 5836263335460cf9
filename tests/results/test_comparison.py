"""Two runs against each other, and the significance of their difference."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from jina_notebook.errors import OptionError
from jina_notebook.results import Evaluation
from jina_notebook.results.comparison import randomisation_test


def evaluation(**runs: list[float]) -> Evaluation:
    per_query = {
        run: {"nDCG@10": {f"q{place}": value for place, value in enumerate(values)}} for run, values in runs.items()
    }
    metrics = {run: {"nDCG@10": float(np.mean(values))} for run, values in runs.items()}
    return Evaluation(metrics=metrics, per_query=per_query, queries=len(next(iter(runs.values()))))


def test_deltas_are_second_minus_first_per_query() -> None:
    result = evaluation(lexical=[0.5, 1.0, 0.0], vector=[1.0, 0.75, 0.0])
    assert result.deltas("lexical", "vector") == {"q0": 0.5, "q1": -0.25, "q2": 0.0}
    comparison = result.compare("lexical", "vector", "nDCG@10")
    assert comparison.delta == pytest.approx(0.25 / 3)
    assert (comparison.wins, comparison.ties, comparison.losses) == (1, 1, 1)


def test_equal_runs_have_p_1() -> None:
    assert evaluation(a=[0.3, 0.4], b=[0.3, 0.4]).compare("a", "b").p_value == 1.0


def test_a_few_queries_are_tested_exactly() -> None:
    assert randomisation_test(np.array([0.1, 0.2, 0.3])) == 2 / 8
    assert randomisation_test(np.array([0.1, 0.2, -0.3])) == 1.0
    assert randomisation_test(np.array([0.5, 0.0, 0.0])) == 1.0


def test_many_queries_agree_with_scipy_s_permutation_test_and_with_themselves() -> None:
    deltas = np.random.default_rng(5).normal(0.05, 0.2, size=60)
    expected = stats.permutation_test(
        (deltas,), np.mean, permutation_type="samples", n_resamples=50_000, rng=np.random.default_rng(1)
    ).pvalue
    assert randomisation_test(deltas) == pytest.approx(expected, abs=0.01)
    assert randomisation_test(deltas) == randomisation_test(deltas)


def test_exact_and_drawn_tests_agree_where_both_are_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    deltas = np.random.default_rng(8).normal(0.1, 0.2, size=12)
    exact = randomisation_test(deltas)
    monkeypatch.setattr("jina_notebook.results.comparison.EXACT", 0)
    assert randomisation_test(deltas) == pytest.approx(exact, abs=0.01)


def test_direction_does_not_change_p() -> None:
    result = evaluation(a=[0.1, 0.5, 0.2, 0.9], b=[0.4, 0.6, 0.2, 0.7])
    assert result.compare("a", "b").p_value == result.compare("b", "a").p_value


def test_the_frame_lists_queries_from_the_largest_gain() -> None:
    frame = evaluation(a=[0.5, 1.0, 0.0], b=[1.0, 0.75, 0.0]).compare("a", "b").to_frame()
    assert list(frame.index) == ["q0", "q2", "q1"]
    assert list(frame["delta"]) == [0.5, 0.0, -0.25]


def test_it_shows_means_wins_and_the_queries_that_differ() -> None:
    text = repr(evaluation(a=[0.5, 1.0, 0.0], b=[1.0, 0.75, 0.0]).compare("a", "b"))
    assert "b against a by nDCG@10" in text
    assert "1, 1, 1" in text
    assert "q0" in text
    assert "q2" not in text


def test_a_p_value_too_small_to_show_is_not_shown_as_zero() -> None:
    assert "below 0.0001" in repr(evaluation(a=[0.0] * 40, b=[1.0] * 40).compare("a", "b"))


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("a", "vectr", None), "no run 'vectr'; it has a, vector", "Did you mean vector?"),
        (("zzz", "a", None), "no run 'zzz'", "Name one of its runs."),
        (("a", "vector", "nDCG@5"), "no metric 'nDCG@5'; it has nDCG@10", "Did you mean nDCG@10?"),
    ],
)
def test_an_unknown_run_or_metric_is_refused(arguments: tuple[str, str, str | None], message: str, hint: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        evaluation(a=[0.1], vector=[0.2]).compare(*arguments)
    assert caught.value.hint == hint


def test_latencies_of_runs_carried_out_here_are_shown_in_milliseconds() -> None:
    latency = {"vector": {"queries": 60.0, "mean": 0.01, "p50": 0.0123, "p99": 0.0456, "max": 0.05}}
    shown = Evaluation(metrics={"vector": {"AP": 0.5}}, per_query={}, queries=60, latency=latency)
    assert "12.3" in repr(shown)
    assert "45.6" in repr(shown)
