from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from jina_notebook import report

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cells = [
        nbformat.v4.new_markdown_cell("# Twice\n\nDoubles a number."),
        nbformat.v4.new_code_cell("k = 3  # type: int  # what to double", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(
            "from jina_notebook import report\nchecked = report.check_parameters(globals(), k=report.Whole(1, 9))"
        ),
        nbformat.v4.new_markdown_cell("## Double it"),
        nbformat.v4.new_code_cell("f'{k} and {k}'", metadata={"tags": ["highlight"]}),
        nbformat.v4.new_code_cell("report.metrics({'twice': 2 * k})"),
        nbformat.v4.new_code_cell("report.provenance(parameters=checked)"),
    ]
    path = tmp_path / "twice.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)
    return path


def _call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from jina_notebook.cli import main; main()", "report", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_run_prints_highlights_and_metrics_and_tells_its_steps_on_stderr(notebook: Path, tmp_path: Path) -> None:
    done = _call("run", notebook, "-p", "k", "4", "--output", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert "4 and 4" in done.stdout
    assert "twice  8" in done.stdout
    assert "Double it" in done.stderr
    assert "Double it" not in done.stdout
    assert (tmp_path / "out" / "twice.ipynb").is_file()
    assert "twice" in (tmp_path / "out" / "twice.html").read_text("utf-8")


def test_json_holds_files_metrics_and_provenance_and_nothing_else_is_on_stdout(notebook: Path, tmp_path: Path) -> None:
    done = _call("run", notebook, "-p", "k=5", "--json", "--no-code", "-o", tmp_path / "five.ipynb")

    found = json.loads(done.stdout)
    assert found["metrics"] == {"twice": 10}
    assert found["provenance"]["parameters"] == {"k": 5}
    assert Path(found["notebook"]) == tmp_path / "five.ipynb"
    assert "report.metrics" not in Path(found["page"]).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-p", "k", "ten"), "Error: The parameter 'k' is 'ten', but takes a whole number."),
        (("-p", "kk", "1"), "Error: There is no parameter 'kk' in twice.ipynb."),
        (("-p", "k"), "Error: The parameter 'k' has no value."),
    ],
)
def test_a_wrong_parameter_is_refused_before_a_kernel_starts(
    notebook: Path, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = _call("run", notebook, "-o", tmp_path / "out", *arguments)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Hint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_a_value_that_the_notebook_refuses_fails_with_its_sentence(notebook: Path, tmp_path: Path) -> None:
    done = _call("run", notebook, "-p", "k", "-1", "-o", tmp_path / "out")

    assert done.returncode == 1
    assert "The parameter 'k' is -1, but takes a whole number from 1 to 9." in done.stderr
    assert "Traceback" not in done.stderr
    assert report.read(tmp_path / "out" / "twice.ipynb").metrics == {}


def test_what_a_run_recorded_can_be_shown_again(notebook: Path, tmp_path: Path) -> None:
    outcome = report.run(notebook, tmp_path / "out", parameters={"k": 2})

    shown, as_json = _call("show", outcome.notebook), _call("show", outcome.notebook, "--json")

    assert "twice  4" in shown.stdout
    assert "versions python" in shown.stdout
    assert json.loads(as_json.stdout)["metrics"] == {"twice": 4}
    assert json.loads(as_json.stdout)["failure"] is None


def test_an_unknown_notebook_gets_a_near_name() -> None:
    done = _call("run", "quickstrat")

    assert done.returncode == 1
    assert done.stderr.splitlines() == ["Error: There is no notebook 'quickstrat'.", "Hint: did you mean quickstart?"]
