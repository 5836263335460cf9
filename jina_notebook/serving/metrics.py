"""Figures of one server for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
INPUTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """Counters and histograms in a registry of their own, so that two servers in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "jina_requests", "Requests by path and status", ("path", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "jina_request_seconds", "Time to answer", ("path",), buckets=SECONDS, registry=self._registry
        )
        self._inputs = Counter("jina_inputs", "Inputs computed", ("model",), registry=self._registry)
        self._tokens = Counter("jina_tokens", "Tokens that the network saw", ("model",), registry=self._registry)
        self._step_inputs = Histogram(
            "jina_step_inputs", "Inputs computed together", ("model",), buckets=INPUTS, registry=self._registry
        )
        self._step_seconds = Histogram(
            "jina_step_seconds", "Time of one step of a model", ("model",), buckets=SECONDS, registry=self._registry
        )
        self._waiting = Gauge(
            "jina_waiting_requests", "Requests waiting or being computed", ("model",), registry=self._registry
        )

    def request(self, path: str, status: int, seconds: float) -> None:
        """Counts an answer."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def tokens(self, model: str, count: int) -> None:
        """Counts tokens."""
        self._tokens.labels(model).inc(count)

    def step(self, model: str) -> Callable[[int, float], None]:
        """What a model's thread tells of every step: inputs and seconds."""
        inputs = self._inputs.labels(model)
        sizes, seconds = self._step_inputs.labels(model), self._step_seconds.labels(model)

        def observe(count: int, took: float) -> None:
            inputs.inc(count)
            sizes.observe(count)
            seconds.observe(took)

        return observe

    def watch(self, model: str, waiting: Callable[[], int]) -> None:
        """Asks `waiting` whenever the figures are read."""
        self._waiting.labels(model).set_function(waiting)

    def text(self) -> Any:
        """All figures in Prometheus' text format, bytes."""
        return generate_latest(self._registry)
