"""Which model a command or a magic uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jina_notebook.catalog import ModelCard
from jina_notebook.errors import OptionError, UnknownModelError
from jina_notebook.families import weights
from jina_notebook.selection import select
from jina_notebook.settings import Settings

V3 = "jina-embeddings-v3"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """What is asked about weights; the answer is always the stand-in."""
    calls: list[tuple[str, str]] = []

    def choose(name: str, *, weights: str) -> object:
        calls.append((name, weights))
        return STAND_IN

    monkeypatch.setattr(weights, "choose_weights", choose)
    Settings.clear_instance()
    yield calls
    Settings.clear_instance()


STAND_IN = weights.Choice("offline-minilm", None, "It was replaced.")


def test_a_model_that_was_named_is_taken_as_it_is(asked: list[tuple[str, str]]) -> None:
    assert select(V3) == weights.Choice(V3, None, "")
    assert select(None, usual="ReaderLM-v2").name == "ReaderLM-v2"
    assert asked == []


def test_the_default_of_the_settings_may_be_replaced(asked: list[tuple[str, str]]) -> None:
    assert select(None, setting="reranker") == STAND_IN
    assert asked == [("jina-reranker-v2-base-multilingual", "auto")]


def test_a_setting_that_somebody_made_is_a_name(asked: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_MODEL", V3)
    assert select(None).name == V3
    assert asked == []


def test_the_setting_weights_is_followed_unless_a_folder_is_given(
    asked: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_WEIGHTS", "tiny")
    assert select(V3) == STAND_IN
    assert select(V3, path="own") == weights.Choice(V3, Path("own"), "")
    assert asked == [(V3, "tiny")]


def test_a_model_is_checked_before_its_weights_are_looked_for(asked: list[tuple[str, str]]) -> None:
    def refuse(card: ModelCard) -> None:
        raise OptionError(f"Not {card.name}.")

    with pytest.raises(OptionError, match="Not jina-embeddings-v5-text-nano"):
        select(None, check=refuse)
    with pytest.raises(UnknownModelError):
        select("jina-embedings-v3")
    assert asked == []
