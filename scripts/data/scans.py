"""Pages as a scanner gives them: a little crooked, grey, noisy, folded, stamped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from scripts.data.drawing import Picture, block, font

__all__ = ["SCANS", "scanned"]

PAGE = (827, 1169)  # A4 at 100 dots per inch
Family = Literal["serif", "mono", "times", "sans"]

MINUTES = """Present: R. Teague (chair), L. Okafor, A. Quill, T. Marsh (minutes)
Excused: G. Holm

1. The minutes of 3 March were approved.

2. The roof above the reading room leaks again. T. Marsh has two offers, 4,150 and 5,900 euros. The committee chose \
the cheaper one; work begins on 7 April and takes four days.

3. The summer party will be on Saturday, 21 June. Greta Holm is asked for soup for eighty people. Music has to stop \
at ten in the evening.

4. Thirty-one chairs are broken. L. Okafor will ask the school whether it has some to spare.

5. Any other business: the key to the cellar is still missing. Whoever has it is asked to put it into the letter box.

Next meeting: Monday, 14 April, 18:30, in the small hall."""

LETTER = """Dear Ms Nogueira,

thank you for your letter of 2 May and for the photograph of the bench.

You are right: the bench by the mill pond was removed in February because two of its planks had rotted, and nobody \
put up a notice. I apologise for that. A new bench made of oak has been ordered and will be set up before the end of \
June, ten metres further to the north, where it stands in the shade in the afternoon.

We will gladly fix the brass plate with your father's name to it. Please keep the plate until our gardener, Mr \
Amadeu, comes to collect it; he will ring you up beforehand.

With kind regards"""

CONTRACT = """between the city of Merriden, hereinafter the Lessor, and Crumb & Crust Bakery, hereinafter the Lessee.

§ 1  Subject. The Lessor lets the shop at 17 Fish Market, ground floor, 64 square metres, with a cellar of 20 square \
metres.

§ 2  Term. The lease begins on 1 September 2024 and runs for five years. It is prolonged by two years unless one of \
the parties gives notice nine months before it ends.

§ 3  Rent. The monthly rent is 1,180.00 euros, payable by the third working day of each month. Heating and water are \
charged according to use.

§ 4  Deposit. The Lessee pays a deposit of three months' rent.

§ 5  Use. The rooms may be used as a bakery with a café. Baking before four o'clock in the morning needs the written \
consent of the Lessor.

§ 6  Repairs. Repairs up to 150.00 euros each are paid by the Lessee."""

RECIPE = """500 g strong wheat flour
100 g rye flour
390 g water
120 g starter, lively
12 g salt

Mix flour and water, leave alone for one hour. Add the starter and the salt, knead for ten minutes.

Fold every half hour, four times in all. Shape, put into the basket, twelve hours in the cold.

Bake in a closed pot: 25 min. at 250, then 20 min. without the lid at 220.

NB: Aunt Hedwig takes buttermilk instead of water!"""

DELIVERY = (
    ("P-88310", "Water filter", "24", "24"),
    ("P-88214", "Gasket 8.5 mm", "50", "48"),
    ("P-88427", "Gear wheel GR-40", "10", "10"),
    ("KX-220", "Espresso machine", "6", "6"),
    ("KT-12", "Kettle, black", "12", "11"),
)
PROTOKOLL = """Am Dienstag, dem 11. Februar 2025, um 7.40 Uhr stieß der Unterzeichnete im Depot auf folgenden Schaden:

Das Rolltor an der Ostseite ließ sich nicht mehr schließen. Die untere Schiene war auf etwa einem Meter verbogen, \
vermutlich durch den Gabelstapler der Firma Hellwig, der am Vorabend Paletten gebracht hatte.

Es wurde nichts gestohlen. Drei Fahrräder mit den Nummern 0418, 0733 und 1102 haben Kratzer am Rahmen.

Das Tor wurde mit Brettern gesichert und die Versicherung um 8.15 Uhr telefonisch unterrichtet. Schaden nach erster \
Schätzung: 2.300 Euro."""

LEFT = """THE SEAL OF THE MARINA. Since Sunday a young seal has been resting on the pontoon of the rowing club, and \
the rowers have moved their training to the canal. "It looks at us as if we were late with the rent," says the club's \
president."""
RIGHT = """\
The harbour master asks visitors to keep thirty metres away and their dogs on a lead. The animal is healthy, \
says veterinary surgeon Pilar Dunne, "just tired and rather fond of an audience". It is expected to leave with \
the spring tide on Friday."""


@dataclass(frozen=True)
class Damage:
    """What the scanner and the years did to a page."""

    seed: int
    angle: float = 0.0
    noise: float = 7.0
    grey: int = 232
    shade: float = 0.12
    blur: float = 0.6
    fold: float = 0.0  # where the page was folded, as a part of its height


def scanned(page: Image.Image, damage: Damage) -> Image.Image:
    """The page as grey levels, turned, unevenly lit, noisy, with specks; black where the lid did not close."""
    random = np.random.default_rng(damage.seed)
    paper = Image.new("L", page.size, 40)
    turned = page.convert("L").rotate(damage.angle, Image.Resampling.BICUBIC, fillcolor=0)
    mask = Image.new("L", page.size, 255).rotate(damage.angle, Image.Resampling.BICUBIC, fillcolor=0)
    paper.paste(turned, (0, 0), mask)
    levels = np.asarray(paper.filter(ImageFilter.GaussianBlur(damage.blur)), dtype=np.float64)
    height, width = levels.shape
    levels = 255 - (255 - levels) * 0.86  # ink is never black
    levels *= damage.grey / 255
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    levels *= 1 - damage.shade * (across**2 * 0.7 + (1 - down) * 0.5)
    if damage.fold:
        distance = np.abs(np.arange(height) - damage.fold * height - np.linspace(-2, 2, height))
        levels *= (1 - 0.2 * np.exp(-((distance / 3.0) ** 2)) - 0.05 * np.exp(-((distance / 26.0) ** 2)))[:, None]
    levels += random.normal(0, damage.noise, levels.shape)
    result = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(result)
    for _ in range(60):
        x, y, size = random.uniform(0, width), random.uniform(0, height), random.uniform(0.4, 1.7)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=int(random.integers(70, 150)))
    return result


def sheet(heading: str, body: str, *, family: Family = "times", size: float = 21, head: str = "") -> Image.Image:
    """A page of text with a heading and a letterhead."""
    image = Image.new("L", PAGE, 255)
    draw = ImageDraw.Draw(image)
    y = 90.0
    if head:
        draw.text((PAGE[0] / 2, y), head, font=font(17, family=family), fill=60, anchor="mm")
        draw.line((95, y + 24, PAGE[0] - 95, y + 24), fill=90, width=1)
        y += 60
    bold = family != "mono"
    y = block(draw, (95, y), heading, font(size * 1.4, bold=bold, family=family), width=PAGE[0] - 190, fill="#141414")
    block(draw, (95, y + 22), body, font(size, family=family), width=PAGE[0] - 190, fill="#191919", spacing=1.38)
    return image


def stamp(image: Image.Image, text: str, place: tuple[int, int], *, angle: float = 12) -> None:
    """A rubber stamp in a frame, unevenly inked."""
    face = font(34, bold=True, family="sans")
    wide = int(face.getlength(text)) + 50
    mark = Image.new("L", (wide, 84), 0)
    draw = ImageDraw.Draw(mark)
    draw.rounded_rectangle((4, 4, wide - 5, 79), 10, outline=255, width=5)
    draw.text((wide / 2, 42), text, font=face, fill=255, anchor="mm")
    random = np.random.default_rng(len(text))
    patches = Image.fromarray((random.uniform(0.35, 1, (6, 14)) * 255).astype(np.uint8))
    mark = ImageChops.multiply(mark, patches.resize(mark.size, Image.Resampling.BICUBIC))
    mark = mark.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    image.paste(70, place, mark)


def signature(image: Image.Image, place: tuple[float, float], seed: int, *, letters: int = 9) -> None:
    """A name as people write it who write it often."""
    random = np.random.default_rng(seed)
    count = 40 * letters
    turn = np.linspace(0, 2 * np.pi * letters, count)
    decay = np.linspace(1, 0.35, count)
    lift = np.repeat(random.uniform(0.35, 1.3, letters), 40)
    x = place[0] + turn * 3.4 + np.cos(turn) * 8 * decay
    y = place[1] + np.sin(turn * 1.02) * 19 * decay * lift - turn * 0.5
    ImageDraw.Draw(image).line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=40, width=3, joint="curve")


def minutes() -> Image.Image:
    page = sheet("Minutes of the library committee, 17 March 2025", MINUTES, family="mono", size=16.5)
    signature(page, (110, 1050), 4)
    return scanned(page, Damage(seed=1, angle=1.3, noise=9, shade=0.16))


def letter() -> Image.Image:
    page = sheet("Your bench by the mill pond", LETTER, head="Parks Department · Mill Lane 2 · Merriden")
    signature(page, (110, 900), 8, letters=11)
    ImageDraw.Draw(page).text((95, 950), "Rosalind Teague, head of works", font=font(20, family="times"), fill=30)
    stamp(page, "RECEIVED 12 MAY", (385, 960), angle=9)
    return scanned(page, Damage(seed=2, angle=-0.9, fold=0.36, grey=238))


def contract() -> Image.Image:
    page = sheet("Lease of business premises", CONTRACT, head="Page 1 of 3")
    draw = ImageDraw.Draw(page)
    for left, name in ((95, "Lessor"), (470, "Lessee")):
        draw.line((left, 1062, left + 260, 1062), fill=60, width=1)
        draw.text((left, 1070), name, font=font(17, family="times"), fill=40)
    signature(page, (120, 1040), 15)
    signature(page, (500, 1044), 23, letters=7)
    return scanned(page, Damage(seed=3, angle=0.5, noise=6, blur=0.5))


def recipe_card() -> Image.Image:
    page = Image.new("L", (900, 680), 250)
    draw = ImageDraw.Draw(page)
    draw.rectangle((14, 14, 885, 665), outline=150, width=2)
    draw.text((60, 60), "Sourdough bread (makes one)", font=font(31, bold=True, family="mono"), fill=20)
    parts = RECIPE.split("\n\n", 1)
    block(draw, (60, 130), parts[0], font(20, family="mono"), width=300, fill="#1e1e1e", spacing=1.6)
    block(draw, (395, 130), parts[1], font(18, family="mono"), width=440, fill="#1e1e1e", spacing=1.42)
    for reach in (74, 78):
        draw.arc((180 - reach, 520 - reach, 180 + reach, 520 + reach), 20, 330, fill=196, width=5)
    return scanned(page, Damage(seed=4, angle=-2.1, noise=8, grey=222, shade=0.2, blur=0.7))


def delivery_note() -> Image.Image:
    page = sheet(
        "Delivery note 55-1093",
        "To: Ormavel Bikes and Kitchen, depot Alcântara\nDate: 6 May 2025",
        family="sans",
        size=19,
    )
    draw = ImageDraw.Draw(page)
    face = font(17, family="sans")
    lefts = (95, 240, 500, 620)
    for row, cells in enumerate((("Part", "Description", "Ordered", "Counted"), *DELIVERY)):
        y = 330 + row * 62
        draw.rectangle((85, y, 742, y + 62), outline=90, width=1)
        for left, cell in zip(lefts, cells, strict=True):
            draw.text(
                (left, y + 31),
                cell,
                font=font(17, bold=True, family="sans") if row == 0 else face,
                fill=30,
                anchor="lm",
            )
    for row, cells in enumerate(DELIVERY):
        y = 330 + (row + 1) * 62 + 31
        if cells[2] != cells[3]:
            draw.ellipse((600, y - 25, 665, y + 24), outline=50, width=3)
        draw.line((700, y, 708, y + 10, 722, y - 14), fill=50, width=3)
    text = "Two gaskets and one kettle are missing. Carton 3 was open on arrival."
    block(draw, (95, 750), text, font(19, family="sans"), width=620, fill="#202020")
    signature(page, (110, 900), 31, letters=8)
    draw.text((95, 945), "Checked by: J. Ferreira", font=face, fill=40)
    stamp(page, "INCOMPLETE", (480, 850), angle=14)
    return scanned(page, Damage(seed=5, angle=1.9, noise=10, grey=226, shade=0.2))


def schadensprotokoll() -> Image.Image:
    page = sheet("Schadensprotokoll", PROTOKOLL, family="mono", size=17, head="Ormavel Bikes · Depot Hamburg-Altona")
    signature(page, (110, 860), 44)
    ImageDraw.Draw(page).text((95, 905), "J. Petersen, Depotleitung", font=font(17, family="mono"), fill=40)
    stamp(page, "KOPIE", (560, 860), angle=-8)
    return scanned(page, Damage(seed=6, angle=-1.6, noise=10, grey=218, shade=0.22, blur=0.8, fold=0.5))


def newspaper() -> Image.Image:
    page = Image.new("L", (900, 640), 232)
    draw = ImageDraw.Draw(page)
    draw.text((450, 66), "THE MERRIDEN COURIER", font=font(44, bold=True, family="times"), fill=30, anchor="mm")
    draw.line((50, 100, 850, 100), fill=60, width=2)
    draw.text((450, 120), "Wednesday, 2 April 2025", font=font(17, family="times"), fill=50, anchor="mm")
    draw.line((50, 138, 850, 138), fill=60, width=1)
    draw.text((50, 190), "Seal takes over rowing club", font=font(46, bold=True, family="times"), fill=20, anchor="lm")
    block(draw, (50, 250), LEFT, font(21, family="times"), width=380, fill="#1c1c1c", spacing=1.32)
    end = block(draw, (470, 250), RIGHT, font(21, family="times"), width=380, fill="#1c1c1c", spacing=1.32)
    draw.line((450, 250, 450, end), fill=150, width=1)
    draw.rectangle((50, end + 34, 850, end + 140), outline=60, width=2)
    text = "Lost: key to the library cellar, on a green ribbon. Finder's reward: one loaf of rye bread."
    block(draw, (80, end + 62), text, font(22, family="times"), width=740, fill="#1c1c1c")
    return scanned(page, Damage(seed=7, angle=0.8, noise=11, grey=208, shade=0.15, blur=0.7))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _scan(id: str, title: str, text: str, draw: Callable[[], Image.Image], lang: str = "en") -> Picture:  # noqa: A002
    return Picture(id=id, title=title, text=_flat(text), kind="scan", draw=draw, lang=lang, suffix="webp")


SCANS = (
    _scan(
        "scan-minutes",
        "Minutes of the library committee",
        f"Scan of a typed page: Minutes of the library committee, 17 March 2025. {MINUTES} Signed.",
        minutes,
    ),
    _scan(
        "scan-letter",
        "Letter about a bench by the mill pond",
        "Scan of a letter with a fold and the stamp RECEIVED 12 MAY. Parks Department, Mill Lane 2, Merriden. Your "
        f"bench by the mill pond. {LETTER} Rosalind Teague, head of works.",
        letter,
    ),
    _scan(
        "scan-lease",
        "Lease of business premises, page 1",
        f"Scan of page 1 of 3 of a contract with two signatures: Lease of business premises {CONTRACT}",
        contract,
    ),
    _scan(
        "scan-recipe",
        "Recipe card: sourdough bread",
        f"Scan of a typed recipe card with the ring of a cup on it: Sourdough bread (makes one). {RECIPE}",
        recipe_card,
    ),
    _scan(
        "scan-delivery",
        "Delivery note 55-1093",
        "Crooked scan of delivery note 55-1093 of 6 May 2025 to the depot Alcântara, stamped INCOMPLETE. Ordered and "
        "counted: "
        + "; ".join(f"{part} {name}: {ordered} and {counted}" for part, name, ordered, counted in DELIVERY)
        + ". Two gaskets and one kettle are missing. Carton 3 was open on arrival. Checked by: J. Ferreira.",
        delivery_note,
    ),
    _scan(
        "scan-schaden",
        "Schadensprotokoll aus dem Depot Altona",
        "Scan einer schlechten Kopie, gestempelt KOPIE: Schadensprotokoll, Ormavel Bikes, Depot Hamburg-Altona. "
        f"{PROTOKOLL} J. Petersen, Depotleitung.",
        schadensprotokoll,
        lang="de",
    ),
    _scan(
        "scan-newspaper",
        "Seal takes over rowing club",
        "Scan of a newspaper cutting in two columns, The Merriden Courier, Wednesday, 2 April 2025: Seal takes over "
        f"rowing club. {LEFT} {RIGHT} Lost: key to the library cellar, on a green ribbon. Finder's reward: one loaf of "
        "rye bread.",
        newspaper,
    ),
)
