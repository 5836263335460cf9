"""Completion of options and their values in the kernel."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from jina_notebook.magics.options import Command, Option, Source
from jina_notebook.magics.template import public_names

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext
    from IPython.core.interactiveshell import InteractiveShell

    from jina_notebook.catalog import ModelCard

__all__ = ["IDENTIFIER", "Suggestion", "matcher", "suggestions"]

_LINE = re.compile(r"\s*(?:[^\W\d][\w\s,.\[\]'\"]*=\s*)?%%?(jina\w*)([ \t].*)", re.DOTALL)
IDENTIFIER = "jina_notebook"
INDICES_TIMEOUT_S = 1.0


class Suggestion(NamedTuple):
    """One completion and its kind, as front ends show it."""

    text: str
    kind: str


class _Place(NamedTuple):
    """Where the cursor stands: the command, the parts before it on the line, and what is being typed."""

    command: Command
    before: list[str]
    typed: str


def matcher(shell: InteractiveShell, commands: Mapping[str, Command], subcommands: Mapping[str, Command]) -> Any:
    """What is appended to the shell's completer. Other matchers are held back only where ours has something."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    def jina_matcher(context: CompletionContext) -> Any:
        first = next((line for line in context.full_text.split("\n") if line.strip()), "")
        in_body = first.startswith("%%") and first != context.line_with_cursor
        found = [] if in_body else suggestions(context.text_until_cursor, commands, subcommands, shell.user_ns)
        begun = [s for s in found if s.text.startswith(context.token)]
        completions = [SimpleCompletion(text=s.text, type=s.kind) for s in begun]
        return {"completions": completions, "matched_fragment": context.token, "suppress": bool(completions)}

    return context_matcher(identifier=IDENTIFIER)(jina_matcher)


def suggestions(
    line: str, commands: Mapping[str, Command], subcommands: Mapping[str, Command], namespace: Mapping[str, Any]
) -> list[Suggestion]:
    """What may stand at the end of `line`, which is cut at the cursor; nothing where no magic of ours begins it."""
    match = _LINE.fullmatch(line)
    if match is None or match.group(1) not in commands:
        return []
    parts = match.group(2).split()
    typed = "" if line[-1:].isspace() else parts.pop()
    command = commands[match.group(1)]
    if command.name == "jina":
        if not parts:
            return [Suggestion(name, "command") for name in subcommands]
        if parts[0] not in subcommands:
            return []
        command = subcommands[parts.pop(0)]
    return _at(_Place(command, parts, typed), namespace)


def _at(place: _Place, namespace: Mapping[str, Any]) -> list[Suggestion]:
    by_flag = {f"--{option.name}": option for option in place.command.every_option}
    flag, equals, _ = place.typed.partition("=")
    option = by_flag.get(flag) if equals else by_flag.get(place.before[-1]) if place.before else None
    if option is not None and (equals or option.kind != "bool"):
        return _values(option, place, namespace)
    if place.typed.startswith("-") or not place.typed:
        used = {part.partition("=")[0] for part in place.before}
        flags = [Suggestion(flag, "option") for flag in by_flag if flag not in used]
        return flags if place.typed else _sourced(place.command.words_source, place, namespace) + flags
    return _sourced(place.command.words_source, place, namespace)


def _values(option: Option, place: _Place, namespace: Mapping[str, Any]) -> list[Suggestion]:
    if option.kind == "bool":
        return [Suggestion(value, "value") for value in ("true", "false")]
    if option.choices:
        return [Suggestion(value, "value") for value in option.choices]
    return _sourced(option.source, place, namespace)


def _sourced(source: Source, place: _Place, namespace: Mapping[str, Any]) -> list[Suggestion]:
    if source == "models":
        held = [name for name in public_names(namespace) if hasattr(namespace[name], "card")]
        return _as("model", _model_names(place.command)) + _as("instance", held)
    if source in {"tasks", "dimensions"}:
        card = _card(place, namespace)
        return _as("value", map(str, getattr(card, source))) if card else []
    if source == "variables":
        hidden = (ModuleType, FunctionType, type)
        return _as("instance", (n for n in public_names(namespace) if not isinstance(namespace[n], hidden)))
    simple: dict[str, Callable[[], Iterable[str]]] = {
        "indices": _indices,
        "connections": lambda: (connection.name for connection in _connections()),
        "devices": lambda: ("auto", "cpu", "cuda", "mps"),
        "loaded": _loaded,
    }
    return _as("value", simple[source]()) if source in simple else []


def _as(kind: str, texts: Iterable[str]) -> list[Suggestion]:
    return [Suggestion(text, kind) for text in texts]


def _model_names(command: Command) -> list[str]:
    from jina_notebook.catalog import CATALOGUE

    return [card.name for card in CATALOGUE if command.models is None or command.models(card)]


def _card(place: _Place, namespace: Mapping[str, Any]) -> ModelCard | None:
    """The model on the line, or the one of the settings."""
    from jina_notebook.catalog import CATALOGUE
    from jina_notebook.settings import Settings

    parts = place.before
    given = next((b for a, b in itertools.pairwise(parts) if a == "--model"), None)
    given = given or next((part.partition("=")[2] for part in parts if part.startswith("--model=")), None)
    name = given or Settings.instance().model
    own = getattr(namespace.get(name), "card", None)
    return own or (CATALOGUE[name] if name in CATALOGUE.names else None)


def _connections() -> tuple[Any, ...]:
    """Connections that were made; none is made for a completion."""
    module = sys.modules.get("jina_notebook.elastic.connection")
    return module.connections() if module else ()


def _loaded() -> list[str]:
    module = sys.modules.get("jina_notebook.loading")
    return [key.name for key in module.loaded()] if module else []


def _indices() -> list[str]:
    """Indices and aliases of the first connection; none where the server does not answer at once."""
    names: set[str] = set()
    for connection in _connections()[:1]:
        from elasticsearch import ApiError, TransportError

        client = connection.client.options(request_timeout=INDICES_TIMEOUT_S, max_retries=0)
        try:
            answer = client.indices.get_alias(expand_wildcards="open")
        except (ApiError, TransportError):
            return []
        names |= set(answer)
        names |= {alias for entry in answer.values() for alias in entry.get("aliases", {})}
    return sorted(name for name in names if not name.startswith("."))
