"""HTML that stands alone: what JupyterLab's sanitizer keeps, and nothing of anyone's text as markup."""

from __future__ import annotations

import re

import pytest

from jina_notebook.render.blocks import Bar, Column, Grid, Page, Passage, Prose, Table
from jina_notebook.render.html import to_html
from tests.render.pages import FOREIGN, HOSTILE, PAGES
from tests.render.reading import Element, read

# What JupyterLab 4 keeps of an untrusted notebook, as far as it is used here: elements, attributes, style properties.
ELEMENTS = {
    "bdi",
    "br",
    "caption",
    "details",
    "div",
    "em",
    "img",
    "mark",
    "meter",
    "p",
    "pre",
    "small",
    "span",
    "strong",
}
ELEMENTS |= {"br", "summary", "table", "tbody", "td", "th", "thead", "tr", "wbr"}
ATTRIBUTES = {
    "div": {"class"},
    "img": {"alt", "height", "src", "width"},
    "meter": {"max", "min", "value"},
    "td": {"colspan"},
    "th": {"scope"},
}
STYLES = {
    "background-color": r"#[0-9A-F]{6}",
    "border-collapse": "collapse",
    "border-left": r"3px solid #[0-9A-F]{6}",
    "caption-side": "top",
    "color": r"#[0-9A-F]{6}",
    "font-weight": "bold",
    "margin": r"4px 0",
    "margin-left": "0",
    "max-width": r"\d+px",
    "overflow-wrap": "break-word",
    "padding": r"((\d+px|0)\s?){1,4}",
    "padding-left": r"\d+px",
    "text-align": "left|right",
    "vertical-align": "top|middle",
    "white-space": "nowrap|pre-wrap|pre-line",
    "width": r"\d+px",
}


def page(*cells: object, columns: tuple[Column, ...] | None = None) -> Element:
    columns = columns or tuple(Column(str(i), str(i)) for i in range(len(cells)))
    return read(to_html(Page("test", "title", (), (Table(columns, (cells,)),))))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PAGES)
def test_only_what_the_sanitizer_keeps_is_used(name: str) -> None:
    for element in read(to_html(PAGES[name])).all():
        assert element.tag in ELEMENTS
        assert set(element.attributes) <= ATTRIBUTES.get(element.tag, set()) | {"style"}
        for part in filter(None, element.attributes.get("style", "").split(";")):
            key, _, value = part.partition(":")
            assert re.fullmatch(STYLES[key], value), part


@pytest.mark.parametrize("name", PAGES)
def test_a_background_comes_with_its_colour_or_neither_is_set(name: str) -> None:
    for element in read(to_html(PAGES[name])).all():
        style = element.attributes.get("style", "")
        assert ("background-color:" in style) == bool(re.search(r"(?<!-)\bcolor:", style))


def test_foreign_text_is_text_wherever_it_stands() -> None:
    tree = read(to_html(FOREIGN))
    assert tree.all("img") == []
    assert tree.all("script") == []
    assert not [name for element in tree.all() for name in element.attributes if name.startswith("on")]
    shown = '<img src=x onerror=alert(1)> </td> [U+202E]gnp[U+0000] & "quoted" | $x$ `code` *a* _b_ [c](d) [U+D83E]'
    title, caption, header = tree.all("strong")[0], tree.all("caption")[0], tree.all("th")[1]
    ident, _, passage = tree.all("td")
    assert title.text == f"1 hit for {shown}"
    assert [caption.text, header.text, ident.text, passage.text] == [shown] * 4
    assert shown in tree.all("pre")[0].text


def test_direction_controls_cannot_reach_the_cell_beside_them() -> None:
    cells = page("\u202eabc", "شاي", Passage("\u2067x")).all("td")
    assert "\u202e" not in cells[0].text
    assert cells[1].all("bdi")[0].text == "شاي"
    assert cells[2].all("bdi")[0].text == "[U+2067]x"


def test_there_is_one_row_per_row() -> None:
    rows = tuple((i, "</td></tr><tr><td>") for i in range(7))
    tree = read(to_html(Page("test", "title", (), (Table((Column("a", "a"), Column("b", "b")), rows),))))
    assert len(tree.all("tbody")[0].all("tr")) == 7
    assert all(len(row.all("td")) == 2 for row in tree.all("tbody")[0].all("tr"))


def test_a_line_of_a_megabyte_is_cut_and_its_length_said() -> None:
    html = to_html(Page("test", "t", (), (Table((Column("a", "a"),), (("x" * 1_000_000,),)), Prose("y" * 1_000_000))))
    tree = read(html)
    assert len(html) < 50_000
    assert tree.all("td")[0].text.endswith("x… (1,000,000 characters)")
    assert tree.all("pre")[0].text.endswith("y… (1,000,000 characters)")


def test_long_words_may_break_and_read_the_same() -> None:
    cell = page("https://example.com/" + "a" * 100).all("td")[0]
    assert cell.all("wbr")
    assert cell.text == "https://example.com/" + "a" * 100


def test_words_of_the_query_are_marked() -> None:
    assert [mark.text for mark in page(Passage("green <tea>", ((6, 11),))).all("mark")] == ["<tea>"]


def test_a_bar_is_a_meter_with_its_number_beside_it() -> None:
    cell = page(Bar(0.25, -1.0, 1.0, best=True)).all("td")[0]
    assert cell.all("meter")[0].attributes | {"style": ""} == {"min": "-1", "max": "1", "value": "0.25", "style": ""}
    assert cell.all("strong")[0].text == "0.2500"


@pytest.mark.parametrize("bar", [Bar(float("nan")), Bar(1.0, 1.0, 1.0)])
def test_a_bar_without_a_scale_is_only_a_number(bar: Bar) -> None:
    assert page(bar).all("meter") == []


def test_prices_are_not_taken_for_formulas() -> None:
    assert "mathjax_ignore" in page("$5 and $6").all("div")[0].attributes["class"]


@pytest.mark.parametrize("share", [*(i / 10 for i in range(11)), 0.68, 0.685, 0.69])
def test_numbers_of_a_grid_stand_out_from_their_background(share: float) -> None:
    grid = Grid(("a",), ("b", "c", "d"), ((0.0, share, 1.0),))
    style = read(to_html(Page("grid", "t", (), (grid,)))).all("td")[1].attributes["style"]
    background, text = re.findall(r"#([0-9A-F]{6})", style)
    assert contrast(background, text) >= 4.5


def contrast(one: str, other: str) -> float:
    """The ratio of relative luminances, as WCAG defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_hostile_text_in_the_alternative_of_a_picture_stays_there() -> None:
    from jina_notebook.render.blocks import Picture
    from tests.render.pages import PNG

    image = page(Picture(PNG, '"><script>' + HOSTILE, 2, 2)).all("img")[0]
    assert image.attributes["alt"].startswith('"><script><img src=x')
    assert set(image.attributes) == {"alt", "width", "height", "src"}
