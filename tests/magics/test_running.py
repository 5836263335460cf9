"""What an interrupt leaves, and what the extension does to the shell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import jina_notebook as jn
from jina_notebook.magics import MAGICS, completion, entry
from jina_notebook.results import Embeddings
from tests.magics.conftest import Ran, RecordingModel

Run = Callable[[str], Ran]


class Interrupted(KeyboardInterrupt):
    """What a long call raises when it was stopped after a part of its work."""

    done, total = 2, 5

    def __init__(self, partial: object) -> None:
        super().__init__()
        self.partial = partial


class Slow(RecordingModel):
    """Is interrupted on its way."""

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        raise Interrupted(super().embed(inputs[:2], **options))


class Deaf(RecordingModel):
    """Is interrupted before anything was done."""

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        raise KeyboardInterrupt


@pytest.mark.parametrize(("option", "name"), [("", "_jina_partial"), ("--out e", "e")])
def test_an_interrupt_keeps_what_is_finished_and_says_how_to_go_on(
    option: str, name: str, run: Run, shell: InteractiveShell
) -> None:
    shell.user_ns["slow"] = Slow(jn.models()["jina-embeddings-v3"])
    ran = run(f"%%jina_embed --model slow {option}\na\nb\nc\nd\ne\n")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert shell.user_ns[name].inputs == ("a", "b")
    assert ran.out.strip().splitlines() == [
        f"KeyboardInterrupt: Stopped after 2 of 5; what was finished is in the variable {name}.",
        f"Hint: Look at {name}, and go on with the items from position 2.",
    ]


def test_an_interrupt_with_nothing_finished_stays_as_it_is(run: Run, shell: InteractiveShell) -> None:
    shell.user_ns["deaf"] = Deaf(jn.models()["jina-embeddings-v3"])
    ran = run("%%jina_embed --model deaf\na\n")
    assert type(ran.error) is KeyboardInterrupt
    assert "_jina_partial" not in shell.user_ns


def test_loading_the_extension_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\n"
        "shell.run_line_magic('load_ext', 'jina_notebook')\n"
        "print(shell.find_line_magic('jina_embed') is not None)\n"
        "print(*(set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, loaded = done.stdout.strip().splitlines()
    assert found == "True"
    heavy = {"torch", "transformers", "tokenizers", "elasticsearch", "numpy", "pandas", "matplotlib", "PIL", "psutil"}
    assert not heavy & {name.partition(".")[0] for name in loaded.split()}


def test_the_extension_can_be_loaded_twice_and_unloaded(shell: InteractiveShell) -> None:
    shell.run_line_magic("reload_ext", "jina_notebook")
    matchers = [getattr(matcher, "matcher_identifier", "") for matcher in shell.Completer.custom_matchers]
    assert matchers.count(completion.IDENTIFIER) == 1
    assert shell.input_transformers_cleanup.count(entry.mend) == 1
    shell.run_line_magic("unload_ext", "jina_notebook")
    assert shell.find_line_magic("jina_embed") is None
    assert shell.find_cell_magic("jina") is None
    assert entry.mend not in shell.input_transformers_cleanup
    assert [getattr(matcher, "matcher_identifier", "") for matcher in shell.Completer.custom_matchers] == []


def test_the_documentation_of_a_magic_is_its_help(shell: InteractiveShell) -> None:
    for name, (command, _) in MAGICS.items():
        documentation = shell.object_inspect(f"%%{name}")["docstring"]
        assert command.summary in documentation
        assert all(f"--{option.name}" in documentation for option in command.every_option)


@pytest.mark.parametrize(
    ("cell", "mended"),
    [
        ("%%jina_embed --input docs\n", "%jina_embed --input docs\n"),
        ("\n%%jina doctor\n\n", "%jina doctor\n"),
        ("%jina_search what is new?\n", "%jina_search what is new? --\n"),
        ("found = %jina_search what is new?\n", "found = %jina_search what is new? --\n"),
        ("    %jina_search tea?\n", "    %jina_search tea? --\n"),
        ("%%jina_search tea?\n", "%jina_search tea? --\n"),
    ],
)
def test_lines_that_the_shell_would_misread_are_mended(cell: str, mended: str) -> None:
    assert "".join(entry.mend(cell.splitlines(keepends=True))) == mended


@pytest.mark.parametrize(
    "cell",
    [
        "%%jina_embed\ntea?\n",
        "%%jina_embed?\n",
        "%jina_embed?\n",
        "%jina_search tea --index kb\n",
        "%%html\n%jina_search tea?\n",
        "%%timeit x?\n",
        "text = 'a?'\n",
        "tea?\n",
        "",
    ],
)
def test_every_other_line_is_left_alone(cell: str) -> None:
    assert "".join(entry.mend(cell.splitlines(keepends=True))) == cell


def test_a_terminal_still_waits_for_the_body_of_a_cell(shell: InteractiveShell) -> None:
    assert shell.input_transformer_manager.check_complete("%%jina_embed --model x\n")[0] == "incomplete"
