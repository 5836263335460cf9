"""The console script as a process of its own: pipes, streams, exit statuses, what is imported, completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jina_notebook import cli
from jina_notebook.catalog import CATALOGUE

SCRIPT = [sys.executable, "-c", "from jina_notebook.cli import main; main()"]
COMMANDS = ("ask", "doctor", "embed", "evaluate", "index", "notebooks", "read", "rerank", "search")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def process(*arguments: str, pipe: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*SCRIPT, *arguments], input=pipe, capture_output=True, env=ENVIRONMENT, check=False)


def completed(line: str, folder: Path | None = None) -> list[str]:
    """What the shell would offer at the end of the line."""
    words = line.split(" ")
    environment = {
        **ENVIRONMENT,
        "_JINA_NOTEBOOK_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "import sys; sys.argv[0] = 'jina-notebook'; from jina_notebook.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.stderr == ""
    return done.stdout.split()


def test_importing_and_helping_bring_in_nothing_heavy() -> None:
    code = (
        "import importlib, sys\n"
        "from typer.testing import CliRunner\n"
        "from jina_notebook import cli\n"
        f"for name in {COMMANDS!r}:\n"
        "    importlib.import_module(cli.GROUPS[name])\n"
        "    assert CliRunner().invoke(cli.app, [name, '--help']).exit_code == 0, name\n"
        "print(*({'torch', 'transformers', 'elasticsearch', 'pandas', 'IPython', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_commands_are_chained_through_pipes() -> None:
    embedded = process("embed", "--model", "offline-minilm", pipe="green tea\nthé vert\n".encode())
    assert (embedded.returncode, embedded.stderr) == (0, b"")
    assert [json.loads(line)["index"] for line in embedded.stdout.splitlines()] == [0, 1]


def test_a_reader_that_goes_away_ends_a_command_quietly(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("tea\n" * 1100, "utf-8")
    script = " ".join(f"'{part}'" for part in SCRIPT)
    done = subprocess.run(
        ["bash", "-c", f"{script} embed --model offline-minilm < '{tmp_path}/texts' | head -n 1"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert json.loads(done.stdout)["index"] == 0
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_a_closed_input_is_not_waited_for() -> None:
    done = subprocess.run(
        ["bash", "-c", " ".join(f"'{part}'" for part in SCRIPT) + " embed --model offline-minilm <&-"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 2
    assert "There are no texts" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_a_usage_error(command: str) -> None:
    assert command in cli.GROUPS
    done = process(command, "--nope")
    assert done.returncode == 2
    assert b"--nope" in done.stderr
    assert done.stdout == b""


def test_commands_models_tasks_and_notebooks_complete() -> None:
    assert completed("jina-notebook rer") == ["rerank"]
    embedding = [card.name for card in CATALOGUE if card.embeds and card.name.startswith("jina-embeddings-v5")]
    assert completed("jina-notebook embed --model jina-embeddings-v5") == embedding
    assert completed("jina-notebook rerank q --model jina-embeddings") == []
    tasks = completed("jina-notebook embed --model jina-embeddings-v3 --task retrieval")
    assert tasks == [task for task in CATALOGUE["jina-embeddings-v3"].tasks if task.startswith("retrieval")]
    assert completed("jina-notebook search x y --mode late") == ["late-interaction"]
    assert completed("jina-notebook notebooks copy quick") == ["quickstart"]


@pytest.mark.server
def test_indices_complete(elasticsearch_url: str, index_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from jina_notebook.elastic.local import probe

    probe.request(elasticsearch_url, f"/{index_name}", method="PUT", timeout_s=60.0)
    monkeypatch.setitem(ENVIRONMENT, "ELASTICSEARCH_URL", elasticsearch_url)
    assert completed(f"jina-notebook search x {index_name[:8]}") == [index_name]
    monkeypatch.setitem(ENVIRONMENT, "ELASTICSEARCH_URL", "http://127.0.0.1:9")
    assert completed(f"jina-notebook search x {index_name[:8]}") == []
