"""The magics in a real kernel: what a notebook and a scheduler see."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from jina_notebook.render.vendor import MIME

SLOW_MODEL = """
import time
import jina_notebook as jn
class Slow:
    card = jn.models()["offline-minilm"]
    def embed(self, inputs, **options):
        try:
            print("started", flush=True)
            time.sleep(60)
        except KeyboardInterrupt as stop:
            stop.partial, stop.done, stop.total = list(inputs[:1]), 1, len(inputs)
            raise
slow = Slow()
"""


@dataclass
class Reply:
    """What a cell sent: its status, its streams, its displays (MIME bundles) and its error."""

    status: str = ""
    text: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    error: list[str] = field(default_factory=list)
    name: str = ""


class Kernel:
    """One kernel with the extension loaded."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def run(self, code: str, *, on_output: Callable[[], None] | None = None, watched: bool = True) -> Reply:
        reply = Reply()

        def hook(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    reply.text += content["text"]
                    if on_output is not None:
                        on_output()
                case "execute_result" | "display_data":
                    reply.displays.append(content["data"])
                case "update_display_data":
                    reply.updates.append(content["data"])
                case "error":
                    reply.error, reply.name = content["traceback"], content["ename"]

        answer = self.client.execute_interactive(code, allow_stdin=watched, output_hook=hook, timeout=120)
        reply.status = answer["content"]["status"]
        return reply

    def complete(self, code: str) -> tuple[list[str], str]:
        """The completions, and the part of the code that they replace."""
        content = self.client.complete(code, reply=True, timeout=60)["content"]
        return content["matches"], code[content["cursor_start"] : content["cursor_end"]]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3", extra_arguments=["--HistoryManager.enabled=False"])
    started = Kernel(manager, client)
    assert started.run("%load_ext jina_notebook").status == "ok"
    yield started
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    ("code", "completed", "replaced"),
    [
        ("%%jina_embed --mo", ["--model"], "--mo"),
        ("%%jina_embed --model jina-cl", ["jina-clip-v2"], "jina-cl"),
        ("%%jina_embed --model=jina-cl", ["jina-clip-v2"], "jina-cl"),
        ("%%jina_embed --model jina-embeddings-v3 --task retrieval.q", ["retrieval.query"], "retrieval.q"),
        ("%jina mod", ["models"], "mod"),
        ("found = %jina_search tea --rerank-", ["--rerank-top"], "--rerank-"),
    ],
)
def test_the_kernel_completes_options_and_values(
    code: str, completed: list[str], replaced: str, kernel: Kernel
) -> None:
    assert kernel.complete(code) == (completed, replaced)


def test_magic_names_complete_by_themselves(kernel: Kernel) -> None:
    assert "%%jina_embed" in kernel.complete("%%jina_em")[0]


def test_a_result_arrives_in_every_form(kernel: Kernel) -> None:
    (bundle,) = kernel.run("%jina models jina-clip-v2").displays
    assert set(bundle) == {MIME, "text/html", "text/markdown", "text/plain"}
    assert bundle[MIME]["kind"] == "model-card"


@pytest.mark.parametrize("code", ["%jina models;", "%%jina_embed --model offline-minilm --out e;\ngreen tea;\n"])
def test_a_semicolon_on_the_options_line_is_silent(code: str, kernel: Kernel) -> None:
    reply = kernel.run(code)
    assert (reply.status, reply.displays, reply.text) == ("ok", [], "")


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        (
            "%%jina_embed --model jina-embedings-v3\ntea\n",
            [
                "UnknownModelError: There is no model named 'jina-embedings-v3'.",
                "Hint: did you mean jina-embeddings-v3?",
            ],
        ),
        (
            "%%jina_embed",
            [
                "InputError: There is nothing to work on: %%jina_embed needs one text per line, or JSON lines.",
                "Hint: Write it below the magic, or name a Python object with --input NAME.",
            ],
        ),
        (
            "%jina_search what's new --index kb",
            [
                "OptionError: A quote (') is opened and not closed in: what's new --index kb",
                'Hint: Put the whole text in quotes: %jina_search "what\'s new" --index kb',
            ],
        ),
    ],
)
def test_an_error_is_two_lines_and_no_frames(code: str, lines: list[str], kernel: Kernel) -> None:
    reply = kernel.run(code)
    assert reply.status == "error"
    assert reply.error == lines
    assert reply.text == ""


def test_an_interrupt_keeps_the_finished_part_and_says_so(kernel: Kernel) -> None:
    kernel.run(SLOW_MODEL)
    reply = kernel.run(
        "%%jina_embed --model slow\na\nb\nc\n",
        on_output=lambda: threading.Timer(0.2, kernel.manager.interrupt_kernel).start(),
    )
    assert (reply.status, reply.name) == ("error", "KeyboardInterrupt")
    assert reply.error == [
        "KeyboardInterrupt: Stopped after 1 of 3; what was finished is in the variable _jina_partial.",
        "Hint: Look at _jina_partial, and go on with the items from position 1.",
    ]
    assert kernel.run("_jina_partial").displays[0]["text/plain"] == "['a']"


REPORTING = """
from jina_notebook.progress import reporting
with reporting(True, total=2, unit="tokens", label="Embedding") as report:
    report.advance(1)
    report._shown_at = 0
    report.advance(1)
"""


def test_progress_in_a_notebook_is_one_output_without_widgets(kernel: Kernel) -> None:
    reply = kernel.run(REPORTING)
    assert len(reply.displays) == 1
    assert reply.updates[-1]["text/plain"].startswith("Embedding: 2 of 2 tokens (100 %)")
    assert {mime for bundle in reply.displays + reply.updates for mime in bundle} == {"text/plain", "text/html"}
    assert reply.text == ""


def test_progress_where_nobody_watches_is_plain_lines(kernel: Kernel) -> None:
    reply = kernel.run(REPORTING, watched=False)
    assert reply.displays == []
    assert "Embedding: 2 of 2 tokens (100 %)" in reply.text
    assert "\r" not in reply.text


def test_magics_work_while_a_cell_awaits(kernel: Kernel) -> None:
    reply = kernel.run(
        "import asyncio\n"
        "async def f():\n"
        "    await asyncio.sleep(0)\n"
        "    return jn.load('offline-minilm').embed('tea').vectors.shape\n"
        "import jina_notebook as jn\n"
        "await f()\n"
    )
    assert reply.displays[0]["text/plain"] == "(1, 384)"


def papermill(folder: Path, *cells: str) -> tuple[subprocess.CompletedProcess[str], nbformat.NotebookNode]:
    """Runs a notebook of these cells as a scheduler does."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "in.ipynb", "out.ipynb"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    return done, nbformat.read(folder / "out.ipynb", as_version=4)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("%%jina_embed --model jina-embedings-v3\ntea\n", "did you mean jina-embeddings-v3"),
        ("%%jina_embed", "There is nothing to work on"),
    ],
    ids=["model", "empty"],
)
def test_a_failing_magic_fails_the_scheduled_run_with_its_sentence(cell: str, sentence: str, tmp_path: Path) -> None:
    done, notebook = papermill(tmp_path, "%load_ext jina_notebook", cell, "print('later')")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Hint: " in done.stderr
    assert "File " not in done.stderr.partition("Exception encountered at")[2]
    later = notebook.cells[-1]
    assert later.execution_count is None
    assert later.outputs == []


def test_a_run_that_succeeds_leaves_results_and_no_widget_state(tmp_path: Path) -> None:
    done, notebook = papermill(
        tmp_path,
        "%load_ext jina_notebook",
        "%%jina_embed --model offline-minilm --out e\ngreen tea\n",
        "%%jina_rerank 'something warm' --model offline-minilm\nhot soup\niced tea\n",
    )
    assert done.returncode == 0, done.stderr
    assert "widgets" not in notebook.metadata
    kinds = [output.data[MIME]["kind"] for cell in notebook.cells for output in cell.outputs if "data" in output]
    assert kinds == ["embeddings", "ranking"]


def test_a_terminal_ipython_shows_tables_and_errors_as_text(tmp_path: Path) -> None:
    script = tmp_path / "session.ipy"
    script.write_text(
        "%load_ext jina_notebook\n"
        "docs = ['hot soup', 'iced tea']\n"
        "best = %jina_rerank 'something warm' --input docs --model offline-minilm\n"
        "print(best)\n"
        "%jina_embed --modl x\n"
    )
    command = [sys.executable, "-m", "IPython", "--colors=NoColor", "--HistoryManager.enabled=False", str(script)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert '2 documents ranked for "something warm"' in done.stdout
    assert "hot soup" in done.stdout
    assert "OptionError: %jina_embed has no option --modl." in done.stdout + done.stderr
    assert "Hint: did you mean --model?" in done.stdout + done.stderr
