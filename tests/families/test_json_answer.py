"""JSON found in answers; what slipped in its form is repaired, what is missing is not made up."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from jina_notebook.families.json_answer import Parsed, parse_answer, strip_fence

VALUE = {"title": "Tea", "prices": [1, 2.5, None], "open": True}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("around", ["{}", "\n{}\n", "```json\n{}\n```", "```json  \n{}\n```\n"])
def test_json_is_parsed_with_or_without_a_fence(around: str, indent: int | None) -> None:
    answer = around.replace("{}", json.dumps(VALUE, indent=indent))
    assert parse_answer(answer) == Parsed(VALUE, repaired=False)


@pytest.mark.parametrize("value", [3, "tea", None, [1, [2]], {}, []])
def test_any_json_value_is_one(value: Any) -> None:
    assert parse_answer(json.dumps(value)) == Parsed(value, repaired=False)


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ('{"a": 1,}', {"a": 1}),
        ('{"a": [1, 2, ], }', {"a": [1, 2]}),
        ('{"a": 1,, "b": 2}', {"a": 1, "b": 2}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{"a": "x"\n "b": "y"}', {"a": "x", "b": "y"}),
        ('[{"a": 1} {"a": 2}]', [{"a": 1}, {"a": 2}]),
        ('{"a": "two\nlines\tand a tab"}', {"a": "two\nlines\tand a tab"}),
        ('{"a": "He said "hi" to me", "b": 1}', {"a": 'He said "hi" to me', "b": 1}),
        ("{'a': 'it's', \"b\": 'x'}", {"a": "it's", "b": "x"}),
        (r"{'a': 'it\'s'}", {"a": "it's"}),
        (r'{"a": "1\_000 \u20ac \\ \" x"}', {"a": '1_000 € \\ " x'}),
        ("{a: 1, b_c: 'x'}", {"a": 1, "b_c": "x"}),
        ('{"a": True, "b": False}', {"a": True, "b": False}),
        ('{"a": None, "b": NaN, "c": undefined}', {"a": None, "b": None, "c": None}),
        ('{"a": 1, // the price\n "b": /* none */ 2 # end\n}', {"a": 1, "b": 2}),
        ('{"a": "x" // c\n}', {"a": "x"}),
        ('{"url": "https://a.b/c#d", "n": 1,}', {"url": "https://a.b/c#d", "n": 1}),
    ],
)
def test_a_slip_in_the_form_is_repaired(answer: str, value: Any) -> None:
    assert parse_answer(answer) == Parsed(value, repaired=True)


@pytest.mark.parametrize(
    "answer",
    [
        'Here it is:\n{"a": 1}\nThat is all.',
        'Here it is:\n```json\n{"a": 1}\n```\nThat is all.',
        '```json\n{"a": 1}',
        '```\n{"a": 1}\n```',
    ],
)
def test_words_around_the_value_are_left_out(answer: str) -> None:
    assert parse_answer(answer) == Parsed({"a": 1}, repaired=True)


def test_inside_words_the_value_looked_for_is_a_list_where_the_schema_says_so() -> None:
    answer = 'In {curly} words: [{"a": 1}]'
    assert parse_answer(answer, is_list=True) == Parsed([{"a": 1}], repaired=True)
    assert parse_answer(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I cannot find it.",
        '{"a": 1',
        '{"a": [1, 2',
        '{"a": {"b": 1}',
        '{"a": "cut in the mid',
        '{"a": 1}{"b": 2}',
        '{"a":: 1}',
        '{"a": }',
        '{"a": "a "b", c"}',
        '{"a" 1 [}',
        "{{{",
        "[" * 20_000,
        '{"a": ' * 20_000,
    ],
    ids=lambda answer: answer[:20] or "nothing",
)
def test_what_is_cut_off_or_no_json_has_no_value(answer: str) -> None:
    assert parse_answer(answer) is None


@pytest.mark.parametrize("seed", range(20))
def test_a_cut_answer_never_becomes_a_smaller_value(seed: int) -> None:
    rng = random.Random(seed)

    def draw(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.2:
            return rng.choice([1, -2.5, True, None, "tea", 'a "b", c', "x\ny", "é{[,"])
        if rng.random() < 0.5:
            return [draw(depth - 1) for _ in range(rng.randint(0, 3))]
        return {f"key {i}": draw(depth - 1) for i in range(rng.randint(0, 3))}

    value = {"all": draw(3), "last": draw(2)}
    answer = json.dumps(value, ensure_ascii=False, indent=rng.choice([None, 2]))
    assert parse_answer(answer) == Parsed(value, repaired=False)
    for stop in range(1, len(answer)):
        parsed = parse_answer(answer[:stop])
        assert parsed is None, answer[:stop]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("```json\n[1]\n```", "[1]"),
        ("```markdown\n# T\n\ntext\n```", "# T\n\ntext"),
        ("  ```json\n[1]\n```  \n", "[1]"),
        ("```json\n```", ""),
        ("```markdown\n# T\n```python\nx\n```\nend\n```", "# T\n```python\nx\n```\nend"),
    ],
)
def test_one_outer_fence_comes_off(answer: str, text: str) -> None:
    assert strip_fence(answer) == text


@pytest.mark.parametrize(
    "answer",
    [
        "# T",
        "```json\n[1]\n```\nmore",
        "```python\nx\n```",
        "```\nx\n```",
        "```json\n[1]",
        "```json",
        "text\n```json\n[1]\n```",
        "```json\n1\n```\ntext\n```\nx\n```",
        "```markdown\n# T\n```\n\n```python\nx\n```",
        " # leading and trailing \n",
    ],
)
def test_an_answer_without_an_outer_fence_stays_as_it_is(answer: str) -> None:
    assert strip_fence(answer) == answer
