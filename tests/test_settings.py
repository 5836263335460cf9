"""Where a setting's value comes from, and what a wrong one gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from traitlets.config import Config

from jina_notebook.errors import OptionError
from jina_notebook.settings import NAMES, Settings, current


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings from elsewhere, and a folder without a pyproject.toml."""
    for name in NAMES:
        monkeypatch.delenv(f"JINA_NOTEBOOK_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    Settings.clear_instance()
    yield
    Settings.clear_instance()


def configure(**values: object) -> None:
    """What `%config Settings.name = value` does."""
    Settings.instance().update_config(Config({"Settings": values}))


def project(text: str) -> Path:
    path = Path("pyproject.toml")
    path.write_text(f"[tool.jina-notebook]\n{text}\n")
    return path.absolute()


def test_without_anything_there_are_defaults() -> None:
    assert current().device == "auto"
    assert current().origin("device") == "default"


def test_each_source_wins_over_the_ones_below(monkeypatch: pytest.MonkeyPatch) -> None:
    path = project('device = "cpu"\nbatch_tokens = 512\nweights = "hub"')
    monkeypatch.setenv("JINA_NOTEBOOK_BATCH_TOKENS", "1024")
    monkeypatch.setenv("JINA_NOTEBOOK_WEIGHTS", "tiny")
    configure(weights="auto")
    settings = current()
    assert (settings.device, settings.origin("device")) == ("cpu", str(path))
    assert (settings.batch_tokens, settings.origin("batch_tokens")) == (1024, "JINA_NOTEBOOK_BATCH_TOKENS")
    assert settings.origin("dtype") == "default"


def test_config_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_DEVICE", "cuda")
    configure(device="cpu")
    assert (current().device, current().origin("device")) == ("cpu", "%config")


def test_the_environment_is_followed_while_the_session_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert current().device == "auto"
    monkeypatch.setenv("JINA_NOTEBOOK_DEVICE", "cpu")
    assert current().device == "cpu"
    monkeypatch.delenv("JINA_NOTEBOOK_DEVICE")
    assert (current().device, current().origin("device")) == ("auto", "default")


def test_a_pyproject_further_up_counts_and_the_nearest_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    project('device = "cpu"\ndtype = "float32"')
    inner = Path("notebooks/deep")
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert current().device == "cpu"
    Path("../pyproject.toml").write_text('[tool.jina-notebook]\ndevice = "mps"\n')
    assert (current().device, current().dtype) == ("mps", "auto")


def test_a_pyproject_of_something_else_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    project('device = "cpu"')
    inner = Path("inner")
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    monkeypatch.chdir(inner)
    assert current().device == "cpu"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("batch_tokens", "64", 64),
        ("hub_timeout", "1.5", 1.5),
        ("show_progress", "false", False),
        ("dtype", "float16", "float16"),
    ],
)
def test_what_stands_in_the_environment_is_read_as_its_type(
    name: str, text: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"JINA_NOTEBOOK_{name.upper()}", text)
    assert getattr(current(), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("batch_tokens", "many"),
        ("batch_tokens", "-1"),
        ("hub_timeout", "0"),
        ("show_progress", "maybe"),
        ("dtype", "float8"),
        ("model", "jina-embedings-v3"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_source(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"JINA_NOTEBOOK_{name.upper()}", text)
    with pytest.raises(OptionError) as caught:
        current()
    assert name in caught.value.message
    assert text in caught.value.message


def test_an_unknown_model_gets_a_near_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_MODEL", "jina-embedings-v3")
    with pytest.raises(OptionError, match="did you mean jina-embeddings-v3"):
        current()


def test_an_unknown_key_in_a_pyproject_gets_a_near_name() -> None:
    path = project('devise = "cpu"')
    with pytest.raises(OptionError) as caught:
        current()
    assert str(path) in caught.value.message
    assert caught.value.hint == "did you mean device?"


def test_a_value_of_another_type_in_a_pyproject_is_refused() -> None:
    project("device = 3")
    with pytest.raises(OptionError, match="device is 3"):
        current()


def test_a_broken_pyproject_is_named() -> None:
    path = project("device = ")
    with pytest.raises(OptionError, match="not valid TOML") as caught:
        current()
    assert str(path) in caught.value.message


@pytest.mark.parametrize(("key", "near"), [("modle", "model"), ("batch_token", "batch_tokens")])
def test_an_unknown_key_in_config_gets_a_near_name(key: str, near: str) -> None:
    with pytest.raises(OptionError) as caught:
        configure(**{key: "x"})
    assert caught.value.hint == f"did you mean {near}?"


def test_what_config_refused_stops_the_next_use_until_it_is_set_right() -> None:
    with pytest.raises(OptionError):
        configure(dtype="float8")
    with pytest.raises(OptionError, match="float8"):
        current()
    configure(dtype="float32")
    assert current().dtype == "float32"


def test_a_variable_that_is_nearly_a_setting_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_DEVCE", "cpu")
    assert "did you mean JINA_NOTEBOOK_DEVICE?" in repr(current().overview())


def test_the_overview_has_every_setting_with_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_DEVICE", "cpu")
    rows = {row["setting"]: row for row in current().overview()}
    assert set(rows) == set(NAMES)
    assert (rows["device"]["value"], rows["device"]["from"]) == ("cpu", "JINA_NOTEBOOK_DEVICE")
    assert all(row["meaning"] for row in rows.values())


def test_the_source_of_an_unknown_setting_is_refused() -> None:
    with pytest.raises(OptionError, match="did you mean device"):
        current().origin("devices")


def test_every_default_model_is_in_the_catalogue() -> None:
    import jina_notebook as jn

    assert jn.models()[current().model].embeds
    assert jn.models()[current().reranker].reranks
