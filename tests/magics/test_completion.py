"""Options and their values, as far as they can be known."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import jina_notebook as jn
from jina_notebook.elastic import connection
from jina_notebook.magics import MAGICS
from jina_notebook.magics.completion import suggestions
from jina_notebook.magics.jina import COMMAND, SUBCOMMANDS
from tests.magics.conftest import RecordingModel

COMMANDS = {name: command for name, (command, _) in MAGICS.items()} | {"jina": COMMAND}
PARTS = {name: command for name, (command, _) in SUBCOMMANDS.items()}


def suggested(line: str, **namespace: Any) -> list[str]:
    return [suggestion.text for suggestion in suggestions(line, COMMANDS, PARTS, namespace)]


def test_options_that_are_not_given_yet_are_offered() -> None:
    offered = suggested("%%jina_embed --model jina-clip-v2 --")
    assert "--task" in offered
    assert "--model" not in offered


@pytest.mark.parametrize("line", ["%%jina_embed --model ", "%jina_embed --model=", "x = %jina_embed --model jina"])
def test_models_that_can_do_it_are_offered(line: str) -> None:
    offered = suggested(line)
    assert "jina-embeddings-v3" in offered
    assert "jina-reranker-m0" not in offered


def test_variables_that_hold_a_model_are_offered() -> None:
    assert "mine" in suggested("%jina_embed --model ", mine=RecordingModel(jn.models()["jina-clip-v2"]), other=1)


@pytest.mark.parametrize("line", ["--model jina-embeddings-v3 ", "--model=jina-embeddings-v3 "])
def test_tasks_and_sizes_are_those_of_the_model_on_the_line(line: str) -> None:
    card = jn.models()["jina-embeddings-v3"]
    assert suggested(f"%%jina_embed {line}--task ") == list(card.tasks)
    assert suggested(f"%%jina_embed {line}--dimensions ") == list(map(str, card.dimensions))


def test_without_a_model_on_the_line_the_settings_count(shell: InteractiveShell) -> None:
    shell.run_line_magic("config", "Settings.model = 'jina-embeddings-v3'")
    assert "separation" in suggested("%%jina_embed --task ")


def test_choices_and_bools_are_offered() -> None:
    assert suggested("%jina_search tea --mode ") == ["hybrid", "vector", "exact", "lexical", "late-interaction"]
    assert suggested("%jina_embed --truncate=") == ["true", "false"]


def test_variables_are_offered_without_modules_and_functions() -> None:
    import json

    assert suggested("%jina_embed --input ", docs=[1], json=json, dumps=json.dumps, _x=1, In=[]) == ["docs"]


def test_after_a_bool_comes_another_option() -> None:
    assert "--task" in suggested("%jina_embed --late-chunking ")


@pytest.mark.parametrize("line", ["%jina ", "%%jina m"])
def test_commands_are_offered(line: str) -> None:
    assert suggested(line) == list(SUBCOMMANDS)


def test_the_words_of_a_command_are_offered() -> None:
    assert "jina-vlm" in suggested("%jina models jina")
    assert "--api-key" in suggested("%jina connect --a")
    assert suggested("%jina zzzz ") == []


@pytest.mark.parametrize("line", ["%%time ", "jina_embed --", "# %jina_embed --", "%jina_nothing --", "%jina_embed"])
def test_other_lines_are_left_to_others(line: str) -> None:
    assert suggested(line) == []


class Indices:
    """A client that lists indices, or does not answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.indices = self
        self.timeouts: list[float] = []

    def options(self, *, request_timeout: float, **_: Any) -> Indices:
        self.timeouts.append(request_timeout)
        return self

    def get_alias(self, **_: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Any:
    def connect(answer: Any) -> Indices:
        client = Indices(answer)
        named = type("Named", (), {"name": "prod", "client": client})()
        monkeypatch.setattr(connection, "_known", {"prod": named})
        return client

    return connect


def test_indices_and_aliases_are_offered_and_hidden_ones_are_not(connected: Any) -> None:
    client = connected({"shop": {"aliases": {"all": {}}}, ".internal": {"aliases": {}}})
    assert suggested("%jina_search tea --index ") == ["all", "shop"]
    assert client.timeouts == [1.0]
    assert suggested("%jina_search tea --connection ") == ["prod"]


def test_a_server_that_does_not_answer_gives_no_completions(connected: Any) -> None:
    from elasticsearch import ConnectionTimeout

    connected(ConnectionTimeout("timed out"))
    assert suggested("%jina_search tea --index ") == []


def test_no_connection_is_made_for_a_completion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_known", {})
    monkeypatch.setattr(connection, "connect", lambda *_, **__: pytest.fail("connected"))
    assert suggested("%jina_search tea --index ") == []


@pytest.mark.parametrize(
    ("cell", "completed"),
    [
        ("%%jina_embed --mo", ["--model"]),
        ("%%jina_embed --model=jina-cl", ["jina-clip-v2"]),
        ("%jina unl", ["unload"]),
    ],
)
def test_the_shells_completer_gives_ours_alone(cell: str, completed: list[str], shell: InteractiveShell) -> None:
    with provisionalcompleter():
        assert [c.text for c in shell.Completer.completions(cell, len(cell))] == completed


def test_a_body_is_not_completed_as_options(shell: InteractiveShell) -> None:
    cell = "%%jina_embed --model x\n--mo"
    with provisionalcompleter():
        assert "--model" not in [c.text for c in shell.Completer.completions(cell, len(cell))]
