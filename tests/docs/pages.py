"""The documentation's sources and the scripts that build it, as the tests read them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def script(name: str) -> ModuleType:
    """A module of scripts/."""
    folder = str(ROOT / "scripts")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return import_module(name)


def read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def sections(page: str) -> Iterator[tuple[str, str]]:
    """Title and text below every heading of the second level."""
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        yield title.strip(), text


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of that language."""
    return [body for marked, body in BLOCK.findall(text) if marked == language]
