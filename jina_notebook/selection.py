"""Which model is used: the one asked for, the usual one, or the one of the settings, and where its weights are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from jina_notebook.catalog import ModelCard
    from jina_notebook.families.weights import Choice

__all__ = ["select"]


def select(
    asked: str | None,
    *,
    setting: str = "model",
    usual: str | None = None,
    path: str | os.PathLike[str] | None = None,
    check: Callable[[ModelCard], None] | None = None,
) -> Choice:
    """The name and the folder to hand to `jn.load`, and a note where the stand-in takes the model's place.

    `asked`: what the user named, else `usual`, else the setting named `setting`. `path`: the folder given with it. The
    setting `weights` says where weights are otherwise; a model that was asked for by name is never replaced while that
    is "auto". `check` may refuse the model before its weights are looked for.

    Raises `UnknownModelError`, what `check` raises, and what `choose_weights` raises.
    """
    from jina_notebook.catalog import card
    from jina_notebook.families import weights
    from jina_notebook.settings import DEFAULT, current

    settings = current()
    name = asked or usual or getattr(settings, setting)
    found = card(name)
    if check is not None:
        check(found)
    if path is not None:
        return weights.Choice(name, Path(path), "")
    replaceable = not (asked or usual) and settings.origin(setting) == DEFAULT
    if replaceable or settings.weights != "auto":
        return weights.choose_weights(name, weights=settings.weights)
    return weights.Choice(name, None, "")
