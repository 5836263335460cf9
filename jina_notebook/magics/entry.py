"""Two lines that the shell would misread, put right before it sees them.

IPython ends a cell magic without a body with an error that papermill shows as empty, although `--input` and `--help`
need no body; and it takes a last word with a question mark for a request for help, although a question may end a query.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["install", "mend", "remove"]

_BARE_CELL = re.compile(r"%(%jina\w*(?!\S).*)")
_QUESTION = re.compile(r"\s*(?:[^\W\d][\w\s,.\[\]'\"]*=\s*)?%jina_\w+[ \t]+\S.*\?\s*")


def mend(lines: list[str]) -> list[str]:
    """The cell's lines, with a bodiless `%%jina…` as its line form and a question at a line's end closed by `--`."""
    filled = [line for line in lines if line.strip()]
    bare = _BARE_CELL.fullmatch(filled[0].strip()) if len(filled) == 1 else None
    if bare:
        lines = [f"{bare.group(1)}\n"]
    elif filled and filled[0].startswith("%%"):
        return lines
    return [f"{line.rstrip()} --\n" if _QUESTION.fullmatch(line.rstrip("\n")) else line for line in lines]


# So that a terminal does not take a `%%jina…` line for a complete cell and still waits for the body.
mend.has_side_effects = True  # type: ignore[attr-defined]


def install(shell: InteractiveShell) -> None:
    """Puts `mend` before the shell's own reading of cell magics."""
    transforms = shell.input_transformers_cleanup
    if mend not in transforms:
        names = [getattr(transform, "__name__", "") for transform in transforms]
        transforms.insert(names.index("cell_magic") if "cell_magic" in names else len(transforms), mend)


def remove(shell: InteractiveShell) -> None:
    """Takes it out again."""
    if mend in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(mend)
