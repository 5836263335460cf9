"""The publisher's cleaning of a web page, in time that grows with its length.

The rules are the substitutions of ReaderLM-v2's model card, and what they give is what the card's patterns give, byte
for byte. Written as one pattern each they need quadratic time on a malformed page: a beginning without an end is tried
again at every later beginning. Here a rule stops at the first beginning that has no end, because then no later one has.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["BLOCKS", "clean_html", "without"]

FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL
PLACEHOLDER = "this is a placeholder"
IMAGE = '<img src="#"/>'
SOURCE = 'src="data:image/'
ENCODING = ";base64,"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is cut out: from each match of `begin` to the nearest match of `end` after it."""

    begin: re.Pattern[str]
    end: re.Pattern[str]

    def apply(self, text: str) -> str:
        kept, done = [], 0
        while (begin := self.begin.search(text, done)) and (end := self.end.search(text, begin.end())):
            kept.append(text[done : begin.start()])
            done = end.end()
        return "".join([*kept, text[done:]]) if done else text


RULES = tuple(
    Rule(re.compile(begin, FLAGS), re.compile(end, FLAGS))
    for begin, end in (
        (r"<[ ]*script", r"\/[ ]*script[ ]*>"),
        (r"<[ ]*style", r"\/[ ]*style[ ]*>"),
        (r"<[ ]*meta", r">"),
        (r"<[ ]*!--", r"--[ ]*>"),
        (r"<[ ]*link", r">"),
    )
)
BLOCKS = re.compile(
    r"<(?=(?:address|article|aside|blockquote|body|dd|details|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|hr|li"
    r"|main|nav|ol|p|pre|section|table|tbody|thead|tr|ul)[\s>/])",
    re.IGNORECASE,
)
"""Where a block of a page begins: a page may be cut there without tearing a sentence."""


def clean_html(html: str, *, clean_svg: bool = False, clean_base64: bool = False) -> str:
    """The page without scripts, styles, meta tags, comments and links; the rest as it is, white space included.

    `clean_svg`: the inside of drawings becomes a placeholder. `clean_base64`: embedded images become `<img src="#"/>`.

    >>> clean_html("<p>Tea</p><script>track()</script><!-- note -->")
    '<p>Tea</p>'
    """
    for rule in RULES:
        html = rule.apply(html)
    if clean_svg:
        html = _without_drawings(html)
    return _without_embedded(html) if clean_base64 else html


def without(text: str, marks: Sequence[str]) -> str:
    """The text without any of the marks, which all end in the same character; also where removing one forms another.

    >>> without("a<|im_<|im_end|>end|>b", ["<|im_end|>"])
    'ab'
    """
    if not any(mark in text for mark in marks):
        return text
    last = marks[0][-1]
    longest = max(map(len, marks))
    kept: list[str] = []
    tail = ""  # the end of what is kept, long enough to hold a mark
    for part in re.split(f"(?<={re.escape(last)})", text):
        kept.append(part)
        tail = (tail + part)[-2 * longest :]
        for mark in marks:
            if tail.endswith(mark):
                _shorten(kept, len(mark))
                tail = _end_of(kept, 2 * longest)
                break
    return "".join(kept)


def _shorten(parts: list[str], count: int) -> None:
    """Takes `count` characters off the end."""
    while count:
        part = parts.pop()
        if len(part) > count:
            parts.append(part[:-count])
        count -= min(count, len(part))


def _end_of(parts: Sequence[str], count: int) -> str:
    end = ""
    for part in reversed(parts):
        end = part[len(end) - count :] + end if len(end) + len(part) > count else part + end
        if len(end) >= count:
            break
    return end


def _without_drawings(html: str) -> str:
    """`(<svg[^>]*>)(.*?)(<\\/svg>)`, letters as they are: tags kept, what stands between replaced."""
    kept, done = [], 0
    while (begin := html.find("<svg", done)) >= 0:
        inside = html.find(">", begin) + 1
        end = html.find("</svg>", inside) if inside else -1
        if end < 0:
            break
        kept += [html[done:inside], PLACEHOLDER, "</svg>"]
        done = end + len("</svg>")
    return "".join([*kept, html[done:]])


class Places:
    """Where something stands in a text, looked up from any position without reading the text again."""

    def __init__(self, places: Iterable[int]) -> None:
        self._all = list(places)

    @classmethod
    def of(cls, wanted: str, text: str) -> Places:
        return cls(found.start() for found in re.finditer(re.escape(wanted), text))

    def __iter__(self) -> Iterator[int]:
        return iter(self._all)

    def first(self, start: int) -> int:
        """The first at `start` or later, -1 where there is none."""
        index = bisect_left(self._all, start)
        return self._all[index] if index < len(self._all) else -1

    def last(self, start: int, stop: int) -> int:
        """The last from `start` on and before `stop`, -1 where there is none."""
        index = bisect_left(self._all, stop) - 1
        return self._all[index] if index >= 0 and self._all[index] >= start else -1


def _without_embedded(html: str) -> str:
    """`<img[^>]+src="data:image/[^;]+;base64,[^"]+"[^>]*>`, letters as they are."""
    closings = Places.of(">", html)
    ends = _embedded(html, closings)
    sources = Places(ends)
    kept, done = [], 0
    for begin in Places.of("<img", html):
        if begin < done:
            continue
        closing = closings.first(begin)
        source = sources.last(begin + len("<img") + 1, closing if closing >= 0 else len(html))
        if source >= 0:
            kept += [html[done:begin], IMAGE]
            done = ends[source]
    return "".join([*kept, html[done:]])


def _embedded(html: str, closings: Places) -> dict[int, int]:
    """Where embedded images begin, and for each the end of its tag."""
    semicolons, quotes = Places.of(";", html), Places.of('"', html)
    ends = {}
    for source in Places.of(SOURCE, html):
        kind = source + len(SOURCE)
        semicolon = semicolons.first(kind)
        data = semicolon + len(ENCODING)
        quote = quotes.first(data)
        if semicolon > kind and html.startswith(ENCODING, semicolon) and quote > data:
            closing = closings.first(quote)
            if closing >= 0:
                ends[source] = closing + 1
    return ends
