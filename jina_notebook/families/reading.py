"""`.read`: a web page as Markdown, or as JSON by a schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import InputError, MemoryLimitError, OptionError, TextTooLongError
from jina_notebook.families.json_answer import parse_answer, strip_fence
from jina_notebook.families.pieces import cut_page
from jina_notebook.families.schema import Schema
from jina_notebook.families.writing import WritingModel, ending_note
from jina_notebook.results import Reading
from jina_notebook.unicode import well_formed

if TYPE_CHECKING:
    from jina_notebook.inference.generation import Written
    from jina_notebook.protocols import Progress

__all__ = ["Reader"]

LEAST = 1024  # tokens a reading may have at least, and the room that is kept for it in the context
BETWEEN = "\n\n"  # joins what was read from the pieces of a page


@dataclass(frozen=True, slots=True)
class Plan:
    """How a page is read: the prompts, the most tokens after each, and what to say about it."""

    prompts: list[NDArray[np.int32]]
    limits: list[int]
    cut: bool = False
    note: str = ""


class Reader(WritingModel):
    """Reads web pages.

    `piece_tokens`: a page of more tokens is read in pieces of at most so many, in one batch where they are short, and
    joined; None reads a page whole as long as it fits the model's context.
    """

    _piece_tokens: int | None = None

    @property
    def piece_tokens(self) -> int | None:
        """Most tokens of a page that are read in one piece."""
        return self._piece_tokens

    @piece_tokens.setter
    def piece_tokens(self, value: int | None) -> None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise OptionError(f"piece_tokens={value!r} is neither None nor a whole number of 1 or more.")
        self._piece_tokens = value

    def read(
        self,
        html: str,
        *,
        instruction: str | None = None,
        schema: Any = None,
        max_new_tokens: int | None = None,
        progress: Progress = None,
    ) -> Reading:
        """A `Reading`: its `.text` is Markdown, or JSON where a schema is given, with `.data` parsed.

        `html`: the page, cleaned as the publisher does. `instruction`: what to extract, instead of the main content.
        `schema`: a dict, a JSON text or a pydantic model class. `max_new_tokens`: the most tokens written, after each
        piece where a page is read in pieces; as many as the page has unless given (at least 1,024).

        A page beyond the context is read in pieces that begin with a block, and joined; with a schema only its first
        piece is read. `.truncated`: the model was stopped before the end, or did not see the whole page; `.notes` say
        which. `.data` is None where the answer is no JSON, and `.text` has what the model said.

        Raises `InputError` (page, schema), `OptionError` (max_new_tokens), `TextTooLongError` (no room for a page
        beside the instruction and the schema), `MemoryLimitError`, and on an interrupt `KeyboardInterrupt` with the
        reading so far in `.partial`.

        >>> jn.load("ReaderLM-v2").read("<h1>Tea</h1><p>Green or black.</p>").text
        '# Tea\\n\\nGreen or black.'
        """
        from jina_notebook.inference.generation import WritingInterrupted

        page = _text(html, "page", "Read the file or the response as text (str) first.")
        try:
            (reading,) = self._read([page], instruction, schema, max_new_tokens, progress)
        except WritingInterrupted as stop:
            if isinstance(stop.partial, list):
                (stop.partial,) = stop.partial
            raise
        return reading

    def read_all(
        self,
        pages: Iterable[str],
        *,
        instruction: str | None = None,
        schema: Any = None,
        max_new_tokens: int | None = None,
        progress: Progress = None,
    ) -> list[Reading]:
        """A `Reading` for each page, in order: what `read` gives, several pages at a time, which is faster.

        The arguments are those of `read`. Raises the same; an error names the page, and on an interrupt `.partial` is
        the list of readings so far, those of pages not yet begun empty.

        >>> [first, second] = reader.read_all(["<h1>Tea</h1>", "<h1>Coffee</h1>"])
        """
        if isinstance(pages, str):
            raise InputError("The pages are one text, not a list of them.", hint="Use read for one page.")
        texts = [
            _text(page, f"page at position {position}", "Drop what is missing, and decode bytes first.")
            for position, page in enumerate(pages)
        ]
        return self._read(texts, instruction, schema, max_new_tokens, progress)

    def _read(
        self, pages: Sequence[str], instruction: Any, schema: Any, max_new_tokens: Any, progress: Progress
    ) -> list[Reading]:
        from jina_notebook.inference.generation import Prompt, WritingInterrupted

        self._check_process()
        asked = None if instruction is None else _text(instruction, "instruction", "Say in words what to extract.")
        wanted = None if schema is None else Schema.read(schema)
        most = self._check_most(max_new_tokens)
        plans = [self._plan(self._cleaned(page), asked, wanted, most) for page in pages]
        prompts = [Prompt(ids) for plan in plans for ids in plan.prompts]
        limits = [limit for plan in plans for limit in plan.limits]
        try:
            written = self._write(prompts, limits, progress, "Reading")
        except WritingInterrupted as stop:
            stop.partial = self._readings(stop.written, plans, wanted)
            raise
        except MemoryLimitError as refused:
            raise MemoryLimitError(
                refused.message, hint="Set .piece_tokens of the model, such as 8192, to read the page in pieces."
            ) from None
        return self._readings(written, plans, wanted)

    def _readings(self, written: Sequence[Written], plans: Sequence[Plan], schema: Schema | None) -> list[Reading]:
        left = iter(written)
        return [self._reading([next(left) for _ in plan.prompts], plan, schema) for plan in plans]

    def _cleaned(self, html: str) -> str:
        """The page as the prompt has it. What a family says."""
        raise NotImplementedError

    def _prompt(self, html: str, instruction: str | None, schema: Schema | None) -> str:
        """The whole prompt, control tokens included. What a family says."""
        raise NotImplementedError

    def _plan(self, page: str, instruction: str | None, schema: Schema | None, most: int | None) -> Plan:
        def ids_of(piece: str) -> NDArray[np.int32]:
            return self._tokenizer.plain(self._prompt(piece, instruction, schema))

        whole = ids_of(page)
        frame = len(ids_of(""))
        room = self.context - frame
        if room < 2:
            raise TextTooLongError(
                f"The instruction and the schema have {frame:,} tokens, and {self.name} takes {self.context:,} in all.",
                hint="Shorten them.",
            )
        kept = min(most or LEAST, LEAST, max(1, room // 4))
        short = self._piece_tokens is None or len(whole) - frame <= self._piece_tokens
        if short and len(whole) + kept <= self.context:
            return Plan([whole], [self._limit(whole, most)])
        # about as much is written as is read, so a piece takes half of what the context leaves
        half = room - min(most, room // 2) if most is not None else room // 2
        pieces = cut_page(page, self._tokenizer, max(1, min(half, self._piece_tokens or half)))
        why = f"the model's context of {self.context:,}" if short else f"piece_tokens={self._piece_tokens:,}"
        long = f"The page has {len(whole) - frame:,} tokens, more than {why} allows"
        if schema is None:
            prompts = [ids_of(piece) for piece in pieces]
            note = f"{long}: it was cut into {len(pieces):,} pieces, read one by one and joined."
            return Plan(prompts, [self._limit(ids, most) for ids in prompts], note=note)
        first = ids_of(pieces[0])
        note = f"{long}: it was cut, and only its first {len(first) - frame:,} tokens were read."
        return Plan([first], [self._limit(first, most)], cut=True, note=note)

    def _limit(self, prompt: NDArray[np.int32], most: int | None) -> int:
        return max(1, min(most or max(LEAST, len(prompt)), self.context - len(prompt)))

    def _reading(self, written: Sequence[Written], plan: Plan, schema: Schema | None) -> Reading:
        texts = [strip_fence(self._text(one)) for one in written]
        notes = [plan.note, ending_note(written)]
        text = texts[0] if len(texts) == 1 else BETWEEN.join(part.strip("\n") for part in texts if part.strip("\n"))
        data = None
        if schema is not None:
            data, note = _data(text, schema)
            notes.append(note)
        return Reading(
            text=text,
            data=data,
            truncated=plan.cut or any(one.ending != "stop" for one in written),
            model=self.name,
            revision=self.revision,
            tokens=sum(len(one.ids) for one in written),
            notes=tuple(note for note in notes if note),
        )


def _data(text: str, schema: Schema) -> tuple[Any, str]:
    """The answer's JSON value, and what to say about it."""
    parsed = parse_answer(text, is_list=schema.is_list)
    if parsed is None:
        return None, "The answer is not valid JSON, so .data is None; .text has what the model said."
    faults = schema.faults(parsed.value)
    repaired = "The answer's JSON had slips that were repaired" if parsed.repaired else ""
    if faults and repaired:
        return parsed.value, f"{repaired}, and {faults}."
    return parsed.value, f"{repaired}." if repaired else f"The answer is JSON, but {faults}." if faults else ""


def _text(value: Any, what: str, hint: str) -> str:
    if isinstance(value, str):
        return well_formed(str(value))
    shown = repr(value)
    raise InputError(f"The {what} is {shown[:60]} ({type(value).__name__}), not a text.", hint=hint)
