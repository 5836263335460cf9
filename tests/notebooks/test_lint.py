"""The rules for committed notebooks catch what they are there for, and the notebooks of the repository keep to them."""

from __future__ import annotations

import copy
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import papermill
import pytest

from jina_notebook import report

ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "scripts" / "lint_notebooks.py"
PARAMETERS = 'k = 3  # type: int  # how many\nname = "shop"  # type: str  # its name'


@pytest.fixture(scope="module")
def lint() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lint_notebooks", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def good() -> Any:
    cells = [
        nbformat.v4.new_markdown_cell("# Title\n\nWhat it gives."),
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("parameters = report.check_parameters(globals(), k=report.Whole())"),
        nbformat.v4.new_code_cell("1 + 1"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def test_a_notebook_that_keeps_to_the_rules_has_no_fault(lint: ModuleType, good: Any) -> None:
    assert list(lint.faults(good)) == []


@pytest.mark.parametrize(
    ("cell", "source", "fault"),
    [
        (0, "Title", "Markdown title"),
        (0, "# Title", "says nothing under its title"),
        (1, "k: int | None = 3  # type: int  # how many", "parameter line"),
        (1, "k = 3", "parameter line"),
        (1, 'k = "a=b"  # type: str  # two signs', "parameter line"),
        (1, "k = 1 + 2  # type: int  # computed", "computed"),
        (1, "k = 3.0  # type: int  # of another type", "not of its type"),
        (1, 'k = "a#b"  # type: str  # a mark inside', "holds a '#'"),
        (2, "print(k)", "does not check them"),
        (3, "%pip install torch", "installs a package"),
        (3, "!pip install torch", "installs a package"),
        (3, "key = input('key')", "asks for input"),
        (3, "open('/home/me/corpus.jsonl')", "path of one machine"),
        (3, "import sys\nsys.exit(0)", "exits the kernel"),
        (3, 'es = jn.connect(api_key="c2VjcmV0")', "holds a secret"),
    ],
)
def test_a_fault_in_a_cell_is_found(lint: ModuleType, good: Any, cell: int, source: str, fault: str) -> None:
    good.cells[cell].source = source

    assert any(fault in found for found in lint.faults(good))


def test_outputs_counts_widgets_and_executed_files_are_found(lint: ModuleType, good: Any) -> None:
    executed, counted, widgets, written, kernel = (copy.deepcopy(good) for _ in range(5))
    executed.cells[3].outputs = [nbformat.v4.new_output("stream", text="2")]
    counted.cells[3].execution_count = 4
    widgets.metadata["widgets"] = {}
    written.metadata["papermill"] = {}
    kernel.metadata["kernelspec"]["name"] = "conda-env-mine-py"

    assert list(lint.faults(executed)) == list(lint.faults(counted)) == ["holds outputs or execution counts"]
    assert list(lint.faults(widgets)) == ["holds widget state"]
    assert list(lint.faults(written)) == ["was written by papermill: commit the source, not the executed file"]
    assert list(lint.faults(kernel)) == ["names another kernel than python3"]


def test_two_parameters_cells_are_one_too_many(lint: ModuleType, good: Any) -> None:
    good.cells[3].metadata["tags"] = ["parameters"]

    assert any("has 2 cells tagged 'parameters'" in found for found in lint.faults(good))


def test_the_notebooks_of_the_repository_have_no_fault() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert f"{len(report.notebooks())} checked, no fault" in done.stdout


def test_papermill_reads_every_parameter_with_type_and_help() -> None:
    for path in report.notebooks().values():
        cells = nbformat.read(path, as_version=4).cells
        (source,) = [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]
        declared = papermill.inspect_notebook(str(path))

        assert len(declared) == len(source.splitlines())
        assert all(each["inferred_type_name"] in {"int", "float", "bool", "str"} for each in declared.values())
        assert all(each["help"] for each in declared.values())


@pytest.mark.parametrize("name", sorted(report.notebooks()))
def test_every_notebook_lets_its_weights_and_its_size_be_chosen(name: str) -> None:
    declared = papermill.inspect_notebook(str(report.notebooks()[name]))
    assert {"weights", "size"} <= set(declared)
    assert declared["weights"]["default"] == '"auto"'
    assert declared["size"]["default"] == '"full"'
