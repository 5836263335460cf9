"""The parts of the pages that are made from the package: tables of models, magics, settings and errors' names.

Each stands in its page between two markers; `make docs` writes it anew and a test compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from jina_notebook.catalog import CATALOGUE, ModelCard
from jina_notebook.magics import MAGICS, jina
from jina_notebook.magics.options import HELP, OUT, Command, Option
from jina_notebook.settings import PREFIX, Settings

DOCS = Path(__file__).parent.parent / "docs"
MARKED = re.compile(r"(<!-- made from the package: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def models(*kinds: str) -> str:
    """The catalogue's models of these kinds."""
    cards = [card for card in CATALOGUE if card.kind in kinds]
    vectors = any(card.embeds for card in cards)
    head = ("model", "does", "takes", "size", "context", *(("dimensions",) if vectors else ()), "memory", "licence")
    return table(head, (_model(card, vectors) for card in cards))


def _model(card: ModelCard, vectors: bool) -> Iterable[str]:
    yield f"[{card.name}](https://huggingface.co/{card.hub_id})"
    yield card.summary
    yield ", ".join(card.modalities)
    yield card.parameters
    yield f"{card.context:,}"
    if vectors:
        per_token = f"{', '.join(map(str, card.token_dimensions))} per token" if card.token_dimensions else ""
        yield "; ".join(part for part in (", ".join(map(str, card.dimensions)), per_token) if part)
    yield f"{card.memory_gb:g} GB"
    yield card.licence


def abilities() -> str:
    """Which embedding model can do what beyond one vector per text."""
    rows = (
        (
            card.name,
            _tasks(card),
            *(_yes(able) for able in (card.multivector, card.late_chunking, "image" in card.modalities)),
        )
        for card in CATALOGUE
        if card.embeds
    )
    return table(("model", "tasks", "a vector per token", "late chunking", "pictures"), rows)


def _tasks(card: ModelCard) -> str:
    return ", ".join(f"`{task}`" for task in card.tasks) or "none: the same for all"


def _yes(able: bool) -> str:
    return "yes" if able else "–"


def commercial() -> str:
    """Whose licence allows commercial use."""
    free = [f"{card.name} ({card.licence})" for card in CATALOGUE if card.commercial]
    bound = sum(not card.commercial for card in CATALOGUE)
    return f"Free for commercial use: {', '.join(free)}. The other {bound} need an agreement with their publisher.\n"


def magics() -> str:
    """Every magic with its options, from the declarations that also feed `--help` and completion."""
    whole = [command for command, _ in MAGICS.values()]
    return "\n".join(_magic(command) for command in whole) + "\n" + _jina()


def _magic(command: Command) -> str:
    line = f"%{command.name} {command.words} [options]".replace("  ", " ")
    forms = [line, *([f"%%{command.name} [options]      # and below: {command.body}"] if command.body else [])]
    parts = [f"## %{command.name}\n", f"{_sentence(command.summary)}\n", _block(forms)]
    parts.append(_options(command.options))
    parts.append(f"For example\n\n{_block(command.examples)}")
    return "\n".join(parts)


def _jina() -> str:
    parts = [f"## %{jina.COMMAND.name}\n", f"{_sentence(jina.COMMAND.summary)}\n"]
    rows = []
    for name, (command, _) in jina.SUBCOMMANDS.items():
        options = " ".join(f"`{option.usage}`" for option in command.options)
        rows.append((f"`%jina {name} {command.words}`".replace(" `", "`"), _sentence(command.summary), options))
    parts.append(table(("command", "what it does", "options"), rows))
    return "\n".join(parts)


def _options(options: Iterable[Option]) -> str:
    return table(("option", "meaning"), ((f"`{option.usage}`", _sentence(option.help)) for option in options))


def every_magic() -> str:
    """The options that each of them has."""
    return _options((OUT, HELP))


def settings() -> str:
    """Settings with their defaults and variables."""
    traits = Settings.class_traits(config=True)
    rows = (
        (f"`{name}`", f"`{trait.default_value!r}`", f"`{PREFIX}{name.upper()}`", _sentence(trait.help))
        for name, trait in traits.items()
    )
    return table(("setting", "default", "variable", "meaning"), rows)


def _block(lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return f"```text\n{text}\n```\n"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


PARTS: dict[str, Callable[[], str]] = {
    "embedding-models": lambda: models("embedding", "late-interaction"),
    "rerankers": lambda: models("reranker"),
    "writing-models": lambda: models("reader", "vision-language"),
    "abilities": abilities,
    "commercial": commercial,
    "magics": magics,
    "every-magic": every_magic,
    "settings": settings,
}


def renewed(page: str) -> str:
    """The page with every marked part as the package has it now."""
    return MARKED.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}{part[4]}", page)


def write(docs: Path = DOCS) -> list[Path]:
    """Rewrites the pages that are not as they should be; gives their paths."""
    stale = []
    for path in sorted(docs.rglob("*.md")):
        page = path.read_text("utf-8")
        if renewed(page) != page:
            path.write_text(renewed(page), "utf-8")
            stale.append(path)
    return stale


if __name__ == "__main__":
    for path in write():
        print(f"written anew: {path}")
    sys.exit(0)
