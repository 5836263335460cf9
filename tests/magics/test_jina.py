"""`%jina` and its commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from IPython.core.interactiveshell import InteractiveShell

import jina_notebook as jn
from jina_notebook import doctor, loading
from jina_notebook.elastic import connection
from jina_notebook.errors import OptionError, UnknownModelError
from jina_notebook.magics.jina import SUBCOMMANDS
from jina_notebook.results import Listing
from tests.magics.conftest import Ran

Run = Callable[[str], Ran]


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing loaded, nothing connected, whatever ran before."""
    monkeypatch.setattr(loading, "_MODELS", {})
    monkeypatch.setattr(connection, "_known", {})


@pytest.mark.parametrize("line", ["%jina", "%jina status"])
def test_nothing_loaded_is_said(line: str, run: Run, empty: None) -> None:
    assert "no models are loaded" in run(line).out


def test_what_is_loaded_is_listed_and_can_be_dropped(run: Run, empty: None) -> None:
    jn.load("offline-minilm", device="cpu", dtype="float32")
    row = run("%jina status").value[0]
    assert (row["model"], row["device"], row["dtype"]) == ("offline-minilm", "cpu", "float32")
    assert row["memory"] == "90.9 MB"
    assert run("%jina unload offline-minilm").value[0] == {"model": "offline-minilm"}
    assert loading.loaded() == {}
    assert "none was loaded" in run("%jina unload").out


def test_dropping_what_is_not_loaded_is_refused(run: Run, empty: None) -> None:
    ran = run("%jina unload jina-clip-v2")
    assert isinstance(ran.error, OptionError)
    assert "'jina-clip-v2' is not loaded" in ran.out


def test_the_catalogue_is_shown_and_each_of_its_models(run: Run) -> None:
    every = run("%jina models")
    assert all(card.name in every.out for card in jn.models())
    assert "commercial" in every.out
    one = run("%jina models jina-embeddings-v3")
    assert "8,192 tokens" in one.out
    assert "separation" in one.out
    assert isinstance(run("%jina models jina-embedings-v3").error, UnknownModelError)


def test_settings_show_their_sources(run: Run) -> None:
    run("%config Settings.device = 'cpu'")
    rows = {row["setting"]: row for row in run("%jina settings").value}
    assert (rows["device"]["value"], rows["device"]["from"]) == ("cpu", "%config")


def test_a_setting_that_config_refused_fails_the_next_cell(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run("%config Settings.dtype = 'float8'")
    assert "float8" in caplog.text
    assert isinstance(run("%jina settings").error, OptionError)
    run("%config Settings.dtype = 'float32'")
    assert run("%jina settings").error is None


def test_the_doctor_is_called(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Listing("doctor", "1 of 1 checks", ("check", "state"), ({"check": "Java", "state": "works"},))
    monkeypatch.setattr(doctor, "examine", lambda: told)
    assert run("%jina doctor").value is told


def test_connecting_passes_the_address_and_keeps_secrets_in_variables(
    run: Run, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, dict[str, object]]] = []
    monkeypatch.setattr(connection, "connect", lambda url, **options: calls.append((url, options)))
    shell.user_ns |= {"key": "s3cr=t key", "auth": "elastic:pass:word"}
    run("%jina connect https://search.example:9200 --api-key {{ key }} --name prod --ca-certs ca.pem")
    run("%jina connect --cloud-id abc --basic-auth {{ auth }}")
    run("%config Settings.elasticsearch_url = 'http://127.0.0.1:9201'")
    run("%jina connect")
    assert calls == [
        ("https://search.example:9200", {"api_key": "s3cr=t key", "name": "prod", "ca_certs": "ca.pem"}),
        (None, {"cloud_id": "abc", "basic_auth": ("elastic", "pass:word")}),
        ("http://127.0.0.1:9201", {}),
    ]


def test_no_connections_are_said(run: Run, empty: None) -> None:
    assert "%jina connect makes one" in run("%jina connections").out


def test_an_unknown_command_gets_a_near_name(run: Run) -> None:
    ran = run("%jina modls")
    assert isinstance(ran.error, OptionError)
    assert ran.hint == "did you mean models?"
    assert all(name in run("%jina zzzz").hint for name in SUBCOMMANDS)


def test_help_lists_the_commands_and_each_has_its_own(run: Run) -> None:
    text = run("%jina --help").out
    assert all(command.summary[:30].lower() in text.lower() for command, _ in SUBCOMMANDS.values())
    assert "--api-key" in run("%jina connect --help").out


@pytest.mark.parametrize("line", ["%jina models;", "%jina ;", "%jina settings ;"])
def test_a_trailing_semicolon_is_silent(line: str, run: Run, empty: None) -> None:
    ran = run(line)
    assert (ran.error, ran.value, ran.out) == (None, None, "")


def test_out_stores_a_listing(run: Run, shell: InteractiveShell) -> None:
    run("%jina models --out cards;")
    assert shell.user_ns["cards"] is jn.models()


def test_lines_below_are_refused(run: Run) -> None:
    assert run("%%jina models\nsomething\n").error is not None
