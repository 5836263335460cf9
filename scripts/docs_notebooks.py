"""Notebooks as pages of the site: an executed copy where there is a current one, else without outputs, and said so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

ROOMS = {
    "00-start": "Start",
    "10-models": "Models, one by one",
    "20-workflows": "Workflows",
    "30-reports": "Reports",
    "40-widgets": "Widgets",
}
STANDALONE = ("text/html", "image/png", "image/jpeg", "image/svg+xml", "text/markdown", "text/plain")
NO_OUTPUTS = "This notebook is shown without outputs: `make notebooks`, then `make docs`, shows them."
TINY = (
    "The outputs on this page are of miniatures with random weights: they show the form of every result, and the\n"
    'figures mean nothing. Run it with `weights="auto"` for real ones.'
)


@dataclass(frozen=True)
class Sheet:
    """One notebook of the repository as it is published."""

    room: str
    name: str
    title: str
    promise: str
    run_with: str | None
    node: Any

    @property
    def place(self) -> str:
        """Where it goes in the site's sources."""
        return f"notebooks/{self.room}/{self.name}.ipynb"

    def text(self) -> str:
        """The file's content, without the folders of the one who ran it."""
        written = json.dumps(self.node, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        home = str(Path.home()).rstrip("/")
        return written.replace(f"{home}/", "~/") if home else written


def sheets(notebooks: Path, executed: Sequence[Path]) -> Iterator[Sheet]:
    """Every notebook below `notebooks`, with the outputs of the first folder that has them for this very source."""
    for path in sorted(notebooks.rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        source = nbformat.read(path, as_version=4)
        title, promise = _opening(source.cells[0].source)
        copy = next((copy for folder in executed if (copy := _executed(folder / path.name, source))), None)
        run_with = None if copy is None else _weights(copy)
        node = _page(source if copy is None else copy, run_with)
        yield Sheet(path.parent.name, path.stem, title, promise, run_with, node)


def contents(found: Sequence[Sheet]) -> str:
    """The page that lists them, room by room."""
    lines = [
        "# Notebooks",
        "",
        "Each runs top to bottom, here or unattended (`jina-notebook report run NAME`), and",
        "",
    ]
    lines[2] += " asserts what it says."
    for room in dict.fromkeys(sheet.room for sheet in found):
        own = sorted((s for s in found if s.room == room), key=lambda s: s.name.lower())
        lines += [
            f"## {ROOMS.get(room, room)}",
            "",
            "| notebook | what it gives | outputs shown |",
            "| --- | --- | --- |",
        ]
        lines += [f"| [{s.title}]({s.place}) | {s.promise} | {_shown(s)} |" for s in own]
        lines += ["", "```{toctree}", ":hidden:", ":maxdepth: 1", "", *(s.place for s in own), "```", ""]
    return "\n".join(lines)


def _shown(sheet: Sheet) -> str:
    return {None: "none", "tiny": "of miniatures"}.get(sheet.run_with, "yes")


def _opening(text: str) -> tuple[str, str]:
    """Title and first sentence, without what a table cell cannot hold."""
    lines = text.splitlines()
    title = lines[0].removeprefix("# ").strip()
    paragraph = " ".join("\n".join(lines[1:]).strip().split("\n\n")[0].split())
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z`*])", paragraph)[0]
    return title, re.sub(r"\]\([^)]*\)", "]", sentence).replace("[", "").replace("]", "").replace("|", "\\|")


def _executed(path: Path, source: Any) -> Any | None:
    """The run's file where it ran to its end and is of this source; a changed notebook has no outputs yet."""
    if not path.is_file():
        return None
    copy = nbformat.read(path, as_version=4)
    kept = [cell for cell in copy.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    same = [cell.source for cell in kept] == [cell.source for cell in source.cells]
    failed = any(output.output_type == "error" for cell in kept for output in cell.get("outputs", ()))
    return copy if same and not failed and not copy.metadata.get("papermill", {}).get("exception") else None


def _weights(copy: Any) -> str:
    return str(copy.metadata.get("papermill", {}).get("parameters", {}).get("weights", "auto"))


def _page(node: Any, run_with: str | None) -> Any:
    """The notebook with its links inside the site, outputs that need no kernel, and a word on what is shown."""
    said = {None: NO_OUTPUTS, "tiny": TINY}.get(run_with)
    cells = [_cell(cell) for cell in node.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    if said is not None:
        cells.insert(1, nbformat.v4.new_markdown_cell(f":::{{note}}\n{said}\n:::", id="shown-here"))
    language = {"name": "python", "pygments_lexer": "ipython3"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"language_info": language, "kernelspec": kernel}
    return nbformat.from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _cell(cell: Any) -> Any:
    if cell.cell_type == "markdown":
        cell.source = re.sub(r"\]\((?:\.\./)+docs/", "](../../", cell.source)
        return cell
    cell.metadata = nbformat.from_dict({})
    cell.outputs = [_output(output) for output in cell.get("outputs", ())]
    cell.outputs = [output for output in cell.outputs if output.output_type == "stream" or output.get("data")]
    return cell


def _output(output: Any) -> Any:
    if output.output_type == "stream":
        return output
    kept = {kind: value for kind, value in output.get("data", {}).items() if kind in STANDALONE}
    output.data = nbformat.from_dict(kept)
    output.metadata = nbformat.from_dict({})
    return output
