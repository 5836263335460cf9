from __future__ import annotations

import pytest

from jina_notebook.render.clean import clip, counted, number, one_line, plain, visible, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a[U+0000]b"),
        ("\x1b[31mred", "[U+001B][31mred"),
        ("\u202egnp", "[U+202E]gnp"),
        ("\u2066x\u2069", "[U+2066]x[U+2069]"),
        ("a\u2028b\u0085c", "a[U+2028]b[U+0085]c"),
        ("half \ud83e", "half [U+D83E]"),
        ("tag\U000e0041", "tag[U+E0041]"),
        ("\ufeffbom", "[U+FEFF]bom"),
    ],
)
def test_what_nobody_sees_is_spelled_as_its_code_point(text: str, shown: str) -> None:
    assert visible(text) == shown
    visible(text).encode("utf-8")


@pytest.mark.parametrize("text", ["tab\tand\nline", "می‌خواهم", "👩‍👩‍👧", "שלום\u200f!", "café ñ 漢字"])
def test_ordinary_text_of_any_script_stays(text: str) -> None:
    assert visible(text) == text


def test_line_ends_of_every_system_become_one_kind() -> None:
    assert visible("a\r\nb\rc") == "a\nb\nc"


def test_one_line_has_no_breaks() -> None:
    assert one_line(" a\n\tb \u2028 c ") == "a b [U+2028] c"


def test_a_cut_text_says_how_long_it_was() -> None:
    assert clip("a" * 1_000_000, 5) == "aaaaa… (1,000,000 characters)"
    assert clip("short", 5) == "short"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.5, "0.5000"),
        (0.0, "0.0000"),
        (1e-7, "1e-07"),
        (-3.25, "-3.2500"),
        (12345.6, "12,345.6"),
        (3e12, "3e+12"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_scores_of_every_size_are_readable(value: float, shown: str) -> None:
    assert number(value) == shown


def test_plain_values() -> None:
    assert [plain(v) for v in (None, True, False, 12345, 0.25)] == ["–", "yes", "no", "12,345", "0.2500"]


def test_counts_agree_with_their_noun() -> None:
    assert [counted(n, "hit") for n in (0, 1, 2000)] == ["no hits", "1 hit", "2,000 hits"]
    assert counted(2, "query", "queries") == "2 queries"


def test_wide_and_combining_characters_take_the_columns_that_a_terminal_gives_them() -> None:
    assert width("tea") == 3
    assert width("漢字") == 4
    assert width("e\u0301") == 1
