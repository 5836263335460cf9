"""Charts in German, Spanish and Portuguese."""

from __future__ import annotations

from PIL import Image

from scripts.data.chart_style import GREEN, INK, ORANGE, PINK, RED, SKY, chart, figure, listed, rendered, series, titled

__all__ = ["OTHER_LANGUAGES"]

REGIONS = {"Norddeutschland": 3.8, "Süddeutschland": 5.1, "Österreich": 2.2, "Schweiz": 2.9, "Benelux": 1.4}
RAIN = (62, 58, 49, 44, 38, 17, 6, 9, 31, 57, 71, 69)
WARMTH = (7, 8, 11, 14, 18, 23, 27, 27, 22, 17, 11, 8)
MESES = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
PAGAMENTOS = {"Cartão": 46, "Transferência": 23, "Carteira digital": 19, "Débito direto": 12}


def umsatz() -> Image.Image:
    made, axes = figure(8, 4.8)
    bars = axes.bar(list(REGIONS), list(REGIONS.values()), color="#5b7f95", width=0.62)
    bars[1].set_color(ORANGE)
    axes.bar_label(
        bars, labels=[f"{value:.1f}".replace(".", ",") for value in REGIONS.values()], fontsize=11, padding=3
    )
    axes.set_ylabel("Mio. Euro")
    axes.set_ylim(0, 6)
    titled(axes, "Umsatz nach Region im Jahr 2024")
    return rendered(made)


def clima() -> Image.Image:
    made, axes = figure(8, 4.8)
    axes.bar(MESES, RAIN, color=SKY, width=0.7)
    axes.set_ylabel("lluvia en mm")
    axes.set_ylim(0, 90)
    second = axes.twinx()
    second.plot(MESES, WARMTH, color=RED, marker="o", linewidth=2.2)
    second.set_ylabel("temperatura en °C", color=RED)
    second.set_ylim(0, 30)
    second.spines["top"].set_visible(False)
    titled(axes, "El clima de Valdoro: lluvia y temperatura")
    return rendered(made)


def pagamentos() -> Image.Image:
    made, axes = figure(7, 5)
    axes.pie(
        list(PAGAMENTOS.values()),
        labels=[f"{name}\n{value} %" for name, value in PAGAMENTOS.items()],
        colors=[GREEN, "#F0C419", PINK, "#8d99a3"],
        startangle=60,
        explode=[0.06, 0, 0, 0],
        labeldistance=1.18,
        wedgeprops={"edgecolor": "white", "linewidth": 2},
        textprops={"fontsize": 11.5, "color": INK},
    )
    titled(axes, "Como pagam os clientes em Portugal")
    return rendered(made)


OTHER_LANGUAGES = (
    chart(
        "chart-umsatz",
        "Umsatz nach Region im Jahr 2024",
        "Balkendiagramm: Umsatz nach Region im Jahr 2024 in Millionen Euro. "
        + "; ".join(f"{name} {value}".replace(".", ",") for name, value in REGIONS.items())
        + ". Süddeutschland ist hervorgehoben.",
        umsatz,
        lang="de",
    ),
    chart(
        "chart-clima",
        "El clima de Valdoro",
        f"Gráfico de barras y línea: lluvia y temperatura por mes en Valdoro. Lluvia en mm: {series(MESES, RAIN)}. "
        f"Temperatura en °C: {series(MESES, WARMTH)}.",
        clima,
        lang="es",
    ),
    chart(
        "chart-pagamentos",
        "Como pagam os clientes em Portugal",
        f"Gráfico circular: como pagam os clientes em Portugal. {listed(PAGAMENTOS, ' por cento')}.",
        pagamentos,
        lang="pt",
    ),
)
