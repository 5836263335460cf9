"""Slides of talks: title, points, numbers, a diagram, a timeline, a table, a quotation, an agenda."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw

from scripts.data.drawing import Picture, block, font

__all__ = ["SLIDES"]

SIZE = (960, 540)
SCALE = 2  # drawn twice as large, for smooth corners


class Look(NamedTuple):
    """Colours of a set of slides."""

    ground: str
    ink: str
    accent: str
    soft: str


PLAIN = Look("#ffffff", "#1d2b36", "#0072B2", "#e8f1f7")
DARK = Look("#14212b", "#f2f5f7", "#F0C419", "#22343f")
WARM = Look("#fbf6ee", "#3a2a1d", "#b1543a", "#f0e2d0")
FRESH = Look("#ffffff", "#17332b", "#009E73", "#e2f3ed")

ALARM = (
    ("09:12", "Certificate of the lock server expires"),
    ("09:20", "First riders cannot unlock bicycles"),
    ("09:41", "Team on call finds the cause"),
    ("10:05", "New certificate is rolled out"),
    ("10:30", "All 1,200 locks answer again"),
)
PLANS = (
    ("", "Free", "Plus", "Team"),
    ("Price per month", "0 €", "6 €", "11 € per person"),
    ("Storage", "1 GB", "50 GB", "1 TB"),
    ("Version history", "7 days", "1 year", "unlimited"),
    ("Guests", "1", "10", "100"),
    ("Support", "forum", "e-mail", "telephone"),
)
FIGURES = (("28.6 M", "rides in total"), ("1,200", "bicycles in Lisbon"), ("94 %", "ready to ride"), ("4.7", "stars"))
STEPS = ("Paper or photo", "Text recognition", "Language", "Embedding", "Search index")


def _sheet(look: Look) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), look.ground)
    return image, ImageDraw.Draw(image)


def _done(image: Image.Image, look: Look, number: int, foot: str = "Ormavel") -> Image.Image:
    draw = ImageDraw.Draw(image)
    draw.text((96, 1020), foot, font=font(24), fill=look.accent, anchor="ls")
    draw.text((1824, 1020), f"{number}", font=font(24), fill=look.accent, anchor="rs")
    return image.resize(SIZE, Image.Resampling.LANCZOS)


def _heading(draw: ImageDraw.ImageDraw, look: Look, text: str) -> None:
    draw.rectangle((96, 92, 110, 160), fill=look.accent)
    draw.text((136, 126), text, font=font(58, bold=True), fill=look.ink, anchor="lm")


def opening() -> Image.Image:
    image, draw = _sheet(DARK)
    for index in range(9):
        reach = 260 + index * 110
        draw.arc((1900 - reach, 1000 - reach, 1900 + reach, 1000 + reach), 180, 270, fill=DARK.soft, width=26)
    draw.text((136, 400), "Bicycles that repair", font=font(96, bold=True), fill=DARK.ink, anchor="ls")
    draw.text((136, 520), "themselves? Almost.", font=font(96, bold=True), fill=DARK.accent, anchor="ls")
    draw.text((136, 640), "What 1,200 locks tell us about the next puncture", font=font(40), fill=DARK.ink, anchor="ls")
    draw.text((136, 760), "Noor Salcedo, maintenance, Lisbon, May 2025", font=font(32), fill="#9fb0bb", anchor="ls")
    return _done(image, DARK, 1)


def _points(look: Look, title: str, points: Sequence[str], number: int) -> Image.Image:
    image, draw = _sheet(look)
    _heading(draw, look, title)
    y = 260.0
    for point in points:
        draw.ellipse((140, y + 18, 164, y + 42), fill=look.accent)
        y = block(draw, (206, y), point, font(48), width=1600, fill=look.ink, spacing=1.35) + 44
    return _done(image, look, number)


def habits() -> Image.Image:
    return _points(WARM, "Five habits of good espresso", HABITS, 4)


HABITS = (
    "Warm the cup and the portafilter first",
    "Weigh the beans: 18 grams for a double shot",
    "Stop after 25 to 30 seconds",
    "Wipe the steam wand at once, not later",
    "Descale before the orange lamp asks for it",
)
DATENSCHUTZ = (
    "Notizen werden auf dem Gerät verschlüsselt, bevor sie es verlassen",
    "Den Schlüssel kennt nur, wer das Passwort kennt",
    "Server stehen in Frankfurt und Helsinki",
    "Gelöschtes ist nach 30 Tagen endgültig weg",
)


def datenschutz() -> Image.Image:
    return _points(FRESH, "Datenschutz in vier Sätzen", DATENSCHUTZ, 7)


def numbers() -> Image.Image:
    image, draw = _sheet(PLAIN)
    _heading(draw, PLAIN, "Ormavel Bikes in four numbers")
    for index, (value, what) in enumerate(FIGURES):
        left, top = 136 + (index % 2) * 850, 250 + (index // 2) * 350
        draw.rounded_rectangle((left, top, left + 790, top + 300), 30, fill=PLAIN.soft)
        draw.text((left + 50, top + 140), value, font=font(104, bold=True), fill=PLAIN.accent, anchor="lm")
        draw.text((left + 50, top + 240), what, font=font(36), fill=PLAIN.ink, anchor="lm")
    return _done(image, PLAIN, 3)


def pipeline() -> Image.Image:
    image, draw = _sheet(FRESH)
    _heading(draw, FRESH, "How a scanned page becomes searchable")
    for index, step in enumerate(STEPS):
        left = 110 + index * 350
        draw.rounded_rectangle((left, 400, left + 290, 620), 24, fill=FRESH.soft, outline=FRESH.accent, width=6)
        words = step.replace(" ", "\n", 1) if len(step) > 12 else step
        draw.multiline_text(
            (left + 145, 510), words, font=font(32, bold=True), fill=FRESH.ink, anchor="mm", align="center"
        )
        draw.text((left + 145, 356), f"{index + 1}", font=font(44, bold=True), fill=FRESH.accent, anchor="mm")
        if index < len(STEPS) - 1:
            draw.line((left + 296, 510, left + 336, 510), fill=FRESH.ink, width=8)
            draw.polygon(((left + 332, 492), (left + 352, 510), (left + 332, 528)), fill=FRESH.ink)
    draw.text((110, 760), "All five steps run on the phone; only vectors are sent.", font=font(38), fill=FRESH.ink)
    return _done(image, FRESH, 12)


def outage() -> Image.Image:
    image, draw = _sheet(PLAIN)
    _heading(draw, PLAIN, "78 minutes without locks: what happened")
    draw.line((420, 270, 420, 920), fill="#b8c6d0", width=8)
    for index, (time, what) in enumerate(ALARM):
        y = 280 + index * 150
        colour = "#D55E00" if index in {0, 1} else "#009E73" if index == 4 else PLAIN.accent
        draw.ellipse((396, y - 24, 444, y + 24), fill=colour, outline="white", width=6)
        draw.text((360, y), time, font=font(44, bold=True), fill=PLAIN.ink, anchor="rm")
        draw.text((490, y), what, font=font(40), fill=PLAIN.ink, anchor="lm")
    return _done(image, PLAIN, 5, "Incident review, 6 February 2025")


def plans() -> Image.Image:
    image, draw = _sheet(WARM)
    _heading(draw, WARM, "Ormavel Notes: three plans")
    columns = (136, 700, 1060, 1400)
    for row, cells in enumerate(PLANS):
        top = 240 + row * 118
        if row % 2 == 0:
            draw.rectangle((110, top, 1810, top + 118), fill=WARM.accent if row == 0 else WARM.soft)
        for index, (cell, left) in enumerate(zip(cells, columns, strict=True)):
            face = font(36, bold=row == 0 or index == 0)
            draw.text((left, top + 59), cell, font=face, fill="white" if row == 0 else WARM.ink, anchor="lm")
    return _done(image, WARM, 9)


def quotation() -> Image.Image:
    image, draw = _sheet(DARK)
    draw.text((120, 430), "\u201c", font=font(420, bold=True, family="serif"), fill=DARK.accent, anchor="ls")
    words = "I stopped looking for my notes. I ask for them, in whatever language I think in that day."
    block(draw, (320, 330), words, font(66, family="serif"), width=1400, fill=DARK.ink, spacing=1.4)
    draw.text((320, 800), "Translator from Porto, customer since 2021", font=font(34), fill="#9fb0bb", anchor="ls")
    return _done(image, DARK, 15)


def orden_del_dia() -> Image.Image:
    image, draw = _sheet(PLAIN)
    _heading(draw, PLAIN, "Orden del día: reunión de almacén")
    for index, (time, what, who) in enumerate(ORDEN):
        top = 240 + index * 140
        draw.rectangle((136, top, 1784, top + 116), fill=PLAIN.soft)
        draw.text((170, top + 58), time, font=font(40, bold=True), fill=PLAIN.accent, anchor="lm")
        draw.text((420, top + 58), what, font=font(38), fill=PLAIN.ink, anchor="lm")
        draw.text((1750, top + 58), who, font=font(32), fill="#5b6b77", anchor="rm")
    return _done(image, PLAIN, 2)


ORDEN = (
    ("9:00", "Pedidos atrasados de abril", "Lucía"),
    ("9:20", "Nueva máquina de embalar", "Andrés"),
    ("9:45", "Turnos de agosto", "todos"),
    ("10:15", "Devoluciones: menos cartón", "Marta"),
    ("10:30", "Café", ""),
)


def organisation() -> Image.Image:
    image, draw = _sheet(FRESH)
    _heading(draw, FRESH, "Who looks after the bicycles")

    def box(x: int, y: int, name: str, what: str, strong: bool = False) -> None:
        fill, ink = (FRESH.accent, "white") if strong else (FRESH.soft, FRESH.ink)
        draw.rounded_rectangle((x - 215, y - 75, x + 215, y + 75), 20, fill=fill)
        draw.text((x, y - 22), name, font=font(34, bold=True), fill=ink, anchor="mm")
        draw.text((x, y + 28), what, font=font(27), fill=ink, anchor="mm")

    for x in (340, 960, 1580):
        draw.line(((960, 375), (960, 450), (x, 450), (x, 520)), fill="#8fb9aa", width=6, joint="curve")
    for x in (340, 960, 1580):
        draw.line((x, 670, x, 760), fill="#8fb9aa", width=6)
    box(960, 300, "Noor Salcedo", "head of maintenance", strong=True)
    for x, name, what in ((340, "Depot Alcântara", "6 mechanics"), (960, "Night shift", "4 drivers, 2 vans")):
        box(x, 595, name, what)
    box(1580, 595, "Lock lab", "3 engineers")
    for x, name, what in ((340, "Wheels and brakes", "40 repairs a day"), (960, "Moving bicycles", "220 a night")):
        box(x, 835, name, what)
    box(1580, 835, "Firmware", "LK-5 and LK-7")
    return _done(image, FRESH, 6)


def _slide(id: str, title: str, text: str, draw: Callable[[], Image.Image], lang: str = "en") -> Picture:  # noqa: A002
    return Picture(id=id, title=title, text=text, kind="slide", draw=draw, lang=lang)


SLIDES = (
    _slide(
        "slide-opening",
        "Bicycles that repair themselves? Almost.",
        "Opening slide, white and yellow on dark blue: Bicycles that repair themselves? Almost. What 1,200 locks tell "
        "us about the next puncture. Noor Salcedo, maintenance, Lisbon, May 2025.",
        opening,
    ),
    _slide(
        "slide-numbers",
        "Ormavel Bikes in four numbers",
        "Slide with four large numbers: 28.6 million rides in total, 1,200 bicycles in Lisbon, 94 percent ready to "
        "ride, 4.7 stars.",
        numbers,
    ),
    _slide("slide-espresso", "Five habits of good espresso", f"Slide with five points: {'. '.join(HABITS)}.", habits),
    _slide(
        "slide-outage",
        "78 minutes without locks: what happened",
        "Slide with a timeline of an outage: " + ". ".join(f"{time} {what}" for time, what in ALARM) + ".",
        outage,
    ),
    _slide(
        "slide-organisation",
        "Who looks after the bicycles",
        "Slide with an organisation chart: Noor Salcedo, head of maintenance, above Depot Alcântara (6 mechanics: "
        "wheels and brakes, 40 repairs a day), the night shift (4 drivers, 2 vans: moving 220 bicycles a night) and "
        "the lock lab (3 engineers: firmware of LK-5 and LK-7).",
        organisation,
    ),
    _slide(
        "slide-plans",
        "Ormavel Notes: three plans",
        "Slide with a table of three plans. " + " ".join(f"{row[0]}: {', '.join(row[1:])}." for row in PLANS[1:]),
        plans,
    ),
    _slide(
        "slide-pipeline",
        "How a scanned page becomes searchable",
        f"Slide with a diagram of five boxes and arrows: {', '.join(STEPS)}. All five steps run on the phone; only "
        "vectors are sent.",
        pipeline,
    ),
    _slide(
        "slide-quotation",
        "A customer about her notes",
        "Slide with a quotation in large white letters: I stopped looking for my notes. I ask for them, in whatever "
        "language I think in that day. Translator from Porto, customer since 2021.",
        quotation,
    ),
    _slide(
        "slide-datenschutz",
        "Datenschutz in vier Sätzen",
        f"Folie mit vier Punkten: {'. '.join(DATENSCHUTZ)}.",
        datenschutz,
        lang="de",
    ),
    _slide(
        "slide-orden",
        "Orden del día: reunión de almacén",
        "Diapositiva con el orden del día de una reunión: "
        + ". ".join(f"{time} {what}" + (f" ({who})" if who else "") for time, what, who in ORDEN)
        + ".",
        orden_del_dia,
        lang="es",
    ),
)
