"""The models of one server, found by `name` or `name@task`, and what they are asked to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import did_you_mean
from jina_notebook.serving.batching import Job, Observe, Worker
from jina_notebook.serving.faults import Fault
from jina_notebook.serving.limits import Limits

__all__ = ["Asked", "Models", "Served", "Vectors", "embedding_job", "single_job", "text_cost"]

PICTURE_COST = 4096  # characters that a picture counts as
CPU = "cpu"
ACCELERATED = 16  # how much larger the steps are where the model is not on a CPU


class Asked(NamedTuple):
    """What has to be the same for inputs to be embedded together."""

    task: str | None
    dimensions: int | None
    multivector: bool = False
    late: bool = False
    truncate: bool = True


class Vectors(NamedTuple):
    """What one unit gives: float32 `(rows, dimensions)`, and how many tokens the network saw."""

    rows: NDArray[np.float32]
    tokens: int


@dataclass(frozen=True, slots=True)
class Served:
    """One model, its thread, and the name and task that a request asked for."""

    model: Any
    worker: Worker
    task: str | None = None

    @property
    def name(self) -> str:
        """Catalogue name."""
        return str(self.model.name)

    @property
    def query(self) -> bool:
        """Whether the task is that of a search, or the model has none to tell by."""
        card = self.model.card
        return self.task == card.query_task if self.task else card.index_task is None

    def can(self, method: str, *, other: str) -> None:
        """Raises `Fault` 400 where the model has no such method; `other` says what has."""
        if not hasattr(self.model, method):
            raise Fault(400, f"{self.name} cannot {method}; {other}.", code="wrong_model", param="model")

    def describe(self) -> dict[str, Any]:
        """What `/v1/models` says of it."""
        card = self.model.card
        abilities = [name for name in ("embed", "rerank", "read", "ask") if hasattr(self.model, name)]
        return {
            "id": self.name,
            "object": "model",
            "created": 0,
            "owned_by": card.hub_id.partition("/")[0],
            "revision": self.model.revision,
            "abilities": abilities,
            "tasks": list(card.tasks),
            "dimensions": list(getattr(self.model, "dimensions", ())),
        }


class Models:
    """The served models. Nothing is loaded or fetched for a request."""

    def __init__(self, models: Sequence[Any], limits: Limits, *, observe: dict[str, Observe] | None = None) -> None:
        self._served: dict[str, Served] = {}
        for model in models:
            larger = 1 if str(getattr(model, "device", CPU)) == CPU else ACCELERATED
            sized = Limits(jobs=limits.jobs, waiting=limits.waiting, step=limits.step * larger)
            worker = Worker(model.name, sized, observe=(observe or {}).get(model.name))
            self._served[model.name] = Served(model, worker)

    def __iter__(self) -> Iterator[Served]:
        return iter(self._served.values())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._served)

    def find(self, asked: str, task: str | None = None) -> Served:
        """The model of `"name"` or `"name@task"`; `task` is the one that the request names besides.

        Raises `Fault`: 404 for a model that is not served, 400 for a task that it does not have or two that differ.
        """
        name, _, suffix = asked.partition("@")
        served = self._served.get(name)
        if served is None:
            near = did_you_mean(name, self._served)
            raise Fault(
                404,
                f"There is no model {name!r} on this server; {near or 'it serves ' + ', '.join(self._served) + '.'}",
                code="model_not_found",
                param="model",
            )
        if suffix and task is not None and suffix != task:
            raise Fault(
                400, f"The model says task {suffix!r} and the request {task!r}.", code="invalid_value", param="task"
            )
        task = suffix or task
        card = served.model.card
        if task is not None and task not in card.tasks:
            allowed = f"it is one of {', '.join(card.tasks)}" if card.tasks else "it has none"
            raise Fault(400, f"{name} has no task {task!r}; {allowed}.", code="invalid_value", param="task")
        return Served(served.model, served.worker, task)

    def close(self, *, timeout_s: float) -> None:
        """Ends every model's thread."""
        for served in self:
            served.worker.close(timeout_s=timeout_s)


def text_cost(unit: Any) -> int:
    """Characters that a unit counts as.

    >>> text_cost(["green", "tea"])
    8
    """
    if isinstance(unit, str):
        return max(1, len(unit))
    return sum(map(text_cost, unit)) if isinstance(unit, list | tuple) else PICTURE_COST


def embedding_job(served: Served, units: Sequence[Any], asked: Asked) -> Job:
    """A job whose results are `Vectors`, one per input; with late chunking one per document, a list of chunks."""

    def run(together: Sequence[Any]) -> list[Vectors]:
        found = served.model.embed(
            list(together),
            task=asked.task,
            dimensions=asked.dimensions,
            return_multivector=asked.multivector,
            late_chunking=asked.late,
            truncate=asked.truncate,
            progress=False,
        )
        sizes = [len(unit) for unit in together] if asked.late else [1] * len(together)
        counts, start, results = list(found.token_counts), 0, []
        for position, size in enumerate(sizes):
            stop = start + size
            rows = found.vectors[position] if asked.multivector else found.vectors[start:stop]
            results.append(Vectors(rows, sum(counts[start:stop])))
            start = stop
        return results

    # positions in errors are those of one call, so what may be refused by position stays together
    whole = asked.late or not asked.truncate
    return Job(run, units, [text_cost(unit) for unit in units], key=(served.name, asked), whole=whole)


def single_job(run: Any, cost: int) -> Job:
    """A job of one call that is shared with nobody: `run()` gives its only result."""
    return Job(lambda _: [run()], (None,), (max(1, cost),))
