"""`%jina serve`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from IPython.core.interactiveshell import InteractiveShell

from jina_notebook.errors import InputError, OptionError
from jina_notebook.serving import server as serving
from tests.elastic.doubles import WordModel
from tests.magics.conftest import Ran

Run = Callable[[str], Ran]


@pytest.fixture(autouse=True)
def _stopped_after() -> Iterator[None]:
    yield
    serving.stop_all()


def test_a_model_in_a_variable_is_served_and_shown_by_status(run: Run, shell: InteractiveShell) -> None:
    shell.user_ns["mine"] = WordModel("offline-minilm", size=64)
    server = run("%jina serve mine --out server").value
    assert shell.user_ns["server"] is server
    assert httpx.get(f"{server.url}/health").status_code == 200
    shown = run("%jina status").out
    assert f"Serving offline-minilm at {server.url}." in shown
    assert server.token not in shown + run("server").out


def test_names_of_the_catalogue_are_loaded_and_several_are_served_together(run: Run, shell: InteractiveShell) -> None:
    shell.user_ns["other"] = WordModel("jina-embeddings-v3", size=64)
    assert run("%jina serve offline-minilm other").value.models == ("offline-minilm", "jina-embeddings-v3")


def test_stopping_ends_every_server_and_says_which(run: Run, shell: InteractiveShell) -> None:
    shell.user_ns["mine"] = WordModel("offline-minilm", size=64)
    server = run("%jina serve mine").value
    assert [row["address"] for row in run("%jina serve --stop").value] == [server.url]
    assert not server.running
    assert "none was running" in run("%jina serve --stop").out
    assert "Serving" not in run("%jina status").out


def test_wrong_uses_are_refused(run: Run) -> None:
    nothing = run("%jina serve").error
    assert isinstance(nothing, InputError)
    assert "no models to serve" in str(nothing)
    both = run("%jina serve offline-minilm --stop").error
    assert isinstance(both, OptionError)
    assert "--stop stops every server" in str(both)
