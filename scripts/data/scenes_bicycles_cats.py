"""Scenes with bicycles and cats."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from scripts.data.canvas import HEIGHT, WIDTH, Canvas, Rgb, curve, mixed

__all__ = ["blue_bicycle", "night_cat", "red_bicycle", "sofa_cat"]

Point = tuple[float, float]
STEEL: Rgb = (150, 154, 158)
RUBBER: Rgb = (34, 33, 34)


def bricks(canvas: Canvas, bottom: float) -> None:
    """A wall of bricks down to `bottom`, lit from the left."""
    canvas.image.paste((188, 176, 162), (0, 0, *canvas.size))
    for row in range(int(bottom // 22) + 1):
        for place in range(-1, 13):
            x, y = place * 54 + (27 if row % 2 else 0), row * 22
            tone = mixed((150, 78, 56), (196, 122, 92), canvas.random.uniform())
            canvas.shape("round", [(x + 2, y + 2), (x + 52, y + 20)], tone, width=2)
    wall = canvas.mask(("box", [(0, 0), (WIDTH, bottom)]))
    canvas.grainy(wall, (40, 30), 0.14, octaves=4)
    canvas.shape("ellipse", [(330, -160), (980, 620)], (40, 26, 30), blur=110, opacity=0.4)


def bicycle_lines(x: float, y: float, size: float) -> dict[str, list[tuple[float, list[Point]]]]:
    """The lines of a bicycle by what they are made of; (x, y) is the hub of the rear wheel, `size` its radius."""

    def at(*places: Point) -> list[Point]:
        return [(x + a * size, y + b * size) for a, b in places]

    crank, seat, head, low_head, front = (1.12, 0.06), (0.78, -1.14), (2.2, -1.28), (2.27, -1.02), (2.72, 0.0)
    return {
        "frame": [
            (0.105, at(crank, seat)),
            (0.105, at(seat, head)),
            (0.12, at(crank, low_head)),
            (0.07, at((0, 0), crank)),
            (0.06, at((0, 0), (0.81, -1.05))),
            (0.11, at(head, low_head)),
            (0.08, [*curve(at(low_head, (2.43, -0.5), front), 10)]),
        ],
        "steel": [
            (0.06, at(seat, (0.74, -1.36))),
            (0.07, at(head, (2.15, -1.52))),
            (0.07, [*curve(at((2.02, -1.56), (2.24, -1.6), (2.46, -1.5), (2.5, -1.34)), 10)]),
            (0.05, at((0.98, -0.12), (1.26, 0.24))),
            (0.025, at((1.12, -0.1), (0.0, -0.07))),
            (0.025, at((1.12, 0.22), (0.0, 0.07))),
        ],
        "black": [
            (0.15, [*curve(at((0.46, -1.4), (0.74, -1.42), (1.06, -1.38)), 8)]),
            (0.09, at((2.46, -1.44), (2.5, -1.32))),
            (0.07, at((1.16, 0.26), (1.36, 0.26))),
            (0.07, at((0.88, -0.13), (1.06, -0.13))),
        ],
    }


def _ring(x: float, y: float, radius: float) -> list[Point]:
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in np.linspace(0, 2 * math.pi, 90)]


def bicycle(canvas: Canvas, x: float, y: float, size: float, colour: Rgb, *, shadow: Point | None = None) -> None:
    """A bicycle that looks to the right."""
    lines = bicycle_lines(x, y, size)
    hubs = ((x, y), (x + 2.72 * size, y))
    if shadow:
        dx, dy = shadow
        for group in lines.values():
            for width, points in group:
                moved = [(a + dx, b + dy) for a, b in points]
                canvas.shape("line", moved, (20, 12, 16), width=width * size, blur=3.5, opacity=0.38)
        for a, b in hubs:
            canvas.shape("line", _ring(a + dx, b + dy, size), (20, 12, 16), width=size * 0.09, blur=3.5, opacity=0.38)
    for a, b in hubs:
        spokes = [
            ("line", [(a, b), (a + size * 0.92 * math.cos(turn), b + size * 0.92 * math.sin(turn))])
            for turn in np.linspace(0, 2 * math.pi, 29)[:-1]
        ]
        canvas.fill(canvas.mask(*spokes, width=0.8), (196, 198, 200), opacity=0.85)
        canvas.body("line", _ring(a, b, size), RUBBER, width=size * 0.095, roundness=3, strength=0.8)
        canvas.shape("line", _ring(a, b, size * 0.925), STEEL, width=size * 0.04)
        canvas.shape("ellipse", [(a - size * 0.07, b - size * 0.07), (a + size * 0.07, b + size * 0.07)], STEEL)
    for width, points in lines["steel"]:
        canvas.body("line", points, STEEL, width=width * size, roundness=3, strength=0.9)
    for width, points in lines["frame"]:
        canvas.body("line", points, colour, width=width * size, roundness=3.5, strength=0.9)
    a, b, reach = x + 1.12 * size, y + 0.06 * size, size * 0.17
    canvas.shape("line", _ring(a, b, reach), (92, 94, 98), width=size * 0.05)
    for width, points in lines["black"]:
        canvas.body("line", points, (44, 38, 36), width=width * size, roundness=3, strength=0.9)


def red_bicycle() -> Image.Image:
    canvas = Canvas(41)
    bricks(canvas, 398)
    pavement = canvas.mask(("box", [(0, 396), (WIDTH, HEIGHT)]))
    canvas.fill(pavement, canvas.gradient((168, 164, 158), (116, 112, 108), start=396))
    canvas.grainy(pavement, (60, 60), 0.16)
    canvas.shape("line", [(0, 398), (WIDTH, 398)], (88, 78, 72), width=5)
    for left, right in ((90, 40), (300, 290), (520, 560)):
        canvas.shape("line", [(left, 400), (right, HEIGHT)], (80, 76, 72), width=1.5, opacity=0.7)
    canvas.shape("ellipse", [(96, 404), (560, 434)], (24, 20, 20), blur=8, opacity=0.55)
    bicycle(canvas, 196, 330, 86, (204, 32, 36), shadow=(26, -6))
    basket = [(412, 176), (486, 176), (474, 234), (424, 234)]
    canvas.body("polygon", basket, (158, 108, 58), roundness=9, strength=0.7)
    for y in range(182, 234, 9):
        canvas.shape(
            "line", [(414 + (y - 176) * 0.2, y), (484 - (y - 176) * 0.2, y)], (98, 62, 30), width=1.6, opacity=0.7
        )
    for x in range(420, 484, 9):
        canvas.shape("line", [(x, 178), (x * 0.8 + 90, 233)], (98, 62, 30), width=1.2, opacity=0.6)
    return canvas.finished()


def blue_bicycle() -> Image.Image:
    canvas = Canvas(42)
    canvas.image = canvas.gradient((196, 222, 236), (226, 232, 204), end=250)
    for _ in range(60):
        x, y, size = canvas.random.uniform(0, WIDTH), canvas.random.uniform(90, 236), canvas.random.uniform(24, 60)
        tone = mixed((96, 134, 70), (204, 154, 62), canvas.random.uniform())
        canvas.shape("ellipse", [(x - size, y - size * 0.8), (x + size, y + size * 0.8)], tone, blur=6, opacity=0.8)
    lawn = canvas.mask(("box", [(0, 246), (WIDTH, HEIGHT)]), blur=3)
    canvas.fill(lawn, canvas.gradient((150, 178, 90), (76, 118, 48), start=246))
    canvas.grainy(lawn, (50, 120), 0.24, octaves=4)
    way = [(-10, 300), (660, 268), (660, 292), (-10, 352)]
    canvas.shape("polygon", way, (206, 192, 160), blur=3)
    canvas.blurred(canvas.mask(("box", [(0, 0), (WIDTH, 300)]), blur=14), 2.2)
    trunk = [
        (64, -10),
        (146, -10),
        *curve([(146, -10), (138, 240), (150, 380), (186, 412)]),
        (28, 412),
        *curve([(28, 412), (60, 376), (70, 200)]),
    ]
    canvas.body("polygon", trunk, (104, 78, 56), roundness=17, strength=0.8)
    canvas.grainy(canvas.mask(("polygon", trunk)), (70, 8), 0.3, octaves=4)
    canvas.shape("ellipse", [(150, 404), (600, 442)], (24, 44, 20), blur=9, opacity=0.6)
    bicycle(canvas, 236, 340, 80, (34, 92, 172))
    for tone in ((206, 128, 40), (226, 176, 66), (168, 78, 36)):
        leaves = []
        for _ in range(46):
            x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(384, HEIGHT)
            leaves.append(("ellipse", [(x, y), (x + 7, y + 3.4)]))
        canvas.fill(canvas.mask(*leaves), tone)
    return canvas.finished()


def ear(canvas: Canvas, points: Sequence[Point], fur: Rgb, inside: Rgb) -> None:
    canvas.body("polygon", curve([*points, points[0]], 8), fur, roundness=5)
    middle = (sum(x for x, _ in points) / 3, sum(y for _, y in points) / 3 + 2)
    small = [(middle[0] + (x - middle[0]) * 0.5, middle[1] + (y - middle[1]) * 0.5) for x, y in points]
    canvas.shape("polygon", small, inside, blur=1.5, opacity=0.8)


def sofa(canvas: Canvas, blue: Rgb) -> None:
    """A sofa from the front, on a wooden floor."""
    canvas.shape("ellipse", [(20, 420), (620, 474)], (30, 20, 14), blur=10, opacity=0.5)
    canvas.body("round", [(70, 160), (570, 400)], mixed(blue, (0, 0, 0), 0.12), width=34, roundness=20)
    for left in (86, 324):
        canvas.body("round", [(left, 172), (left + 230, 330)], blue, width=26, roundness=24, strength=0.5)
    for left in (84, 322):
        canvas.body(
            "round", [(left, 304), (left + 234, 388)], mixed(blue, (255, 255, 255), 0.08), width=20, roundness=14
        )
    canvas.body("round", [(70, 376), (570, 430)], mixed(blue, (0, 0, 0), 0.2), width=12, roundness=10)
    for left in (30, 548):
        canvas.body("round", [(left, 236), (left + 62, 436)], blue, width=28, roundness=18, strength=0.7)
    for left in (62, 560):
        canvas.body("box", [(left, 430), (left + 16, 456)], (84, 56, 36), roundness=4)
    back, seat = ("round", [(70, 160), (570, 400)]), ("round", [(30, 260), (612, 430)])
    canvas.grainy(canvas.mask(back, seat, width=30), (120, 90), 0.07, octaves=2)


def lying_body(canvas: Canvas, fur: Rgb) -> Image.Image:
    """Body, tail and paws of a cat that lies down; returns where the body is."""
    canvas.shape("ellipse", [(176, 316), (462, 366)], (14, 26, 46), blur=8, opacity=0.6)
    tail = curve([(430, 326), (474, 336), (468, 360), (404, 362), (340, 358)])
    canvas.body("line", tail, mixed(fur, (0, 0, 0), 0.1), width=23, roundness=8, strength=0.7)
    body = [
        (196, 350),
        *curve([(196, 350), (210, 284), (282, 246), (370, 250), (436, 290), (446, 346), (400, 362)]),
        (210, 362),
    ]
    shape = canvas.mask(("polygon", body))
    canvas.solid(shape, fur, roundness=24, strength=0.7)
    for x in (300, 330, 360, 390, 416):
        stripe = canvas.mask(
            ("line", curve([(x - 8, 246 + abs(x - 330) * 0.22), (x + 4, 276), (x - 4, 312)])), width=7, blur=2
        )
        canvas.fill(Image.composite(stripe, Image.new("L", canvas.size, 0), shape), (170, 86, 30), opacity=0.65)
    for left in (196, 250):
        canvas.body("round", [(left, 338), (left + 66, 364)], mixed(fur, (255, 255, 255), 0.25), width=13, roundness=6)
    return shape


def sleeping_face(canvas: Canvas, fur: Rgb) -> None:
    """The head of a cat whose eyes are closed."""
    ear(canvas, [(178, 246), (176, 204), (214, 230)], fur, (236, 166, 148))
    ear(canvas, [(254, 228), (284, 200), (288, 244)], fur, (236, 166, 148))
    canvas.body("ellipse", [(168, 222), (296, 332)], mixed(fur, (255, 255, 255), 0.06), roundness=17, strength=0.6)
    canvas.shape("ellipse", [(204, 284), (262, 326)], (250, 232, 210), blur=6, opacity=0.95)
    for x in (216, 233, 250):
        canvas.shape("line", [(x, 228), (233 + (x - 233) * 0.7, 252)], (170, 86, 30), width=5, blur=1.5, opacity=0.7)
    for x in (204, 262):
        canvas.shape("line", curve([(x - 14, 274), (x, 281), (x + 14, 274)]), (74, 40, 18), width=3)
    canvas.shape("polygon", [(226, 290), (242, 290), (234, 300)], (206, 112, 104))
    canvas.shape("line", curve([(222, 308), (228, 310), (234, 300), (240, 310), (246, 308)], 8), (120, 66, 40), width=2)
    for side in (-1, 1):
        for dy in (-5, 3, 11):
            canvas.shape(
                "line",
                [(234 + side * 24, 302 + dy * 0.4), (234 + side * 82, 298 + dy * 1.6)],
                (255, 248, 236),
                width=1,
                opacity=0.8,
            )


def sofa_cat() -> Image.Image:
    canvas = Canvas(50)
    canvas.image = canvas.gradient((232, 222, 204), (216, 202, 180))
    canvas.shape("box", [(0, 404), (WIDTH, HEIGHT)], canvas.gradient((158, 112, 70), (126, 84, 50), start=404))
    for y in (420, 444, 466):
        canvas.shape("line", [(0, y), (WIDTH, y)], (90, 58, 34), width=1.5, opacity=0.6)
    canvas.shape("box", [(236, 26), (404, 128)], (92, 66, 44))
    canvas.shape("box", [(246, 36), (394, 118)], (240, 236, 224))
    canvas.shape("polygon", [(250, 114), (300, 62), (336, 96), (356, 78), (390, 114)], (122, 158, 160))
    canvas.shape("ellipse", [(348, 46), (370, 68)], (226, 164, 84))
    sofa(canvas, (52, 96, 150))
    fur: Rgb = (222, 134, 58)
    shape = lying_body(canvas, fur)
    sleeping_face(canvas, fur)
    canvas.grainy(shape, (110, 110), 0.1)
    return canvas.finished()


def night_window(canvas: Canvas) -> None:
    """A window with its sill: stars, the moon and a city outside."""
    pane = canvas.mask(("box", [(120, 30), (520, 370)]))
    canvas.fill(pane, canvas.gradient((14, 22, 58), (52, 70, 124), start=30, end=370))
    stars = []
    for _ in range(70):
        x, y, size = canvas.random.uniform(124, 516), canvas.random.uniform(34, 270), canvas.random.uniform(0.5, 1.4)
        stars.append(("ellipse", [(x - size, y - size), (x + size, y + size)]))
    canvas.fill(canvas.mask(*stars), (236, 240, 255))
    canvas.glow((430, 112), 80, (170, 186, 230), opacity=0.6)
    canvas.body("ellipse", [(396, 78), (464, 146)], (244, 240, 220), roundness=8, strength=0.3)
    for x, top, wide in (
        (120, 300, 64),
        (184, 322, 50),
        (234, 290, 70),
        (304, 326, 88),
        (392, 304, 58),
        (450, 316, 70),
    ):
        canvas.shape("box", [(x, top), (x + wide, 370)], (16, 20, 40))
        for row in range(2):
            for place in range(int(wide // 18)):
                a, b = x + 6 + place * 17, top + 10 + row * 20
                lit = canvas.random.uniform() < 0.45
                canvas.shape("box", [(a, b), (a + 7, b + 9)], (255, 210, 120) if lit else (30, 36, 66))
    for points in ([(320, 26), (320, 374)], [(116, 190), (524, 190)]):
        canvas.body("line", points, (196, 190, 186), width=9, roundness=4)
    for points in ([(114, 26), (114, 374)], [(526, 26), (526, 374)], [(110, 26), (530, 26)]):
        canvas.body("line", points, (206, 200, 196), width=16, roundness=5)
    canvas.body("box", [(70, 370), (570, 398)], (212, 204, 198), roundness=8)


def curtains(canvas: Canvas) -> None:
    """Curtains on both sides."""
    for left, right in (((0, 0), (118, 480)), ((640, 0), (522, 480))):
        for part in range(6):
            a = left[0] + (right[0] - left[0]) * part / 6
            b = left[0] + (right[0] - left[0]) * (part + 1) / 6
            fold = [(min(a, b), 0), (max(a, b), 370 + canvas.random.uniform(0, 30))]
            canvas.body("box", fold, (122, 40, 52), roundness=8, strength=0.8)


def night_cat() -> Image.Image:
    canvas = Canvas(51, light=(0.5, -1))
    canvas.image = canvas.gradient((58, 52, 62), (44, 38, 46))
    night_window(canvas)
    canvas.shape("ellipse", [(150, 362), (300, 388)], (20, 18, 24), blur=5, opacity=0.6)
    tail = curve([(262, 360), (300, 372), (306, 404), (286, 436), (296, 458)])
    canvas.body("line", tail, (24, 22, 28), width=15, roundness=5, strength=0.9)
    body = [(176, 372), *curve([(176, 372), (166, 300), (186, 236), (220, 214), (252, 240), (278, 306), (280, 372)])]
    canvas.body("polygon", body, (26, 24, 30), roundness=13, strength=0.9)
    for points in ([(184, 178), (180, 138), (212, 164)], [(232, 164), (262, 136), (262, 180)]):
        ear(canvas, points, (26, 24, 30), (64, 50, 58))
    canvas.body("ellipse", [(178, 156), (268, 234)], (28, 26, 32), roundness=11, strength=0.9)
    for x in (204, 242):
        canvas.shape("ellipse", [(x - 9, 186), (x + 9, 202)], (206, 216, 92))
        canvas.shape("ellipse", [(x - 3, 187), (x + 3, 201)], (16, 18, 10))
    canvas.shape("polygon", [(218, 210), (228, 210), (223, 216)], (96, 72, 76))
    curtains(canvas)
    return canvas.finished(vignette=0.35)
