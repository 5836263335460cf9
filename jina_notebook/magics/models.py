"""Which model a magic uses, and the options that choose it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.magics.options import Option

if TYPE_CHECKING:
    from jina_notebook.magics.request import Request

__all__ = ["MODEL_OPTIONS", "model_of"]

MODEL_OPTIONS = (
    Option(name="model", help="model of the catalogue; without it the one of the settings", source="models"),
    Option(name="path", help="folder with the model's checkpoint; without it the hub is used", source="files"),
    Option(name="revision", help="commit, branch or tag on the hub; without it the catalogue's"),
    Option(name="device", help="auto, cpu, cuda, cuda:1 or mps"),
    Option(name="dtype", help="precision of the weights", choices=("auto", "float32", "bfloat16", "float16")),
)


def model_of(request: Request, setting: str = "model") -> Any:
    """The model that the options name, else the settings; loaded once.

    A name that is a variable of the session stands for the model in it.

    Raises `OptionError` where the model cannot do what the magic does, and what `jn.load` raises.
    """
    from jina_notebook import loading
    from jina_notebook.catalog import card
    from jina_notebook.settings import current

    settings = current()
    name = request.options.get("model") or getattr(settings, setting)
    held = request.namespace.get(name)
    if held is not None and hasattr(held, "card"):
        return held
    fits = request.command.models
    record = card(name)
    if fits is not None and not fits(record):
        from jina_notebook.catalog import CATALOGUE

        able = [other.name for other in CATALOGUE if fits(other)]
        raise OptionError(
            f"{request.command.prompt} cannot use {name}: it is a {record.kind} model.",
            hint=f"Models for it: {', '.join(able)}.",
        )
    path = request.options.get("path") or _folder(name, settings.weights)
    chosen = {"device": settings.device, "dtype": settings.dtype} | request.only("device", "dtype", "revision")
    return loading.load(name, path=path, **chosen)


def _folder(name: str, weights: str) -> str | None:
    """Where the settings say that weights are: a folder with one per model, or miniatures, or the hub (None)."""
    if weights in {"auto", "hub"}:
        return None
    if weights == "tiny":
        from jina_notebook.testing import tiny_checkpoint

        folder = Path(_cache()) / "tiny" / name
        if not (folder / "config.json").exists():
            tiny_checkpoint(name, folder)
        return str(folder)
    parent = Path(weights).expanduser()
    if not parent.is_dir():
        near = did_you_mean(weights, ("auto", "hub", "tiny"))
        raise OptionError(
            f"The setting weights is {weights!r}, which is neither auto, hub, tiny nor a folder.", hint=near or None
        )
    own = parent / name
    return str(own if own.is_dir() else parent)


def _cache() -> str:
    from jina_notebook.elastic.local.folders import cache_folder

    return str(cache_folder())
