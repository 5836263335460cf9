"""What asking does around its model: limits, memory, crops."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from PIL import Image

from jina_notebook.errors import InputError, MemoryLimitError, OptionError, TextTooLongError

NAME = "jina-vlm"
Load = Callable[..., Any]


@pytest.fixture
def picture() -> Image.Image:
    return Image.effect_mandelbrot((640, 480), (-2, -1.2, 1, 1.2), 20)


def test_pictures_and_question_beyond_the_context_are_an_error_with_both_lengths(
    picture: Image.Image, load: Load
) -> None:
    model = load(NAME)
    model.context = 1000
    try:
        with pytest.raises(TextTooLongError, match=r"have 1,6\d\d tokens together; jina-vlm takes 1,000"):
            model.ask([picture, picture], "What is it?")
        assert model.ask(picture, "What is it?", max_new_tokens=5000).tokens <= 1000 - 814
    finally:
        model.context = 32768


def test_what_does_not_fit_in_memory_says_what_to_lower(
    picture: Image.Image, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(NAME)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1e6))
    with pytest.raises(MemoryLimitError) as caught:
        model.ask(picture, "What is it?")
    assert "max_crops" in str(caught.value.hint)


def test_fewer_crops_change_what_is_seen(picture: Image.Image, load: Load) -> None:
    model = load(NAME)
    assert model.max_crops == 12
    tokens = len(model._asked("What?", model._pictures(picture)).ids)
    try:
        model.max_crops = 1
        assert len(model._asked("What?", model._pictures(picture)).ids) == tokens - 814 + 424
    finally:
        model.max_crops = 12


@pytest.mark.parametrize("value", [0, 101, 1.5, True, "4"])
def test_crops_of_no_number_are_an_error(value: Any, load: Load) -> None:
    with pytest.raises(OptionError, match="max_crops="):
        load(NAME).max_crops = value


def test_an_interrupt_while_looking_has_an_empty_answer(
    picture: Image.Image, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    model = load(NAME)
    monkeypatch.setattr(model, "_features", stop)
    with pytest.raises(KeyboardInterrupt) as caught:
        model.ask(picture, "What is it?")
    assert caught.value.partial.text == ""
    assert caught.value.partial.truncated


def test_the_name_of_a_file_is_told_from_a_picture(load: Load) -> None:
    with pytest.raises(InputError, match=r"The image is 'photo\.png' ") as caught:
        load(NAME).ask("photo.png", "What is it?")
    assert "pathlib.Path('photo.png')" in str(caught.value.hint)
