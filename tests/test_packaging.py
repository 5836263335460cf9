"""What a user gets from an installation: the names, light imports, the files of the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import jina_notebook as jn
from jina_notebook import cli

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "elasticsearch", "pandas", "matplotlib", "IPython", "papermill", "nbconvert")


def test_every_exported_name_exists_and_every_lazy_name_is_exported() -> None:
    assert [name for name in jn.__all__ if not hasattr(jn, name)] == []
    assert set(jn._HOMES) <= set(jn.__all__)
    assert sorted(jn.__all__) == list(jn.__all__)
    assert set(jn.__all__) <= set(dir(jn))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'embedd'"):
        _ = jn.embedd


def test_what_type_checkers_see_is_what_exists() -> None:
    source = (ROOT / "jina_notebook" / "__init__.py").read_text("utf-8")
    seen = re.findall(r"^    from (jina_notebook[\w.]*) import (\([^)]*\)|[^\n]*)$", source, re.MULTILINE)
    names = {name for _, group in seen for name in re.findall(r"\w+", group)}

    assert set(jn._HOMES) <= names


@pytest.mark.parametrize("module", ["jina_notebook", "jina_notebook.report", "jina_notebook.cli"])
def test_importing_brings_in_nothing_heavy(module: str) -> None:
    probe = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the wheel, built as `pip install .` would."""
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_types_templates_corpus_and_notebooks(wheel: set[str]) -> None:
    wanted = {
        "jina_notebook/py.typed",
        "jina_notebook/report/template/index.html.j2",
        "jina_notebook/report/template/conf.json",
        "jina_notebook/data/support/corpus.jsonl",
        "jina_notebook/data/support/queries.jsonl",
        "jina_notebook/data/pages/files/news-bridge.html",
        "jina_notebook/data/pages/files/job-mechanic.schema.json",
        "jina_notebook/data/pictures/files/scene-coffee.jpg",
        "jina_notebook/data/documents/files/manual.pdf",
        "jina_notebook/notebooks/00-start/quickstart.ipynb",
        "jina_notebook/static/search_explorer.js",
        "jina_notebook/static/LICENSES.txt",
    }

    assert wanted - wheel == set()
    assert any(name.startswith("jina_notebook/data/support/qrels/") for name in wheel)


def test_the_wheel_holds_no_tests_and_nothing_that_a_run_left_behind(wheel: set[str]) -> None:
    strangers = [name for name in wheel if not re.match(r"jina_notebook(-[\w.]+\.(dist-info|data))?/", name)]
    left_behind = [name for name in wheel if re.search(r"__pycache__|\.ipynb_checkpoints|\.pyc$", name)]

    assert strangers == []
    assert left_behind == []


def test_the_wheel_holds_the_labextension_where_jupyterlab_looks_for_it(wheel: set[str]) -> None:
    place = r"jina_notebook-[\w.]+\.data/data/share/jupyter/labextensions/@jina-notebook/labextension/"
    names = {re.sub(place, "", name) for name in wheel if re.match(place, name)}

    assert {"package.json", "install.json"} <= names
    assert any(re.fullmatch(r"static/remoteEntry\.\w+\.js", name) for name in names)
    assert not any("jina_notebook/labextension" in name for name in wheel)


def test_every_module_of_the_command_line_can_be_imported() -> None:
    import importlib

    assert all(hasattr(importlib.import_module(module), "app") for module in cli.GROUPS.values())


def test_pins_are_versions_only() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]

    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!]+", line)] == []


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    declared = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    names = {re.split(r"[\[<>=~! ]", requirement)[0].lower() for requirement in declared} - {"jina-notebook"}
    pinned = {line.partition("==")[0].lower() for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}

    assert names - pinned == set()
