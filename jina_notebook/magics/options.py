"""What a magic takes, declared once: the declaration feeds parsing, `?`, `--help` and completion."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.render.blocks import Column, Page, Prose, Table
from jina_notebook.render.display import Displayed

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard

__all__ = ["DRY_RUN", "HELP", "OUT", "Command", "Help", "Option", "Parsed", "Source"]

Source = Literal["", "models", "tasks", "dimensions", "indices", "connections", "variables", "devices", "loaded"]
Kind = Literal["text", "number", "json", "bool", "names"]
VALUES = {"text": "TEXT", "number": "N", "json": "JSON", "bool": "", "names": "NAME[,NAME]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option. `name` is the Python argument's, with dashes; `source` says where its values come from.

    A bool option alone means true and takes an explicit `true` or `false`; `names` is a comma-separated list.
    """

    name: str
    help: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    source: Source = ""
    least: int = 0

    @property
    def key(self) -> str:
        """The Python argument's name."""
        return self.name.replace("-", "_")

    @property
    def usage(self) -> str:
        """`--top-n N`."""
        value = "|".join(self.choices) or VALUES[self.kind]
        if self.source == "variables":
            value = "NAME"
        return f"--{self.name} {value}".rstrip()

    def read(self, text: str) -> Any:
        """The value as its type. Raises `OptionError` naming what was received and what is allowed."""
        if self.choices and text not in self.choices:
            hint = did_you_mean(text, self.choices) or None
            raise OptionError(f"--{self.name} is {text!r}, it must be one of {', '.join(self.choices)}.", hint=hint)
        match self.kind:
            case "number":
                return self._number(text)
            case "json":
                return self._json(text)
            case "names":
                return [part.strip() for part in text.split(",") if part.strip()]
            case _:
                return text

    def _number(self, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = self.least - 1
        if value < self.least:
            raise OptionError(
                f"--{self.name} is {text!r}, it must be a whole number of at least {self.least}.",
                hint=f"For example --{self.name} {max(self.least, 10)}.",
            )
        return value

    def _json(self, text: str) -> Any:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise OptionError(
                f"--{self.name} is {text!r}, which is not JSON: {error.msg} at character {error.pos + 1}.",
                hint=f"Put it in single quotes, or in a variable: --{self.name} {{{{ name }}}}.",
            ) from error


OUT = Option(name="out", help="variable that gets the result; it is returned as well", source="variables")
DRY_RUN = Option(name="dry-run", help="states tokens, time and bytes, and does nothing else", kind="bool")
HELP = Option(name="help", help="shows this", kind="bool")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line taken apart: option values by Python name (only the given ones), the free words, and a trailing `;`."""

    values: Mapping[str, Any]
    words: tuple[str, ...]
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One magic. `words` names what the free words of the line are, `body` what the lines of a cell are, `parts` the
    commands that the first word chooses from, with what each is for.
    """

    name: str
    summary: str
    options: tuple[Option, ...]
    words: str = ""
    body: str = ""
    examples: tuple[str, ...] = ()
    models: Callable[[ModelCard], bool] | None = None
    words_source: Source = ""
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def every_option(self) -> tuple[Option, ...]:
        """The options of its own and the ones that every magic has."""
        return (*self.options, OUT, HELP)

    def parse(self, line: str, expand: Callable[[str], str] = str) -> Parsed:
        """Takes the line apart in POSIX manner, without abbreviations. `expand` is applied to each part, once split.

        Raises `OptionError`: unknown option, missing or wrong value, open quote.
        """
        text = line.strip()
        silent = text.endswith(";")
        tokens = self._split(text.removesuffix(";"))
        values: dict[str, Any] = {}
        words: list[str] = []
        while tokens:
            token = tokens.pop(0)
            if token == "--":  # noqa: S105 - the usual end of options, no secret
                words += tokens
                break
            if not _is_option(token):
                words.append(token)
                continue
            option, value = self._option(token, tokens, expand)
            if option.key in values:
                raise OptionError(f"--{option.name} is given twice.", hint=f"{self.usage()}")
            values[option.key] = value
        return Parsed(values, self._words([expand(word) for word in words]), silent)

    def _split(self, text: str) -> list[str]:
        try:
            return shlex.split(text)
        except ValueError as error:
            quote = next((char for char in text if char in "'\""), "'")
            raise OptionError(
                f"A quote ({quote}) is opened and not closed in: {text}",
                hint=f"Put the whole text in quotes: {self._requoted(text)}",
            ) from error

    def _requoted(self, text: str) -> str:
        """The line as it was probably meant: the free words in double quotes, the options after them."""
        words, dashes, options = text.partition(" --")
        if _is_option(words):
            return f'{self.prompt} --{self.options[0].name} "{words.strip()}"'
        plain = words.strip().replace('"', "'") if "'" in words else words.strip().replace('"', "")
        return f'{self.prompt} "{plain}"{dashes}{options}'

    def _option(self, token: str, tokens: list[str], expand: Callable[[str], str]) -> tuple[Option, Any]:
        name, equals, given = token.removeprefix("--").partition("=")
        by_name = {option.name: option for option in self.every_option}
        option = by_name.get(name) if token.startswith("--") else None
        if option is None:
            near = did_you_mean(token.partition("=")[0], [f"--{known}" for known in by_name])
            every = f"Options: {', '.join('--' + known for known in by_name)}."
            raise OptionError(f"{self.prompt} has no option {token.partition('=')[0]}.", hint=near or every)
        if equals:
            text = given
        elif option.kind == "bool":
            text = tokens.pop(0) if tokens and tokens[0] in {"true", "false"} else "true"
        elif tokens and not _is_option(tokens[0]):
            text = tokens.pop(0)
        else:
            raise OptionError(f"--{name} needs a value.", hint=f"{option.usage}: {option.help}.")
        if option.kind == "bool":
            if text not in {"true", "false"}:
                raise OptionError(
                    f"--{name} is {text!r}, it must be true or false.", hint=f"--{name} alone means true."
                )
            return option, text == "true"
        return option, option.read(expand(text))

    def _words(self, words: list[str]) -> tuple[str, ...]:
        if words and not self.words:
            raise OptionError(
                f"{self.prompt} takes no words besides its options, and was given {' '.join(words)!r}.",
                hint=self.usage(),
            )
        return tuple(words)

    @property
    def prompt(self) -> str:
        """The magic as people type it."""
        return f"%{self.name}"

    def usage(self) -> str:
        """One line."""
        words = f" {self.words}" if self.words else ""
        return f"Usage: {self.prompt}{words} [options]; {self.prompt} --help lists them."

    def help(self) -> Help:
        """Everything there is to know, as it also stands under `?`."""
        return Help(self)


@dataclass(frozen=True, slots=True, repr=False)
class Help(Displayed):
    """A magic's options as a table."""

    command: Command

    def page(self) -> Page:
        """Usage, options and examples."""
        command = self.command
        meaning = Column("meaning", "meaning", yields=True, wraps=True)
        columns = (Column("option", "option", wraps=True), meaning)
        options = tuple((option.usage, _sentence(option.help)) for option in command.every_option)
        parts = tuple((name, _sentence(summary)) for name, summary in command.parts)
        examples = "\n".join(command.examples)
        blocks = (
            *((Prose(examples, "Examples"),) if examples else ()),
            *((Table((Column("command", "command"), meaning), parts, "Commands"),) if parts else ()),
            Table(columns, options, "Options"),
        )
        return Page("help", f"{command.prompt}: {command.summary}", tuple(self._forms()), blocks)

    def _forms(self) -> Iterator[tuple[str, str]]:
        command = self.command
        yield "line", f"{command.prompt} {command.words} [options]".replace("  ", " ")
        if command.body:
            yield "cell", f"%{command.prompt} [options], and below {command.body}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _is_option(token: str) -> bool:
    """`--name`, or a dash and a letter, which is more likely a slip than a word; a negative number is a word."""
    return token.startswith("--") or (len(token) > 1 and token[0] == "-" and token[1].isalpha())
