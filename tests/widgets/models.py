"""Miniature models, made once per run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.testing import tiny_checkpoint


@pytest.fixture(scope="session")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    folder = tmp_path_factory.mktemp("miniatures")

    @cache
    def get(name: str) -> Any:
        path: Path = tiny_checkpoint(name, folder / name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the licence notice, shown once per model
            return jn.load(name, path=path, device="cpu", dtype="float32")

    return get
