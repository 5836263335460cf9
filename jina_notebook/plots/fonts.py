"""Fonts for texts in every language: what is installed stands in where matplotlib's own font has no glyph."""

from __future__ import annotations

import functools
import re
import warnings
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MissingGlyphs", "fonts", "save"]

OWN = "DejaVu Sans"
OTHERS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "WenQuanYi Zen Hei",
    "Noto Sans Devanagari",
    "Nirmala UI",
    "Noto Sans Bengali",
    "Noto Sans Thai",
    "Leelawadee UI",
    "Arial Unicode MS",
    "Segoe UI Symbol",
    "Noto Sans Symbols2",
)
GLYPH = re.compile(r"Glyph \d+ .*missing from")


class MissingGlyphs(UserWarning):
    """Says once that a figure holds characters for which no font is installed."""


@functools.cache
def fonts() -> tuple[str, ...]:
    """Families in the order in which a glyph is looked for: matplotlib's own, then those of `OTHERS` installed here."""
    from matplotlib.font_manager import fontManager

    installed = {entry.name for entry in fontManager.ttflist}
    return (OWN, *(name for name in OTHERS if name in installed))


def save(figure: Figure, stream: IO[bytes], **options: Any) -> None:
    """As `figure.savefig(stream, format="png")`, with glyphs from any of `fonts()` where a text's own font has none.

    Where some are missing all the same there is one `MissingGlyphs` a session, not a warning for each character.
    """
    from matplotlib.text import Text

    for text in figure.findobj(lambda artist: isinstance(artist, Text)):
        own = text.get_fontfamily()  # type: ignore[attr-defined]
        text.set(fontfamily=[*own, *(name for name in fonts() if name not in own)])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        figure.savefig(stream, format="png", **options)
    for one in said:
        if GLYPH.match(str(one.message)) is None:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
        else:
            _say_once()


@functools.cache
def _say_once() -> None:
    warnings.warn(
        "No font that is installed has all characters of this figure, so some are drawn as boxes. "
        "Install one that has them, such as Noto Sans CJK (Debian: fonts-noto-cjk), and restart the kernel.",
        MissingGlyphs,
        stacklevel=2,
    )
