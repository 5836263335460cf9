"""Lines taken apart: POSIX quoting, types, and one clear sentence for everything else."""

from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.errors import OptionError
from jina_notebook.magics import MAGICS
from jina_notebook.magics.options import Command, Option
from jina_notebook.render.text import to_text

COMMAND = Command(
    name="jina_try",
    summary="tries",
    words="QUERY",
    options=(
        Option(name="top-n", help="how many", kind="number", least=1),
        Option(name="mode", help="how", choices=("vector", "lexical")),
        Option(name="filter", help="what counts", kind="json"),
        Option(name="index", help="where", kind="names"),
        Option(name="late", help="late or not", kind="bool"),
        Option(name="model", help="which"),
    ),
)


def values(line: str) -> dict[str, Any]:
    return dict(COMMAND.parse(line).values)


def refused(line: str) -> OptionError:
    with pytest.raises(OptionError) as caught:
        COMMAND.parse(line)
    return caught.value


def test_options_and_words_may_stand_in_any_order() -> None:
    parsed = COMMAND.parse("warm --top-n 3 soup --mode=vector")
    assert parsed.words == ("warm", "soup")
    assert parsed.values == {"top_n": 3, "mode": "vector"}
    assert not parsed.silent


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"what\'s new"', ("what's new",)),
        ("'two  blanks'", ("two  blanks",)),
        (r"it\'s", ("it's",)),
        ("# no comment", ("#", "no", "comment")),
        ("$HOME {x} 100% a;b", ("$HOME", "{x}", "100%", "a;b")),
        ("-5 degrees -", ("-5", "degrees", "-")),
        ("-- --top-n 3", ("--top-n", "3")),
        ("日本語 ¿qué?", ("日本語", "¿qué?")),
        ("", ()),
    ],
)
def test_words_are_split_as_a_shell_does_and_nothing_in_them_is_read(line: str, words: tuple[str, ...]) -> None:
    assert COMMAND.parse(line).words == words


@pytest.mark.parametrize(("line", "silent"), [("tea;", True), ("tea ; ", True), ("tea", False), ("'tea;'", False)])
def test_a_trailing_semicolon_asks_for_silence(line: str, silent: bool) -> None:
    parsed = COMMAND.parse(line)
    assert parsed.silent == silent
    assert parsed.words == (("tea;",) if line == "'tea;'" else ("tea",))


def test_values_have_their_types() -> None:
    assert values("""--filter '{"term": {"lang": "fr"}}' --index a,b --late""") == {
        "filter": {"term": {"lang": "fr"}},
        "index": ["a", "b"],
        "late": True,
    }


@pytest.mark.parametrize(
    ("line", "late"), [("--late", True), ("--late true", True), ("--late false", False), ("--late=false", False)]
)
def test_a_bool_alone_means_true(line: str, late: bool) -> None:
    assert values(line) == {"late": late}


def test_a_word_after_a_bool_is_a_word() -> None:
    parsed = COMMAND.parse("--late tea")
    assert (parsed.values, parsed.words) == ({"late": True}, ("tea",))


@pytest.mark.parametrize("line", ["--top 3", "--topn 3", "-top-n 3"])
def test_abbreviations_and_slips_are_refused_with_the_near_name(line: str) -> None:
    error = refused(line)
    assert line.split()[0] in error.message
    assert error.hint == "did you mean --top-n?"


def test_an_option_like_no_other_lists_them_all() -> None:
    assert "--top-n, --mode" in (refused("--zzzz 1").hint or "")


@pytest.mark.parametrize(
    ("line", "received", "allowed"),
    [
        ("--top-n x", "'x'", "whole number of at least 1"),
        ("--top-n 0", "'0'", "at least 1"),
        ("--top-n 1.5", "'1.5'", "whole number"),
        ("--mode hybrd", "'hybrd'", "vector, lexical"),
        ("--filter {term}", "'{term}'", "not JSON"),
        ("--late=maybe", "'maybe'", "true or false"),
        ("--top-n", "--top-n", "needs a value"),
        ("--top-n --late", "--top-n", "needs a value"),
        ("--late --late", "--late", "twice"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(line: str, received: str, allowed: str) -> None:
    message = refused(line).message
    assert received in message
    assert allowed in message


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("what's new --index kb", '%jina_try "what\'s new" --index kb'),
        ("what's new", '%jina_try "what\'s new"'),
        ('5" disk --top-n 3', '%jina_try "5 disk" --top-n 3'),
    ],
)
def test_an_open_quote_is_shown_as_it_was_probably_meant(line: str, meant: str) -> None:
    error = refused(line)
    assert line in error.message
    assert meant in (error.hint or "")
    assert COMMAND.parse(meant.removeprefix("%jina_try ")).words


def test_words_where_none_are_taken_are_refused() -> None:
    command = Command(name="jina_none", summary="takes no words", options=())
    with pytest.raises(OptionError, match="takes no words"):
        command.parse("something")


@pytest.mark.parametrize("name", MAGICS)
def test_the_help_of_every_magic_has_every_option(name: str) -> None:
    command, _ = MAGICS[name]
    text = to_text(command.help().page(), columns=120)
    for option in command.every_option:
        assert option.usage in text
    assert command.summary in text
    assert len(command.examples) > 0


@pytest.mark.parametrize("name", MAGICS)
def test_the_examples_of_every_magic_can_be_parsed(name: str) -> None:
    command, _ = MAGICS[name]
    lines = [example for example in command.examples if example.startswith(("%jina", "%%jina"))]
    assert lines
    for line in lines:
        command.parse(line.partition(" ")[2])
