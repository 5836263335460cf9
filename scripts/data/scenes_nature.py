"""Scenes outdoors: mountains, sea, lighthouse, snow, fog, balloons."""

from __future__ import annotations

import numpy as np
from PIL import Image

from scripts.data.canvas import HEIGHT, SCALE, WIDTH, Canvas, Rgb, curve, mixed

__all__ = ["balloons", "fog", "lighthouse", "mountains", "sailing", "snow_hut"]

GROUND = [(0, 0), (WIDTH, HEIGHT)]
Ellipse = tuple[str, list[tuple[float, float]]]


def ridge(canvas: Canvas, base: float, rise: float, *, rough: int = 7) -> list[tuple[float, float]]:
    """The outline of a chain of hills, closed below the picture."""
    xs = np.linspace(0, WIDTH, 161)
    total = np.zeros_like(xs)
    for octave in range(5):
        knots = rough * 2**octave
        heights = canvas.random.uniform(-1, 1, knots + 1)
        total += np.interp(xs, np.linspace(0, WIDTH, knots + 1), heights) / 1.9**octave
    ys = base - rise * (total - total.min()) / (total.max() - total.min())
    return [*zip(xs.tolist(), ys.tolist(), strict=True), (WIDTH, HEIGHT), (0, HEIGHT)]


def clouds(canvas: Canvas, colour: Rgb, *, low: float = 0.52, until: float = 240, opacity: float = 0.85) -> None:
    """Soft clouds in the upper part."""
    levels = canvas.noise((5, 7), 4)
    fade = np.clip(1 - np.arange(canvas.size[1]) / SCALE / until, 0, 1)[:, None] ** 0.6
    mask = np.clip((levels - low) * 3.2, 0, 1) * fade * 255
    canvas.fill(Image.fromarray(mask.astype(np.uint8)), colour, opacity=opacity)


def dots(canvas: Canvas, count: int, low: float, sizes: tuple[float, float]) -> list[Ellipse]:
    """Stars or flakes above the height `low`, with radii between `sizes`."""
    places: list[Ellipse] = []
    for _ in range(count):
        x, y, size = canvas.random.uniform(0, WIDTH), canvas.random.uniform(0, low), canvas.random.uniform(*sizes)
        places.append(("ellipse", [(x - size, y - size), (x + size, y + size)]))
    return places


def water(canvas: Canvas, top: float, near: Rgb, far: Rgb, glint: Rgb, *, count: int = 420) -> None:
    """Water down to the lower edge, with small waves that grow towards the viewer."""
    area = canvas.mask(("box", [(0, top), (WIDTH, HEIGHT)]))
    canvas.fill(area, canvas.gradient(far, near, start=top))
    waves: tuple[list[Ellipse], list[Ellipse]] = ([], [])
    for index in range(count):
        depth = canvas.random.uniform(0, 1) ** 1.6
        y = top + 3 + depth * (HEIGHT - top)
        x = canvas.random.uniform(-20, WIDTH)
        wide = 5 + 46 * depth * canvas.random.uniform(0.4, 1)
        waves[index % 2].append(("ellipse", [(x, y), (x + wide, y + 0.6 + 2.2 * depth)]))
    for drawn, colour in zip(waves, (glint, mixed(near, (0, 0, 0), 0.25)), strict=True):
        canvas.fill(canvas.mask(*drawn), colour, opacity=0.3)


def mountains() -> Image.Image:
    canvas = Canvas(3, light=(0.6, -0.8))
    canvas.image = canvas.gradient((56, 58, 110), (255, 176, 92), end=300)
    clouds(canvas, (255, 138, 101), low=0.5, until=300, opacity=0.75)
    canvas.glow((430, 232), 150, (255, 214, 130), opacity=0.75)
    canvas.shape("ellipse", [(404, 206), (456, 258)], (255, 240, 196), blur=1.5)
    tones: tuple[Rgb, ...] = ((150, 96, 120), (104, 68, 104), (62, 46, 82))
    for index, (base, rise) in enumerate(((290, 120), (320, 105), (345, 62))):
        canvas.body("polygon", ridge(canvas, base, rise), tones[index], roundness=5, strength=0.5)
        haze = canvas.mask(("box", [(0, base - 40), (WIDTH, base + 26)]), blur=18)
        canvas.fill(haze, (255, 170, 120), opacity=0.2)
    water(canvas, 345, (34, 28, 60), (190, 110, 110), (255, 196, 140))
    canvas.glow((430, 380), 46, (255, 205, 140), opacity=0.5)
    canvas.shape("polygon", [(412, 347), (448, 347), (476, 480), (384, 480)], (255, 190, 120), blur=9, opacity=0.4)
    for x in range(-10, 660, 17):
        tall = canvas.random.uniform(24, 74) * (1.25 if x < 150 or x > 520 else 0.35)
        canvas.shape("polygon", [(x, 482), (x + 9, 480 - tall), (x + 18, 482)], (22, 18, 36))
    return canvas.finished()


def sailing() -> Image.Image:
    canvas = Canvas(8)
    canvas.image = canvas.gradient((72, 142, 208), (206, 230, 242), end=270)
    clouds(canvas, (255, 255, 255), low=0.5, until=280)
    canvas.shape("polygon", ridge(canvas, 272, 34, rough=5), (120, 150, 160))
    water(canvas, 268, (14, 74, 112), (104, 168, 190), (196, 228, 236), count=600)
    canvas.shape("polygon", [(240, 372), (420, 372), (400, 460), (262, 460)], (240, 246, 248), blur=10, opacity=0.35)
    canvas.shape("line", [(318, 110), (318, 356)], (94, 62, 40), width=5)
    main = [(324, 112), *curve([(324, 112), (398, 230), (432, 330)]), (324, 334)]
    fore = [(312, 128), *curve([(312, 128), (268, 236), (236, 330)]), (312, 338)]
    canvas.body("polygon", main, (250, 248, 240), roundness=26, strength=0.5)
    canvas.body("polygon", fore, (235, 238, 240), roundness=22, strength=0.5)
    canvas.shape("line", [(326, 290), (420, 294)], (200, 60, 50), width=7)
    hull = [(214, 350), (440, 350), *curve([(440, 350), (424, 378), (390, 390)]), (262, 390), (228, 374)]
    canvas.body("polygon", hull, (152, 44, 40), roundness=12)
    canvas.shape("line", [(216, 352), (438, 352)], (246, 240, 228), width=6)
    canvas.shape("ellipse", [(204, 380), (452, 404)], (232, 244, 246), blur=4, opacity=0.75)
    return canvas.finished()


def lighthouse() -> Image.Image:
    canvas = Canvas(21)
    canvas.image = canvas.gradient((10, 16, 44), (58, 70, 116), end=330)
    canvas.fill(canvas.mask(*dots(canvas, 130, 280, (0.4, 1.2))), (232, 236, 255))
    clouds(canvas, (40, 48, 88), low=0.55, until=340, opacity=0.8)
    for points in ([(452, 118), (-40, 20), (-40, 150)], [(452, 118), (700, 96), (700, 150)]):
        canvas.shape("polygon", points, (255, 240, 180), blur=7, opacity=0.34)
    water(canvas, 338, (8, 14, 34), (44, 54, 92), (120, 134, 176), count=420)
    rock = ridge(canvas, 400, 76, rough=6)
    rock = [(x, y + max(0.0, (330 - x) * 0.55)) for x, y in rock]
    tower = [(430, 140), (474, 140), (494, 396), (410, 396)]
    canvas.body("polygon", tower, (226, 222, 214), roundness=16, strength=0.8)
    for top in (186, 262, 338):
        half = 22 + (top - 140) * 0.08
        stripe = [(452 - half, top), (452 + half, top), (452 + half + 2.6, top + 32), (452 - half - 2.6, top + 32)]
        canvas.body("polygon", stripe, (176, 44, 44), roundness=14, strength=0.7)
    canvas.shape("box", [(420, 134), (484, 142)], (52, 52, 60))
    canvas.shape("box", [(436, 102), (468, 134)], (255, 236, 160))
    for x in (436, 447, 457, 468):
        canvas.shape("line", [(x, 102), (x, 134)], (52, 52, 60), width=2)
    canvas.shape("polygon", [(430, 102), (452, 76), (474, 102)], (150, 36, 36))
    canvas.glow((452, 118), 44, (255, 244, 190), opacity=0.9)
    canvas.glow((452, 118), 14, (255, 255, 240))
    canvas.body("box", [(500, 330), (566, 398)], (200, 196, 190), roundness=10)
    canvas.shape("polygon", [(494, 332), (533, 302), (572, 332)], (92, 44, 40))
    canvas.shape("box", [(522, 346), (542, 362)], (255, 214, 120))
    canvas.body("polygon", rock, (42, 42, 52), roundness=5, strength=0.7)
    return canvas.finished(vignette=0.3)


def fir(canvas: Canvas, x: float, foot: float, tall: float, green: Rgb, snow: Rgb) -> None:
    """A fir with snow on its branches."""
    for step in range(5):
        top = foot - tall + step * tall * 0.17
        wide = tall * (0.1 + step * 0.055)
        bottom = top + tall * 0.3
        canvas.shape("polygon", [(x - wide, bottom), (x, top), (x + wide, bottom)], green)
        white = [
            (x, top),
            (x + wide * 0.42, top + tall * 0.126),
            (x + wide * 0.12, top + tall * 0.11),
            (x - wide * 0.12, top + tall * 0.17),
            (x - wide * 0.4, top + tall * 0.15),
            (x - wide * 0.62, top + tall * 0.186),
        ]
        canvas.shape("polygon", white, snow)


def snow_hut() -> Image.Image:
    canvas = Canvas(14)
    canvas.image = canvas.gradient((66, 84, 130), (214, 196, 206), end=300)
    canvas.body("polygon", ridge(canvas, 270, 150, rough=4), (176, 184, 208), roundness=7, strength=0.6)
    for _ in range(26):
        x = canvas.random.uniform(-10, WIDTH)
        fir(canvas, x, canvas.random.uniform(285, 305), canvas.random.uniform(50, 92), (54, 74, 84), (196, 208, 224))
    hill = [(0, 300), *curve([(0, 300), (180, 282), (380, 300), (640, 276)]), (640, 480), (0, 480)]
    canvas.shape("polygon", hill, canvas.gradient((232, 236, 246), (166, 180, 212), start=280))
    canvas.grainy(canvas.mask(("polygon", hill)), (6, 14), 0.05)
    canvas.shape("ellipse", [(230, 380), (500, 412)], (110, 124, 170), blur=9, opacity=0.6)
    canvas.body("box", [(270, 290), (450, 394)], (110, 68, 44), roundness=9)
    for y in range(300, 394, 13):
        canvas.shape("line", [(270, y), (450, y)], (70, 42, 28), width=2, opacity=0.7)
    roof = [(246, 300), (300, 224), (424, 224), (474, 300)]
    canvas.body("polygon", roof, (240, 243, 250), roundness=9, strength=0.6)
    canvas.body("box", [(392, 196), (414, 244)], (120, 100, 96), roundness=4)
    canvas.shape("round", [(388, 190), (418, 200)], (246, 248, 252), width=4)
    for dx, dy, size in ((0, 0, 12), (12, -22, 17), (30, -48, 22), (54, -76, 28)):
        canvas.glow((403 + dx, 180 + dy), size, (226, 226, 236), opacity=0.6)
    for left in (292, 398):
        canvas.shape("box", [(left, 322), (left + 34, 356)], (255, 206, 104))
        canvas.shape("line", [(left + 17, 322), (left + 17, 356)], (74, 46, 30), width=3)
        canvas.glow((left + 17, 340), 34, (255, 196, 100), opacity=0.4)
    canvas.shape("box", [(344, 326), (380, 394)], (64, 40, 28))
    for x, foot, tall in ((66, 440, 230), (150, 404, 150), (560, 452, 250), (520, 392, 130)):
        canvas.shape("ellipse", [(x - 60, foot - 8), (x + 60, foot + 10)], (120, 134, 178), blur=5, opacity=0.6)
        fir(canvas, x, foot, tall, (34, 58, 58), (236, 240, 250))
    canvas.fill(canvas.mask(*dots(canvas, 220, HEIGHT, (0.6, 2.2))), (255, 255, 255), opacity=0.8)
    return canvas.finished()


def fog() -> Image.Image:
    canvas = Canvas(30)
    canvas.image = canvas.gradient((206, 214, 206), (190, 196, 178))
    for depth in range(7):
        near = depth / 6
        colour = mixed((188, 198, 190), (34, 40, 34), near**1.3)
        for _ in range(13 - depth):
            x = canvas.random.uniform(-20, WIDTH + 20)
            if abs(x - 330) < 36 + near * 130:
                continue
            wide = 5 + near * 26 * canvas.random.uniform(0.6, 1.1)
            foot = 300 + near * 150
            lean = canvas.random.uniform(-14, 14)
            trunk = [
                (x - wide / 2, foot),
                (x - wide * 0.3 + lean, -10),
                (x + wide * 0.3 + lean, -10),
                (x + wide / 2, foot),
            ]
            canvas.body("polygon", trunk, colour, blur=1.6 * (1 - near), roundness=wide / 3, strength=0.4)
            for _ in range(3):
                y, reach = canvas.random.uniform(20, 190), canvas.random.choice([-1, 1]) * (30 + 70 * near)
                twig = curve([(x, y), (x + reach * 0.5, y - 22), (x + reach, y - 24)], 12)
                canvas.shape("line", twig, colour, width=1 + wide / 10)
        if depth < 6:
            canvas.shape("box", GROUND, (212, 218, 210), opacity=0.1)
        ground = [(0, 300 + near * 120), (WIDTH, 296 + near * 120), (WIDTH, HEIGHT), (0, HEIGHT)]
        canvas.shape("polygon", ground, mixed((176, 178, 150), (92, 74, 44), near), blur=8)
    path = [(318, 306), (342, 306), *curve([(342, 306), (372, 360), (470, 482)]), (160, 482), (290, 370)]
    canvas.shape("polygon", path, canvas.gradient((206, 202, 182), (138, 116, 84), start=306), blur=7)
    canvas.grainy(canvas.mask(("box", [(0, 320), (WIDTH, HEIGHT)]), blur=14), (24, 60), 0.32)
    for tone in ((182, 96, 34), (214, 158, 60), (196, 124, 46)):
        leaves: list[Ellipse] = []
        for y in canvas.random.uniform(330, HEIGHT, 90).tolist():
            x, size = canvas.random.uniform(0, WIDTH), 1 + (y - 320) / 60
            leaves.append(("ellipse", [(x, y), (x + size * 2.4, y + size)]))
        canvas.fill(canvas.mask(*leaves), tone, opacity=0.8)
    canvas.glow((330, 230), 170, (236, 238, 226), opacity=0.55)
    return canvas.finished(vignette=0.3)


def _balloon(canvas: Canvas, x: float, y: float, size: float, colours: tuple[Rgb, Rgb]) -> None:
    """A balloon with stripes and a basket; `size` is its radius."""
    hull = curve(
        [
            (x, y - size),
            (x + size * 0.86, y - size * 0.5),
            (x + size * 0.82, y + size * 0.3),
            (x + size * 0.2, y + size * 1.15),
        ]
    )
    hull += curve(
        [
            (x - size * 0.2, y + size * 1.15),
            (x - size * 0.82, y + size * 0.3),
            (x - size * 0.86, y - size * 0.5),
            (x, y - size),
        ]
    )
    whole = canvas.mask(("polygon", hull))
    canvas.solid(whole, colours[0], roundness=size * 0.42, strength=0.75)
    for part in (-0.62, 0.0, 0.62):
        stripe = canvas.mask(
            ("ellipse", [(x + (part - 0.17) * size, y - size * 1.1), (x + (part + 0.17) * size, y + size * 1.2)])
        )
        both = Image.composite(stripe, Image.new("L", canvas.size, 0), whole)
        canvas.fill(both, colours[1], opacity=0.85)
    shade = canvas.mask(
        ("ellipse", [(x - size * 0.1, y - size * 0.9), (x + size * 1.2, y + size * 1.2)]), blur=size * 0.24
    )
    canvas.fill(Image.composite(shade, Image.new("L", canvas.size, 0), whole), (30, 20, 40), opacity=0.28)
    for dx in (-0.16, 0.16):
        canvas.shape(
            "line", [(x + dx * size, y + size * 1.15), (x + dx * 0.8 * size, y + size * 1.42)], (70, 50, 40), width=1
        )
    canvas.body(
        "box", [(x - size * 0.15, y + size * 1.4), (x + size * 0.15, y + size * 1.62)], (126, 84, 48), roundness=3
    )


def balloons() -> Image.Image:
    canvas = Canvas(17)
    canvas.image = canvas.gradient((98, 168, 226), (250, 226, 190), end=360)
    clouds(canvas, (255, 250, 244), low=0.55, until=320)
    tones: tuple[Rgb, ...] = ((148, 176, 164), (132, 168, 98), (196, 176, 84), (96, 140, 62))
    for index, (base, rise) in enumerate(((352, 40), (384, 30), (424, 26), (466, 24))):
        hill = canvas.mask(("polygon", ridge(canvas, base, rise, rough=3)))
        canvas.solid(hill, tones[index], roundness=12, strength=0.3)
        canvas.grainy(hill, (30, 70), 0.12)
    for _ in range(46):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(384, 470)
        size = 3 + (y - 370) / 14
        canvas.body("ellipse", [(x - size, y - size), (x + size, y + size * 0.7)], (52, 92, 46), roundness=3)
    _balloon(canvas, 520, 250, 30, ((84, 120, 196), (240, 240, 232)))
    _balloon(canvas, 120, 236, 42, ((240, 190, 60), (208, 84, 44)))
    _balloon(canvas, 322, 150, 92, ((206, 52, 48), (250, 214, 96)))
    _balloon(canvas, 446, 318, 16, ((110, 160, 90), (250, 240, 200)))
    return canvas.finished()
