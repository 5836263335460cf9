"""A canvas for drawn scenes: gradients, silhouettes that look round, soft light, noise, grain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

__all__ = ["Canvas", "Rgb", "curve", "mixed"]

Rgb = tuple[int, int, int]
Point = tuple[float, float]
Levels = NDArray[np.float64]

WIDTH, HEIGHT = 640, 480
SCALE = 2  # drawn twice as large, for smooth edges


def mixed(first: Rgb, second: Rgb, part: float) -> Rgb:
    """A colour between two: `part` 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def curve(points: Sequence[Point], count: int = 40) -> list[Point]:
    """A smooth line through the points (Catmull and Rom)."""
    padded = np.array([points[0], *points, points[-1]], dtype=np.float64)
    smooth: list[Point] = []
    for index in range(1, len(padded) - 2):
        before, start, end, after = padded[index - 1 : index + 3]
        for t in np.linspace(0, 1, count, endpoint=False):
            place = 0.5 * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
            smooth.append((float(place[0]), float(place[1])))
    smooth.append((float(padded[-1][0]), float(padded[-1][1])))
    return smooth


def _shifted(levels: Levels, dx: int, dy: int) -> Levels:
    """Moved to the right and down; what comes in repeats the border."""
    margin = max(abs(dx), abs(dy))
    padded = np.pad(levels, margin, mode="edge")
    height, width = levels.shape
    return padded[margin - dy : margin - dy + height, margin - dx : margin - dx + width]


class Canvas:
    """A scene of 640 x 480, in these coordinates whatever it is drawn in. `light`: where it comes from."""

    def __init__(self, seed: int, *, light: Point = (-1, -1)) -> None:
        self.random = np.random.default_rng(seed)
        self.light = light
        self.size = (WIDTH * SCALE, HEIGHT * SCALE)
        self.image = Image.new("RGB", self.size)

    def gradient(self, top: Rgb, bottom: Rgb, *, start: float = 0, end: float = HEIGHT) -> Image.Image:
        """A picture that goes from one colour at height `start` to another at `end`."""
        rows = np.clip((np.arange(self.size[1]) / SCALE - start) / (end - start), 0, 1)[:, None]
        colours = np.array(top) + (np.array(bottom) - np.array(top)) * rows
        pixels = np.repeat(colours[:, None, :], self.size[0], axis=1)
        return Image.fromarray(pixels.astype(np.uint8))

    def noise(self, cells: tuple[int, int], octaves: int = 3) -> Levels:
        """Clouds of values from 0 to 1, `cells` across and down at their coarsest."""
        total = np.zeros((self.size[1], self.size[0]))
        for octave in range(octaves):
            across, down = (count * 2**octave for count in cells)
            grid = Image.fromarray(self.random.uniform(0, 1, (down + 1, across + 1)).astype(np.float32))
            total += np.asarray(grid.resize(self.size, Image.Resampling.BICUBIC)) / 2**octave
        low, high = total.min(), total.max()
        return np.asarray((total - low) / (high - low))

    def mask(self, *shapes: tuple[str, Sequence[Point]], blur: float = 0, width: float = 1) -> Image.Image:
        """Where shapes are: ("polygon" | "ellipse" | "line" | "box" | "round", points)."""
        mask = Image.new("L", self.size, 0)
        draw = ImageDraw.Draw(mask)
        for kind, points in shapes:
            scaled = [(x * SCALE, y * SCALE) for x, y in points]
            if kind == "polygon":
                draw.polygon(scaled, fill=255)
            elif kind == "line":
                draw.line(scaled, fill=255, width=round(width * SCALE), joint="curve")
                half = width * SCALE / 2
                for x, y in scaled:  # Pillow leaves gaps at the outer side of a bend
                    draw.ellipse((x - half, y - half, x + half, y + half), fill=255)
            elif kind == "ellipse":
                draw.ellipse([*scaled[0], *scaled[1]], fill=255)
            elif kind == "round":
                draw.rounded_rectangle([*scaled[0], *scaled[1]], round(width * SCALE), fill=255)
            else:
                draw.rectangle([*scaled[0], *scaled[1]], fill=255)
        return mask.filter(ImageFilter.GaussianBlur(blur * SCALE)) if blur else mask

    def fill(self, mask: Image.Image, colour: Rgb | Image.Image, *, opacity: float = 1.0) -> None:
        """Lays a colour, or a picture such as a gradient, where the mask is."""
        if opacity < 1:
            mask = mask.point(lambda level: level * opacity)
        source = Image.new("RGB", self.size, colour) if isinstance(colour, tuple) else colour
        self.image.paste(source, (0, 0), mask)

    def solid(self, mask: Image.Image, colour: Rgb, *, roundness: float = 14, strength: float = 0.55) -> None:
        """A silhouette that looks round: lighter towards the light, darker away from it."""
        box = mask.getbbox()
        if box is None:
            return
        reach = round(roundness * SCALE * 0.7)
        left, top = (max(0, edge - 4 * reach) for edge in box[:2])
        right, bottom = (min(end, edge + 4 * reach) for end, edge in zip(self.size, box[2:], strict=True))
        part = mask.crop((left, top, right, bottom))
        soft = np.asarray(part.filter(ImageFilter.GaussianBlur(roundness * SCALE)), dtype=np.float64)
        dx, dy = (round(share * reach) for share in self.light)
        relief = (_shifted(soft, dx, dy) - _shifted(soft, -dx, -dy))[:, :, None] / 255 * strength
        pixels = np.array(colour, dtype=np.float64) * (1 + np.minimum(relief, 0)) + 255 * np.maximum(relief, 0) * 0.6
        shaded = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        self.image.paste(shaded, (left, top), part)

    def shape(
        self,
        kind: str,
        points: Sequence[Point],
        colour: Rgb | Image.Image,
        *,
        width: float = 1,
        blur: float = 0,
        opacity: float = 1.0,
    ) -> None:
        """One flat shape."""
        self.fill(self.mask((kind, points), blur=blur, width=width), colour, opacity=opacity)

    def body(
        self,
        kind: str,
        points: Sequence[Point],
        colour: Rgb,
        *,
        width: float = 1,
        blur: float = 0,
        roundness: float = 14,
        strength: float = 0.55,
    ) -> None:
        """One shape that looks round."""
        self.solid(self.mask((kind, points), blur=blur, width=width), colour, roundness=roundness, strength=strength)

    def glow(self, centre: Point, radius: float, colour: Rgb, *, opacity: float = 1.0) -> None:
        """Light that fades outwards."""
        x, y = centre
        box = [(x - radius, y - radius), (x + radius, y + radius)]
        self.shape("ellipse", box, colour, blur=radius * 0.55, opacity=opacity)

    def grainy(self, mask: Image.Image, cells: tuple[int, int], strength: float, octaves: int = 3) -> None:
        """Uneven brightness where the mask is: grass, plaster, water, fur."""
        levels = 1 + (self.noise(cells, octaves)[:, :, None] - 0.5) * 2 * strength
        pixels = np.clip(np.asarray(self.image, dtype=np.float64) * levels, 0, 255).astype(np.uint8)
        self.image.paste(Image.fromarray(pixels), (0, 0), mask)

    def blurred(self, mask: Image.Image, radius: float) -> None:
        """Out of focus where the mask is."""
        self.image.paste(self.image.filter(ImageFilter.GaussianBlur(radius * SCALE)), (0, 0), mask)

    def finished(self, *, vignette: float = 0.25, grain: float = 3.5, blur: float = 0.5) -> Image.Image:
        """In its final size, as a lens and a sensor would give it."""
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(blur))
        pixels = np.asarray(small, dtype=np.float64)
        across, down = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
        pixels = pixels * (1 - vignette * ((across**2 + down**2) / 2) ** 1.4)[:, :, None]
        pixels += self.random.normal(0, grain, pixels.shape[:2])[:, :, None]
        return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
