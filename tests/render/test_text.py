from __future__ import annotations

from jina_notebook.render.blocks import Bar, Column, Page, Passage, Table
from jina_notebook.render.clean import width
from jina_notebook.render.text import to_text


def table(columns: tuple[Column, ...], *rows: tuple[object, ...], columns_wide: int = 60) -> list[str]:
    page = Page("test", "title", (), (Table(columns, rows),))  # type: ignore[arg-type]
    return to_text(page, columns=columns_wide).split("\n")[1:]


ID, PASSAGE = Column("id", "id"), Column("passage", "passage", yields=True)


def test_no_line_of_a_table_is_wider_than_the_terminal() -> None:
    lines = table((ID, PASSAGE), ("a" * 30, Passage("green tea " * 50)), ("b", Passage("漢字" * 100)), columns_wide=50)
    assert max(map(width, lines)) <= 50
    assert len(lines) == 3


def test_a_passage_gives_up_room_before_an_id_does() -> None:
    assert table((ID, PASSAGE), ("product-0000000000000001", Passage("green tea " * 50)))[1].startswith(
        "product-0000000000000001  green tea"
    )


def test_a_cut_passage_still_says_its_length() -> None:
    line = table((ID, PASSAGE), ("1", Passage("y" * 400, (), 1_000_000)))[1]
    assert line.endswith("y… (1,000,000 characters)")


def test_in_a_narrow_column_the_length_gives_way_to_the_words() -> None:
    line = table((ID, PASSAGE), ("1" * 22, Passage("y" * 400, (), 1_000_000)), columns_wide=50)[1]
    assert line == "1" * 22 + "  " + "y" * 25 + "…"


def test_a_line_break_in_a_cell_does_not_break_the_row() -> None:
    assert len(table((ID, PASSAGE), ("1", Passage("one\ntwo\r\nthree\u2028four")))) == 2


def test_a_column_that_wraps_keeps_every_word() -> None:
    words = "Put the whole text in quotes, or name a variable that holds it"
    lines = table((ID, Column("hint", "hint", yields=True, wraps=True)), ("1", words), columns_wide=30)
    assert " ".join(line[4:].strip() for line in lines[1:]) == words


def test_a_word_longer_than_a_line_is_broken_and_not_lost() -> None:
    lines = table((ID, Column("path", "path", yields=True, wraps=True)), ("1", "/a" * 60), columns_wide=30)
    assert "".join(line[4:].strip() for line in lines[1:]) == "/a" * 60


def test_a_column_that_keeps_is_never_cut() -> None:
    keeping = Column("name", "name", keeps=True)
    line = table((keeping, Column("x", "x"), PASSAGE), ("jina-reranker-v2-base-multilingual", "y" * 40, "z" * 90))[1]
    assert "jina-reranker-v2-base-multilingual" in line


def test_bars_are_drawn_on_their_scale() -> None:
    rows = [(Bar(v, -1.0, 1.0),) for v in (-1.0, 0.0, 1.0, 5.0, float("nan"))]
    lines = table((Column("score", "score"),), *rows)
    assert [line.count("█") for line in lines[1:]] == [0, 5, 10, 10, 0]


def test_a_bar_without_a_scale_is_only_a_number() -> None:
    assert table((Column("score", "score"),), (Bar(0.0, 0.0, 0.0),))[1] == "0.0000 ··········"


def test_many_rows_are_counted_instead_of_shown() -> None:
    page = Page("test", "title", (), (Table((ID,), tuple((str(i),) for i in range(100)), total=5000),))
    lines = to_text(page).split("\n")
    assert lines[-1] == "… and 4,970 more"
    assert len(lines) == 33


def test_an_empty_table_says_what_there_is_not() -> None:
    assert to_text(Page("ranking", "title", (), (Table((ID,), (), empty="no documents"),))) == "title\nno documents"
