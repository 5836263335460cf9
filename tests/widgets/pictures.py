"""Small pictures that differ."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = ("crimson", "navy", "seagreen", "goldenrod", "purple", "teal", "black")


def picture(number: int, size: tuple[int, int] = (240, 160)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 60 + 20 * number, 120), fill=COLOURS[number % len(COLOURS)])
    return image


def files(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"photo-{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        picture(number).save(path)
    return paths
