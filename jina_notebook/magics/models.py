"""Which model a magic uses, and the options that choose it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import OptionError
from jina_notebook.magics.options import Option

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard
    from jina_notebook.magics.request import Request

__all__ = ["MODEL_OPTIONS", "held", "model_of"]

MODEL_OPTIONS = (
    Option(name="model", help="model of the catalogue, or a variable that holds one", source="models"),
    Option(name="path", help="folder with the model's checkpoint; without it the hub is used"),
    Option(name="revision", help="commit, branch or tag on the hub; without it the catalogue's"),
    Option(name="device", help="auto, cpu, cuda, cuda:1 or mps", source="devices"),
    Option(name="dtype", help="precision of the weights", choices=("auto", "float32", "bfloat16", "float16")),
)


def held(request: Request, option: str) -> Any:
    """The loaded model in the variable that `option` names, or None."""
    value = request.namespace.get(request.options.get(option, ""))
    return value if hasattr(value, "card") else None


def model_of(request: Request, setting: str = "model", *, usual: str | None = None) -> Any:
    """The model that the options name, else `usual`, else the one of the settings; loaded once.

    The setting `weights` says where its weights are. Only a model that nobody asked for by name is replaced by the
    stand-in where it cannot be had.

    Raises `OptionError` where it cannot do what the magic does, and what `jn.load` raises.
    """
    from jina_notebook import loading
    from jina_notebook.selection import select

    model = held(request, "model")
    if model is not None:
        _check_fit(request, model.card)
        return model
    given = request.only("path", "device", "dtype", "revision")
    choice = select(
        request.options.get("model"),
        setting=setting,
        usual=usual,
        path=given.get("path"),
        check=lambda record: _check_fit(request, record),
    )
    if "path" not in given and choice.path is not None:
        given["path"] = choice.path
    return loading.load(choice.name, **given)


def _check_fit(request: Request, record: ModelCard) -> None:
    fits = request.command.models
    if fits is None or fits(record):
        return
    from jina_notebook.catalog import CATALOGUE

    able = ", ".join(other.name for other in CATALOGUE if fits(other))
    raise OptionError(
        f"{request.command.prompt} cannot use {record.name}, a {record.kind} model.", hint=f"Models for it: {able}."
    )
