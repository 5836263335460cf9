"""Invoices, receipts and bills with numbers, lines and amounts that add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from PIL import Image, ImageDraw

from scripts.data.drawing import Picture, block, font

__all__ = ["INVOICES"]

WIDTH, HEIGHT = 794, 1123  # A4 at 96 dots per inch
CENT = Decimal("0.01")
Lang = Literal["en", "de", "es", "pt"]

WORDS: dict[str, dict[Lang, str]] = {
    "invoice": {"en": "INVOICE", "de": "RECHNUNG", "es": "FACTURA", "pt": "FATURA"},
    "number": {"en": "Invoice no.", "de": "Rechnungsnr.", "es": "Factura n.º", "pt": "Fatura n.º"},
    "date": {"en": "Date", "de": "Datum", "es": "Fecha", "pt": "Data"},
    "due": {"en": "Due", "de": "Fällig", "es": "Vence", "pt": "Vence"},
    "item": {"en": "Description", "de": "Beschreibung", "es": "Concepto", "pt": "Descrição"},
    "quantity": {"en": "Qty", "de": "Menge", "es": "Cant.", "pt": "Qtd."},
    "price": {"en": "Price", "de": "Preis", "es": "Precio", "pt": "Preço"},
    "amount": {"en": "Amount", "de": "Betrag", "es": "Importe", "pt": "Valor"},
    "net": {"en": "Subtotal", "de": "Zwischensumme", "es": "Base", "pt": "Subtotal"},
    "tax": {"en": "VAT", "de": "MwSt.", "es": "IVA", "pt": "IVA"},
    "total": {"en": "Total", "de": "Gesamtbetrag", "es": "Total", "pt": "Total"},
    "to": {"en": "Bill to", "de": "Rechnung an", "es": "Cliente", "pt": "Cliente"},
}


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """What stands on an invoice; the sums are worked out."""

    number: str
    sender: tuple[str, ...]
    customer: tuple[str, ...]
    date: str
    due: str
    lines: tuple[tuple[str, int, str], ...]
    tax: int
    note: str
    lang: Lang = "en"
    colour: str = "#0f4c75"
    heading: str = ""
    serif: bool = field(default=False)

    @property
    def net(self) -> Decimal:
        return sum((quantity * Decimal(price) for _, quantity, price in self.lines), Decimal(0))

    @property
    def vat(self) -> Decimal:
        return (self.net * self.tax / 100).quantize(CENT, ROUND_HALF_UP) + 0  # no minus before a zero

    @property
    def total(self) -> Decimal:
        return self.net + self.vat

    def money(self, value: Decimal | str) -> str:
        """An amount as the language writes it."""
        text = f"{Decimal(value):,.2f}"
        if self.lang != "en":
            text = text.replace(",", " ").replace(".", ",").replace(" ", ".")
        return f"{text} €"

    def word(self, name: str) -> str:
        return WORDS[name][self.lang]

    @property
    def text(self) -> str:
        """What the picture says, in the order of reading."""
        lines = "; ".join(f"{quantity} x {item}, {self.money(price)}" for item, quantity, price in self.lines)
        sums = f"{self.word('net')} {self.money(self.net)}, {self.word('tax')} {self.tax} % {self.money(self.vat)}"
        return (
            f"{(self.heading or self.word('invoice')).capitalize()} {self.number}, {', '.join(self.sender)}. "
            f"{self.word('to')}: {', '.join(self.customer)}. {self.word('date')}: {self.date}, {self.word('due')}: "
            f"{self.due}. {lines}. {sums}, {self.word('total')} {self.money(self.total)}. {self.note}"
        )


MACHINES = Invoice(
    number="2025-00417",
    sender=("Ormavel Kitchen", "Rua do Moinho 12", "1300-402 Lisbon"),
    customer=("Café Brisa", "Harbour Road 3", "Merriden"),
    date="14 March 2025",
    due="13 April 2025",
    lines=(
        ("Espresso machine KX-220, steel", 1, "389.00"),
        ("Grinder GR-60", 1, "219.00"),
        ("Water filter P-88310", 6, "14.50"),
        ("Descaler, 1 litre", 4, "9.90"),
    ),
    tax=23,
    note="Please pay by transfer within 30 days, quoting the invoice number.",
)
FLEET = Invoice(
    number="BK-7731",
    sender=("Ormavel Bikes", "Depot Alcântara", "Lisbon"),
    customer=("Studio Kestrel Ltd", "Accounts payable", "22 Quay Street, Merriden"),
    date="30 April 2025",
    due="14 May 2025",
    lines=(
        ("Company outing, 24 bicycles, one day", 24, "18.00"),
        ("Cargo bicycle with driver", 2, "65.00"),
        ("Helmets", 24, "2.50"),
        ("Late return, per half hour", 3, "12.00"),
    ),
    tax=23,
    note="Questions? Write to fleet@ormavel.example. Thank you for riding with us.",
    colour="#00694d",
)
CATERING = Invoice(
    number="118/25",
    sender=("Greta Holm Catering", "Mill Lane 9", "Merriden"),
    customer=("Merriden Public Library", "Summer party"),
    date="21 June 2025",
    due="on receipt",
    lines=(
        ("Lentil soup with lemon, portions", 80, "4.20"),
        ("Sourdough bread, loaves", 14, "5.50"),
        ("Lemonade, litres", 45, "2.80"),
        ("Two helpers, hours", 10, "28.00"),
    ),
    tax=10,
    note="Dishes and glasses are collected on Monday.",
    colour="#7a3b2e",
    serif=True,
)
CREDIT = Invoice(
    number="CN-0092",
    sender=("Ormavel Kitchen", "Rua do Moinho 12", "1300-402 Lisbon"),
    customer=("Mr Ivo Brandt", "Lindenstraße 40", "Hamburg"),
    date="2 May 2025",
    due="refunded to your card",
    lines=(("Returned: kettle KT-12, matt black", 1, "-89.00"), ("Return postage", 1, "6.90")),
    tax=0,
    note="The kettle arrived with a dented spout. We are sorry.",
    colour="#8a1c3b",
    heading="CREDIT NOTE",
)
NOTIZEN = Invoice(
    number="N-20250331-58",
    sender=("Ormavel Notes GmbH", "Speicherweg 5", "20457 Hamburg"),
    customer=("Praxis Dr. Almut Keil", "Am Anger 2", "99084 Erfurt"),
    date="31. März 2025",
    due="14. April 2025",
    lines=(
        ("Tarif Team, 8 Personen, März 2025", 8, "11.00"),
        ("Zusätzlicher Speicher, 1 TB", 1, "9.00"),
        ("Schulung, 90 Minuten", 1, "180.00"),
    ),
    tax=19,
    note="Der Betrag wird am 14. April von Ihrem Konto abgebucht.",
    lang="de",
    colour="#334e68",
)
TALLER = Invoice(
    number="A-2025/0316",
    sender=("Talleres Hermanos Pita", "Polígono Norte, nave 7", "Valdoro"),
    customer=("Biblioteca Municipal de Valdoro", "Calle del Olmo, 8"),
    date="9 de mayo de 2025",
    due="9 de junio de 2025",
    lines=(
        ("Reparación de la puerta automática", 1, "240.00"),
        ("Motor de repuesto", 1, "185.50"),
        ("Mano de obra, horas", 5, "38.00"),
    ),
    tax=21,
    note="Garantía de un año sobre las piezas.",
    lang="es",
    colour="#9c4a00",
)
AGUA = Invoice(
    number="FT 2025/88120",
    sender=("Serviço de Águas", "Câmara Municipal de Ribeira Alta"),
    customer=("Maria Teresa Nogueira", "Largo da Feira, 6"),
    date="5 de maio de 2025",
    due="26 de maio de 2025",
    lines=(
        ("Água, m³ no primeiro escalão", 5, "0.62"),
        ("Água, m³ no segundo escalão", 7, "1.18"),
        ("Saneamento", 1, "6.40"),
        ("Taxa de resíduos", 1, "4.10"),
    ),
    tax=6,
    note="Leitura do contador: 1.284 m³. Consumo: 12 m³.",
    lang="pt",
    colour="#1f6f8b",
)

RECEIPT = (
    ("Rye bread 1 kg", "4.80"),
    ("Oat milk 2 x 1.95", "3.90"),
    ("Tomatoes 0.640 kg", "2.24"),
    ("Red lentils 500 g", "2.15"),
    ("Lemons, net", "1.89"),
    ("Bin bags", "1.49"),
)


def _parties(draw: ImageDraw.ImageDraw, invoice: Invoice) -> None:
    family: Literal["serif", "sans"] = "serif" if invoice.serif else "sans"
    draw.rectangle((0, 0, WIDTH, 14), fill=invoice.colour)
    draw.text((60, 64), invoice.sender[0], font=font(25, bold=True, family=family), fill=invoice.colour)
    block(draw, (60, 102), "\n".join(invoice.sender[1:]), font(14, family=family), width=320, fill="#555555")
    heading = invoice.heading or invoice.word("invoice")
    draw.text((WIDTH - 60, 64), heading, font=font(31, bold=True, family=family), fill="#222222", anchor="ra")
    rows = ((invoice.word("number"), invoice.number), (invoice.word("date"), invoice.date))
    for index, (name, value) in enumerate((*rows, (invoice.word("due"), invoice.due))):
        y = 122 + index * 25
        draw.text((WIDTH - 260, y), name, font=font(14, family=family), fill="#777777", anchor="ra")
        draw.text((WIDTH - 60, y), value, font=font(15, bold=index == 0, family=family), fill="#222222", anchor="ra")
    draw.text((60, 236), invoice.word("to"), font=font(13, family=family), fill="#777777")
    block(draw, (60, 260), "\n".join(invoice.customer), font(16, family=family), width=400)


def _table(draw: ImageDraw.ImageDraw, invoice: Invoice) -> float:
    family: Literal["serif", "sans"] = "serif" if invoice.serif else "sans"
    y = 390.0
    draw.rectangle((60, y, WIDTH - 60, y + 38), fill=invoice.colour)
    rights = (500, 610, WIDTH - 74)
    draw.text((74, y + 19), invoice.word("item"), font=font(14, bold=True, family=family), fill="white", anchor="lm")
    for right, name in zip(rights, ("quantity", "price", "amount"), strict=True):
        face = font(14, bold=True, family=family)
        draw.text((right, y + 19), invoice.word(name), font=face, fill="white", anchor="rm")
    y += 38
    for index, (item, quantity, price) in enumerate(invoice.lines):
        if index % 2:
            draw.rectangle((60, y, WIDTH - 60, y + 42), fill="#f3f5f7")
        face = font(14.5, family=family)
        draw.text((74, y + 21), item, font=face, fill="#222222", anchor="lm")
        cells = (f"{quantity}", invoice.money(price), invoice.money(quantity * Decimal(price)))
        for right, cell in zip(rights, cells, strict=True):
            draw.text((right, y + 21), cell, font=face, fill="#222222", anchor="rm")
        y += 42
    draw.line((60, y, WIDTH - 60, y), fill="#9aa5ad", width=1)
    return y + 26


def standard(invoice: Invoice) -> Callable[[], Image.Image]:
    """An A4 sheet: sender, customer, table, sums, a note at the bottom."""

    def draw_it() -> Image.Image:
        family: Literal["serif", "sans"] = "serif" if invoice.serif else "sans"
        image = Image.new("RGB", (WIDTH, HEIGHT), "white")
        draw = ImageDraw.Draw(image)
        _parties(draw, invoice)
        y = _table(draw, invoice)
        sums = [(invoice.word("net"), invoice.net), (f"{invoice.word('tax')} {invoice.tax} %", invoice.vat)]
        for name, value in sums:
            draw.text((600, y), name, font=font(15, family=family), fill="#555555", anchor="ra")
            draw.text((WIDTH - 74, y), invoice.money(value), font=font(15, family=family), fill="#222222", anchor="ra")
            y += 30
        draw.rectangle((420, y - 2, WIDTH - 60, y + 40), fill="#e9edf0")
        face = font(18, bold=True, family=family)
        draw.text((600, y + 19), invoice.word("total"), font=face, fill=invoice.colour, anchor="rm")
        draw.text((WIDTH - 74, y + 19), invoice.money(invoice.total), font=face, fill=invoice.colour, anchor="rm")
        block(draw, (60, y + 90), invoice.note, font(15, family=family), width=WIDTH - 120, fill="#333333")
        draw.line((60, HEIGHT - 84, WIDTH - 60, HEIGHT - 84), fill="#c5ccd1")
        foot = " · ".join(invoice.sender)
        draw.text((WIDTH / 2, HEIGHT - 56), foot, font=font(12, family=family), fill="#777777", anchor="mm")
        return image

    return draw_it


def till_receipt() -> Image.Image:
    """A narrow slip from a till, in a typewriter's letters."""
    image = Image.new("RGB", (420, 760), "#fbfaf6")
    draw = ImageDraw.Draw(image)
    mono, strong = font(17, family="mono"), font(21, bold=True, family="mono")
    draw.text((210, 50), "CORNER SHOP TILLER", font=strong, fill="#222222", anchor="mm")
    draw.text((210, 82), "Fish Market 17, Merriden", font=font(15, family="mono"), fill="#222222", anchor="mm")
    draw.text((210, 108), "08/05/2025  18:42  Till 2", font=font(15, family="mono"), fill="#222222", anchor="mm")
    y = 140
    draw.text((210, y), "-" * 34, font=mono, fill="#555555", anchor="mm")
    for item, price in RECEIPT:
        y += 36
        draw.text((34, y), item, font=mono, fill="#222222", anchor="lm")
        draw.text((386, y), price, font=mono, fill="#222222", anchor="rm")
    y += 36
    draw.text((210, y), "-" * 34, font=mono, fill="#555555", anchor="mm")
    total = sum((Decimal(price) for _, price in RECEIPT), Decimal(0))
    rows = (("TOTAL EUR", f"{total}"), ("Cash", "20.00"), ("Change", f"{Decimal(20) - total}"))
    for index, (name, value) in enumerate(rows):
        y += 40
        face = strong if index == 0 else mono
        draw.text((34, y), name, font=face, fill="#222222", anchor="lm")
        draw.text((386, y), value, font=face, fill="#222222", anchor="rm")
    draw.text((210, y + 64), "Thank you, come back soon", font=mono, fill="#222222", anchor="mm")
    x = 60
    for index in range(62):
        wide = 1 + (index * 7919 % 5) % 4
        draw.rectangle((x, y + 100, x + wide, y + 158), fill="#222222")
        x += wide + 1 + (index * 104729 % 3)
    return image


def _standard(id: str, title: str, invoice: Invoice) -> Picture:  # noqa: A002
    return Picture(id=id, title=title, text=invoice.text, kind="invoice", draw=standard(invoice), lang=invoice.lang)


INVOICES = (
    _standard("invoice-cafe", "Invoice 2025-00417 to Café Brisa", MACHINES),
    _standard("invoice-fleet", "Invoice BK-7731 to Studio Kestrel", FLEET),
    _standard("invoice-catering", "Invoice 118/25 for a summer party", CATERING),
    _standard("invoice-credit", "Credit note CN-0092 for a kettle", CREDIT),
    _standard("invoice-notizen", "Rechnung N-20250331-58 an eine Praxis", NOTIZEN),
    _standard("invoice-taller", "Factura A-2025/0316 de un taller", TALLER),
    _standard("invoice-agua", "Fatura da água de maio", AGUA),
    Picture(
        id="invoice-receipt",
        title="Receipt of a corner shop",
        text="Receipt of the corner shop Tiller, Fish Market 17, Merriden, 08/05/2025 18:42. "
        + ", ".join(f"{item} {price}" for item, price in RECEIPT)
        + f". Total EUR {sum(Decimal(price) for _, price in RECEIPT)}, cash 20.00, change "
        + f"{Decimal(20) - sum(Decimal(price) for _, price in RECEIPT)}. With a bar code below.",
        kind="invoice",
        draw=till_receipt,
    ),
)
