"""`.ask`: a question about pictures, answered in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from jina_notebook.errors import InputError, MemoryLimitError, TextTooLongError
from jina_notebook.families.inputs import is_image, listed
from jina_notebook.families.pictures import Picture, read_picture
from jina_notebook.families.writing import WritingModel, ending_note
from jina_notebook.results import Answer
from jina_notebook.unicode import well_formed

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from PIL.Image import Image

    from jina_notebook.inference.generation import Written
    from jina_notebook.progress import Reporter
    from jina_notebook.protocols import Progress

__all__ = ["Asked", "VisionLanguageModel"]

DEFAULT_LIMIT = 1024  # tokens of an answer, as in the publisher's examples


class Asked(NamedTuple):
    """A prompt with its pictures: ids int32 `(tokens,)`, and what `_rows` needs to make rows of it."""

    ids: NDArray[np.int32]
    crops: int
    pictures: Sequence[Any]


class VisionLanguageModel(WritingModel):
    """Answers questions about pictures."""

    def ask(
        self,
        image: Any,
        question: str,
        *,
        max_new_tokens: int | None = None,
        progress: Progress = None,
    ) -> Answer:
        """An `Answer`: its `.text`, and `.truncated` where the model was stopped before its end.

        `image`: a PIL image, a path, encoded bytes or an array of pixels, or a list of them. `question`: in any
        language. `max_new_tokens`: the most tokens of the answer, 1,024 unless given.

        Raises `InputError` naming the image or the question, `OptionError` (max_new_tokens), `TextTooLongError` where
        pictures and question do not fit the context, `MemoryLimitError`, and on an interrupt `KeyboardInterrupt` with
        the answer so far in `.partial`.

        >>> jn.load("jina-vlm").ask(Path("invoice.png"), "What is the total?").text
        ' 129.90 euros'
        """
        from jina_notebook.inference.generation import Prompt, WritingInterrupted, Written

        self._check_process()
        most = self._check_most(max_new_tokens) or DEFAULT_LIMIT
        if not isinstance(question, str):
            raise InputError(
                f"The question is {repr(question)[:60]} ({type(question).__name__}), not a text.",
                hint="The picture comes first, then the question: ask(image, question).",
            )
        words = well_formed(str(question))
        asked = self._asked(words, self._pictures(image))
        room = self.context - len(asked.ids)
        if room < 1:
            raise TextTooLongError(
                f"The question and the images have {len(asked.ids):,} tokens together; {self.name} takes "
                f"{self.context:,} with the answer.",
                hint="Ask about fewer images at a time, or shorten the question.",
            )
        try:
            rows = self._look(asked, progress)
            (written,) = self._write([Prompt(asked.ids, rows)], [min(most, room)], progress, "Answering")
        except WritingInterrupted as stop:
            stop.partial = self._answer(words, stop.written[0])
            raise
        except MemoryLimitError as refused:
            raise MemoryLimitError(
                refused.message, hint="Lower max_crops of the model, or ask about fewer images at a time."
            ) from None
        except KeyboardInterrupt:
            early = WritingInterrupted([Written(ending="interrupt")])
            early.partial = self._answer(words, early.written[0])
            raise early from None
        return self._answer(words, written)

    def _fit(self, image: Image, what: str) -> NDArray[np.uint8]:
        """An upright picture made ready. What a family says."""
        raise NotImplementedError

    def _asked(self, question: str, pictures: Sequence[Picture]) -> Asked:
        """The prompt. What a family says."""
        raise NotImplementedError

    def _rows(self, asked: Asked, report: Reporter) -> torch.Tensor:
        """Rows `(tokens, hidden)` that the decoder sees; reports the crops. What a family says."""
        raise NotImplementedError

    def _look(self, asked: Asked, progress: Progress) -> torch.Tensor:
        from jina_notebook.progress import reporting

        shown = False if callable(progress) else progress  # a callable counts tokens
        with reporting(shown, total=asked.crops, unit="crops", label=f"Looking with {self.name}") as report:
            return self._rows(asked, report)

    def _pictures(self, image: Any) -> list[Picture]:
        sources = listed(image, what="image") if isinstance(image, Iterable) and not is_image(image) else [image]
        if not sources:
            raise InputError(f"There is no image to ask {self.name} about.", hint="Give one image or a list of them.")
        for position, source in enumerate(sources):
            if not is_image(source):
                hint = "Give a PIL image, a pathlib.Path, encoded bytes or an array of pixels."
                raise InputError(
                    f"{_named(position, sources)} is {repr(source)[:60]} ({type(source).__name__}), not an image.",
                    hint=f"A str is always text: give pathlib.Path({source!r})." if _is_name(source) else hint,
                )
        return [read_picture(x, _named(position, sources), self._fit) for position, x in enumerate(sources)]

    def _answer(self, question: str, written: Written) -> Answer:
        note = ending_note([written])
        return Answer(
            text=self._text(written),
            truncated=written.ending != "stop",
            question=question,
            model=self.name,
            revision=self.revision,
            tokens=len(written.ids),
            notes=(note,) if note else (),
        )


def _named(position: int, sources: Sequence[Any]) -> str:
    return f"Image {position}" if len(sources) > 1 else "The image"


def _is_name(source: Any) -> bool:
    return isinstance(source, str) and "\n" not in source and len(source) < 260
