"""Scenes on tables and in streets: coffee, fruit, a desk, a tram, a city at night."""

from __future__ import annotations

import numpy as np
from PIL import Image

from scripts.data.canvas import HEIGHT, WIDTH, Canvas, Rgb, curve, mixed

__all__ = ["coffee", "desk", "fruit", "skyline", "tram"]

Point = tuple[float, float]


def inside(canvas: Canvas, part: Image.Image, whole: Image.Image) -> Image.Image:
    """What of a mask lies inside another one."""
    return Image.composite(part, Image.new("L", canvas.size, 0), whole)


def planks(canvas: Canvas, top: float, wood: Rgb) -> None:
    """A table of planks that run away from the viewer."""
    table = canvas.mask(("box", [(0, top), (WIDTH, HEIGHT)]))
    canvas.fill(table, canvas.gradient(mixed(wood, (255, 255, 255), 0.18), mixed(wood, (0, 0, 0), 0.1), start=top))
    canvas.grainy(table, (3, 90), 0.16, octaves=4)
    for place in np.linspace(-1.4, 2.4, 12):
        far, near = 320 + (place - 0.5) * 320, 320 + (place - 0.5) * 780
        canvas.shape("line", [(far, top), (near, HEIGHT)], mixed(wood, (0, 0, 0), 0.6), width=2.4, opacity=0.8)
    canvas.shape("line", [(0, top), (WIDTH, top)], mixed(wood, (0, 0, 0), 0.4), width=2)


def coffee() -> Image.Image:
    canvas = Canvas(60)
    canvas.image = canvas.gradient((116, 132, 122), (190, 176, 150), end=220)
    for _ in range(22):
        x, y, size = canvas.random.uniform(0, WIDTH), canvas.random.uniform(0, 190), canvas.random.uniform(14, 40)
        canvas.glow((x, y), size, mixed((250, 222, 160), (160, 180, 150), canvas.random.uniform()), opacity=0.32)
    canvas.blurred(canvas.mask(("box", [(0, 0), (WIDTH, 230)])), 7)
    planks(canvas, 214, (140, 92, 56))
    canvas.shape("ellipse", [(150, 350), (560, 450)], (40, 22, 12), blur=13, opacity=0.6)
    canvas.body("ellipse", [(136, 330), (504, 436)], (238, 236, 230), roundness=10, strength=0.6)
    canvas.shape("ellipse", [(186, 346), (454, 414)], (198, 192, 184), blur=4)
    canvas.shape("ellipse", [(216, 360), (440, 408)], (90, 78, 70), blur=8, opacity=0.55)
    ring = canvas.mask(("line", curve([(418, 256), (486, 252), (488, 320), (410, 336)])), width=20)
    canvas.solid(ring, (244, 242, 236), roundness=6, strength=0.8)
    cup = [
        (206, 236),
        *curve([(206, 236), (216, 310), (252, 374), (280, 386)]),
        (360, 386),
        *curve([(360, 386), (392, 372), (426, 306), (434, 236)]),
    ]
    canvas.body("polygon", cup, (246, 244, 238), roundness=28, strength=0.8)
    canvas.body("ellipse", [(204, 198), (436, 274)], (240, 238, 232), roundness=5, strength=0.5)
    brim = canvas.mask(("ellipse", [(216, 206), (424, 268)]))
    canvas.fill(brim, canvas.gradient((150, 140, 128), (212, 206, 196), start=206, end=268))
    surface = canvas.mask(("ellipse", [(222, 218), (418, 267)]))
    canvas.fill(surface, (84, 46, 22))
    canvas.fill(
        inside(canvas, canvas.mask(("ellipse", [(226, 222), (414, 264)]), blur=5), surface), (148, 92, 46), opacity=0.8
    )
    for size in (1.0, 0.66, 0.34):
        leaf = curve(
            [
                (320, 226 + 16 * (1 - size)),
                (320 + 62 * size, 238),
                (320, 264 - 6 * (1 - size)),
                (320 - 62 * size, 238),
                (320, 226 + 16 * (1 - size)),
            ]
        )
        tone = (240, 218, 182) if size != 0.66 else (160, 102, 54)
        canvas.fill(inside(canvas, canvas.mask(("polygon", leaf), blur=1.2), surface), tone, opacity=0.9)
    for x, lean in ((286, -16), (330, 12), (366, -8)):
        steam = curve([(x, 226), (x + lean, 176), (x - lean, 120), (x + lean * 1.6, 50)])
        canvas.shape("line", steam, (255, 252, 246), width=14, blur=9, opacity=0.5)
    spoon = [(452, 392), (566, 352)]
    canvas.body("line", spoon, (186, 188, 192), width=7, roundness=3, strength=1)
    canvas.body("ellipse", [(412, 384), (470, 412)], (196, 198, 202), roundness=5, strength=1)
    for x, y, turn in ((86, 420, 0), (118, 438, 6), (66, 444, -4), (102, 456, 3)):
        canvas.body("ellipse", [(x, y), (x + 26, y + 17 + turn / 3)], (66, 38, 22), roundness=4, strength=0.9)
        canvas.shape("line", curve([(x + 3, y + 10), (x + 12, y + 7), (x + 23, y + 9)], 6), (34, 18, 10), width=1.6)
    return canvas.finished()


def _ball(canvas: Canvas, x: float, y: float, size: float, colour: Rgb) -> None:
    box: list[Point] = [(x - size, y - size), (x + size, y + size)]
    canvas.shape(
        "ellipse", [(x - size, y - size * 0.8), (x + size * 1.1, y + size * 1.15)], (30, 20, 16), blur=5, opacity=0.45
    )
    canvas.body("ellipse", box, colour, roundness=size * 0.5, strength=0.9)
    canvas.glow((x - size * 0.36, y - size * 0.42), size * 0.26, (255, 255, 250), opacity=0.6)


def fruit() -> Image.Image:
    canvas = Canvas(61)
    canvas.image = canvas.gradient((70, 84, 92), (112, 122, 122), end=270)
    canvas.grainy(canvas.mask(("box", [(0, 0), (WIDTH, 280)])), (6, 5), 0.12)
    cloth = canvas.mask(("box", [(0, 268), (WIDTH, HEIGHT)]))
    canvas.fill(cloth, canvas.gradient((226, 216, 198), (196, 182, 160), start=268))
    canvas.grainy(cloth, (120, 60), 0.06)
    canvas.shape("ellipse", [(150, 392), (560, 446)], (54, 40, 30), blur=13, opacity=0.7)
    canvas.body("ellipse", [(146, 230), (516, 300)], (34, 66, 94), roundness=12)
    banana: Rgb = (240, 200, 62)
    for dx, dy in ((0, 0), (20, 15)):
        arc = [*curve([(196 + dx, 190 + dy), (214 + dx, 128 + dy), (292 + dx, 92 + dy), (372 + dx, 104 + dy)])]
        arc += curve([(372 + dx, 104 + dy), (318 + dx, 132 + dy), (262 + dx, 172 + dy), (240 + dx, 232 + dy)])
        canvas.body("polygon", arc, banana, roundness=13, strength=0.8)
        canvas.shape("line", [(368 + dx, 104 + dy), (386 + dx, 98 + dy)], (96, 74, 34), width=7)
    for x, y, size, colour in (
        (414, 198, 54, (232, 136, 36)),
        (262, 222, 58, (190, 40, 44)),
        (348, 214, 62, (236, 146, 40)),
        (208, 250, 44, (150, 178, 66)),
        (452, 246, 46, (196, 46, 50)),
    ):
        _ball(canvas, x, y, size, colour)
    for x, y in ((262, 170), (452, 206), (208, 212)):
        canvas.shape("line", curve([(x, y + 4), (x + 3, y - 10), (x + 10, y - 18)], 8), (82, 56, 34), width=4)
    leaf = curve([(270, 160), (288, 138), (320, 140), (298, 162), (270, 160)])
    canvas.body("polygon", leaf, (86, 138, 60), roundness=5)
    for index in range(17):
        x, y = 318 + (index % 5) * 21 + (index // 5) * 7, 244 + (index // 5) * 15
        _ball(canvas, x, y, 14, (96, 56, 122))
    bowl = [
        (146, 262),
        *curve([(146, 262), (170, 360), (240, 420), (280, 428)]),
        (380, 428),
        *curve([(380, 428), (450, 410), (500, 340), (516, 262)]),
    ]
    bowl += curve([(516, 262), (430, 294), (330, 302), (230, 294), (146, 262)])
    shape = canvas.mask(("polygon", bowl))
    canvas.solid(shape, (58, 104, 140), roundness=34, strength=0.8)
    for drop in (26, 40):
        stripe = canvas.mask(
            (
                "line",
                curve([(150, 262 + drop), (230, 296 + drop), (330, 304 + drop), (430, 296 + drop), (512, 262 + drop)]),
            ),
            width=5,
        )
        canvas.fill(inside(canvas, stripe, shape), (226, 232, 232), opacity=0.75)
    canvas.shape("line", curve([(146, 262), (230, 294), (330, 302), (430, 294), (516, 262)]), (170, 200, 214), width=5)
    return canvas.finished()


def lamp(canvas: Canvas) -> None:
    """A lamp with a green shade and the light that it throws."""
    light = [(118, 176), (30, 420), (340, 420), (216, 160)]
    canvas.shape("polygon", light, (255, 224, 150), blur=16, opacity=0.45)
    canvas.shape("ellipse", [(70, 398), (210, 428)], (30, 20, 14), blur=6, opacity=0.6)
    canvas.body("ellipse", [(74, 388), (190, 418)], (52, 92, 84), roundness=6)
    for points in ([(132, 400), (76, 262)], [(76, 262), (166, 150)]):
        canvas.body("line", points, (60, 104, 96), width=9, roundness=4, strength=0.9)
    canvas.shape("ellipse", [(66, 252), (86, 272)], (40, 60, 58))
    shade = [
        (142, 118),
        (190, 122),
        *curve([(190, 122), (232, 150), (236, 184)]),
        (116, 188),
        *curve([(116, 188), (118, 152), (142, 118)]),
    ]
    canvas.shape("ellipse", [(120, 172), (234, 200)], (255, 244, 206))
    canvas.body("polygon", shade, (62, 112, 102), roundness=14, strength=0.8)


def desk() -> Image.Image:
    canvas = Canvas(62)
    canvas.image = canvas.gradient((62, 74, 84), (88, 98, 102), end=340)
    canvas.glow((176, 180), 250, (255, 214, 140), opacity=0.6)
    planks(canvas, 346, (150, 104, 66))
    canvas.shape("box", [(420, 60), (640, 70)], (98, 68, 44))
    tones: tuple[Rgb, ...] = (
        (170, 60, 54),
        (60, 110, 140),
        (220, 180, 90),
        (84, 130, 92),
        (120, 84, 130),
        (206, 200, 188),
    )
    x = 430.0
    while x < 604:
        wide, tall = canvas.random.uniform(12, 24), canvas.random.uniform(36, 54)
        tone = tones[int(canvas.random.integers(len(tones)))]
        canvas.body("box", [(x, 60 - tall), (x + wide - 1.5, 60)], tone, roundness=4, strength=0.8)
        x += wide
    lamp(canvas)
    canvas.shape("ellipse", [(230, 410), (560, 446)], (24, 18, 14), blur=8, opacity=0.6)
    canvas.body("round", [(262, 196), (532, 372)], (64, 66, 72), width=10, roundness=6)
    screen = canvas.mask(("box", [(274, 208), (520, 360)]))
    canvas.fill(screen, canvas.gradient((242, 246, 250), (214, 226, 238), start=208, end=360))
    canvas.shape("box", [(274, 208), (520, 224)], (52, 96, 150))
    for row in range(7):
        wide = 60 + (row * 53) % 90
        canvas.shape("box", [(290, 238 + row * 16), (290 + wide, 244 + row * 16)], (150, 164, 178))
    for index, tall in enumerate((28, 52, 40, 70)):
        canvas.shape(
            "box",
            [(424 + index * 22, 344 - tall), (438 + index * 22, 344)],
            (0, 114, 178) if index % 2 else (230, 159, 0),
        )
    base = [(262, 372), (532, 372), (566, 420), (228, 420)]
    canvas.body("polygon", base, (160, 164, 170), roundness=6)
    canvas.shape("polygon", [(276, 378), (518, 378), (534, 400), (260, 400)], (70, 74, 80))
    canvas.body("polygon", [(572, 392), (624, 392), (616, 446), (580, 446)], (196, 108, 74), roundness=10)
    for turn in np.linspace(-1.2, 1.2, 9):
        tip = (598 + 64 * np.sin(turn), 392 - 96 * np.cos(turn))
        leaf = [
            (598, 392),
            (598 + 30 * np.sin(turn) - 8, 392 - 60 * np.cos(turn)),
            tip,
            (598 + 30 * np.sin(turn) + 8, 392 - 56 * np.cos(turn)),
        ]
        canvas.body("polygon", curve(leaf, 8), (72, 128, 70), roundness=4, strength=0.9)
    return canvas.finished(vignette=0.32)


def skyline() -> Image.Image:
    canvas = Canvas(63)
    canvas.image = canvas.gradient((12, 14, 40), (120, 70, 96), end=330)
    canvas.glow((330, 330), 240, (240, 130, 96), opacity=0.4)
    for depth, tone in enumerate(((58, 48, 84), (36, 34, 64), (18, 20, 42))):
        x = -10.0
        while x < WIDTH:
            wide, tall = canvas.random.uniform(26, 62), canvas.random.uniform(60, 236 - depth * 34)
            top = 340 - tall
            canvas.body("box", [(x, top), (x + wide, 342)], tone, roundness=6, strength=0.4)
            if canvas.random.uniform() < 0.25:
                canvas.shape("line", [(x + wide / 2, top), (x + wide / 2, top - 26)], tone, width=2)
            windows = [
                ("box", [(place, row), (place + 4, row + 5.5)])
                for row in np.arange(top + 8, 334, 11)
                for place in np.arange(x + 5, x + wide - 6, 9)
                if canvas.random.uniform() < 0.2 + depth * 0.13
            ]
            if windows:
                canvas.fill(
                    canvas.mask(*windows),
                    mixed((255, 208, 120), (250, 240, 210), canvas.random.uniform()),
                    opacity=0.5 + depth * 0.22,
                )
            x += wide + canvas.random.uniform(-4, 12)
    upper = canvas.image.crop((0, int(canvas.size[1] * 0.42), canvas.size[0], int(canvas.size[1] * 0.708)))
    mirrored = upper.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(
        (canvas.size[0], canvas.size[1] - int(canvas.size[1] * 0.708))
    )
    canvas.image.paste(mirrored, (0, int(canvas.size[1] * 0.708)))
    river = canvas.mask(("box", [(0, 341), (WIDTH, HEIGHT)]))
    canvas.blurred(river, 2.6)
    canvas.fill(river, (10, 14, 36), opacity=0.42)
    ripples = []
    for _ in range(260):
        y = canvas.random.uniform(346, HEIGHT)
        x = canvas.random.uniform(-20, WIDTH)
        ripples.append(("ellipse", [(x, y), (x + 10 + (y - 340) * 0.3, y + 1.4)]))
    canvas.fill(canvas.mask(*ripples), (232, 170, 130), opacity=0.2)
    canvas.shape("box", [(0, 338), (WIDTH, 344)], (12, 12, 26))
    return canvas.finished(vignette=0.3)


def house(canvas: Canvas, left: float, right: float, top: float, colour: Rgb) -> None:
    """The front of a town house with windows, down to the pavement."""
    canvas.body("box", [(left, top), (right, 356)], colour, roundness=10, strength=0.3)
    canvas.shape("box", [(left - 3, top - 8), (right + 3, top + 4)], mixed(colour, (60, 40, 30), 0.5))
    step = (right - left) / 3
    for row in np.arange(top + 22, 310, 62):
        for place in range(3):
            a = left + step * place + step * 0.24
            canvas.shape("box", [(a - 3, row - 3), (a + step * 0.52 + 3, row + 39)], (240, 236, 226))
            canvas.shape(
                "box",
                [(a, row), (a + step * 0.52, row + 36)],
                canvas.gradient((92, 116, 134), (150, 172, 184), start=row, end=row + 36),
            )
            canvas.shape("line", [(a + step * 0.26, row), (a + step * 0.26, row + 36)], (240, 236, 226), width=2)


def tram() -> Image.Image:
    canvas = Canvas(64)
    canvas.image = canvas.gradient((120, 176, 220), (224, 234, 236), end=240)
    for left, right, top, colour in (
        (-20, 128, 84, (222, 176, 150)),
        (128, 268, 48, (236, 222, 182)),
        (268, 420, 92, (170, 196, 196)),
        (420, 552, 40, (224, 160, 140)),
        (552, 690, 76, (240, 230, 206)),
    ):
        house(canvas, left, right, top, colour)
    canvas.blurred(canvas.mask(("box", [(0, 0), (WIDTH, 360)])), 1.2)
    street = canvas.mask(("box", [(0, 354), (WIDTH, HEIGHT)]))
    canvas.fill(street, canvas.gradient((150, 144, 138), (104, 100, 98), start=354))
    canvas.grainy(street, (90, 50), 0.2)
    for y in (436, 458):
        canvas.shape("line", [(0, y), (WIDTH, y)], (70, 70, 74), width=3)
        canvas.shape("line", [(0, y - 2), (WIDTH, y - 2)], (190, 192, 196), width=1)
    canvas.shape("line", [(0, 62), (WIDTH, 56)], (40, 42, 46), width=1.6)
    canvas.shape("line", curve([(330, 150), (300, 110), (336, 60)], 2), (50, 52, 56), width=3)
    canvas.shape("ellipse", [(110, 426), (570, 462)], (20, 18, 18), blur=7, opacity=0.65)
    yellow: Rgb = (242, 190, 40)
    canvas.body("round", [(124, 148), (548, 172)], (150, 152, 150), width=10, roundness=5)
    canvas.body("round", [(112, 162), (560, 430)], yellow, width=26, roundness=16, strength=0.6)
    canvas.body("box", [(112, 176), (560, 290)], (246, 240, 224), roundness=8, strength=0.4)
    for index in range(6):
        left = 128 + index * 71
        pane = canvas.mask(("round", [(left, 190), (left + 60, 282)]), width=7)
        canvas.fill(pane, canvas.gradient((60, 84, 102), (136, 164, 178), start=190, end=282))
        canvas.fill(
            inside(
                canvas,
                canvas.mask(
                    ("polygon", [(left + 6, 282), (left + 30, 190), (left + 46, 190), (left + 22, 282)]), blur=2
                ),
                pane,
            ),
            (236, 244, 246),
            opacity=0.3,
        )
    for left in (199, 412):
        canvas.body("box", [(left, 296), (left + 60, 420)], mixed(yellow, (0, 0, 0), 0.16), roundness=6)
        canvas.shape("box", [(left + 6, 302), (left + 54, 360)], (92, 116, 130))
        canvas.shape("line", [(left + 30, 296), (left + 30, 420)], (120, 92, 20), width=2)
    canvas.shape("box", [(112, 378), (560, 388)], (176, 40, 40))
    canvas.shape("round", [(280, 166), (396, 186)], (24, 26, 30), width=4)
    canvas.shape("polygon", [(300, 180), (306, 171), (312, 180)], (250, 196, 60))
    for left in (322, 334, 346, 358):
        canvas.shape("box", [(left, 172), (left + 8, 180)], (250, 196, 60))
    for x in (186, 250, 424, 488):
        canvas.body("ellipse", [(x - 19, 416), (x + 19, 454)], (58, 58, 62), roundness=6, strength=0.9)
    for x in (130, 542):
        canvas.glow((x, 344), 12, (255, 248, 214))
    return canvas.finished()
