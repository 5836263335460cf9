"""A fragment of a document around the words that matched."""

from __future__ import annotations

__all__ = ["Highlight"]


class Highlight(str):
    """A fragment exactly as it stands in the document; `spans` are the (start, end) of the words that matched in it.

    >>> Highlight.marked("green <tea>", "<", ">").spans
    ((6, 9),)
    """

    spans: tuple[tuple[int, int], ...]

    def __new__(cls, text: str, spans: tuple[tuple[int, int], ...] = ()) -> Highlight:
        """`text` with the places that matched."""
        self = super().__new__(cls, text)
        self.spans = spans
        return self

    @classmethod
    def marked(cls, text: str, start: str, end: str) -> Highlight:
        """Takes the marks out of a fragment in which each match stands between `start` and `end`."""
        parts: list[str] = []
        spans: list[tuple[int, int]] = []
        at = 0
        for i, part in enumerate(text.replace(end, start).split(start)):
            if i % 2:
                spans.append((at, at + len(part)))
            parts.append(part)
            at += len(part)
        return cls("".join(parts), tuple(spans))
