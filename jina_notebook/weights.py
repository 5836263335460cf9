"""Where a model's weights come from, by the setting `weights`: the hub, miniatures, or a folder of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from jina_notebook.catalog import card
from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.settings import Settings

__all__ = ["WEIGHTS", "Located", "locate"]

WEIGHTS = ("auto", "hub", "tiny")


class Located(NamedTuple):
    """What to pass to `jn.load`: a name, and a folder or None for the hub."""

    name: str
    path: str | None


def locate(name: str, settings: Settings, *, replaceable: bool = False) -> Located:
    """Where `weights` says that the weights of `name` are.

    With "auto" and `replaceable` (nobody asked for this very model), the offline stand-in takes the place of a model
    that is neither in the cache nor to be had. "tiny" writes a miniature in the official layout on first use. A folder
    holds one checkpoint, or one subfolder per model.

    Raises `OptionError` for a value that is none of these.
    """
    weights = settings.weights
    if weights == "auto":
        return Located(_reachable(name) if replaceable else name, None)
    if weights == "hub":
        return Located(name, None)
    if weights == "tiny":
        return Located(name, None if card(name).stand_in else _miniature(name))
    parent = Path(weights).expanduser()
    if not parent.is_dir():
        raise OptionError(
            f"The setting weights is {weights!r}; it is auto, hub, tiny or a folder that exists.",
            hint=did_you_mean(weights, WEIGHTS) or None,
        )
    own = parent / name
    return Located(name, str(own if own.is_dir() else parent))


def _reachable(name: str) -> str:
    from jina_notebook.families import hub
    from jina_notebook.families.stand_in import STAND_IN, stand_in_installed

    if hub.cached(card(name)) is not None or not stand_in_installed() or hub.reachable():
        return name
    return STAND_IN


def _miniature(name: str) -> str:
    from jina_notebook.elastic.local.folders import cache_folder
    from jina_notebook.testing import tiny_checkpoint

    folder = cache_folder() / "tiny" / name
    if not (folder / "config.json").exists():
        tiny_checkpoint(name, folder)
    return str(folder)
