"""An annual report: figures, charts, a map-like drawing of depots, a scanned letter of the auditor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from scripts.data.chart_style import BLUE, GREEN, ORANGE, RED, SKY
from scripts.data.drawing import font
from scripts.data.scans import Damage, scanned, sheet, signature, stamp
from scripts.data.sheets import Sheet

__all__ = ["TITLE", "annual_report", "auditor"]

TITLE = "Ormavel annual report 2024"
DARK = "#17332b"
YEARS = ("2020", "2021", "2022", "2023", "2024")
REVENUE = (11.2, 13.9, 16.1, 18.8, 21.6)
RESULT = (-0.8, 0.2, 0.6, 0.9, 1.1)
KEY = (
    ("", "2023", "2024", "Change"),
    ("Revenue, million euros", "18.8", "21.6", "+14.9 %"),
    ("Operating result, million euros", "0.9", "1.1", "+22.2 %"),
    ("Employees on 31 December", "143", "161", "+18"),
    ("Bicycles in service", "1,860", "2,240", "+380"),
    ("Paying users of Notes", "61,400", "78,900", "+28.5 %"),
    ("Tickets answered within a day", "81 %", "88 %", "+7 points"),
    ("Equity ratio", "34 %", "37 %", "+3 points"),
)
LETTER = """\
A year ago we wrote that the bicycles would have to earn their own living. They do. Since August every depot covers \
its costs, including the one in Hamburg, where it rained on 141 days.

The best news of the year hardly made a sound: 78,900 people now pay for Notes, and three in four of them came because \
somebody they knew showed it to them. We spent 8 per cent less on advertising than in 2023.

Not everything went well. On 6 February 2025, just before this report was finished, a certificate expired and 1,200 \
locks in Lisbon did not open for 78 minutes. Nobody was hurt; many were late. We have paid back all rides of that \
morning, and certificates are now renewed by a machine and checked by two people.

Kitchen had a difficult spring. A batch of sous-vide sticks had to be recalled, which cost 340,000 euros. The KX-220, \
by contrast, sold better than ever, and its spare parts are now kept in stock for twelve years.

In 2025 we will open a depot in Porto, retire the lock LK-5, and bring the search of Notes to places without a \
network. We will not pay a dividend: the profit is carried forward."""
AUDIT = """To the shareholders of Ormavel Ltd

We have audited the annual accounts of the company for the year that ended on 31 December 2024, which consist of the \
balance sheet, the profit and loss account and the notes.

In our opinion the accounts give a true and fair view of the position of the company and comply with the law.

One matter received our particular attention: the value of 410 locks of the type LK-5, which are to be retired in \
2025, was written down by 62,000 euros. We consider the amount appropriate.

We have no objection to the proposed carrying forward of the profit.

Merriden, 14 March 2025"""


def _cover() -> Sheet:
    page = Sheet(ground=DARK)
    axes = page.axes(0, 330, 595, 512)
    axes.axis("off")
    across = np.linspace(0, 10, 200)
    for index in range(16):
        height = 1.2 + index * 0.42 + np.sin(across * 0.8 + index * 0.35) * 0.55
        axes.plot(across, height, color="#F0C419", alpha=0.12 + index * 0.04, lw=2.2)
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 9)
    page.text(62, 110, "2024", 72, color="#F0C419", fontweight="bold")
    page.text(66, 206, "Annual report", 26, color="white")
    page.text(66, 248, "Coffee, notes, bicycles", 13, color="#b9d3c8")
    page.text(66, 790, "Ormavel Ltd", 11, color="white", fontweight="bold")
    return page


def _page(number: int) -> Sheet:
    page = Sheet(colour=DARK, size=11)
    page.foot(TITLE, number)
    return page


def _letter(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("To everybody who owns a part of Ormavel", 17)
    for text in LETTER.split("\n\n"):
        flow.paragraph(text, 11, spacing=1.55)
    flow.gap(14).paragraph("Beatriz Lindqvist, managing director", 11, fontweight="bold")
    return page


def _figures(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("The year in figures", 20)
    flow.table(KEY, (0.46, 0.17, 0.17, 0.2), size=9.5, right=(1, 2, 3))
    axes = flow.gap(8).chart(330)
    bars = axes.bar(YEARS, REVENUE, color=[SKY] * 4 + [BLUE], width=0.62)
    axes.bar_label(bars, fmt="%.1f", fontsize=9, padding=2)
    axes.set_ylabel("million euros", fontsize=9)
    axes.set_ylim(-3, 25)
    axes.plot(YEARS, RESULT, color=RED, marker="o", lw=2)
    for place, value in enumerate(RESULT):
        axes.text(place, -1.4, f"{value:+.1f}", fontsize=8.5, color=RED, ha="center", va="top")
    axes.axhline(0, color="#8a949b", lw=0.8)
    axes.set_title("Revenue (bars) and operating result (line), 2020 to 2024", fontsize=10.5, loc="left")
    flow.paragraph("Figures in euros. The result of 2020 includes the costs of moving the warehouse.", 8.5)
    return page


def _bikes(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("Bicycles: five depots, 2,240 wheels times two", 17)
    flow.paragraph(
        "Riders unlocked our bicycles 1.9 million times, a quarter more often than in 2023. A ride lasted 17 minutes "
        "on average. The night shift moves 220 bicycles from where they are left to where they are wanted."
    )
    axes = flow.chart(290)
    cities = ("Lisbon", "Hamburg", "Valdoro", "Merriden", "Graz")
    before, after = np.array((780, 410, 290, 230, 150)), np.array((1198, 439, 301, 246, 56))
    places = np.arange(5)
    axes.bar(places - 0.2, before, 0.38, color="#b9d3c8", label="2023", hatch="//", edgecolor="white")
    bars = axes.bar(places + 0.2, after, 0.38, color=GREEN, label="2024")
    axes.bar_label(bars, fontsize=8, padding=2)
    axes.set_xticks(places, cities)
    axes.set_ylabel("bicycles in service", fontsize=9)
    axes.legend(frameon=False, fontsize=8)
    axes.set_title("Bicycles by depot", fontsize=10.5, loc="left")
    flow.heading("Graz gets smaller")
    flow.paragraph(
        "The city of Graz limits rental bicycles to sixty. We moved the others to Lisbon by train, in three waggons. "
        "The depot stays open two days a week."
    )
    flow.heading("Theft")
    flow.paragraph(
        "47 bicycles were stolen (2023: 71). The lock LK-7 reports when somebody lifts a bicycle that is not rented; "
        "29 of the stolen ones were found again within a week."
    )
    return page


def _people(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("People and environment", 20)
    flow.paragraph(
        "161 people worked for Ormavel at the end of the year, in six languages. 44 per cent of those who lead a team "
        "are women. Eleven apprentices are learning to be mechanics, two to be bakers' technicians."
    )
    top = flow.y + 8
    for left, title, parts, colours in (
        (
            62,
            "Where people work",
            {"Bicycles": 68, "Notes": 41, "Kitchen": 34, "Office": 18},
            (GREEN, BLUE, ORANGE, "#9aa5ad"),
        ),
        (
            306,
            "Emissions, tonnes of CO2",
            {"Making machines": 640, "Transport": 310, "Power": 85, "Travel": 41},
            (RED, ORANGE, SKY, "#9aa5ad"),
        ),
    ):
        axes = page.axes(left + 40, top + 30, 150, 150)
        axes.pie(list(parts.values()), colors=colours, startangle=90, counterclock=False, wedgeprops={"edgecolor": "w"})
        page.text(left, top, title, 11, fontweight="bold", color=DARK)
        for row, ((name, value), colour) in enumerate(zip(parts.items(), colours, strict=True)):
            y = top + 200 + row * 17
            page.box(left + 30, y, left + 41, y + 11, colour)
            page.text(left + 48, y, f"{name}: {value}", 9)
    flow.gap(300).heading("What we did")
    flow.points(
        (
            "The roastery gets 38 per cent of its electricity from its own roof.",
            "Cartons are made of a single material; 41 tonnes of plastic film were saved.",
            "Old batteries of locks light the depots at night.",
            "We travelled by train wherever it took less than eight hours: 212 flights fewer than in 2019.",
        )
    )
    flow.heading("What we did not manage")
    flow.paragraph(
        "Emissions per machine fell by 4 per cent; the aim was 10. The steel of the boilers is the reason. From 2026 "
        "on we buy steel that is made with hydrogen."
    )
    return page


def auditor() -> Image.Image:
    """The last page: the auditor's letter, scanned."""
    page = sheet(
        "Independent auditor's report", AUDIT, head="Vane & Holloway · Auditors · Quay Street 5 · Merriden", size=20
    )
    signature(page, (110, 930), 101, letters=12)
    ImageDraw.Draw(page).text((95, 980), "C. Holloway, auditor", font=font(20, family="times"), fill=30)
    stamp(page, "VANE & HOLLOWAY", (330, 1000), angle=5)
    return scanned(page, Damage(seed=10, angle=-0.8, noise=6, grey=240))


def annual_report() -> Sequence[Sheet]:
    """Pages 1 to 5."""
    return [_cover(), *(page(number) for number, page in enumerate((_letter, _figures, _bikes, _people), 2))]
