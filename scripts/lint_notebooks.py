"""What every committed notebook must keep to; prints one line per fault and exits with 1 where there is one.

A notebook starts with a title and a promise; one cell tagged "parameters" holds one parameter per line
(`name = value  # type: int  # help`, as papermill reads it); the next code cell checks them. No outputs, no widget
state, no installing, no prompts, no secrets, no path of someone's machine.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from typing import Any

import nbformat

from jina_notebook import report

TYPES = {"int": int, "float": float, "bool": bool, "str": str}
PARAMETER = re.compile(r"^[a-z][a-z0-9_]* = (?P<value>.+?)  # type: (?P<type>int|float|bool|str)  # (?P<help>\S.*)$")
FORBIDDEN = {
    "installs a package": re.compile(r"^\s*[!%]\s*(pip|uv|conda|mamba|apt|npm)\b", re.MULTILINE),
    "asks for input": re.compile(r"\b(input|getpass)\s*\("),
    "names a path of one machine": re.compile(r"(?<![\w.])(/home/|/root/|/Users/|/tmp/|/work/|[A-Za-z]:\\)"),
    "exits the kernel": re.compile(r"\b(sys\.exit|exit|quit)\s*\("),
    "holds a secret": re.compile(r"(api_?key|password|token)\s*=\s*[\"'][^\"']+[\"']", re.IGNORECASE),
}


def faults(notebook: Any) -> Iterator[str]:
    """Every way in which this notebook (as nbformat reads it) is not as it should be."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    yield from _opening(notebook)
    yield from _parameters(code)
    yield from _committed_state(notebook, code)
    for number, cell in enumerate(code, 1):
        for what, pattern in FORBIDDEN.items():
            if pattern.search(cell.source):
                yield f"code cell {number} {what}"


def _opening(notebook: Any) -> Iterator[str]:
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "does not start with a Markdown title"
    elif len(first.source.splitlines()) < 3:
        yield "says nothing under its title about what it gives"


def _parameters(code: list[Any]) -> Iterator[str]:
    tagged = [i for i, cell in enumerate(code) if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        yield f"has {len(tagged)} cells tagged 'parameters', one is needed"
        return
    for line in code[tagged[0]].source.splitlines():
        found = PARAMETER.match(line)
        if found is None or line.count("=") != 1:
            yield f"parameter line is not 'name = value  # type: int  # help': {line!r}"
            continue
        try:
            value = ast.literal_eval(found["value"])
        except (ValueError, SyntaxError):
            yield f"parameter value is computed: {line!r}"
            continue
        if type(value) is not TYPES[found["type"]]:
            yield f"parameter value is not of its type: {line!r}"
        if isinstance(value, str) and "#" in value:
            yield f"parameter value holds a '#', which papermill takes for its help: {line!r}"
    after = code[tagged[0] + 1 :]
    if not after or "check_parameters(" not in after[0].source:
        yield "the code cell after the parameters does not check them (check_parameters)"


def _committed_state(notebook: Any, code: list[Any]) -> Iterator[str]:
    if any(cell.outputs or cell.execution_count for cell in code):
        yield "holds outputs or execution counts"
    if "widgets" in notebook.metadata:
        yield "holds widget state"
    if "papermill" in notebook.metadata:
        yield "was written by papermill: commit the source, not the executed file"
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "names another kernel than python3"
    if len({cell.get("id") for cell in notebook.cells} - {None}) != len(notebook.cells):
        yield "has cells without an id of their own"


def main() -> int:
    """Checks them all."""
    notebooks = report.notebooks().values()
    found = [
        f"{path.parent.name}/{path.name}: {fault}"
        for path in notebooks
        for fault in faults(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
    ]
    print("\n".join(found) or f"Notebooks: {len(notebooks)} checked, no fault.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
