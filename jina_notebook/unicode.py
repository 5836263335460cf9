"""Text that cannot be encoded, made well-formed the same way wherever it enters."""

from __future__ import annotations

__all__ = ["well_formed"]


def well_formed(text: str) -> str:
    """The text with every lone surrogate (half an emoji) as U+FFFD; pairs are joined; anything else as it is.

    >>> well_formed("price 12" + chr(0xD83E)) == "price 12" + chr(0xFFFD)
    True
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
