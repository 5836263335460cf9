"""`.embed`: one method for every family that gives vectors.

A family says how inputs become ids, and ids become rows; tasks, sizes, order, progress and faults are handled here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jina_notebook import settings
from jina_notebook.errors import InputError, OptionError, TextTooLongError
from jina_notebook.families.inputs import listed, read_items
from jina_notebook.families.model import Model, choose
from jina_notebook.inference.pooling import unit_rows
from jina_notebook.inference.runner import Interrupted, check_memory
from jina_notebook.progress import reporting
from jina_notebook.results import Embeddings, PatchGrid

if TYPE_CHECKING:
    import torch

    from jina_notebook.families.pictures import Picture
    from jina_notebook.protocols import Progress

__all__ = ["EmbeddingModel", "Kind", "Prepared", "pick_sizes", "to_numpy"]

Rows = NDArray[np.float32]


class Kind(NamedTuple):
    """What one call asks for: a task, and which vectors."""

    task: str | None
    multivector: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """One input ready for the network.

    `ids`: what the network sees, int32. `full`: how many there were before truncation. `keep`: for multi-vectors, which
    positions give a vector (None: all). `spans`: for late chunking, `(start, stop)` of every chunk. `picture`: the
    pixels of an image; `patches`: positions of the network that stand for it and have no id. `grid`: rows and columns
    of those among the vectors that are patches of it, and the first one's position.
    """

    ids: NDArray[np.int32]
    full: int
    keep: NDArray[np.bool_] | None = None
    spans: tuple[tuple[int, int], ...] = ()
    picture: Picture | None = None
    patches: int = 0
    grid: PatchGrid | None = None

    @property
    def tokens(self) -> int:
        """How many positions the network sees."""
        return len(self.ids) + self.patches

    @property
    def truncated(self) -> bool:
        return self.full > self.tokens


class EmbeddingModel(Model):
    """Embeds texts as unit vectors."""

    dimensions: tuple[int, ...] = ()
    """Sizes that `embed(dimensions=…)` takes from this checkpoint, ascending; the last is the default."""
    limit: int
    """The most tokens of one input, specials and prompt included."""
    token_dimensions: tuple[int, ...] = ()
    """Sizes of the vectors of `return_multivector=True`."""
    takes_images = False
    """Whether pictures may be embedded, beside texts."""

    def embed(
        self,
        inputs: Any,
        *,
        task: str | None = None,
        dimensions: int | None = None,
        return_multivector: bool = False,
        late_chunking: bool = False,
        truncate: bool = True,
        batch_tokens: int | None = None,
        progress: Progress = None,
    ) -> Embeddings:
        """Unit vectors, float32 `(inputs, dimensions)`; with `return_multivector=True` a list of `(tokens, dims)`.

        `inputs`: a text or a sequence of them, and where the model takes them pictures (PIL images, paths, encoded
        bytes, arrays of pixels); with `late_chunking=True` one document as a list of chunks, or a list of such lists.
        `task`: one of the model's tasks. `truncate=False` makes an input beyond the model's limit an error.
        `batch_tokens`: a budget of tokens computed at once; results do not depend on it.

        Raises `InputError`, `TextTooLongError`, `OptionError`, `InferenceError` (NaN), `MemoryLimitError`.

        >>> jn.load("jina-embeddings-v3").embed("green tea", task="retrieval.query").vectors.shape
        (1, 1024)
        """
        self._check_process()
        kind = Kind(self._task(task), return_multivector, late_chunking)
        size = self._size(dimensions, kind)
        if batch_tokens is not None and (not isinstance(batch_tokens, int) or batch_tokens < 1):
            raise OptionError(f"batch_tokens={batch_tokens!r} is not a number of tokens of 1 or more.")
        if late_chunking:
            documents = self._documents(inputs)
            items: Sequence[Any] = [chunk for document in documents for chunk in document]
            model = f"{self.name} with late_chunking" if self.takes_images else self.name
            chunks = [
                read_items(document, model=model, what=f"document {number}, chunk")
                for number, document in enumerate(documents)
            ]
            prepared = self._prepare_late(chunks, kind)
        else:
            items = listed(inputs)
            prepared = self._prepare(read_items(items, model=self.name, images=self.takes_images), kind)
        if not truncate:
            self._refuse_long(prepared)
        try:
            rows = self._run(prepared, kind, batch_tokens, progress)
        except Interrupted as stop:
            done = prepared[: stop.done]
            count = sum(len(p.spans) for p in done) if late_chunking else stop.done
            stop.partial = self._result(items[:count], done, stop.results, kind, size)
            raise
        return self._result(items, prepared, rows, kind, size)

    # What a family says.

    def _prepare(self, items: Sequence[Any], kind: Kind) -> list[Prepared]:
        raise NotImplementedError

    def _prepare_late(self, documents: Sequence[Sequence[str]], kind: Kind) -> list[Prepared]:
        raise NotImplementedError

    def _rows(self, batch: Sequence[Prepared], kind: Kind) -> list[Rows]:
        """For each prepared input its rows before cutting: `(1, hidden)`, or one per kept token, or one per chunk."""
        raise NotImplementedError

    def _cost(self, one: Prepared, kind: Kind) -> int:
        """Tokens that have to be computed for one input."""
        return max(1, one.tokens)

    def _bytes_per_token(self) -> int:
        """An upper estimate of the activations of one token, for the memory check."""
        raise NotImplementedError

    # What is the same for all.

    def _task(self, task: str | None) -> str | None:
        if task is not None:
            return choose("task", task, self.card.tasks, model=self.name)
        if self.card.needs_task:
            raise OptionError(
                f"{self.name} needs a task, one of {', '.join(self.card.tasks)}.",
                hint=f'For documents use task="{self.card.index_task}", for queries task="{self.card.query_task}"; '
                "a wrong one quietly degrades results.",
            )
        return None

    def _size(self, dimensions: int | None, kind: Kind) -> int:
        if kind.multivector and not self.token_dimensions:
            raise OptionError(
                f"{self.name} gives one vector per input; it has no multi-vectors.",
                hint="Leave out return_multivector, or use jina-colbert-v2 or jina-embeddings-v4.",
            )
        if kind.late and not self.card.late_chunking:
            raise OptionError(
                f"{self.name} has no late chunking.",
                hint="Use jina-embeddings-v3 or jina-embeddings-v4, or embed the chunks one by one.",
            )
        if kind.late and kind.multivector:
            raise OptionError("late_chunking gives one vector per chunk; it does not go with return_multivector.")
        if not kind.multivector and not self.dimensions:
            raise OptionError(
                f"{self.name} gives one vector per token, not one per text.", hint="Pass return_multivector=True."
            )
        return self._allowed(dimensions, self.token_dimensions if kind.multivector else self.dimensions)

    def _allowed(self, dimensions: int | None, sizes: tuple[int, ...]) -> int:
        if dimensions is None:
            return sizes[-1]
        if isinstance(dimensions, (bool, float)) or dimensions not in sizes:
            raise OptionError(
                f"{self.name} has no dimensions={dimensions!r}; allowed: {', '.join(map(str, sizes))}.",
                hint=f"Leave it out for {sizes[-1]}.",
            )
        return int(dimensions)

    def _documents(self, inputs: Any) -> list[list[Any]]:
        """Late chunking's input, one document as a list of chunks or a list of such lists, without empty ones."""
        if isinstance(inputs, str):
            raise InputError(
                "late_chunking takes a document as a list of chunks, and got one text.",
                hint=f"Cut it first: jn.chunk(text, model={self.name!r}).",
            )
        if isinstance(inputs, (Mapping, Set)) or not isinstance(inputs, Iterable):
            raise InputError(f"late_chunking takes a list of chunks, and got {type(inputs).__name__}.")
        outer = list(inputs)
        nested = [not isinstance(one, str) and isinstance(one, Iterable) for one in outer]
        if any(nested) and not all(nested):
            raise InputError(
                f"Entry {nested.index(not nested[0])} of the inputs differs in kind from the first.",
                hint="Give one list of chunks, or a list of such lists.",
            )
        documents = [list(one) for one in outer] if any(nested) else [outer]
        return [document for document in documents if document]

    def _refuse_long(self, prepared: Sequence[Prepared]) -> None:
        for position, one in enumerate(prepared):
            if one.truncated:
                raise TextTooLongError(
                    f"Input {position} has {one.full:,} tokens; {self.name} takes at most {one.tokens:,}.",
                    hint="Cut it with jn.chunk, or pass truncate=True.",
                )

    def _run(
        self, prepared: Sequence[Prepared], kind: Kind, batch_tokens: int | None, progress: Progress
    ) -> list[Rows]:
        lengths = [self._cost(one, kind) for one in prepared]
        if lengths:
            check_memory(min(max(lengths), self.limit), self._bytes_per_token(), self.placement.device)
        with reporting(progress, total=sum(lengths), unit="tokens", label=f"Embedding with {self.name}") as report:
            rows: list[Rows] = self._runner.run(
                lengths,
                lambda group: self._rows([prepared[i] for i in group], kind),
                budget=batch_tokens or settings.current().batch_tokens or None,
                report=report,
            )
        return rows

    def _result(
        self, items: Sequence[Any], prepared: Sequence[Prepared], rows: Sequence[Any], kind: Kind, size: int
    ) -> Embeddings:
        for position, row in enumerate(rows):
            if not np.isfinite(row).all():
                raise self._unusable(f"input {position}")
        unit = [unit_rows(row, size) for row in rows]
        if kind.late:
            counts = [stop - start for p in prepared for start, stop in p.spans]
            truncated = [False] * len(counts)
        else:
            counts, truncated = [p.tokens for p in prepared], [p.truncated for p in prepared]
        return Embeddings(
            vectors=unit if kind.multivector else np.concatenate([np.empty((0, size), np.float32), *unit]),
            model=self.name,
            revision=self.revision,
            task=kind.task,
            dimensions=size,
            token_counts=tuple(counts),
            truncated=tuple(truncated),
            inputs=tuple(items),
            grids=tuple(p.grid for p in prepared) if kind.multivector else (),
            stand_in=self.card.stand_in,
        )


def pick_sizes(listed: Sequence[int], hidden: int) -> tuple[int, ...]:
    """Sizes a checkpoint offers: those listed that it has room for, and its own.

    >>> pick_sizes((32, 64, 1024), 128)
    (32, 64, 128)
    """
    return tuple(sorted({size for size in listed if size <= hidden} | {hidden}))


def to_numpy(rows: torch.Tensor) -> Rows:
    """A float32 array on the CPU."""
    array: Rows = rows.float().cpu().numpy()
    return array
