"""Writes the README's table of notebooks, with badges that open each, between its two markers; a test compares."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
REPOSITORY, BRANCH = "jina-notebook/jina-notebook", "main"  # where the badges look for the notebooks
START, END = "<!-- notebooks: written by make readme -->\n", "<!-- end of notebooks -->\n"
HEAD = "| notebook | what you get | open |\n| --- | --- | --- |\n"
ROOMS = {
    "00-start": "Start",
    "10-models": "Models, one each",
    "20-workflows": "Workflows",
    "30-reports": "Reports for a scheduler",
    "40-widgets": "Widgets",
}
BINDER = "https://mybinder.org/badge_logo.svg"
COLAB = "https://colab.research.google.com/assets/colab-badge.svg"
LONGEST = 170  # characters of a promise


def table() -> str:
    """One row per notebook, room by room, in alphabetical order."""
    rows = []
    for folder in sorted(path for path in (ROOT / "notebooks").iterdir() if path.is_dir()):
        found = sorted(folder.glob("*.ipynb"), key=lambda path: path.stem.lower())
        if found:
            rows.append(f"| **{ROOMS.get(folder.name, folder.name)}** | | |\n")
            rows.extend(_row(path) for path in found)
    return HEAD + "".join(rows)


def with_table(readme: str) -> str:
    """The README's text with the table as the notebooks are now."""
    before, rest = readme.split(START)
    after = rest.split(END)[1]
    return f"{before}{START}{table()}{END}{after}"


def promise(text: str) -> str:
    """The first sentences of a notebook's opening, as many as fit; at least one."""
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z`])", " ".join(text.split()))
    kept = sentences[0]
    for sentence in sentences[1:]:
        if len(kept) + 1 + len(sentence) > LONGEST:
            break
        kept = f"{kept} {sentence}"
    return kept.replace("|", "\\|")


def _row(path: Path) -> str:
    opening = nbformat.read(path, as_version=4).cells[0].source  # type: ignore[no-untyped-call]
    title, text = opening.split("\n\n")[:2]
    place = path.relative_to(ROOT).as_posix()
    live = f"https://mybinder.org/v2/gh/{REPOSITORY}/{BRANCH}?urlpath={quote(f'lab/tree/{place}', safe='')}"
    colab = f"https://colab.research.google.com/github/{REPOSITORY}/blob/{BRANCH}/{place}"
    badges = f"[![Binder]({BINDER})]({live}) [![Colab]({COLAB})]({colab})"
    return f"| [{title.removeprefix('# ').strip()}]({place}) | {promise(text)} | {badges} |\n"


def main() -> int:
    """Rewrites the file."""
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
