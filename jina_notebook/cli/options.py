"""Options that commands share, with the names and meanings of the magics', and the completion of their values."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jina_notebook.magics import embed
from jina_notebook.magics.options import Command, Option

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard

__all__ = [
    "AsJson",
    "Device",
    "Dtype",
    "ModelPath",
    "Revision",
    "Url",
    "Weights",
    "complete",
    "indices",
    "meaning",
    "option",
    "prefer",
    "require_fit",
]

COMPLETION_S = 1.0  # a server that does not answer by then completes nothing
HTTP_OK = 200
NAMED = {"models", "tasks"}
PRECISIONS = ("auto", "float32", "bfloat16", "float16")


def option(command: Command, name: str, *declarations: str, more: str = "") -> Any:
    """The option that a magic declares, for the shell: its meaning, values and completion. A bool is a flag."""
    declared = next(one for one in command.options if one.name == name)
    text = _sentence(declared.help, more)
    if declared.kind == "bool":
        return typer.Option(*(declarations or (f"--{name}",)), help=text)
    return typer.Option(
        *declarations,
        metavar=_metavar(declared),
        min=declared.least if declared.kind == "number" else None,
        help=text,
        autocompletion=_completion(command, declared),
    )


def meaning(command: Command, name: str, more: str = "") -> str:
    """What an option is for, in the words of the magic that has it too."""
    return _sentence(next(one.help for one in command.options if one.name == name), more)


def _sentence(text: str, more: str = "") -> str:
    """A shell has no variables of a session."""
    plain = text.partition(", or a variable")[0]
    return f"{plain[:1].upper()}{plain[1:]}.{' ' + more if more else ''}"


def _metavar(declared: Option) -> str:
    if declared.choices:
        return "|".join(declared.choices)
    if declared.source in NAMED:
        return "NAME"
    return {"number": "N", "json": "JSON"}.get(declared.kind, "TEXT")


def _completion(command: Command, declared: Option) -> Callable[[typer.Context, str], list[str]] | None:
    if declared.choices:
        return complete(lambda _: list(declared.choices))
    if declared.source == "models":
        return models(command.models or (lambda _: True))
    return of_model(declared.source) if declared.source in {"tasks", "dimensions"} else None


def complete(values: Callable[[Any], list[str]]) -> Callable[[typer.Context, str], list[str]]:
    """A completion: those of `values`, which sees the options before the cursor, that begin as typed."""

    def completion(ctx: typer.Context, incomplete: str) -> list[str]:
        return [value for value in values(ctx) if value.startswith(incomplete)]

    return completion


def models(fits: Callable[[ModelCard], bool]) -> Callable[[typer.Context, str], list[str]]:
    """Completes the names of the models that fit."""
    from jina_notebook.catalog import CATALOGUE

    return complete(lambda _: [card.name for card in CATALOGUE if fits(card)])


def of_model(field: str) -> Callable[[typer.Context, str], list[str]]:
    """Completes the tasks or dimensions of the model on the line, else of the one of the settings."""

    def values(ctx: typer.Context) -> list[str]:
        from jina_notebook.catalog import CATALOGUE
        from jina_notebook.settings import current

        name = ctx.params.get("model") or current().model
        return [str(value) for value in getattr(CATALOGUE[name], field)] if name in CATALOGUE.names else []

    return complete(values)


def _indices(_: Any) -> list[str]:
    """Indices and aliases of the server that commands would use; only of one that runs and asks for no login."""
    from jina_notebook.elastic.local import probe, server
    from jina_notebook.settings import current

    url = current().elasticsearch_url or os.environ.get("ELASTICSEARCH_URL")
    if not url:
        running = server.status()
        url = running.url if running is not None and running.answers else ""
    if not url.startswith("http://"):
        return []
    status, found = probe.request(url, "/_alias?expand_wildcards=open", timeout_s=COMPLETION_S)
    if status != HTTP_OK:
        return []
    names = set(found) | {alias for entry in found.values() for alias in entry.get("aliases", {})}
    return sorted(name for name in names if not name.startswith("."))


indices = complete(_indices)
ModelPath = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help=meaning(embed.COMMAND, "path"), show_default=False)
]
Revision = Annotated[str | None, typer.Option(metavar="NAME", help=meaning(embed.COMMAND, "revision"))]
Device = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Where it runs: auto, cpu, cuda, cuda:1 or mps.",
        autocompletion=complete(lambda _: ["auto", "cpu", "cuda", "mps"]),
    ),
]
Dtype = Annotated[
    str,
    typer.Option(
        metavar="|".join(PRECISIONS),
        help=meaning(embed.COMMAND, "dtype"),
        autocompletion=complete(lambda _: list(PRECISIONS)),
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The server. [default: ELASTICSEARCH_URL with ELASTICSEARCH_API_KEY; else the one on this machine]",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line, instead of text.")]


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a model comes from and where it runs."""

    path: Path | None = None
    revision: str | None = None
    device: str = "auto"
    dtype: str = "auto"

    def load(
        self, command: str, magic: Command, asked: str | None, *, setting: str = "model", usual: str | None = None
    ) -> Any:
        """The model asked for, else `usual`, else the one of the settings. Notes and licence go to stderr.

        Raises `OptionError` where it cannot do what the command does, and what `jn.load` raises.
        """
        from jina_notebook import loading
        from jina_notebook.cli.output import noted, tell
        from jina_notebook.selection import select

        def check(card: ModelCard) -> None:
            require_fit(command, magic, card)

        choice = select(asked, setting=setting, usual=usual, path=self.path, check=check)
        if choice.note:
            tell(choice.note)
        with noted():
            return loading.load(
                choice.name, path=choice.path, revision=self.revision, device=self.device, dtype=self.dtype
            )


def prefer(device: str, dtype: str) -> None:
    """Where the models run that are loaded on the way, as far as it was said."""
    from jina_notebook.inference.placement import check_names
    from jina_notebook.settings import current

    check_names(device, dtype)
    settings = current()
    if device != "auto":
        settings.device = device
    if dtype != "auto":
        settings.dtype = dtype


def require_fit(command: str, magic: Command, card: ModelCard) -> None:
    """Refuses a model of the wrong kind, naming those that fit."""
    from jina_notebook.catalog import CATALOGUE
    from jina_notebook.errors import OptionError

    fits = magic.models
    if fits is None or fits(card):
        return
    able = ", ".join(other.name for other in CATALOGUE if fits(other))
    raise OptionError(
        f"jina-notebook {command} cannot use {card.name}, a {card.kind} model.", hint=f"Models for it: {able}."
    )
