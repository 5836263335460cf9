"""From a line and a body to a value: parse, run, keep what an interrupt left, store, return."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError, OptionError
from jina_notebook.magics import template
from jina_notebook.magics.request import Request

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jina_notebook.magics.options import Command

__all__ = ["PARTIAL", "Act", "Stopped", "run"]

Act = Callable[[Request], Any]
PARTIAL = "_jina_partial"


class Stopped(KeyboardInterrupt):
    """An interrupt that says what was kept and how to go on, without frames."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self.message}", f"Hint: {self.hint}"]


Stopped.__name__ = "KeyboardInterrupt"  # the name that front ends and logs know


def run(shell: InteractiveShell, command: Command, act: Act, line: str, cell: str | None) -> Any:
    """Gives what `act` gives, None where a trailing `;` asks for silence; `--out` gets it in any case."""
    marked, fill = (line, str) if "--raw" in line.split() else template.guarded(line, shell.user_ns)
    parsed = command.parse(marked, fill)
    if parsed.values.get("help"):
        return command.help()
    out = parsed.values.get("out")
    if out is not None:
        _check_name(out)
    if cell is not None and cell.strip() and not command.body:
        raise InputError(f"{command.prompt} takes no lines below it.", hint=command.usage())
    request = Request(shell, command, parsed.values, " ".join(parsed.words), cell)
    try:
        value = act(request)
    except KeyboardInterrupt as stop:
        raise _kept(stop, shell, out) from None
    if out is not None:
        shell.user_ns[out] = value
    return None if parsed.silent else value


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise OptionError(
            f"--out is {name!r}, which is no name for a variable.",
            hint="Use letters, digits and underscores, not starting with a digit.",
        )


def _kept(stop: KeyboardInterrupt, shell: InteractiveShell, out: str | None) -> KeyboardInterrupt:
    """The interrupt, with the finished part in a variable where there is one."""
    partial = getattr(stop, "partial", None)
    if partial is None:
        return stop
    name = out or PARTIAL
    shell.user_ns[name] = partial
    done, total = getattr(stop, "done", None), getattr(stop, "total", None)
    how_far = f" after {done:,}" if isinstance(done, int) else ""
    how_far += f" of {total:,}" if how_far and isinstance(total, int) else ""
    left = f"go on with the items from position {done}" if isinstance(done, int) else "run the cell again to go on"
    return Stopped(f"Stopped{how_far}; what was finished is in the variable {name}.", f"Look at {name}, and {left}.")
