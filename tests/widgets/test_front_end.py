"""The sources in widgets/: their own tests, their types, and whether what is shipped was built from them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FRONT_END = ROOT / "widgets"
STATIC = ROOT / "jina_notebook" / "static"


def done(*command: str, cwd: Path = FRONT_END) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_modules_pass_their_own_tests() -> None:
    run = done("node", "node_modules/vitest/vitest.mjs", "run")

    assert run.returncode == 0, run.stdout + run.stderr


def test_the_modules_have_no_type_errors() -> None:
    run = done("node", "node_modules/typescript/bin/tsc")

    assert run.returncode == 0, run.stdout


def test_the_widgets_that_are_shipped_were_built_from_their_sources(tmp_path: Path) -> None:
    run = done("node", "build.mjs", str(tmp_path), cwd=FRONT_END / "anywidgets")

    assert run.returncode == 0, run.stderr
    assert contents(tmp_path) == contents(STATIC), "build them anew: make widgets"


def test_the_labextension_that_is_shipped_was_built_from_its_sources(tmp_path: Path) -> None:
    """Beside its sources: names of modules, and with them hashes, follow from the way to node_modules."""
    described = json.loads((FRONT_END / "labextension" / "package.json").read_text("utf-8"))
    beside = FRONT_END / "labextension-check"
    described["jupyterlab"]["outputDir"] = os.path.relpath(tmp_path / "built", beside)
    shutil.copytree(FRONT_END / "labextension", beside, ignore=shutil.ignore_patterns("node_modules"))
    try:
        (beside / "package.json").write_text(json.dumps(described), "utf-8")
        run = done("npm", "run", "build", cwd=beside)
    finally:
        shutil.rmtree(beside)

    assert run.returncode == 0, run.stdout + run.stderr
    assert comparable(tmp_path / "built") == comparable(ROOT / "jina_notebook" / "labextension"), "run make widgets"


def comparable(folder: Path) -> dict[str, object]:
    """Names and bytes, less the entry whose name depends on the folder that it was built in."""
    files: dict[str, object] = {
        name: data for name, data in contents(folder).items() if not name.startswith("static/remoteEntry")
    }
    described = json.loads(str(contents(folder)["package.json"], "utf-8"))
    del described["jupyterlab"]["_build"]["load"], described["jupyterlab"]["outputDir"]
    return {**files, "package.json": described}


def test_every_widget_is_one_script_and_one_style_and_none_is_large() -> None:
    names = {file.name for file in STATIC.iterdir()} - {"LICENSES.txt"}
    scripts = {name.removesuffix(".js") for name in names if name.endswith(".js")}

    assert names == {f"{name}.{kind}" for name in scripts for kind in ("js", "css")}
    assert {name: size for name in names if (size := (STATIC / name).stat().st_size) > LARGEST.get(name, 40_000)} == {}


LARGEST = {"embedding_map.js": 260_000}  # a WebGL scatter plot


def test_the_licence_of_everything_bundled_is_shipped_with_it() -> None:
    text = (STATIC / "LICENSES.txt").read_text("utf-8")

    assert all(f"{name} " in text for name in ("regl", "regl-scatterplot", "pub-sub-es", "gl-matrix"))
    assert text.count("Permission is hereby granted") >= 4


def test_the_lock_names_versions_and_no_addresses() -> None:
    lock = json.loads((FRONT_END / "package-lock.json").read_text("utf-8"))
    resolved = {package["resolved"] for package in lock["packages"].values() if "resolved" in package}

    assert resolved == {"anywidgets", "labextension"}
    assert not re.search(r"https?://[^\"]*\.tgz", (FRONT_END / "package-lock.json").read_text("utf-8"))
