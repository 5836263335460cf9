"""What a reader and a vision-language model give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.render.blocks import Page, Prose
from jina_notebook.render.display import Displayed
from jina_notebook.results.contents import labelled, quoted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answer", "Reading"]

CUT = ("The text ends where the token limit was reached; max_new_tokens raises it.",)


@dataclass(frozen=True, kw_only=True, repr=False)
class Reading(Displayed):
    """What `Reader.read` gives: Markdown or JSON `text`, the parsed `data` when a schema was given.

    `truncated`: the model was stopped before it had said all. `tokens` were written; `notes` say what to know.
    """

    text: str
    data: Any = None
    truncated: bool = False
    model: str = ""
    revision: str = ""
    tokens: int = 0
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row: `text`, `data`, `truncated`, `tokens`."""
        import pandas as pd

        return pd.DataFrame(
            [{"text": self.text, "data": self.data, "truncated": self.truncated, "tokens": self.tokens}]
        )

    def page(self) -> Page:
        """The text as it is."""
        kind = "JSON" if self.data is not None else "Markdown"
        return Page(
            "reading",
            f"{len(self.text):,} characters of {kind}",
            (("model", labelled(self.model, False)), ("revision", self.revision[:12]), ("tokens", f"{self.tokens:,}")),
            (Prose(self.text),),
            self.notes or (CUT if self.truncated else ()),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer(Displayed):
    """What `VisionLanguageModel.ask` gives. `tokens` were written; `notes` say what to know."""

    text: str
    truncated: bool = False
    question: str = ""
    model: str = ""
    revision: str = ""
    tokens: int = 0
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row: `question`, `text`, `truncated`, `tokens`."""
        import pandas as pd

        row = {"question": self.question, "text": self.text, "truncated": self.truncated, "tokens": self.tokens}
        return pd.DataFrame([row])

    def page(self) -> Page:
        """The answer under its question."""
        return Page(
            "answer",
            f"answer to {quoted(self.question)}" if self.question else "answer",
            (("model", labelled(self.model, False)), ("revision", self.revision[:12]), ("tokens", f"{self.tokens:,}")),
            (Prose(self.text),),
            self.notes or (CUT if self.truncated else ()),
        )
