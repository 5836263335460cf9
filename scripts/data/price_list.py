"""A price list in German, almost only tables."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.data.sheets import Sheet

__all__ = ["TITLE", "price_list"]

TITLE = "Ormavel Küche: Preisliste 2025"
RED = "#8a1c3b"
Rows = Sequence[Sequence[str]]
HEAD = ("Art.-Nr.", "Bezeichnung", "Netto €", "Brutto €")


def _priced(*items: tuple[str, str, float]) -> Rows:
    """Rows with the price without and with 19 per cent of value added tax."""

    def amount(value: float) -> str:
        return f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")

    return (HEAD, *((part, name, amount(gross / 1.19), amount(gross)) for part, name, gross in items))


MACHINES = _priced(
    ("KX-220-ST", "Espressomaschine KX-220, Edelstahl", 389.00),
    ("KX-220-BK", "Espressomaschine KX-220, schwarz matt", 389.00),
    ("KX-310", "Kaffeevollautomat KX-310", 799.00),
    ("KX-450", "Büromaschine KX-450 mit Festwasseranschluss", 2899.00),
)
GRINDERS = _priced(
    ("GR-40", "Kaffeemühle GR-40, Kegelmahlwerk 40 mm", 129.00),
    ("GR-60", "Kaffeemühle GR-60, Scheibenmahlwerk 60 mm", 219.00),
)
KITCHEN = _priced(
    ("KT-12", "Wasserkocher KT-12 mit Schwanenhals, 0,9 Liter", 89.00),
    ("AF-90", "Heißluftfritteuse AF-90, 5 Liter", 119.90),
    ("BL-7", "Standmixer BL-7, 1,5 Liter", 99.00),
    ("TS-2", "Toaster TS-2 für zwei Scheiben", 49.00),
    ("SV-5", "Sous-vide-Stab SV-5", 109.90),
)
SPARES = _priced(
    ("P-88214", "Dichtung der Brühgruppe, Silikon, 8,5 mm", 7.90),
    ("P-88220", "Duschsieb 58 mm", 10.90),
    ("P-88231", "Siebträger 58 mm, Griff aus Nussholz", 49.90),
    ("P-88240", "Wassertank 1,4 Liter mit Ventil", 28.90),
    ("P-88255", "Vibrationspumpe 15 bar", 37.90),
    ("P-88262", "Durchflussmesser", 20.90),
    ("P-88270", "Thermostat 127 °C (Dampf)", 14.50),
    ("P-88310", "Filterpatrone, etwa 50 Liter", 14.50),
    ("P-88327", "Abtropfschale mit Schwimmer", 17.90),
    ("P-88402", "Mahlscheiben GR-60, ein Paar", 44.90),
    ("P-88415", "Mahlkegel GR-40", 34.90),
    ("P-88427", "Zahnrad GR-40", 9.90),
    ("P-88433", "Bohnenbehälter 250 g mit Deckel", 15.90),
    ("P-88501", "Korb für AF-90, antihaftbeschichtet", 25.90),
    ("P-88514", "Messerblock BL-7", 22.90),
    ("P-88530", "Dichtring BL-7", 4.90),
    ("P-88544", "Kabel mit Schutzkontaktstecker, 1,1 m", 8.90),
)
CARE = _priced(
    ("C-101", "Entkalker auf Zitronensäurebasis, 1 Liter", 9.90),
    ("C-104", "Reinigungstabletten, 20 Stück", 11.90),
    ("C-110", "Milchsystemreiniger, 0,5 Liter", 8.90),
    ("C-120", "Pinsel und Blindsieb", 6.90),
    ("C-131", "Teststreifen für die Wasserhärte, 10 Stück", 3.90),
)
SERVICE: Rows = (
    ("Leistung", "KX-220", "KX-310", "KX-450"),
    ("Überprüfung mit Kostenvoranschlag", "29,00", "29,00", "89,00"),
    ("Entkalkung in der Werkstatt", "45,00", "55,00", "120,00"),
    ("Wartung groß, mit allen Dichtungen", "95,00", "140,00", "310,00"),
    ("Anfahrt, je angefangene 30 km", "–", "–", "38,00"),
    ("Arbeitsstunde", "64,00", "64,00", "78,00"),
)


def _page(number: int) -> Sheet:
    page = Sheet(colour=RED, size=11)
    page.foot("Preisliste 2025, gültig vom 1. Februar 2025 an", number)
    return page


def _cover(number: int) -> Sheet:
    page = Sheet(colour=RED)
    page.box(0, 0, 595, 210, RED)
    page.text(62, 76, "Preisliste 2025", 40, color="white", fontweight="bold")
    page.text(62, 138, "Maschinen, Ersatzteile, Pflege, Werkstatt", 15, color="#f3d9e0")
    flow = page.flow(top=250).heading("Was Sie wissen sollten", 17)
    flow.points(
        (
            "Die Preise gelten vom 1. Februar 2025 bis zum 31. Januar 2026.",
            "Bruttopreise enthalten 19 Prozent Mehrwertsteuer.",
            "Versand: 4,90 Euro, ab 80 Euro Warenwert frei. Maschinen kommen mit der Spedition.",
            "Händler erhalten von 10 Stück an 12 Prozent, von 50 Stück an 18 Prozent Rabatt.",
            "Ersatzteile halten wir zwölf Jahre lang vor, vom letzten Verkauf der Maschine an gerechnet.",
            "Zahlung innerhalb von 30 Tagen; innerhalb von 10 Tagen mit 2 Prozent Skonto.",
        ),
        11,
    )
    flow.heading("So bestellen Sie", 17)
    flow.paragraph(
        "Schreiben Sie Artikelnummer und Menge an teile@ormavel.example oder rufen Sie 555 010 420 an, montags bis "
        "freitags von 8 bis 17 Uhr. Bestellungen, die vor 13 Uhr eingehen, verlassen das Lager am selben Tag.",
        11,
    )
    page.text(62, 790, "Ormavel Küche, Speicherweg 5, Hamburg", 9, color="#66727a")
    page.text(533, 790, f"{number}", 9, color="#66727a", ha="right")
    return page


def _tables(number: int, heading: str, tables: Sequence[tuple[str, Rows]]) -> Sheet:
    page = _page(number)
    flow = page.flow().heading(heading, 20)
    for name, rows in tables:
        if name:
            flow.gap(4).heading(name, 12)
        flow.table(rows, (0.17, 0.53, 0.15, 0.15), size=10.5, right=(2, 3)).gap(6)
    return page


def _workshop(number: int) -> Sheet:
    page = _page(number)
    flow = page.flow().heading("Pflege und Werkstatt", 20)
    flow.heading("Pflegemittel", 12).table(CARE, (0.17, 0.53, 0.15, 0.15), size=10.5, right=(2, 3)).gap(8)
    flow.heading("Werkstatt, Preise brutto in Euro", 12).table(
        SERVICE, (0.46, 0.18, 0.18, 0.18), size=10.5, right=(1, 2, 3)
    )
    flow.gap(8).heading("Leihgerät", 12)
    flow.paragraph(
        "Dauert eine Reparatur länger als eine Woche, leihen wir Ihnen kostenlos eine KX-220. Bringen Sie bitte Ihren "
        "eigenen Siebträger mit."
    )
    flow.heading("Garantie auf Reparaturen", 12)
    flow.paragraph("Auf jede Reparatur geben wir zwölf Monate Garantie, auf eingebaute Pumpen vierundzwanzig.")
    return page


def price_list() -> Sequence[Sheet]:
    """Pages 1 to 4."""
    devices = (("Kaffeemaschinen", MACHINES), ("Mühlen", GRINDERS), ("Küchengeräte", KITCHEN))
    return [
        _cover(1),
        _tables(2, "Geräte", devices),
        _tables(3, "Ersatzteile", (("", SPARES),)),
        _workshop(4),
    ]
