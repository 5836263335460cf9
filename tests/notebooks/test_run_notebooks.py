"""The script behind `make notebooks`: every notebook, whatever one of them does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from jina_notebook import report

SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "run_notebooks.py"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def _write(path: Path, *sources: str, parameters: str = "k = 1  # type: int  # unused") -> None:
    cells = [
        nbformat.v4.new_markdown_cell("# Small\n\nFor a test."),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *map(nbformat.v4.new_code_cell, sources),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Three notebooks: one that fails, one that takes what the script passes, one that takes long."""
    folder = tmp_path / "notebooks"
    _write(folder / "10-one" / "broken.ipynb", "raise ValueError('not today')")
    declared = "\n".join(f'{name} = "x"  # type: str  # {name}' for name in ("weights", "size", "history"))
    shown = "from jina_notebook import report\nreport.metrics({'weights': weights, 'size': size, 'history': history})"
    _write(folder / "20-two" / "good.ipynb", shown, parameters=declared)
    _write(folder / "20-two" / "endless.ipynb", "import time\ntime.sleep(600)")
    _write(folder / ".ipynb_checkpoints" / "old.ipynb", "1")
    return folder


def _call(room: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--notebooks", str(room), "--output", str(room.parent / "out")]
    return subprocess.run([*command, "--no-elasticsearch", *arguments], capture_output=True, text=True, timeout=240)


def test_one_that_fails_does_not_stop_the_others_and_fails_the_whole(room: Path) -> None:
    done = _call(room, "broken", "good")

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("ok ") and line.endswith(" s  20-two/good") for line in lines)
    assert any(line.startswith("failed ") and line.endswith(" s  10-one/broken") for line in lines)
    assert "ValueError: not today" in done.stdout
    assert lines[-2].startswith("1 of 2 notebooks ran well, in ")
    assert lines[-1] == "Failed: 10-one/broken"
    recorded = report.read(room.parent / "out" / "good.ipynb").metrics
    assert recorded == {"weights": "tiny", "size": "tiny", "history": ""}


def test_one_that_takes_too_long_is_ended(room: Path) -> None:
    done = _call(room, "endless", "--timeout", "12")

    assert done.returncode == 1
    assert "timed out" in done.stdout
    assert "Failed: 20-two/endless" in done.stdout


def test_weights_and_size_may_be_others(room: Path) -> None:
    done = _call(room, "good", "--weights", "auto", "--size", "full", "--jobs", "1")

    assert done.returncode == 0, done.stdout
    assert report.read(room.parent / "out" / "good.ipynb").metrics["weights"] == "auto"
    assert "1 of 1 notebooks ran well" in done.stdout


def test_a_name_that_there_is_not_is_said(room: Path) -> None:
    done = _call(room, "absent")

    assert done.returncode == 2
    assert "There is no notebook absent" in done.stderr
