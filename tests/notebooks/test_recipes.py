"""The recipes for schedulers: the scripts are run, the workflow and the DAG are read as their machines read them."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from jina_notebook import report
from jina_notebook.cli import STATUS
from jina_notebook.errors import ReportBusyError, ThresholdError
from jina_notebook.report.lock import holding

ROOT = Path(__file__).parent.parent.parent
RECIPES = ROOT / "recipes"
COMMAND = Path(sys.executable).with_name("jina-notebook")
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A report that records a score and fails below 0.5."""
    sources = (
        "from jina_notebook import report",
        "report.check_parameters(globals(), score=report.Number(), history=report.Text())",
        "figures = report.metrics({'score': score, 'earlier': len(report.history('nightly', history))})\nfigures",
        "report.compare(figures, None, {'score': report.Limit(at_least=0.5)}).check()",
    )
    parameters = 'score = 0.7  # type: float  # what was found\nhistory = "."  # type: str  # earlier runs'
    cells = [
        nbformat.v4.new_markdown_cell("# Nightly\n\nFor a test."),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *map(nbformat.v4.new_code_cell, sources),
    ]
    path = tmp_path / "nightly.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)
    return path


def _call(script: Path, *arguments: str | Path, **environment: str | Path) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    return subprocess.run(
        ["bash", str(script), *map(str, arguments)], env=variables, capture_output=True, text=True, timeout=120
    )


def test_cron_hears_nothing_of_a_good_run_and_the_log_has_its_summary(notebook: Path, tmp_path: Path) -> None:
    done = _call(RECIPES / "cron" / "nightly.sh", notebook, JINA_NOTEBOOK=COMMAND, REPORTS=tmp_path / "out")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    log = (tmp_path / "out" / "nightly.log").read_text("utf-8")
    assert re.search(r"Z exit 0: nightly ok in \d+ s, 2 metrics, ", log.splitlines()[-1])
    assert (tmp_path / "out" / "nightly.html").is_file()


def test_cron_mails_what_was_crossed(notebook: Path, tmp_path: Path) -> None:
    done = _call(
        RECIPES / "cron" / "nightly.sh", notebook, "-p", "score", "0.2", JINA_NOTEBOOK=COMMAND, REPORTS=tmp_path / "out"
    )

    assert done.returncode == 4
    error, hint, summary = done.stdout.splitlines()
    assert error.startswith("Error: nightly.ipynb: 1 threshold was crossed: score is 0.2000, below 0.5.")
    assert hint.startswith("Hint: ")
    assert summary.startswith("nightly crossed in ")
    assert report.read(tmp_path / "out" / "nightly.ipynb").metrics["score"] == 0.2


def test_cron_passes_over_a_run_that_still_goes_on(notebook: Path, tmp_path: Path) -> None:
    with holding(tmp_path / "out" / ".nightly.lock", doing="nightly"):
        done = _call(RECIPES / "cron" / "nightly.sh", notebook, JINA_NOTEBOOK=COMMAND, REPORTS=tmp_path / "out")

    assert (done.returncode, done.stdout) == (75, "")
    assert "exit 75: nightly was not run" in (tmp_path / "out" / "nightly.log").read_text("utf-8")


def test_cron_reads_secrets_from_a_file_and_ends_what_takes_too_long(tmp_path: Path) -> None:
    command = tmp_path / "command"
    command.write_text('#!/bin/bash\ntrap "echo named $KEY; exit 143" TERM\nsleep 60 & wait\n', "utf-8")
    command.chmod(0o755)
    (tmp_path / "settings").write_text("KEY=from-file\n", "utf-8")

    done = _call(
        RECIPES / "cron" / "nightly.sh",
        "nightly",
        JINA_NOTEBOOK=command,
        REPORTS=tmp_path / "out",
        SETTINGS=tmp_path / "settings",
        LONGEST="1s",
    )

    assert done.returncode == 143
    assert done.stdout.strip() == "named from-file"


def test_every_line_of_the_crontab_calls_a_report_with_parameters_that_it_has() -> None:
    lines = (RECIPES / "cron" / "crontab").read_text("utf-8").splitlines()
    calls = [shlex.split(line)[5:] for line in lines if re.match(r"\d", line)]

    assert len(calls) == 3
    for script, name, *options in calls:
        assert script.endswith("/recipes/cron/nightly.sh")
        given = {options[i + 1]: options[i + 2] for i in range(0, len(options), 3)}
        assert set(report.parse_parameters(report.find_notebook(name), given)) == set(given)


def test_plain_papermill_keeps_a_file_and_a_page_per_run_and_finds_the_runs_before(
    notebook: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    old = out / "nightly-20200101T000000Z.ipynb"
    old.write_text("{}", "utf-8")

    done = _call(RECIPES / "papermill" / "nightly.sh", notebook, PYTHON=sys.executable, REPORTS=out, KEEP="1")

    assert done.returncode == 0, done.stderr
    (run,) = out.glob("nightly-*.ipynb")
    assert run != old
    assert run.with_suffix(".html").is_file()
    (past,) = report.history("nightly", out)
    assert past.recorded.metrics == {"score": 0.7, "earlier": 0}


def test_plain_papermill_fails_with_the_sentence_in_the_file(notebook: Path, tmp_path: Path) -> None:
    script = RECIPES / "papermill" / "nightly.sh"
    done = _call(script, notebook, "-p", "score", "0.2", PYTHON=sys.executable, REPORTS=tmp_path / "out")

    assert done.returncode == 1
    (run,) = (tmp_path / "out").glob("nightly-*.ipynb")
    assert "score is 0.2000, below 0.5" in (report.read(run).failure or "")
    assert "below 0.5" in run.with_suffix(".html").read_text("utf-8")


def test_plain_papermill_does_not_run_twice_at_once(notebook: Path, tmp_path: Path) -> None:
    with holding(tmp_path / "out" / ".nightly.papermill.lock", doing="nightly"):
        done = _call(RECIPES / "papermill" / "nightly.sh", notebook, PYTHON=sys.executable, REPORTS=tmp_path / "out")

    assert (done.returncode, done.stderr.strip()) == (75, "nightly is running already.")
    assert list((tmp_path / "out").glob("*.ipynb")) == []


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((RECIPES / "github-actions" / "reports.yml").read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in loaded.items()}  # YAML 1.1 takes on for True


def test_the_workflow_has_the_parts_that_the_machine_looks_for(workflow: dict[str, Any]) -> None:
    (job,) = workflow["jobs"].values()

    assert set(workflow) == {"name", "on", "permissions", "concurrency", "jobs"}
    assert re.fullmatch(r"\d+ \d+ \* \* \*", workflow["on"]["schedule"][0]["cron"])
    assert set(job) == {"name", "runs-on", "timeout-minutes", "strategy", "services", "env", "steps"}
    for step in job["steps"]:
        assert ("uses" in step) is not ("run" in step)
        assert set(step) <= {"name", "uses", "run", "with", "env", "if", "shell"}
        assert re.fullmatch(r"actions/[a-z-]+(/[a-z]+)?@v\d+", step.get("uses", "actions/x@v1"))
    for name in job["strategy"]["matrix"]["report"]:
        assert report.find_notebook(name).parent.name == "30-reports"


def test_the_workflow_refers_only_to_what_there_is(workflow: dict[str, Any]) -> None:
    text = (RECIPES / "github-actions" / "reports.yml").read_text("utf-8")
    (job,) = workflow["jobs"].values()
    named = set(re.findall(r"\$\{\{\s*(.+?)\s*\}\}", text))

    functions = {"hashFiles('pyproject.toml')"}
    contexts = {
        "github.workspace",
        "github.run_id",
        "github.run_attempt",
        *(f"matrix.{m}" for m in job["strategy"]["matrix"]),
    }
    assert named <= functions | contexts


def test_the_workflows_run_step_hands_the_status_on_and_shows_the_summary(
    workflow: dict[str, Any], tmp_path: Path
) -> None:
    (job,) = workflow["jobs"].values()
    (step,) = [step for step in job["steps"] if step.get("name") == "Run"]
    (tmp_path / "jina-notebook").write_text('#!/bin/bash\necho figures\necho "$3 crossed in 1 s"\nexit 4\n', "utf-8")
    (tmp_path / "jina-notebook").chmod(0o755)
    (tmp_path / "step.sh").write_text(step["run"], "utf-8")

    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "step.sh"],  # as the machine calls it for shell: bash
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "REPORT": "index-health", "GITHUB_STEP_SUMMARY": "summary.md"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 4
    assert (tmp_path / "summary.md").read_text("utf-8") == "index-health crossed in 1 s\n"


def test_the_dag_is_python_and_knows_our_statuses_and_parameters() -> None:
    source = (RECIPES / "airflow" / "search_reports.py").read_text("utf-8")
    tree = ast.parse(source)
    values = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in ast.walk(node.targets[0])
        if isinstance(target, ast.Name)
    }

    assert ast.literal_eval(values["BUSY"]) == (STATUS[ThresholdError], STATUS[ReportBusyError])
    for name, options in ast.literal_eval(values["REPORTS"]).items():
        given = {options[i + 1]: options[i + 2] for i in range(0, len(options), 3)}
        assert set(report.parse_parameters(report.find_notebook(name), given)) == set(given)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "search_reports" in called


@pytest.mark.parametrize("script", ["cron/nightly.sh", "papermill/nightly.sh"])
def test_a_script_can_be_called_as_it_is(script: str) -> None:
    assert os.access(RECIPES / script, os.X_OK)


def test_the_page_about_scheduling_links_to_what_there_is_and_names_every_status() -> None:
    page = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
    headings = {
        re.sub(r"[^a-z -]", "", line.lower()).strip().replace(" ", "-") for line in re.findall(r"^#+ (.+)$", page, re.M)
    }

    for link in re.findall(r"\]\(([^)]+)\)", page):
        if link.startswith("#"):
            assert link[1:] in headings
        else:
            assert (ROOT / "docs" / link).exists(), link
    for status in STATUS.values():
        assert re.search(rf"^\| {status} \|", page, re.M)
