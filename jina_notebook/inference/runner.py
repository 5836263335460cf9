"""Runs packs in order: windows, progress, interrupts that lose nothing, and memory that runs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import torch

from jina_notebook.errors import MemoryLimitError
from jina_notebook.inference.packing import fill, windows

if TYPE_CHECKING:
    from jina_notebook.progress import Reporter

__all__ = ["DEFAULT_BUDGET", "Interrupted", "Runner", "check_memory"]

T = TypeVar("T")

DEFAULT_BUDGET = {"cpu": 2048, "mps": 4096, "cuda": 65536}  # tokens a pack holds; best on CPU is 1,024 to 2,048
SMALLEST_BUDGET = 64


class Interrupted(KeyboardInterrupt):
    """An interrupt that kept what was finished.

    `done` inputs, from the first on, are complete; `partial` holds their result.
    """

    def __init__(self, done: int, total: int, results: Sequence[object]) -> None:
        super().__init__(
            f"Interrupted after {done:,} of {total:,} inputs: their result is in .partial; go on with inputs[{done}:]."
        )
        self.done = done
        self.results = results
        self.partial: object = None


class Runner(Generic[T]):
    """Remembers the token budget that fits this device: an out-of-memory error halves it and the work goes on."""

    def __init__(self, device: torch.device) -> None:
        self.budget = DEFAULT_BUDGET.get(device.type, 2048)

    def run(
        self,
        lengths: Sequence[int],
        forward: Callable[[list[int]], Sequence[T]],
        *,
        budget: int | None,
        report: Reporter,
    ) -> list[T]:
        """Results in the order of the inputs. `forward` takes the positions of one pack and gives a result for each.

        Raises `Interrupted` (a `KeyboardInterrupt`) with the finished prefix, `MemoryLimitError` where one input alone
        does not fit.
        """
        results: list[T | None] = [None] * len(lengths)
        done = 0
        try:
            for window in windows(lengths, budget or self.budget):
                for group in fill([lengths[i] for i in window], budget or self.budget):
                    members = [window.start + i for i in group]
                    for member, result in zip(members, self._halving(members, lengths, forward), strict=True):
                        results[member] = result
                    report.advance(sum(lengths[i] for i in members))
                done = window.stop
        except KeyboardInterrupt:
            raise Interrupted(done, len(lengths), results[:done]) from None
        return results  # type: ignore[return-value]  # every place was filled above

    def _halving(
        self, members: list[int], lengths: Sequence[int], forward: Callable[[list[int]], Sequence[T]]
    ) -> list[T]:
        try:
            return list(forward(members))
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            if len(members) == 1:
                raise MemoryLimitError(
                    f"One input of {lengths[members[0]]:,} tokens does not fit in the memory of this device.",
                    hint='Cut the text, or load the model with device="cpu".',
                ) from None
        self.budget = max(SMALLEST_BUDGET, min(self.budget, sum(lengths[i] for i in members)) // 2)
        half = len(members) // 2
        return self._halving(members[:half], lengths, forward) + self._halving(members[half:], lengths, forward)


def check_memory(tokens: int, bytes_per_token: int, device: torch.device) -> None:
    """Refuses a pack that cannot fit before the system kills the process.

    Raises `MemoryLimitError` with both figures. Only a CPU is checked: CUDA reports its own limit.
    """
    if device.type != "cpu":
        return
    import psutil

    needed, free = tokens * bytes_per_token, psutil.virtual_memory().available
    if needed > free:
        raise MemoryLimitError(
            f"The longest input, {tokens:,} tokens, needs about {needed / 1e9:.1f} GB; {free / 1e9:.1f} GB are free.",
            hint="Cut it into chunks with jn.chunk, or unload a model with jn.unload().",
        )
