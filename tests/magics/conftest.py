"""A real IPython shell with the extension, and models that only record what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell

import jina_notebook as jn
from jina_notebook import loading
from jina_notebook.catalog import ModelCard
from jina_notebook.results import Embeddings, RankedDocument, Ranking
from jina_notebook.settings import NAMES, Settings


@dataclass
class RecordingModel:
    """Stands where a loaded model stands; every call is kept."""

    card: ModelCard
    loaded_with: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def revision(self) -> str:
        return self.card.revision

    @property
    def dimensions(self) -> tuple[int, ...]:
        return self.card.dimensions

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        self.calls.append(("embed", list(inputs), options))
        count = len(inputs)
        return Embeddings(
            vectors=np.eye(count, 8, dtype=np.float32),
            model=self.name,
            revision=self.revision,
            task=options.get("task"),
            dimensions=8,
            token_counts=(3,) * count,
            truncated=(False,) * count,
            inputs=tuple(inputs),
        )

    def rerank(self, query: Any, documents: Any, **options: Any) -> Ranking:
        self.calls.append(("rerank", query, list(documents), options))
        scores = np.linspace(1, 0, len(documents), dtype=np.float32)
        items = tuple(RankedDocument(i, float(scores[i]), i + 1, d) for i, d in enumerate(documents))
        return Ranking(items=items, scores=scores, query=query, model=self.name, revision=self.revision)

    def read(self, html: Any, **options: Any) -> str:
        self.calls.append(("read", html, options))
        return f"read {html}"

    def ask(self, image: Any, question: str, **options: Any) -> str:
        self.calls.append(("ask", image, question, options))
        return f"answer to {question}"


@dataclass
class Ran:
    """What a cell did."""

    value: Any
    error: BaseException | None
    out: str

    @property
    def hint(self) -> str:
        return getattr(self.error, "hint", None) or ""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InteractiveShell]:
    for name in NAMES:
        monkeypatch.delenv(f"JINA_NOTEBOOK_{name.upper()}", raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setattr(HistoryManager, "enabled", False)
    monkeypatch.chdir(tmp_path)
    Settings.clear_instance()
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "jina_notebook")
    yield shell
    InteractiveShell.clear_instance()
    Settings.clear_instance()


@pytest.fixture
def run(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Ran]:
    """Runs a cell as a notebook does."""

    def run_cell(code: str) -> Ran:
        capsys.readouterr()
        result = shell.run_cell(code)
        captured = capsys.readouterr()
        error = result.error_in_exec or result.error_before_exec
        return Ran(result.result, error, captured.out + captured.err)

    return run_cell


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> dict[str, RecordingModel]:
    """The models that were loaded, by name; `jn.load` gives recording ones."""
    loaded: dict[str, RecordingModel] = {}

    def load(name: str, **options: Any) -> RecordingModel:
        record = jn.models()[name]
        loaded.setdefault(name, RecordingModel(record)).loaded_with = options
        return loaded[name]

    monkeypatch.setattr(loading, "load", load)
    return loaded
