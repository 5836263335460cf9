"""What the models that write have in common: limits, the text of what was written, and a word on why it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jina_notebook.errors import OptionError
from jina_notebook.families.model import Model
from jina_notebook.progress import reporting

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin
    from jina_notebook.families.tokenizer import Tokenizer
    from jina_notebook.inference.generation import Prompt, Writer, Written
    from jina_notebook.protocols import Progress

__all__ = ["WritingModel", "ending_note"]


class WritingModel(Model):
    """A model that answers in words. `context`: tokens that prompt and answer may have together."""

    def __init__(
        self,
        origin: Origin,
        *,
        tokenizer: Tokenizer,
        writer: Writer,
        context: int,
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.context = context
        self._writer = writer

    def _check_most(self, max_new_tokens: Any) -> int | None:
        if max_new_tokens is None:
            return None
        whole = isinstance(max_new_tokens, (int, np.integer)) and not isinstance(max_new_tokens, bool)
        if not whole or max_new_tokens < 1:
            raise OptionError(
                f"max_new_tokens={max_new_tokens!r} is not a whole number of 1 or more.",
                hint="Leave it out for the model's own limit.",
            )
        return int(max_new_tokens)

    def _write(self, prompts: Sequence[Prompt], limits: Sequence[int], progress: Progress, label: str) -> list[Written]:
        """What follows the prompts; progress is in tokens, read and written.

        Raises `WritingInterrupted` with what there is, `MemoryLimitError`, `InferenceError` (NaN).
        """
        total = sum(len(prompt.ids) for prompt in prompts) + sum(limits)
        try:
            with reporting(progress, total=total, unit="tokens", label=f"{label} with {self.name}") as report:
                return self._writer.write(prompts, limits, report)
        except FloatingPointError:
            raise self._unusable("the next token") from None

    def _text(self, written: Written) -> str:
        """Nothing but the stop token is left out: other control tokens are what the model said."""
        return self._tokenizer.decode(written.ids, skip_special=False)


def ending_note(written: Sequence[Written]) -> str:
    """Why texts ended where they do, `""` where the model ended all of them."""
    notes = []
    limited = [len(one.ids) for one in written if one.ending == "limit"]
    if limited:
        where = "The text ends" if len(written) == 1 else f"{len(limited)} of {len(written)} pieces end"
        notes.append(f"{where} at the limit of {_tokens(max(limited))}; max_new_tokens raises it.")
    for loop in (one.loop for one in written if one.loop is not None):
        block = "token" if loop.period == 1 else f"{loop.period} tokens"
        notes.append(
            f"The model repeated itself (the last {block}, {loop.times:,} times): the text was ended there, with the "
            "repetitions taken off."
        )
    if any(one.ending == "interrupt" for one in written):
        notes.append(f"Interrupted after {_tokens(sum(len(one.ids) for one in written))}.")
    return " ".join(notes)


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count:,} tokens"
