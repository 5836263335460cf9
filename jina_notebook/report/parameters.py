"""The parameters of a notebook: what each may be, checked in the notebook's second cell, before a model loads.

```python
parameters = report.check_parameters(
    globals(),
    k=report.Whole(1, 100),
    mode=report.Choice("vector", "lexical", "hybrid"),
    keep_index=report.Flag(),
)
```
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from jina_notebook.catalog import CATALOGUE
from jina_notebook.errors import InputError, OptionError, did_you_mean

__all__ = ["Choice", "Flag", "Model", "Number", "Rule", "Text", "Whole", "check_parameters"]

INJECTED = "# Parameters"  # how papermill begins the cell in which it sets what was passed


class Rule(Protocol):
    """What a parameter may be."""

    @property
    def allowed(self) -> str:
        """What goes after "takes": `a whole number from 1 to 100`."""
        ...

    def accepts(self, value: Any) -> bool:
        """Whether the value may be used; a more telling error than the general one may be raised."""
        ...


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, both included; True and False are not numbers."""

    minimum: int | None = None
    maximum: int | None = None

    @property
    def allowed(self) -> str:
        return "a whole number" + _bounds(self.minimum, self.maximum)

    def accepts(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and _within(value, self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number between two bounds, both included."""

    minimum: float | None = None
    maximum: float | None = None

    @property
    def allowed(self) -> str:
        return "a number" + _bounds(self.minimum, self.maximum)

    def accepts(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return math.isfinite(value) and _within(value, self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or False; the words and the numbers that some tools write for them are refused."""

    @property
    def allowed(self) -> str:
        return "True or False"

    def accepts(self, value: Any) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Text:
    """A string that is not blank. `check` is called with it, and raises an error of its own where it cannot be used."""

    check: Callable[[str], object] | None = None
    blank: bool = False

    @property
    def allowed(self) -> str:
        return "a text" if self.blank else "a text that is not blank"

    def accepts(self, value: Any) -> bool:
        if not isinstance(value, str) or not (self.blank or value.strip()):
            return False
        if self.check is not None:
            self.check(value)
        return True


@dataclass(frozen=True, slots=True, init=False)
class Choice:
    """One of a few words; with `directory=True` a folder that exists is good too."""

    words: tuple[str, ...]
    directory: bool

    def __init__(self, *words: str, directory: bool = False) -> None:
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "directory", directory)

    @property
    def allowed(self) -> str:
        listed = ", ".join(repr(word) for word in self.words)
        return f"{listed} or a folder that exists" if self.directory else f"one of {listed}"

    def accepts(self, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        return value in self.words or (self.directory and bool(value.strip()) and Path(value).expanduser().is_dir())


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The catalogue name of a model that embeds (`embeds=True`) or reranks (`reranks=True`)."""

    embeds: bool = False
    reranks: bool = False

    @property
    def allowed(self) -> str:
        names = [c.name for c in CATALOGUE if (c.embeds or not self.embeds) and (c.reranks or not self.reranks)]
        return f"one of {', '.join(names)}"

    def accepts(self, value: Any) -> bool:
        if not isinstance(value, str) or value not in CATALOGUE.names:
            return False
        card = CATALOGUE[value]
        return (card.embeds or not self.embeds) and (card.reranks or not self.reranks)


def check_parameters(namespace: Mapping[str, Any], /, **rules: Rule) -> dict[str, Any]:
    """The named parameters, each as its rule allows it: `parameters = check_parameters(globals(), k=Whole(1, 100))`.

    A parameter that was passed and that the notebook does not have is refused too: papermill by itself only logs it
    and goes on without.

    Raises `OptionError` with the name, the value received and what is allowed; `InputError` where the parameters cell
    does not set one.
    """
    for name in _injected(namespace):
        if name not in rules:
            raise OptionError(
                f"There is no parameter {name!r} in this notebook.",
                hint=did_you_mean(name, rules) or f"Its parameters: {', '.join(rules)}.",
            )
    checked: dict[str, Any] = {}
    for name, rule in rules.items():
        if name not in namespace:
            raise InputError(
                f"The parameter {name!r} is not set.", hint='The cell tagged "parameters" sets it: run that cell first.'
            )
        value = namespace[name]
        if not rule.accepts(value):
            near = did_you_mean(value, _words(rule)) if isinstance(value, str) else ""
            raise OptionError(
                f"The parameter {name!r} is {value!r}, but takes {rule.allowed}.",
                hint=near or f'Set it in the cell tagged "parameters", or with -p {name} VALUE.',
            )
        checked[name] = value
    return checked


def _words(rule: Rule) -> Iterable[str]:
    if isinstance(rule, Choice):
        return rule.words
    return CATALOGUE.names if isinstance(rule, Model) else ()


def _injected(namespace: Mapping[str, Any]) -> list[str]:
    """Names that papermill has set in the cell it puts after the parameters cell, read off the kernel's history."""
    history = namespace.get("In", ())
    cells = [cell for cell in history if isinstance(cell, str) and cell.startswith(INJECTED + "\n")]
    targets = [node.targets[0] for cell in cells for node in ast.parse(cell).body if isinstance(node, ast.Assign)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _within(value: float, minimum: float | None, maximum: float | None) -> bool:
    return (minimum is None or value >= minimum) and (maximum is None or value <= maximum)


def _bounds(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {minimum} to {maximum}"
    if minimum is not None:
        return f" of at least {minimum}"
    return "" if maximum is None else f" of at most {maximum}"
