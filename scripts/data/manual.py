"""The instructions of an espresso machine: text, a labelled drawing, tables, a scanned warranty card."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from PIL import Image, ImageDraw

from scripts.data.drawing import font
from scripts.data.scans import Damage, scanned, sheet, signature, stamp
from scripts.data.sheets import Sheet

__all__ = ["TITLE", "manual", "warranty_card"]

TITLE = "KX-220 espresso machine: instructions for use"
BLUE = "#0f4c75"
PARTS = (
    "Water tank, 1.4 litres",
    "Tray that warms cups",
    "Pressure gauge",
    "Steam knob",
    "Steam wand with two holes",
    "Brew group",
    "Portafilter, 58 mm",
    "Drip tray",
)
CODES = (
    ("Display", "What it means", "What to do"),
    ("E-417", "The flow meter counts no pulses", "Press the tank down, prime the pump for 15 seconds"),
    ("E-203", "Steam thermostat too hot", "Switch off, let it cool for 30 minutes"),
    ("E-118", "Grinder draws too much current", "Set it two steps coarser, empty the hopper"),
    ("W-09", "Time to descale", "Descale within the next ten drinks"),
    ("W-12", "Water filter used up", "Replace cartridge P-88310"),
)
DATA = (
    ("Technical data", ""),
    ("Power", "1,450 W at 230 V, 50 Hz"),
    ("Pump pressure", "15 bar, 9 bar at the brew group"),
    ("Size (W x H x D)", "19 x 31 x 29 cm"),
    ("Weight", "4.9 kg"),
    ("Cable", "1.1 m"),
    ("Noise", "68 dB(A)"),
)


def _draw_machine(axes: Axes, *, labels: bool) -> None:
    """The machine from the front, with numbers in circles if wanted; 10 x 10 units."""
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 10)
    axes.set_aspect("equal")
    axes.axis("off")
    steel, dark = "#b9c3c9", "#3d474d"
    axes.add_patch(
        FancyBboxPatch((2.4, 1), 5.2, 7.4, boxstyle="round,pad=0,rounding_size=0.5", fc=steel, ec=dark, lw=1.4)
    )
    axes.add_patch(Rectangle((2.8, 8.4), 2.2, 0.9, fc="#d7e6ee", ec=dark, lw=1.2))
    axes.add_patch(Rectangle((5.2, 8.4), 2.2, 0.25, fc=dark))
    axes.add_patch(
        FancyBboxPatch((2.8, 1.9), 4.4, 3.4, boxstyle="round,pad=0,rounding_size=0.3", fc="#8f9aa1", ec=dark)
    )
    axes.add_patch(Circle((5, 7), 0.72, fc="white", ec=dark, lw=1.4))
    for turn in np.linspace(-0.6, 3.7, 9):
        axes.plot(
            [5 + 0.55 * np.cos(turn), 5 + 0.66 * np.cos(turn)],
            [7 + 0.55 * np.sin(turn), 7 + 0.66 * np.sin(turn)],
            color=dark,
            lw=1,
        )
    axes.plot([5, 5.4], [7, 7.32], color="#c0392b", lw=1.8)
    axes.add_patch(Circle((6.8, 6.3), 0.42, fc=dark))
    axes.plot([7.2, 8.1, 8.1], [5.6, 5.2, 2.9], color=dark, lw=4, solid_capstyle="round")
    axes.add_patch(Rectangle((4.1, 4.75), 1.8, 0.7, fc=dark))
    axes.add_patch(Polygon([(4.2, 4.7), (5.8, 4.7), (5.6, 4.2), (4.4, 4.2)], fc="#6d777d", ec=dark))
    axes.plot([4.2, 1.7], [4.45, 4.1], color="#5b3a24", lw=7, solid_capstyle="round")
    axes.add_patch(Polygon([(4.4, 3.2), (5.6, 3.2), (5.4, 2.2), (4.6, 2.2)], fc="white", ec=dark))
    axes.add_patch(Rectangle((2.4, 1), 5.2, 0.8, fc="#6d777d", ec=dark, lw=1.2))
    if not labels:
        return
    targets = ((3.2, 8.9), (6.8, 8.55), (5.5, 7.4), (6.9, 6.4), (8.1, 3.6), (5.5, 5.1), (2.1, 4.15), (6.6, 1.4))
    places = ((0.9, 9.4), (9.1, 9.3), (9.2, 8), (9.3, 6.6), (9.5, 4.4), (0.8, 6.2), (0.7, 3.2), (9.2, 0.7))
    for number, (target, place) in enumerate(zip(targets, places, strict=True), 1):
        axes.annotate(
            f"{number}",
            target,
            place,
            fontsize=10,
            color="white",
            ha="center",
            va="center",
            fontweight="bold",
            bbox={"boxstyle": "circle,pad=0.28", "fc": BLUE, "ec": "white"},
            arrowprops={"arrowstyle": "-", "color": BLUE, "lw": 1},
        )


def _cover() -> Sheet:
    page = Sheet(ground="#f4f1ea", colour=BLUE)
    page.box(0, 0, 595, 18, BLUE)
    page.text(62, 92, "KX-220", 46, fontweight="bold", color=BLUE)
    page.text(62, 152, "Espresso machine", 22)
    page.text(62, 188, "Instructions for use", 14, color="#55626b")
    _draw_machine(page.axes(98, 240, 400, 400), labels=False)
    page.text(62, 742, "Ormavel Kitchen", 13, fontweight="bold", color=BLUE)
    page.text(62, 764, "Edition 5, January 2025. Keep these instructions as long as you keep the machine.", 9)
    return page


def _page(number: int) -> Sheet:
    page = Sheet(colour=BLUE, size=12)
    page.foot("KX-220, instructions for use", number)
    return page


def _safety(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("Read this first", 20)
    flow.paragraph(
        "The machine makes espresso and hot milk in a household. It is not made for restaurants, for use outdoors or "
        "for liquids other than water in the tank. Children from eight years on may use it while somebody watches "
        "them."
    )
    top = flow.y
    warning = page.flow(left=82, width=440, top=top + 14)
    warning.paragraph("Danger of burns", fontweight="bold", color="#9b1c1c")
    warning.paragraph(
        "Steam leaves the wand at more than 120 °C. Point it into a jug before you open the knob. Never take the "
        "portafilter out while the pump is running; the pressure gauge has to stand at zero."
    )
    page.box(62, top, 533, warning.y + 6, "#fdeceb")
    page.box(62, top, 68, warning.y + 6, "#c0392b")
    flow.gap(warning.y + 12 - top).heading("Electricity")
    flow.points(
        (
            "Plug the machine into a socket with an earth contact; do not use an extension lead.",
            "Pull the plug before you clean the machine and when you go on holiday.",
            "A damaged cable is replaced by the service only. Do not mend it with tape.",
            "Never put the machine into water. If it has been in water, do not switch it on again.",
        )
    )
    flow.heading("Where it may stand")
    flow.points(
        (
            "On a level, dry worktop, ten centimetres away from the wall.",
            "Not beside a hob: the tank becomes soft above 70 °C.",
            "Not where it freezes: water in the pipes bursts them.",
        )
    )
    flow.heading("Old machines")
    flow.paragraph(
        "Do not throw the machine into the household waste. Shops and municipal collection points take it back free of "
        "charge; the copper of the boiler and the steel of the case are used again."
    )
    return page


def _parts(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("Parts of the machine", 20)
    _draw_machine(page.axes(90, flow.y, 410, 410), labels=True)
    flow.gap(424)
    page.flow(left=62, width=225, top=flow.y).points(PARTS[:4], numbered=True)
    right = page.flow(left=308, width=225, top=flow.y)
    for index, part in enumerate(PARTS[4:], 5):
        page.text(312, right.y, f"{index}.", 12, color=BLUE)
        page.text(330, right.y, part, 12)
        right.gap(12 * 1.7)
    flow.gap(96).heading("In the box")
    flow.paragraph(
        "Baskets for one and two cups, a measuring spoon with a tamper, a brush, a strip for testing the hardness of "
        "water, a 6 mm hex key."
    )
    return page


def _first_use(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("Before the first cup", 20)
    flow.points(
        (
            "Rinse the tank, fill it up to the line and press it down until it clicks.",
            "Hold the test strip into your water for one second, wait a minute and count the red fields.",
            "Switch on. Put a jug under the steam wand and open the knob: the pump draws water.",
            "Close the knob after fifteen seconds. The lamp stops blinking after about forty seconds.",
            "Let two tanks of water run through the brew group without coffee.",
        ),
        numbered=True,
    )
    flow.heading("Making espresso", 20)
    flow.paragraph(
        "Grind just before you brew. Fill the basket, press the coffee down evenly and with the weight of your arm, "
        "wipe the rim and lock the portafilter in from left to right. Stop when the cup has the weight of the table."
    )
    flow.table(
        (
            ("Drink", "Coffee", "In the cup", "Seconds", "Grinder"),
            ("Ristretto", "18 g", "25 g", "22 to 26", "4"),
            ("Espresso", "18 g", "36 g", "25 to 30", "5"),
            ("Lungo", "18 g", "54 g", "30 to 35", "6"),
            ("Single espresso", "9 g", "18 g", "25 to 30", "5"),
        ),
        (0.28, 0.18, 0.2, 0.18, 0.16),
    )
    flow.paragraph(
        "Too fast and sour: grind finer. Too slow and bitter: grind coarser. Change one thing at a time. The gauge "
        "should stand between 8 and 10 bar while coffee flows."
    )
    return page


def _milk(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("Milk", 20)
    flow.points(
        (
            "Fill a cold jug to a third with cold milk.",
            "Let steam into the drip tray for two seconds, then dip the tip of the wand just below the surface.",
            "Draw air for five seconds: it sounds like tearing paper. Then go deeper and let the milk turn.",
            "Stop when the jug is too hot to hold, at about 62 °C.",
            "Wipe the wand at once with a damp cloth and let steam out once more.",
        ),
        numbered=True,
    )
    axes = flow.gap(6).chart(250)
    seconds = np.linspace(0, 45, 46)
    for name, start, rate, colour, style in (
        ("1/3 jug", 5, 1.9, "#0072B2", "-"),
        ("2/3 jug", 5, 1.25, "#D55E00", "--"),
    ):
        axes.plot(seconds, start + rate * seconds, color=colour, linestyle=style, lw=2)
        axes.text(45.6, start + rate * 45, name, fontsize=8, color=colour, va="center")
    axes.axhspan(58, 65, color="#e4f2ec")
    axes.text(1, 60, "sweetest between 58 and 65 °C", fontsize=8, color="#00694d")
    axes.set_xlim(0, 52)
    axes.set_ylim(0, 95)
    axes.set_xlabel("seconds of steam", fontsize=8)
    axes.set_ylabel("milk in °C", fontsize=8)
    axes.set_title("How fast milk warms up", fontsize=10, loc="left")
    flow.gap(14).heading("Drinks of plants")
    flow.paragraph(
        "Oat drink for baristas foams best. Soya curdles above 65 °C in acid coffee: let the espresso cool for half a "
        "minute first. Almond drink gives large bubbles that do not last."
    )
    return page


def _cleaning(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("Cleaning and descaling", 20)
    flow.table(
        (
            ("How often", "What"),
            ("After every drink", "Knock out the coffee, rinse the basket, wipe the steam wand"),
            ("Every day", "Empty the drip tray, rinse the tank"),
            ("Every week", "Brush the brew group, soak the basket in hot water"),
            ("Every two months", "Replace filter cartridge P-88310"),
        ),
        (0.32, 0.68),
    )
    flow.heading("Descaling")
    flow.points(
        (
            "Take the filter cartridge out. Fill 100 ml of citric acid descaler and one litre of water into the tank.",
            "Hold the power key for five seconds until W-09 blinks. The cycle takes 25 minutes.",
            "Let two tanks of fresh water run through the brew group and the wand.",
            "Do not use vinegar: it attacks the seals.",
        ),
        numbered=True,
    )
    axes = flow.chart(226)
    bars = axes.bar(
        ("soft", "medium", "hard", "very hard"), (6, 4, 2, 1), color=["#56B4E9", "#3a93c8", "#0072B2", "#0f4c75"]
    )
    axes.bar_label(bars, labels=["6 months", "4 months", "2 months", "1 month"], fontsize=8, padding=2)
    axes.set_ylim(0, 7)
    axes.set_ylabel("months", fontsize=8)
    axes.set_xlabel("hardness of the water", fontsize=8)
    axes.set_title("How long you may wait between two descalings (four coffees a day)", fontsize=10, loc="left")
    return page


def _faults(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("When something is wrong", 20)
    flow.table(CODES, (0.14, 0.38, 0.48), size=10)
    flow.table(
        (
            ("What you see", "Why", "What helps"),
            ("Coffee leaks around the portafilter", "The gasket has hardened", "Replace gasket P-88214 (8.5 mm)"),
            ("No crema", "Old beans, or ground too coarse", "Use beans roasted within six weeks, grind finer"),
            ("Only steam, no water", "Air in the pump", "Open the steam knob and prime the pump"),
            ("Water under the machine", "The drip tray is full", "Empty it when the red float shows"),
        ),
        (0.32, 0.3, 0.38),
        size=10,
    )
    flow.gap(6).table(DATA, (0.4, 0.6), size=10)
    flow.heading("Service")
    flow.paragraph(
        "Telephone 555 010 417, Monday to Friday, 8:00 to 18:00. Have the serial number ready: it is on the plate "
        "under the drip tray. The warranty lasts two years; the card is on the next page."
    )
    return page


def warranty_card() -> Image.Image:
    """The last page: a warranty card that somebody filled in, scanned."""
    page = sheet(
        "Warranty card",
        "Espresso machine KX-220. Valid for 24 months with the stamp of the shop.",
        family="sans",
        size=19,
    )
    draw = ImageDraw.Draw(page)
    fields = (
        ("Serial number", "220-7719-0465"),
        ("Colour", "steel"),
        ("Sold on", "19 December 2024"),
        ("Buyer", "Ida Thorvald"),
        ("Street", "Quay Street 48"),
        ("Town", "Merriden"),
        ("Price paid", "389,00"),
    )
    for index, (name, value) in enumerate(fields):
        y = 320 + index * 76
        draw.text((95, y), name, font=font(17), fill=70)
        draw.line((300, y + 24, 720, y + 24), fill=120, width=1)
        draw.text((316, y - 10), value, font=font(27, family="mono"), fill=45)
    draw.text((95, 900), "Signature of the buyer", font=font(17), fill=70)
    signature(page, (330, 905), 77, letters=10)
    stamp(page, "SCHIRMER & SON", (420, 960), angle=7)
    return scanned(page, Damage(seed=9, angle=1.1, noise=7, grey=236, fold=0.52))


def manual() -> Sequence[Sheet]:
    """Pages 1 to 7."""
    return [
        _cover(),
        *(page(number) for number, page in enumerate((_safety, _parts, _first_use, _milk, _cleaning, _faults), 2)),
    ]
