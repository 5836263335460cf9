"""Charts with titles, axes and numbers: bars, lines, pies, points, a histogram, a heat map."""

from __future__ import annotations

import numpy as np
from PIL import Image

from scripts.data.chart_style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PINK,
    RED,
    SKY,
    chart,
    figure,
    listed,
    rendered,
    series,
    titled,
)
from scripts.data.charts_in_other_languages import OTHER_LANGUAGES

__all__ = ["CHARTS"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

QUARTERS = ("Q1", "Q2", "Q3", "Q4")
REVENUE = {"2023": (4.1, 4.6, 3.9, 6.2), "2024": (4.8, 5.3, 4.4, 7.1)}
TOPICS = {"Deliveries": 412, "Error codes": 298, "Billing": 251, "Bike rental": 187, "Account": 143, "Other": 66}
RIDES = {
    "Lisbon": (61, 64, 82, 97, 118, 131, 140, 126, 133, 109, 78, 59),
    "Hamburg": (22, 25, 41, 66, 92, 104, 111, 108, 95, 63, 34, 19),
}
POWER = {"Solar": 38, "Wind": 27, "Gas": 18, "Hydro": 17}
APPS = {"Ormavel Notes": 41, "Paper": 24, "Built-in app": 21, "Other apps": 14}
LANGUAGES = {
    "English": (52, 61, 66, 71),
    "German": (18, 22, 27, 31),
    "Spanish": (7, 12, 19, 26),
    "Portuguese": (3, 6, 11, 18),
}
SPENT = {"Beans and parts": 41, "Salaries": 29, "Shipping": 11, "Advertising": 8, "Rent and power": 6, "Profit": 5}


def revenue() -> Image.Image:
    made, axes = figure()
    for index, (year, values) in enumerate(REVENUE.items()):
        places = np.arange(4) + (index - 0.5) * 0.38
        bars = axes.bar(places, values, width=0.36, color=(SKY, BLUE)[index], label=year)
        axes.bar_label(bars, fmt="%.1f", padding=2, fontsize=10, color=INK)
    axes.set_xticks(range(4), QUARTERS)
    axes.set_ylabel("million euros")
    axes.set_ylim(0, 8)
    axes.legend(frameon=False, loc="upper left", ncols=2)
    titled(axes, "Revenue by quarter, 2023 and 2024")
    return rendered(made)


def topics() -> Image.Image:
    made, axes = figure(8, 4.6)
    names = list(TOPICS)[::-1]
    colours = [BLUE if name == "Deliveries" else "#a9bccb" for name in names]
    bars = axes.barh(names, [TOPICS[name] for name in names], color=colours, height=0.66)
    axes.bar_label(bars, padding=4, fontsize=11, color=INK)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, labelsize=11)
    axes.set_xlim(0, 460)
    titled(axes, "Support tickets by topic, March 2025")
    return rendered(made)


def rides() -> Image.Image:
    made, axes = figure()
    for (city, values), colour, marker in zip(RIDES.items(), (RED, BLUE), "os", strict=True):
        axes.plot(MONTHS, values, color=colour, marker=marker, linewidth=2.4, markersize=6)
        peak = int(np.argmax(values))
        axes.annotate(f"{values[peak]}", (peak, values[peak]), (0, 9), textcoords="offset points", ha="center")
        axes.text(11.25, values[-1], city, color=colour, va="center", fontsize=11, fontweight="bold")
    axes.set_xlim(-0.3, 12.9)
    axes.set_ylim(0, 155)
    axes.grid(axis="y", color=FAINT)
    axes.set_ylabel("thousand rides")
    titled(axes, "Rides on rental bicycles per month, 2024")
    return rendered(made)


def power() -> Image.Image:
    made, axes = figure(7, 5)
    axes.pie(
        list(POWER.values()),
        labels=[f"{name}\n{value} %" for name, value in POWER.items()],
        colors=["#F0C419", SKY, "#8d99a3", GREEN],
        startangle=90,
        counterclock=False,
        labeldistance=1.16,
        wedgeprops={"edgecolor": "white", "linewidth": 2},
        textprops={"fontsize": 12, "color": INK},
    )
    titled(axes, "Where the roastery's electricity came from, 2024")
    return rendered(made)


def grind() -> Image.Image:
    random = np.random.default_rng(11)
    setting = random.uniform(2, 20, 70)
    extraction = 23.4 - 0.33 * setting + random.normal(0, 0.55, 70)
    made, axes = figure()
    axes.axhspan(18, 22, color="#e4f2ec")
    axes.text(19.9, 21.6, "good taste: 18 to 22 %", ha="right", fontsize=10, color="#00694d")
    axes.scatter(setting, extraction, s=42, color=ORANGE, edgecolor="#7a5200", linewidth=0.7)
    slope, start = np.polyfit(setting, extraction, 1)
    axes.plot([2, 20], [start + slope * 2, start + slope * 20], color=INK, linewidth=1.6, linestyle="--")
    axes.set_xlabel("grinder setting (1 is finest)")
    axes.set_ylabel("extraction in percent")
    titled(axes, "Coarser coffee gives less: 70 shots on the GR-60")
    return rendered(made)


def deliveries() -> Image.Image:
    random = np.random.default_rng(5)
    days = np.clip(np.round(random.gamma(5.0, 0.62, 1000)), 1, 10)
    made, axes = figure(7.4, 4.8)
    counts, _, bars = axes.hist(
        days, bins=[day + 0.5 for day in range(11)], color=GREEN, edgecolor="white", rwidth=0.94
    )
    axes.bar_label(bars, labels=[f"{int(count)}" for count in counts], fontsize=9, padding=2)  # type: ignore[arg-type]
    axes.annotate(
        f"median: {np.median(days):.0f} days",
        (3.3, max(counts) * 0.99),
        (5.2, max(counts) * 1.04),
        arrowprops={"arrowstyle": "->", "color": RED},
        color=RED,
        fontsize=12,
        va="center",
    )
    axes.set_xticks(range(1, 11))
    axes.set_ylim(0, float(np.max(counts)) * 1.16)
    axes.set_xlabel("days from order to door")
    axes.set_ylabel("parcels")
    titled(axes, "How long 1,000 parcels were on their way")
    return rendered(made)


def warm_up() -> Image.Image:
    seconds = np.arange(0, 91)
    degrees = 93 - 73 * np.exp(-seconds / 9) + 1.8 * np.exp(-(((seconds - 47) / 7) ** 2))
    made, axes = figure(8, 4.6)
    axes.fill_between(seconds, degrees, 20, color="#fbe3d6")
    axes.plot(seconds, degrees, color=RED, linewidth=2.6)
    axes.axhline(93, color=INK, linestyle=":", linewidth=1.6)
    axes.text(1, 94.6, "target: 93 °C", color=INK, fontsize=10)
    axes.annotate(
        "ready after 40 s", (40, degrees[40]), (50, 66), arrowprops={"arrowstyle": "->", "color": INK}, fontsize=11
    )
    axes.set_xlim(0, 90)
    axes.set_ylim(20, 102)
    axes.set_xlabel("seconds after switching on")
    axes.set_ylabel("boiler in °C")
    titled(axes, "Warm-up of the KX-220 espresso machine")
    return rendered(made)


def apps() -> Image.Image:
    made, axes = figure(7, 5)
    axes.pie(
        list(APPS.values()),
        labels=[f"{name} {value} %" for name, value in APPS.items()],
        colors=[BLUE, ORANGE, SKY, "#b8c2ca"],
        startangle=90,
        counterclock=False,
        wedgeprops={"width": 0.38, "edgecolor": "white", "linewidth": 3},
        textprops={"fontsize": 11, "color": INK},
    )
    axes.text(0, 0, "1,260\npeople asked", ha="center", va="center", fontsize=13, color=INK)
    titled(axes, "What people take notes with")
    return rendered(made)


def busy_hours() -> Image.Image:
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    hours = np.arange(6, 23)
    work = np.exp(-(((hours - 8.2) / 1.1) ** 2)) * 95 + np.exp(-(((hours - 17.7) / 1.5) ** 2)) * 110 + 12
    free = np.exp(-(((hours - 14.5) / 3.6) ** 2)) * 84 + 6
    random = np.random.default_rng(2)
    table = np.array([work, work * 1.02, work * 1.05, work, work * 0.92, free, free * 1.12])
    table = np.round(table * random.uniform(0.93, 1.07, table.shape))
    made, axes = figure(8.6, 4.4)
    image = axes.imshow(table, aspect="auto", cmap="YlGnBu")
    axes.set_xticks(range(len(hours)), [f"{hour}" for hour in hours])
    axes.set_yticks(range(7), days)
    for (row, place), value in np.ndenumerate(table):
        axes.text(place, row, f"{int(value)}", ha="center", va="center", fontsize=7.5, color="w" if value > 70 else INK)
    axes.set_xlabel("hour of the day")
    made.colorbar(image, label="bicycles unlocked per hour", shrink=0.9)
    titled(axes, "When bicycles are unlocked at Central Station")
    return rendered(made)


def languages() -> Image.Image:
    years = ("2021", "2022", "2023", "2024")
    made, axes = figure()
    floor = np.zeros(4)
    for (name, values), colour in zip(LANGUAGES.items(), (BLUE, ORANGE, GREEN, PINK), strict=True):
        bars = axes.bar(years, values, bottom=floor, color=colour, width=0.58, label=name)
        axes.bar_label(
            bars,
            [f"{value}" if value > 5 else "" for value in values],
            label_type="center",
            fontsize=9,
            color="white" if colour != ORANGE else INK,
        )
        floor += np.array(values)
    for index, total in enumerate(floor):
        axes.text(index, total + 2, f"{int(total)}", ha="center", fontsize=11, fontweight="bold", color=INK)
    axes.set_ylabel("thousand tickets")
    axes.set_ylim(0, 165)
    axes.legend(frameon=False, loc="upper left")
    titled(axes, "Support tickets by language of the customer")
    return rendered(made)


def batteries() -> Image.Image:
    cycles = np.arange(0, 1001, 50)
    made, axes = figure()
    for name, loss, colour, style in (("LK-7", 0.013, GREEN, "-"), ("LK-5", 0.034, RED, "--")):
        left = 100 - loss * cycles - (cycles / 1000) ** 3 * 4
        axes.fill_between(cycles, left - 1.6, left + 1.6, color=colour, alpha=0.18, linewidth=0)
        axes.plot(cycles, left, color=colour, linewidth=2.4, linestyle=style)
        axes.text(1012, left[-1], f"{name}: {left[-1]:.0f} %", color=colour, va="center", fontsize=11)
    axes.axhline(70, color=INK, linewidth=1, linestyle=":")
    axes.text(0, 70.6, "replaced below 70 %", fontsize=9, color=INK)
    axes.set_xlim(0, 1190)
    axes.set_xlabel("charging cycles")
    axes.set_ylabel("capacity left in percent")
    titled(axes, "Batteries of the bicycle locks grow old")
    return rendered(made)


def hundred_euros() -> Image.Image:
    made, axes = figure(8.4, 4.8)
    left = 100
    for index, (name, value) in enumerate(SPENT.items()):
        colour = GREEN if name == "Profit" else "#b1543a"
        axes.bar(index, value, bottom=left - value, color=colour, width=0.7)
        axes.text(index, left + 1.4, f"{value} €", ha="center", fontsize=11, color=INK)
        left -= value
        if left:
            axes.plot([index - 0.35, index + 1.35], [left, left], color="#8a949b", linewidth=0.9)
    axes.set_xticks(range(len(SPENT)), [name.replace(" and ", "\nand ") for name in SPENT])
    axes.set_ylim(0, 112)
    axes.set_ylabel("euros left")
    titled(axes, "Where 100 euros of a customer go")
    return rendered(made)


CHARTS = (
    chart(
        "chart-revenue",
        "Revenue by quarter, 2023 and 2024",
        "Grouped bar chart: revenue by quarter in million euros. "
        + " ".join(f"{year}: {series(QUARTERS, values)}." for year, values in REVENUE.items()),
        revenue,
    ),
    chart(
        "chart-tickets",
        "Support tickets by topic, March 2025",
        f"Horizontal bar chart: support tickets by topic in March 2025. {listed(TOPICS)}. Deliveries are highlighted.",
        topics,
    ),
    chart(
        "chart-rides",
        "Rides on rental bicycles per month, 2024",
        "Line chart: thousand rides on rental bicycles per month in 2024. Lisbon rises from 61 in January to 140 in "
        "July and falls to 59 in December; Hamburg from 22 to 111 in July and 19 in December.",
        rides,
    ),
    chart(
        "chart-electricity",
        "Where the roastery's electricity came from, 2024",
        f"Pie chart: where the roastery's electricity came from in 2024. {listed(POWER, ' percent')}.",
        power,
    ),
    chart(
        "chart-grind",
        "Coarser coffee gives less",
        "Scatter plot with a falling trend line: extraction in percent over the grinder setting for 70 shots on the "
        "GR-60, from about 23 percent at fine settings to about 17 at coarse ones. A green band marks good taste, 18 "
        "to 22 percent.",
        grind,
    ),
    chart(
        "chart-parcels",
        "How long 1,000 parcels were on their way",
        "Histogram: days from order to door for 1,000 parcels. Most take two to four days; an arrow marks the "
        "median of 3 days.",
        deliveries,
    ),
    chart(
        "chart-warm-up",
        "Warm-up of the KX-220 espresso machine",
        "Line chart: boiler temperature of the KX-220 over the first 90 seconds. It climbs from 20 degrees and is "
        "ready after 40 seconds; a dotted line marks the target of 93 °C.",
        warm_up,
    ),
    chart(
        "chart-note-apps",
        "What people take notes with",
        f"Ring chart of a survey of 1,260 people: what they take notes with. {listed(APPS, ' percent')}.",
        apps,
    ),
    chart(
        "chart-busy-hours",
        "When bicycles are unlocked at Central Station",
        "Heat map: bicycles unlocked per hour at Central Station, by weekday and hour from 6 to 22. Working days peak "
        "at 8 in the morning and at 18; Saturday and Sunday have one broad peak in the afternoon.",
        busy_hours,
    ),
    chart(
        "chart-languages",
        "Support tickets by language of the customer",
        "Stacked bar chart: thousand support tickets by language, 2021 to 2024. "
        + " ".join(f"{name}: {', '.join(map(str, values))}." for name, values in LANGUAGES.items())
        + " Totals: 80, 101, 123, 146.",
        languages,
    ),
    chart(
        "chart-batteries",
        "Batteries of the bicycle locks grow old",
        "Line chart with bands: capacity left in percent over 1,000 charging cycles. The LK-7 keeps 83 percent, the "
        "LK-5 62 percent; below 70 percent, a dotted line, batteries are replaced.",
        batteries,
    ),
    chart(
        "chart-spending",
        "Where 100 euros of a customer go",
        f"Waterfall chart: where 100 euros of a customer go. {listed(SPENT, ' euros')}.",
        hundred_euros,
    ),
    *OTHER_LANGUAGES,
)
