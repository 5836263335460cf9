"""How long queries took."""

from __future__ import annotations

import pytest

from jina_notebook.errors import InputError
from jina_notebook.evaluation import latency_summary


def test_percentiles_of_a_hundred_and_one_queries_are_the_values_at_their_places() -> None:
    summary = latency_summary(value / 1000 for value in reversed(range(101)))
    assert summary == pytest.approx({"queries": 101, "mean": 0.05, "p50": 0.05, "p99": 0.099, "max": 0.1})


def test_a_single_query_is_every_percentile() -> None:
    assert latency_summary([0.25]) == {"queries": 1.0, "mean": 0.25, "p50": 0.25, "p99": 0.25, "max": 0.25}


@pytest.mark.parametrize(
    ("values", "message"),
    [([], "there are no latencies"), ([0.1, -1.0], "latency #1 is -1.0"), ([float("nan")], "latency #0 is nan")],
)
def test_what_is_no_length_of_time_is_refused(values: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        latency_summary(values)
