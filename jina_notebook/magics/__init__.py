"""The magics: one thin file each, all of the same shape (a `COMMAND` that declares and an `act` that calls)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jina_notebook.magics import embed, rerank, search
from jina_notebook.magics.options import Command
from jina_notebook.magics.running import Act, run
from jina_notebook.render.text import to_text

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["MAGICS", "register"]

MAGICS: dict[str, tuple[Command, Act]] = {
    module.COMMAND.name: (module.COMMAND, module.act) for module in (embed, rerank, search)
}


def register(shell: InteractiveShell) -> None:
    """Registers every magic as line and cell magic, the settings for `%config`, and the completion."""
    for command, act in MAGICS.values():
        registering: Any = shell.register_magic_function  # its own types speak of the wrapped method
        registering(_function(shell, command, act), "line_cell", command.name)


def _function(shell: InteractiveShell, command: Command, act: Act) -> Callable[..., Any]:
    """What the shell calls. IPython's own expansion of `$` and `{}` is off: a text means what it says."""
    from IPython.core.magic import no_var_expand

    def magic(line: str, cell: str | None = None) -> Any:
        return run(shell, command, act, line, cell)

    magic.__name__ = magic.__qualname__ = command.name
    magic.__doc__ = to_text(command.help().page(), columns=200)
    return no_var_expand(magic)
