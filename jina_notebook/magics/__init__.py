"""The magics: one thin file each, all of the same shape (a `COMMAND` that declares and an `act` that calls)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from jina_notebook.magics import ask, completion, embed, entry, index, jina, read, rerank, search
from jina_notebook.magics.options import Command
from jina_notebook.magics.running import Act, run
from jina_notebook.render.text import to_text
from jina_notebook.settings import Settings

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["MAGICS", "register", "unregister"]

MAGICS: dict[str, tuple[Command, Act]] = {
    module.COMMAND.name: (module.COMMAND, module.act) for module in (embed, rerank, search, index, read, ask)
}


def register(shell: InteractiveShell) -> None:
    """Registers every magic as line and cell magic, the settings for `%config`, and the completion."""
    for command, act in MAGICS.values():
        _add(shell, command, partial(run, shell, command, act))
    _add(shell, jina.COMMAND, partial(jina.run_jina, shell))
    entry.install(shell)
    _add_settings(shell)
    _add_completion(shell)


def unregister(shell: InteractiveShell) -> None:
    """Takes back what `register` did."""
    for name in (*MAGICS, jina.COMMAND.name):
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop(name, None)
    entry.remove(shell)
    shell.configurables[:] = [known for known in shell.configurables if not isinstance(known, Settings)]
    _remove_completion(shell)


def _add(shell: InteractiveShell, command: Command, call: Callable[[str, str | None], Any]) -> None:
    """IPython's own expansion of `$` and `{}` is off: a text means what it says."""
    from IPython.core.magic import no_var_expand

    def magic(line: str, cell: str | None = None) -> Any:
        return call(line, cell)

    magic.__name__ = magic.__qualname__ = command.name.replace(" ", "_")
    magic.__doc__ = to_text(command.help().page(), columns=100)
    registering: Any = shell.register_magic_function  # its own types speak of the wrapped method
    registering(no_var_expand(magic), "line_cell", command.name)


def _add_settings(shell: InteractiveShell) -> None:
    settings = Settings.instance()
    configurables: list[Any] = shell.configurables
    if settings not in configurables:
        configurables.append(settings)
    if "Settings" in shell.config:  # from a configuration file
        settings.update_config(shell.config)


def _add_completion(shell: InteractiveShell) -> None:
    if not hasattr(shell.Completer, "custom_matchers"):
        return
    _remove_completion(shell)
    commands = {name: command for name, (command, _) in MAGICS.items()} | {jina.COMMAND.name: jina.COMMAND}
    subcommands = {name: command for name, (command, _) in jina.SUBCOMMANDS.items()}
    shell.Completer.custom_matchers.append(completion.matcher(shell, commands, subcommands))


def _remove_completion(shell: InteractiveShell) -> None:
    if hasattr(shell.Completer, "custom_matchers"):
        kept = [
            one
            for one in shell.Completer.custom_matchers
            if getattr(one, "matcher_identifier", "") != completion.IDENTIFIER
        ]
        shell.Completer.custom_matchers[:] = kept
