"""One use of a magic: its options, its words and its body, with the variables of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jina_notebook.errors import InputError, OptionError, did_you_mean
from jina_notebook.magics import bodies, template

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jina_notebook.magics.options import Command

__all__ = ["Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. `options` holds only the options given, by Python name; `body` is None in a line magic."""

    shell: InteractiveShell
    command: Command
    options: Mapping[str, Any]
    words: str
    body: str | None

    @property
    def namespace(self) -> Mapping[str, Any]:
        """The session's variables."""
        return cast("Mapping[str, Any]", self.shell.user_ns)

    def only(self, *names: str) -> dict[str, Any]:
        """The given ones among these options, as keyword arguments."""
        return {name: self.options[name] for name in names if name in self.options}

    def text(self) -> str:
        """The whole body as one text, or the words of the line.

        Raises `InputError` where there is nothing.
        """
        if self.body is None or not self.body.strip():
            return self.words or self._nothing()
        return self._expand(self.body.removesuffix("\n"))

    def items(self, *, words: bool = True) -> list[Any]:
        """The object of `--input`, or the body's items, or (with `words`) the line's words as the only item.

        Raises `InputError` where there is nothing or too much.
        """
        body = self.body if self.body is not None and self.body.strip() else None
        given = [body is not None, "input" in self.options, words and bool(self.words)]
        if sum(given) > 1:
            raise InputError(
                f"{self.command.prompt} was given more than one of: lines in the cell, --input, words on the line.",
                hint=f"Keep one of them. {self.command.usage()}",
            )
        if "input" in self.options:
            return listed(self.variable(self.options["input"]), self.options["input"])
        if body is not None:
            return self._items(body)
        return [self.words] if words and self.words else [self._nothing()]

    def _items(self, body: str) -> list[Any]:
        if self.options.get("whole"):
            return [self._expand(body.strip("\n"))]
        return bodies.items(body, self._expand)

    def _expand(self, text: str) -> str:
        return text if self.options.get("raw") else template.expand(text, self.namespace)

    def _nothing(self) -> str:
        what = self.command.body or self.command.words or "something to work on"
        raise InputError(
            f"There is nothing to work on: %{self.command.prompt} needs {what}.",
            hint="Write it below the magic, or name a Python object with --input NAME.",
        )

    def variable(self, name: str) -> Any:
        """The object of that name; `frame.column` is a column of a table or a value of a dict.

        Raises `OptionError` for a name that is not defined.
        """
        first, *rest = name.split(".")
        if first not in self.namespace:
            near = did_you_mean(first, template.public_names(self.namespace))
            raise OptionError(
                f"There is no variable named {first!r}.", hint=near or f"Assign {first} before this cell."
            )
        value = self.namespace[first]
        for part in rest:
            value = _part(value, part, name)
        return value

    def variable_or_file(self, name: str) -> Any:
        """The object of that name, or the path of that file; a variable of exactly that name comes first."""
        if name not in self.namespace:
            path = Path(name).expanduser()
            if path.exists():
                return path
        return self.variable(name)


def _part(value: Any, part: str, name: str) -> Any:
    columns = [str(c) for c in getattr(value, "columns", value if isinstance(value, Mapping) else ())]
    if part in columns:
        return value[part]
    if part.isidentifier() and not part.startswith("_") and hasattr(value, part):
        return getattr(value, part)
    raise OptionError(
        f"{name!r} does not exist: a {type(value).__name__} has no {part!r}.",
        hint=did_you_mean(part, columns) or (f"It has: {', '.join(columns[:20])}." if columns else None),
    )


def listed(value: Any, name: str) -> list[Any]:
    """A list of a session object's items: a text or a picture alone counts as one; embeddings give their inputs."""
    from jina_notebook.results import Embeddings, Hits, Ranking

    if isinstance(value, Hits | Ranking):
        return list(value)
    if isinstance(value, Embeddings):
        return list(value.inputs)
    if hasattr(value, "columns"):
        columns = [str(column) for column in value.columns]
        raise InputError(
            f"{name} is a table with the columns {', '.join(columns[:10])}.",
            hint=f"Name one column: --input {name}.{columns[0] if columns else 'text'}.",
        )
    if isinstance(value, str | bytes | bytearray) or not hasattr(value, "__iter__"):
        return [value]
    if isinstance(value, Mapping | set | frozenset):
        raise InputError(
            f"{name} is a {type(value).__name__}, whose order or keys would be guessed.",
            hint=f"Make it a list first, for example list({name}.values()).",
        )
    return list(value) if isinstance(value, Sequence) or hasattr(value, "__array__") else list(iter(value))
