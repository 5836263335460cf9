"""What every worker is told once: the model, what is stored of it, and where."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from jina_notebook.cards import ModelCard
from jina_notebook.elastic.mapping import reserved_fields
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.plan import Columns
from jina_notebook.elastic.wanted import Model
from jina_notebook.elastic.work import Work
from jina_notebook.errors import OptionError
from jina_notebook.results import IndexReport
from jina_notebook.scale.cluster import Share

__all__ = ["Job", "ModelPlace", "Sink", "Store", "named_model"]


class Store(Protocol):
    """Where a worker puts the vectors of a block."""

    def store(self, work: Work) -> IndexReport:
        """Reads, embeds and stores one block."""
        ...


class Sink(Protocol):
    """What travels to a worker, and opens the store there."""

    def opened(self) -> Store: ...


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """How a worker loads the model: a catalogue name at a revision, or a folder that every machine sees.

    `prepacked`: whether weights are reordered where it is loaded here, which decides the last bits; None: not loaded.
    """

    name: str
    path: str | None
    revision: str
    device: str
    dtype: str
    prepacked: bool | None = None

    @classmethod
    def of(cls, model: Model, *, num_gpus: float, dtype: str) -> ModelPlace:
        """Where the model is loaded here, its own folder and dtype; by name, the pinned revision."""
        loaded: Any = model.loaded
        path = None
        if loaded is not None:
            dtype = getattr(loaded, "dtype", dtype)
            folder = getattr(loaded, "path", None)
            # a snapshot of the hub lies in a folder of its revision's name; every machine fetches its own
            if folder is not None and not model.card.stand_in and Path(folder).name != loaded.revision:
                path = os.fspath(folder)
        device = "cuda" if num_gpus else "cpu"
        same = device == "cpu" == str(getattr(loaded, "device", ""))
        return cls(model.card.name, path, model.revision, device, dtype, _prepacks(dtype) if same else None)

    def load(self) -> Any:
        """The model, in this process."""
        from jina_notebook.loading import load

        if self.prepacked is not None:
            _follow(self.dtype, self.prepacked)
        revision = None if self.path is None and self.revision == "local" else self.revision
        return load(self.name, path=self.path, revision=revision, device=self.device, dtype=self.dtype)


def _prepacks(dtype: str) -> bool:
    import torch

    from jina_notebook.inference.linear import prepacks

    return prepacks(torch.device("cpu"), getattr(torch, dtype))


def _follow(dtype: str, choice: bool) -> None:
    import torch

    from jina_notebook.inference.linear import pin_prepacking

    pin_prepacking(torch.device("cpu"), getattr(torch, dtype), choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run. `lines`: blocks hold lines of JSON. `threads`: what a worker computes with."""

    version: str
    model: ModelPlace
    meta: IndexMeta
    columns: Columns
    sink: Sink
    lines: bool
    threads: int
    prose: bool = True
    stand_in: bool = False

    @classmethod
    def of(
        cls, named: Model, wanted: IndexMeta, columns: Columns, sink: Sink, *, lines: bool, share: Share, dtype: str
    ) -> Job:
        """A run of that model on its share of a cluster; documents may not bring along what the model fills."""
        return cls(
            version=wanted.version,
            model=ModelPlace.of(named, num_gpus=share.num_gpus, dtype=dtype),
            meta=wanted,
            columns=replace(columns, reserved=reserved_fields(wanted, but=None)),
            sink=sink,
            lines=lines,
            threads=max(1, int(share.num_cpus)),
            prose=named.card.modalities[0] == "text",
            stand_in=named.card.stand_in,
        )


def named_model(model: Any, card: ModelCard, dtype: str) -> Model:
    """The model by its facts, and itself where it was loaded; nothing is loaded here.

    Raises `OptionError` for an unknown dtype, and for one beside a loaded model.
    """
    from jina_notebook.inference.placement import check_names

    check_names("auto", dtype)
    if isinstance(model, str):
        return Model(card)
    if dtype != "auto":
        raise OptionError(
            f"dtype={dtype!r} goes with a model's name, and this one is loaded.",
            hint=f"Load it with jn.load({card.name!r}, dtype={dtype!r}).",
        )
    return Model(card, model)
