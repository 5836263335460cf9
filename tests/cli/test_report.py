from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from jina_notebook import report
from jina_notebook.report.lock import holding

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
    assert re.fullmatch(r"twice ok in \d+ s, 1 metric, \S+/out/twice\.html", done.stdout.splitlines()[-1])
    assert (tmp_path / "out" / "twice.ipynb").is_file()
    assert "twice" in (tmp_path / "out" / "twice.html").read_text("utf-8")


def test_json_holds_files_metrics_and_provenance_and_nothing_else_is_on_stdout(notebook: Path, tmp_path: Path) -> None:
    done = _call("run", notebook, "-p", "k=5", "--json", "--no-code", "-o", tmp_path / "five.ipynb")

    found = json.loads(done.stdout)
    assert found["metrics"] == {"twice": 10}
    assert (found["report"], found["outcome"], found["failure"]) == ("twice", "ok", None)
    page = (Path(__file__).parents[2] / "docs" / "scheduling.md").read_text("utf-8")
    (example,) = re.findall(r"```json report run\n(.*?)```", page, re.DOTALL)
    assert found.keys() == json.loads(example).keys()
    assert "twice ok in " in done.stderr.splitlines()[-1]
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
    assert done.stdout.splitlines()[-1].startswith("twice failed in ")
    assert report.read(tmp_path / "out" / "twice.ipynb").metrics == {}
    assert "The parameter" in (tmp_path / "out" / "twice.html").read_text("utf-8")


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


@pytest.fixture
def judged(notebook: Path) -> Path:
    """The same, failing where the figure is above 10."""
    node = nbformat.read(notebook, as_version=4)
    source = "report.compare({'twice': 2 * k}, None, {'twice': report.Limit(at_most=10)}).check()"
    node.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(node, notebook)
    return notebook


def test_a_threshold_that_was_crossed_has_an_exit_status_of_its_own_and_everything_is_written(
    judged: Path, tmp_path: Path
) -> None:
    done = _call("run", judged, "-p", "k", "6", "-o", tmp_path / "out")

    assert done.returncode == 4
    assert "Error: twice.ipynb: 1 threshold was crossed: twice is 12, above 10." in done.stderr
    assert "twice  12" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("twice crossed in ")
    assert report.read(tmp_path / "out" / "twice.ipynb").metrics == {"twice": 12}
    assert "above 10" in (tmp_path / "out" / "twice.html").read_text("utf-8")
    assert len(list((tmp_path / "out" / "history" / "twice").iterdir())) == 2


def test_json_says_how_a_run_failed(judged: Path, tmp_path: Path) -> None:
    done = _call("run", judged, "-p", "k", "6", "-o", tmp_path / "out", "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 4
    assert found["outcome"] == "crossed"
    assert "twice is 12, above 10" in found["failure"]
    assert found["metrics"] == {"twice": 12}


def test_a_second_run_into_the_same_folder_is_told_to_wait_and_runs_nothing(notebook: Path, tmp_path: Path) -> None:
    with holding(tmp_path / "out" / ".twice.lock", doing="twice"):
        done = _call("run", notebook, "-o", tmp_path / "out")

    assert done.returncode == 75
    assert f"Error: A run of twice into {tmp_path / 'out'} is under way (process {os.getpid()}, since " in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out" / "twice.ipynb").exists()


def test_only_as_many_runs_are_kept_as_are_asked_for(notebook: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert _call("run", notebook, "-o", tmp_path / "out", "--keep", "1").returncode == 0
    refused = _call("run", notebook, "-o", tmp_path / "out", "--keep", "0")

    assert len(list((tmp_path / "out" / "history" / "twice").glob("*.ipynb"))) == 1
    assert refused.returncode == 2


def test_a_run_that_a_scheduler_ends_writes_what_it_has_and_says_so(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_markdown_cell("# Long\n\nTakes long."),
        nbformat.v4.new_code_cell("k = 3  # type: int  # unused", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print('begun')"),
        nbformat.v4.new_markdown_cell("## Wait"),
        nbformat.v4.new_code_cell("import time\ntime.sleep(600)"),
    ]
    source = tmp_path / "long.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), source)
    out = tmp_path / "out"
    command = [sys.executable, "-c", "from jina_notebook.cli import main; main()", "report", "run", source, "-o", out]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "Wait" in line:
                break
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=60)

    assert running.returncode == 143
    assert said.splitlines()[-1].startswith("long interrupted after ")
    assert "begun" in (out / "long.html").read_text("utf-8")
    assert report.history("long", out) == ()
