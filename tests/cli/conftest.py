"""The console script in this process, what its documentation promises, and models that only record."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jina_notebook import cli, loading
from jina_notebook.catalog import card
from jina_notebook.settings import Settings

DOCUMENTED = Path(__file__).parents[2] / "docs" / "command-line.md"


class Ended(NamedTuple):
    """How a call ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def records(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Shell = Callable[..., Ended]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """`shell("embed", "tea", pipe="…")` calls the console script; without `pipe` a terminal would be read."""

    def run(*arguments: str, pipe: str | bytes | None = None) -> Ended:
        monkeypatch.setattr(sys, "argv", ["jina-notebook", *arguments])
        raw = pipe.encode() if isinstance(pipe, str) else pipe or b""
        stdin = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8")
        monkeypatch.setattr(stdin, "isatty", lambda: pipe is None, raising=False)
        monkeypatch.setattr(sys, "stdin", stdin)
        capfd.readouterr()
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = int(end.code or 0)
        return Ended(status, *capfd.readouterr())

    Settings.clear_instance()
    yield run
    Settings.clear_instance()


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Names of models to what `jn.load` gives for them; what it was given stays in `loaded["options"]`."""
    models: dict[str, Any] = {"options": {}}

    def load(name: str, **options: Any) -> Any:
        models["options"] = options
        return models[card(name).name]

    monkeypatch.setattr(loading, "load", load)
    return models


def documented(name: str) -> Any:
    """The example of a command's JSON in the documentation."""
    blocks = dict(re.findall(r"```json ([^\n]+)\n(.*?)```", DOCUMENTED.read_text("utf-8"), re.DOTALL))
    return json.loads(blocks[name])


def shape(value: Any) -> Any:
    """The keys of a record, those of the records in its lists included."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None
