"""What the generators share: a picture's record, fonts that come with matplotlib, wrapped text, small files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import matplotlib
from PIL import Image, ImageDraw, ImageFont

__all__ = ["Colour", "Family", "Picture", "block", "column", "font", "save", "wrapped"]

Colour = str | tuple[int, int, int]
Kind = Literal["chart", "slide", "invoice", "scan", "scene"]
Family = Literal["sans", "serif", "mono", "times"]

FILES: dict[tuple[Family, bool], str] = {
    ("sans", False): "DejaVuSans.ttf",
    ("sans", True): "DejaVuSans-Bold.ttf",
    ("serif", False): "DejaVuSerif.ttf",
    ("serif", True): "DejaVuSerif-Bold.ttf",
    ("mono", False): "DejaVuSansMono.ttf",
    ("mono", True): "DejaVuSansMono-Bold.ttf",
    ("times", False): "STIXGeneral.ttf",
    ("times", True): "STIXGeneralBol.ttf",
}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture: what it is called, what it shows in words, and the function that draws it."""

    id: str
    title: str
    text: str
    kind: Kind
    draw: Callable[[], Image.Image]
    lang: str = "en"
    suffix: Literal["png", "webp", "jpg"] = "png"

    @property
    def file(self) -> str:
        """Its place inside the corpus."""
        return f"files/{self.id}.{self.suffix}"


@cache
def font(size: float, *, bold: bool = False, family: Family = "sans") -> ImageFont.FreeTypeFont:
    """A font that every installation of matplotlib has, so that a picture is the same everywhere."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / FILES[family, bold]), size)


def wrapped(text: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The lines of a text that is at most `width` wide."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if line and face.getlength(longer) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def block(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    face: ImageFont.FreeTypeFont,
    *,
    width: float,
    fill: Colour = "#222222",
    spacing: float = 1.4,
) -> float:
    """Writes a wrapped text from its upper left corner; returns where the next one may begin."""
    x, y = place
    for line in wrapped(text, face, width):
        draw.text((x, y), line, font=face, fill=fill)
        y += face.size * spacing
    return y


def column(
    draw: ImageDraw.ImageDraw,
    right: float,
    y: float,
    cells: Sequence[tuple[str, ImageFont.FreeTypeFont]],
    *,
    fill: Colour = "#222222",
    step: float,
) -> None:
    """Writes texts below each other, flush right: amounts under amounts."""
    for text, face in cells:
        draw.text((right, y), text, font=face, fill=fill, anchor="ra")
        y += step


def save(image: Image.Image, path: Path) -> None:
    """Writes a small file: flat pictures with a palette, others with a loss that nobody sees."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = image.convert("L" if image.mode == "L" else "RGB")
    if path.suffix == ".png":
        flat = image.convert("RGB").quantize(colors=96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        flat.save(path, optimize=True)
    elif path.suffix == ".webp":
        image.save(path, quality=42 if image.mode == "L" else 80, method=6)
    else:
        image.save(path, quality=72, optimize=True)
