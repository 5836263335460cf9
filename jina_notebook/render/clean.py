"""Anyone's text made safe to show: control and direction characters become visible, long text is cut and says so."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clip", "counted", "duration", "number", "one_line", "plain", "visible", "width"]

# Controls except tab and line feed, line and paragraph separators, direction overrides, embeddings and isolates,
# invisible operators and tags, half surrogates, and the code points that are never characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"\s+")


def visible(text: str) -> str:
    r"""The text with everything invisible or reordering spelled as its code point.

    Marks that ordinary Arabic, Hebrew, Persian and emoji text needs (U+200C to U+200F) stay.

    >>> visible("price\x00 \u202egnp")
    'price[U+0000] [U+202E]gnp'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def one_line(text: str) -> str:
    """`visible`, with every run of white space as one blank."""
    return _BLANKS.sub(" ", visible(text)).strip()


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of `text`; a cut one ends with its whole length.

    >>> clip("a" * 5000, 20)
    'aaaaaaaaaaaaaaaaaaaa… (5,000 characters)'
    """
    if len(text) <= limit:
        return text
    return f"{text[:limit].rstrip()}… ({len(text):,} characters)"


def counted(count: int, noun: str, plural: str = "") -> str:
    """`"1 hit"`, `"2,000 hits"`, `"no hits"`."""
    return f"{f'{count:,}' if count else 'no'} {noun if count == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """`"0.4 s"`, `"12 s"`, `"2 min 5 s"`, `"1 h 20 min"`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def number(value: float) -> str:
    """A score as people read it: four decimals, or three digits where that would hide it."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    size = abs(value)
    if value == 0 or 0.001 <= size < 1000:
        return f"{value:.4f}"
    return f"{value:,.1f}" if 1000 <= size < 1e9 else f"{value:.3g}"


def plain(value: float | bool | None) -> str:
    """A number, a yes or no, or the dash that stands for nothing."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case _:
            return number(value)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: wide characters count two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
