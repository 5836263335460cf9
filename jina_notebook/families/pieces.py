"""A page that is too long for one prompt, cut into pieces where its blocks begin."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from jina_notebook.families.html import BLOCKS

if TYPE_CHECKING:
    from jina_notebook.families.tokenizer import Tokenizer

__all__ = ["cut_page"]


def cut_page(html: str, tokenizer: Tokenizer, room: int) -> list[str]:
    """Pieces of at most `room` tokens each that together are the page.

    A piece ends before the last block that begins within its room; a block that is longer is cut after a token.
    """
    ids, spans = tokenizer.spans(html)
    if len(ids) <= room:
        return [html]
    starts = [start for start, _ in spans]
    borders = [found.start() for found in BLOCKS.finditer(html)]
    pieces, begin = [], 0
    while begin < len(html):
        end = _end(begin, starts, borders, room, len(html))
        while end - begin > 1 and len(tokenizer.plain(html[begin:end])) > room:  # a word cut in two has other tokens
            end = begin + (end - begin) * 9 // 10
        pieces.append(html[begin:end])
        begin = end
    return pieces


def _end(begin: int, starts: list[int], borders: list[int], room: int, length: int) -> int:
    """Where the piece that begins at `begin` ends."""
    beyond = bisect_right(starts, begin - 1) + room
    if beyond >= len(starts):
        return length
    farthest = max(starts[beyond], begin + 1)
    before = bisect_right(borders, farthest) - 1
    return borders[before] if before >= 0 and borders[before] > begin else farthest
