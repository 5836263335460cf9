"""What every reader does around its model: pieces of long pages, several pages, limits, notes, interrupts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from jina_notebook.errors import (
    CheckpointError,
    InferenceError,
    InputError,
    MemoryLimitError,
    OptionError,
    TextTooLongError,
)
from jina_notebook.families.pieces import cut_page
from jina_notebook.families.reader_lm import message

NAME = "ReaderLM-v2"
LONG = "".join(f"<p>red apple and green tea number {number}</p>" for number in range(60))
Load = Callable[..., Any]
Altered = Callable[..., Path]


@pytest.fixture
def narrow(altered: Altered, load: Load) -> Any:
    """A reader with a context of 400 tokens, of which the frame of the prompt takes 48."""
    return load(NAME, altered(NAME, config={"max_position_embeddings": 400}))


def frame(model: Any) -> int:
    return len(model._tokenizer.plain(model._prompt("", None, None)))


def test_a_page_beyond_the_context_is_read_in_pieces_and_joined(narrow: Any) -> None:
    reading = narrow.read(LONG, max_new_tokens=5)
    pieces = cut_page(LONG, narrow._tokenizer, 400 - frame(narrow) - 5)
    assert len(pieces) > 2
    alone = [narrow.read(piece, max_new_tokens=5) for piece in pieces]
    assert reading.text == "\n\n".join(one.text.strip("\n") for one in alone)
    assert reading.tokens == sum(one.tokens for one in alone)
    tokens = len(narrow._tokenizer.plain(LONG))
    assert f"{len(pieces)} pieces" in reading.notes[0]
    assert "the model's context of 400" in reading.notes[0]
    assert f"{tokens:,} tokens" in reading.notes[0]


def test_pieces_leave_room_for_as_much_as_they_have(narrow: Any) -> None:
    plan = narrow._plan(LONG, None, None, None)
    assert all(len(ids) + limit <= 400 for ids, limit in zip(plan.prompts, plan.limits, strict=True))
    assert all(limit >= len(ids) - frame(narrow) for ids, limit in zip(plan.prompts, plan.limits, strict=True))


def test_of_a_page_beyond_the_context_json_is_made_from_the_first_piece(narrow: Any) -> None:
    reading = narrow.read(LONG, schema={"type": "object"}, max_new_tokens=5)
    assert reading.truncated
    assert "only its first" in reading.notes[0]
    assert "400" in reading.notes[0]


def test_a_page_that_fits_is_read_whole(narrow: Any, load: Load) -> None:
    page = "<p>tea</p>" * 20
    assert narrow.read(page, max_new_tokens=9) == load(NAME).read(page, max_new_tokens=9)


def test_a_frame_that_leaves_no_room_is_an_error_with_both_lengths(narrow: Any) -> None:
    with pytest.raises(TextTooLongError, match=r"have 4\d\d tokens, and ReaderLM-v2 takes 400 in all"):
        narrow.read("<p>tea</p>", instruction="green tea " * 200)


def test_a_limit_beyond_the_context_ends_with_the_context(narrow: Any) -> None:
    reading = narrow.read("<p>tea</p>", max_new_tokens=10_000)
    assert reading.tokens <= 400


def test_pieces_can_be_asked_for(load: Load, miniature: Callable[..., Path]) -> None:
    model = load(NAME, miniature(NAME, seed=3))
    assert model.piece_tokens is None
    model.piece_tokens = 100
    reading = model.read(LONG, max_new_tokens=3)
    assert "piece_tokens=100" in reading.notes[0]
    assert reading.tokens == 3 * len(cut_page(LONG, model._tokenizer, 100))
    model.piece_tokens = None
    assert model.read(LONG, max_new_tokens=3).tokens == 3


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "8"])
def test_pieces_of_no_size_are_an_error(value: Any, load: Load) -> None:
    with pytest.raises(OptionError, match="piece_tokens="):
        load(NAME).piece_tokens = value


def test_pages_read_together_are_read_as_alone(load: Load) -> None:
    model = load(NAME)
    pages = ["<p>tea</p>", LONG, "", "<h1>coffee</h1>", "<p>tea</p>", "a", "b", "c", "d", "e"]
    arguments = {"instruction": "Extract the price.", "max_new_tokens": 6}
    assert model.read_all(iter(pages), **arguments) == [model.read(page, **arguments) for page in pages]


def test_of_no_pages_there_are_no_readings(load: Load) -> None:
    assert load(NAME).read_all([]) == []


@pytest.mark.parametrize(("pages", "words"), [("<p>a</p>", "one text, not a list"), (["a", None], "at position 1")])
def test_pages_that_are_none_are_an_error(pages: Any, words: str, load: Load) -> None:
    with pytest.raises(InputError, match=words):
        load(NAME).read_all(pages)


def test_an_interrupt_among_pages_keeps_a_reading_of_each(load: Load) -> None:
    def stop(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) == 12:
            raise KeyboardInterrupt

    calls: list[int] = []
    model = load(NAME)
    with pytest.raises(KeyboardInterrupt) as caught:
        model.read_all(["<p>tea</p>", LONG], max_new_tokens=30, progress=stop)
    first, second = caught.value.partial
    assert first.text
    assert model.read("<p>tea</p>", max_new_tokens=30).text.startswith(first.text.rstrip("\ufffd"))
    assert first.truncated
    assert second.truncated
    assert any("Interrupted after" in note for note in first.notes)


def test_control_tokens_in_an_instruction_or_a_schema_are_taken_out(load: Load) -> None:
    model = load(NAME)
    spelled = model.read("x", instruction="Extract<|im_end|> it.", schema='{"a": "<|im_start|>b"}', max_new_tokens=8)
    assert spelled.text == model.read("x", instruction="Extract it.", schema='{"a": "b"}', max_new_tokens=8).text


@pytest.mark.parametrize("instruction", [7, b"x", ["x"]])
def test_an_instruction_that_is_no_text_is_an_error(instruction: Any, load: Load) -> None:
    with pytest.raises(InputError, match="The instruction is "):
        load(NAME).read("x", instruction=instruction)


def test_the_message_is_the_cards() -> None:
    fence = "`" * 3
    assert message("<p>", None).endswith(f"Markdown format.\n{fence}html\n<p>\n{fence}")
    assert message("<p>", "", "{}").startswith("Extract the specified information from a list of news threads")
    assert message("<p>", "Do.", "{}") == (
        f"Do.\n{fence}html\n<p>\n{fence}\nThe JSON schema is as follows:{fence}json\n{{}}\n{fence}"
    )


def test_a_page_that_does_not_fit_in_memory_says_how_to_read_it(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load(NAME)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1e6))
    with pytest.raises(MemoryLimitError, match="GB are free") as caught:
        model.read(LONG)
    assert "piece_tokens" in str(caught.value.hint)


def test_numbers_that_are_none_are_an_error_that_names_the_precision(altered: Altered, load: Load) -> None:
    def spoil(tensors: dict[str, Any]) -> None:
        tensors["model.norm.weight"].fill_(float("nan"))

    with pytest.raises(InferenceError, match="ReaderLM-v2 in float32 gave NaN or infinity"):
        load(NAME, altered(NAME, tensors=spoil)).read("<p>tea</p>")


def test_a_malformed_page_is_read(load: Load) -> None:
    reading = load(NAME).read("<p>Hello</p>" + "<script " * 500, max_new_tokens=1)
    assert reading.tokens == 1


def test_an_output_matrix_of_its_own_is_used_where_the_configuration_says_so(altered: Altered, load: Load) -> None:
    def turn(tensors: dict[str, Any]) -> None:
        tensors["lm_head.weight"] = tensors["lm_head.weight"].roll(1, dims=0)

    apart = load(NAME, altered(NAME, tensors=turn, config={"tie_word_embeddings": False}))
    (word,) = load(NAME).read_all(["<p>tea</p>"], max_new_tokens=1)
    (shifted,) = apart.read_all(["<p>tea</p>"], max_new_tokens=1)
    ids = [model._tokenizer.plain(reading.text).tolist() for model, reading in ((apart, shifted), (load(NAME), word))]
    assert ids[0][0] == ids[1][0] + 1


def test_an_output_matrix_of_its_own_that_is_missing_is_named(altered: Altered, load: Load) -> None:
    def drop(tensors: dict[str, Any]) -> None:
        del tensors["lm_head.weight"]

    with pytest.raises(CheckpointError, match=r"1 missing: lm_head\.weight"):
        load(NAME, altered(NAME, tensors=drop, config={"tie_word_embeddings": False}))
