"""Miniatures written once per run, models loaded from them, and copies with a fault."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

import jina_notebook as jn
from jina_notebook.testing import tiny_checkpoint

Change = Callable[[dict[str, torch.Tensor]], None]


@pytest.fixture(scope="session")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`miniature(name, **options)`: the folder, written on first use; nobody may change it."""
    root = tmp_path_factory.mktemp("miniatures")

    def write(name: str, **options: Any) -> Path:
        folder = root / "-".join([name, *(f"{key}-{value}" for key, value in sorted(options.items()))])
        return folder if folder.exists() else tiny_checkpoint(name, folder, **options)

    return write


@pytest.fixture(scope="session")
def load(miniature: Callable[..., Path]) -> Callable[..., Any]:
    """`load(name, path=None, **arguments)` on the CPU in float32 unless told otherwise."""

    def get(name: str, path: Path | None = None, **arguments: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the licence notice, shown once per model
            return jn.load(name, path=path or miniature(name), **{"device": "cpu", "dtype": "float32"} | arguments)

    return get


@pytest.fixture
def altered(miniature: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """`altered(name, tensors=change, config=fields, file=...)`: a copy of the miniature with a fault.

    `change` edits the tensors of `file` in place, `fields` are merged into config.json (None deletes a field).
    """

    def copy(
        name: str,
        tensors: Change | None = None,
        config: dict[str, Any] | None = None,
        file: str = "model.safetensors",
        **options: Any,
    ) -> Path:
        folder = tmp_path / f"altered-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(miniature(name, **options), folder)
        if tensors is not None:
            content = load_file(folder / file)
            tensors(content)
            save_file(content, folder / file, metadata={"format": "pt"})
        if config is not None:
            fields = json.loads((folder / "config.json").read_text(encoding="utf-8")) | config
            kept = {key: value for key, value in fields.items() if config.get(key, "") is not None}
            (folder / "config.json").write_text(json.dumps(kept), encoding="utf-8")
        return folder

    return copy
