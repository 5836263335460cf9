"""What every model is: a card, a place to run, and a process it belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InferenceError, OptionError, did_you_mean
from jina_notebook.inference.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path

    from jina_notebook.catalog import ModelCard
    from jina_notebook.families.tokenizer import Tokenizer
    from jina_notebook.inference.placement import Placement

__all__ = ["Model", "Origin", "choose"]


def choose(kind: str, value: str, known: Iterable[str], *, model: str) -> str:
    """`value`, if it is one of `known`.

    Raises `OptionError` that lists what is allowed, with the nearest name.
    """
    known = list(known)
    if value in known:
        return value
    allowed = f"it is one of {', '.join(known)}" if known else "it has none"
    raise OptionError(f"{model} has no {kind} {value!r}; {allowed}.", hint=did_you_mean(value, known) or None)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model comes from and where it runs: its card, the folder of its checkpoint, that one's revision."""

    card: ModelCard
    path: Path
    revision: str
    placement: Placement


class Model:
    """A loaded model. `name`, `revision`, `path`, `device` and `dtype` say which one and where.

    Loaded models may be used from several threads at once, but not in a process forked after loading.
    """

    def __init__(self, origin: Origin, *, tokenizer: Tokenizer) -> None:
        self.card = origin.card
        self.revision = origin.revision
        self.path = origin.path
        self.placement = origin.placement
        self._tokenizer = tokenizer
        self._runner: Runner[Any] = Runner(origin.placement.device)
        self._process = os.getpid()

    @property
    def name(self) -> str:
        """Catalogue name."""
        return self.card.name

    @property
    def device(self) -> str:
        return str(self.placement.device)

    @property
    def dtype(self) -> str:
        return self.placement.dtype_name

    def __repr__(self) -> str:
        stand_in = ", a stand-in: not a Jina model" if self.card.stand_in else ""
        where = f"{self.device} in {self.dtype}"
        return f"<{self.name}{stand_in} on {where}, revision {self.revision[:12]}, {self.card.licence}>"

    def count_tokens(self, text: str) -> int:
        """Tokens of a text alone, without special tokens or prompt."""
        return len(self._tokenizer.plain(text))

    def _unusable(self, what: str) -> InferenceError:
        """NaN or infinity in a result: which input, in which precision, and what to do."""
        exact = self.dtype == "float32"
        return InferenceError(
            f"{self.name} in {self.dtype} gave NaN or infinity for {what}.",
            hint="Its weights are damaged: download them again." if exact else 'Load it with dtype="float32".',
        )

    def _check_process(self) -> None:
        """A forked child shares no threads with its parent: refuse rather than hang."""
        if os.getpid() != self._process:
            raise InferenceError(
                f"{self.name} was loaded in process {self._process} and cannot run in its fork {os.getpid()}.",
                hint='Load the model in the child, or start processes with multiprocessing.get_context("spawn").',
            )
