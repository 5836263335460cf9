"""The files that a Binder image is built from, and what its start script hands on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent.parent
BINDER = ROOT / "binder"
SCRIPTS = ("postBuild", "start")


def lines(name: str) -> list[str]:
    """Without comments."""
    text = (BINDER / name).read_text("utf-8")
    return [line for line in (raw.split("#")[0].strip() for raw in text.splitlines()) if line]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_parses_may_be_executed_and_stops_at_the_first_failure(name: str) -> None:
    script = BINDER / name
    parsed = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True)
    committed = subprocess.run(["git", "ls-files", "-s", str(script)], cwd=ROOT, capture_output=True, text=True)

    assert parsed.returncode == 0, parsed.stderr
    assert os.access(script, os.X_OK)
    assert not committed.stdout or committed.stdout.startswith("100755")
    assert script.read_text("utf-8").startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script.read_text("utf-8")


def test_what_pip_installs_first_is_pinned_as_everywhere_else() -> None:
    pins = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    requirements = [Requirement(line) for line in lines("requirements.txt")]

    assert [one.name for one in requirements] == ["uv"]
    assert set(lines("requirements.txt")) <= set(pins)


def test_python_is_one_that_the_package_runs_on() -> None:
    (runtime,) = lines("runtime.txt")
    found = re.fullmatch(r"python-(\d+)\.(\d+)", runtime)

    assert found is not None
    assert (int(found[1]), int(found[2])) >= (3, 11)


def test_system_packages_are_names_one_a_line() -> None:
    assert lines("apt.txt")
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", line) for line in lines("apt.txt"))


def test_torch_comes_for_the_cpu_and_extras_are_those_of_the_package() -> None:
    script = (BINDER / "postBuild").read_text("utf-8")
    extras = re.search(r"'\.\[([a-z,]+)\]'", script)
    project = (ROOT / "pyproject.toml").read_text("utf-8")

    assert "backend=${TORCH_BACKEND-cpu}" in script
    assert "--no-cache" in script
    assert extras is not None
    assert all(re.search(rf"^{extra} = \[", project, re.MULTILINE) for extra in extras[1].split(","))


def test_the_workspace_opens_notebooks_that_exist() -> None:
    workspace = json.loads((BINDER / "workspace.json").read_text("utf-8"))
    data = workspace["data"]
    opened = [value["data"]["path"] for key, value in data.items() if key.startswith("notebook:")]

    assert workspace["metadata"]["id"] == "default"
    assert opened == ["notebooks/00-start/quickstart.ipynb"]
    assert all((ROOT / path).is_file() for path in opened)
    assert (ROOT / data["file-browser-filebrowser:cwd"]["path"]).is_dir()
    assert data["layout-restorer:data"]["main"]["dock"]["widgets"] == [f"notebook:{path}" for path in opened]


def test_jupyterlab_takes_the_workspace(tmp_path: Path) -> None:
    places = {name: str(tmp_path / name) for name in ("JUPYTERLAB_WORKSPACES_DIR", "JUPYTER_CONFIG_DIR")}
    command = [sys.executable, "-m", "jupyterlab", "workspaces", "import", str(BINDER / "workspace.json")]

    done = subprocess.run(command, env={**os.environ, **places}, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "JUPYTERLAB_WORKSPACES_DIR").glob("default*"))) == 1


def start(path: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(path), **variables}
    return subprocess.run(["bash", str(BINDER / "start"), *words], env=environ, capture_output=True, text=True)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with a command that says how it was called, in place of the package's."""
    program = tmp_path / "jina-notebook"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/called"\n')
    program.chmod(0o755)
    return tmp_path


def test_start_hands_over_to_the_command_with_settings_for_a_small_machine(installed: Path) -> None:
    done = start(installed, "sh", "-c", 'echo "$1 $HF_HUB_OFFLINE $MEM_LIMIT $MALLOC_ARENA_MAX"; wait', "sh", "a b")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "a b 1 2147483648 2\n"


def test_start_leaves_what_is_set_and_starts_no_server_where_one_is_named(installed: Path) -> None:
    named = {"ELASTICSEARCH_URL": "http://search.example:9200", "HF_HUB_OFFLINE": "0", "MEM_LIMIT": "4294967296"}

    done = start(installed, "sh", "-c", "echo $HF_HUB_OFFLINE $MEM_LIMIT", **named)

    assert done.stdout == "0 4294967296\n"
    assert not (installed / "called").exists()


def test_start_passes_on_the_exit_status(installed: Path) -> None:
    assert start(installed, "sh", "-c", "exit 7").returncode == 7


def test_start_fails_at_once_where_the_package_is_missing_or_nothing_is_to_be_started(installed: Path) -> None:
    nothing = start(installed)
    (installed / "jina-notebook").unlink()
    missing = start(installed, "true")

    assert (nothing.returncode, missing.returncode) == (1, 1)
    assert "no command to start" in nothing.stderr
    assert "jina-notebook is not installed" in missing.stderr


def test_the_image_build_fails_at_once_without_uv(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    environ = {"PATH": f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"}

    done = subprocess.run(["bash", str(BINDER / "postBuild")], env=environ, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert "uv is not installed" in done.stderr
