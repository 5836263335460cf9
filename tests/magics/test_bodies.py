"""Lines and JSON lines."""

from __future__ import annotations

import pytest

from jina_notebook.errors import InputError
from jina_notebook.magics.bodies import items


def test_each_line_is_an_item_exactly_as_written() -> None:
    body = '  two blanks first\n\ttab; semicolon;\n100% $HOME {x} it\'s "q"\n日本語 🍵\r\nlast'
    assert items(body) == ["  two blanks first", "\ttab; semicolon;", '100% $HOME {x} it\'s "q"', "日本語 🍵", "last"]


def test_blank_lines_are_no_items() -> None:
    assert items("\na\n\n   \nb\n") == ["a", "b"]
    assert items("\n  \n") == []


def test_only_line_feeds_part_items() -> None:
    assert items("a\u2028b\x0bc\nd") == ["a\u2028b\x0bc", "d"]


def test_json_objects_with_a_text_or_an_image_are_documents() -> None:
    body = '{"id": 1, "text": "a\\nb"}\n{"image": "cat.jpg"}'
    assert items(body) == [{"id": 1, "text": "a\nb"}, {"image": "cat.jpg"}]


def test_json_strings_are_what_they_say() -> None:
    assert items('"a\\nb"\n"c"') == ["a\nb", "c"]


@pytest.mark.parametrize(
    "body",
    [
        '{"level": "info", "n": 1}',
        "{v: k for k, v in d.items()}",
        '"quoted" and more',
        "[1, 2]",
        "42",
        "null",
        '{"text": ',
    ],
)
def test_what_only_looks_like_json_is_text(body: str) -> None:
    assert items(body) == [body]


def test_one_line_that_is_no_json_makes_all_of_them_text() -> None:
    assert items('{"text": "a"}\nplain') == ['{"text": "a"}', "plain"]


def test_an_object_without_text_among_others_with_is_named() -> None:
    with pytest.raises(InputError) as caught:
        items('{"text": "a"}\n{"txt": "b", "id": 2}')
    assert "Item 1" in caught.value.message
    assert "txt, id" in caught.value.message


def test_values_are_put_in_after_lines_and_json_are_read() -> None:
    def expand(text: str) -> str:
        return text.replace("{{ x }}", 'two\nlines "quoted"')

    assert items("a {{ x }}\nb", expand) == ['a two\nlines "quoted"', "b"]
    assert items('{"text": "{{ x }}", "tags": ["{{ x }}"], "n": 1}', expand) == [
        {"text": 'two\nlines "quoted"', "tags": ['two\nlines "quoted"'], "n": 1}
    ]
