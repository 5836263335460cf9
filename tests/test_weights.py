"""Where the setting `weights` says that a model's weights are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import jina_notebook as jn
from jina_notebook.elastic.local import folders
from jina_notebook.errors import OptionError
from jina_notebook.families import hub, stand_in
from jina_notebook.settings import Settings
from jina_notebook.weights import locate

CODE = "jina-code-embeddings-0.5b"


@pytest.fixture
def settings() -> Iterator[Settings]:
    yield Settings()
    Settings.clear_instance()


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub, an empty cache, and the stand-in installed."""
    monkeypatch.setattr(hub, "reachable", lambda: False)
    monkeypatch.setattr(hub, "cached", lambda card: None)
    monkeypatch.setattr(stand_in, "stand_in_installed", lambda: True)


def test_a_model_that_was_asked_for_is_never_replaced(settings: Settings, unreachable: None) -> None:
    assert locate(CODE, settings) == (CODE, None)


def test_a_default_that_cannot_be_had_is_replaced_by_the_stand_in(settings: Settings, unreachable: None) -> None:
    assert locate(CODE, settings, replaceable=True) == ("offline-minilm", None)


def test_a_reachable_hub_or_a_filled_cache_keeps_the_default(
    settings: Settings, unreachable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "cached", lambda card: Path("snapshot"))
    assert locate(CODE, settings, replaceable=True) == (CODE, None)
    monkeypatch.setattr(hub, "cached", lambda card: None)
    monkeypatch.setattr(hub, "reachable", lambda: True)
    assert locate(CODE, settings, replaceable=True) == (CODE, None)


def test_without_the_stand_in_the_hub_says_what_is_wrong(
    settings: Settings, unreachable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_in, "stand_in_installed", lambda: False)
    assert locate(CODE, settings, replaceable=True) == (CODE, None)


def test_hub_means_the_hub(settings: Settings, unreachable: None) -> None:
    settings.weights = "hub"
    assert locate(CODE, settings, replaceable=True) == (CODE, None)


def test_tiny_writes_a_miniature_once_that_loads(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(folders.VARIABLE, str(tmp_path))
    settings.weights = "tiny"
    name, path = locate(CODE, settings)
    assert path is not None
    written = (Path(path) / "model.safetensors").stat().st_mtime_ns
    assert locate(CODE, settings) == (name, path)
    assert (Path(path) / "model.safetensors").stat().st_mtime_ns == written
    assert jn.load(name, path=path, device="cpu").embed("x = 1", task="nl2code.passage").vectors.shape[0] == 1


def test_the_stand_in_has_no_miniature(settings: Settings) -> None:
    settings.weights = "tiny"
    assert locate("offline-minilm", settings) == ("offline-minilm", None)


def test_a_folder_holds_one_model_or_one_per_name(settings: Settings, tmp_path: Path) -> None:
    settings.weights = str(tmp_path)
    assert locate(CODE, settings).path == str(tmp_path)
    (tmp_path / CODE).mkdir()
    assert locate(CODE, settings).path == str(tmp_path / CODE)


def test_anything_else_is_refused_with_a_near_name(settings: Settings) -> None:
    settings.weights = "tinny"
    with pytest.raises(OptionError) as caught:
        locate(CODE, settings)
    assert "'tinny'" in caught.value.message
    assert caught.value.hint == "did you mean tiny?"
