from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jina_notebook import report
from jina_notebook.report.archive import Place, place_of, prune

SOURCE = Path("notebooks/30-reports/nightly.ipynb")


def _write(
    path: Path,
    *,
    metric: float | None = 0.5,
    when: str = "2026-11-24T03:00:00+00:00",
    source: str | None = None,
    failed: bool = False,
    unfinished: bool = False,
    parameters: dict[str, Any] | None = None,
    models: Sequence[str] = (),
    cores: int = 2,
) -> Path:
    """An executed notebook as papermill leaves it."""
    shown = [] if metric is None else [report.metrics({"m": metric})._repr_mimebundle_()]
    made = {
        "recorded at": when,
        "parameters": parameters or {},
        "models": [{"name": name} for name in models],
        "machine": {"processor": "x86_64", "cores": cores, "system": when},
    }
    shown.append(report.Provenance(made)._repr_mimebundle_())
    outputs = [nbformat.v4.new_output("execute_result", data=bundle) for bundle in shown]
    last = nbformat.v4.new_code_cell("verdict.check()", execution_count=None if unfinished else 2)
    if failed:
        last.outputs = [nbformat.v4.new_output("error", ename="ThresholdError", evalue="crossed", traceback=[])]
    cells = [nbformat.v4.new_code_cell("1", outputs=outputs, execution_count=1), last]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["papermill"] = {"input_path": source or str(SOURCE), "start_time": when}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def test_runs_are_found_oldest_first_in_the_history_and_beside_it(tmp_path: Path) -> None:
    _write(tmp_path / "by-hand.ipynb", metric=0.3, when="2026-11-22T03:00:00+00:00")
    _write(tmp_path / "history" / "nightly" / "20261124T030000Z.ipynb", metric=0.5)
    _write(tmp_path / "nightly.ipynb", metric=0.5)  # the copy of the last one
    _write(tmp_path / "history" / "nightly" / "20261123T030000Z.ipynb", metric=0.4, when="2026-11-23T03:00:00+00:00")

    runs = report.history("nightly", tmp_path)

    assert [past.recorded.metrics["m"] for past in runs] == [0.3, 0.4, 0.5]
    assert runs[-1].path.parent.name == "nightly"


def test_the_last_run_that_ended_well_is_the_one_to_compare_with(tmp_path: Path) -> None:
    _write(tmp_path / "a.ipynb", metric=0.5, when="2026-11-22T03:00:00+00:00")
    _write(tmp_path / "b.ipynb", metric=0.2, when="2026-11-23T03:00:00+00:00", failed=True)

    found = report.previous("nightly", tmp_path)

    assert found is not None
    assert found.recorded.metrics == {"m": 0.5}
    assert [past.failed for past in report.history("nightly", tmp_path)] == [False, True]


def test_other_reports_unfinished_runs_and_broken_files_are_no_runs(tmp_path: Path) -> None:
    _write(tmp_path / "other.ipynb", source="notebooks/quickstart.ipynb")
    _write(tmp_path / "running.ipynb", unfinished=True)
    _write(tmp_path / "empty.ipynb", metric=None)
    (tmp_path / "cut.ipynb").write_text('{"cells": [', "utf-8")

    assert report.history("nightly", tmp_path) == ()
    assert report.previous("nightly", tmp_path) is None


@pytest.mark.parametrize("folder", ["", "  ", "not/there"])
def test_no_folder_holds_no_runs(folder: str) -> None:
    assert report.history("nightly", folder) == ()


def test_like_is_compared_with_like(tmp_path: Path) -> None:
    _write(tmp_path / "a.ipynb", parameters={"size": "tiny"}, models=["v3"], when="2026-11-21T03:00:00+00:00")
    _write(tmp_path / "b.ipynb", parameters={"size": "full"}, models=["v3"], when="2026-11-22T03:00:00+00:00", cores=8)
    _write(tmp_path / "c.ipynb", parameters={"size": "full"}, models=["stand-in"], when="2026-11-23T03:00:00+00:00")

    def names(**alike: Any) -> list[str]:
        return [past.path.stem for past in report.history("nightly", tmp_path, **alike)]

    assert names(parameters={"size": "full"}) == ["b", "c"]
    assert names(models=["v3"]) == ["a", "b"]
    assert names(machine={"processor": "x86_64", "cores": 2, "system": "newer"}) == ["a", "c"]
    assert names(parameters={"size": "full", "corpus": "x"}) == []


def test_an_output_folder_has_a_history_and_an_output_file_has_none(tmp_path: Path) -> None:
    into_folder, into_file = place_of(SOURCE, tmp_path), place_of(SOURCE, tmp_path / "mine.ipynb")

    assert into_folder.notebook == tmp_path / "nightly.ipynb"
    assert into_folder.page == tmp_path / "nightly.html"
    assert into_folder.written.parent == tmp_path / "history" / "nightly"
    assert into_file.written == into_file.notebook == tmp_path / "mine.ipynb"
    assert into_folder.lock != into_file.lock


def test_two_runs_in_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    first = place_of(SOURCE, tmp_path)
    _write(first.written)

    assert place_of(SOURCE, tmp_path).written != first.written


def _place(folder: Path) -> Place:
    return Place(
        name="nightly", folder=folder, written=folder / "history" / "nightly" / "z.ipynb", notebook=folder / "n"
    )


def _kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "history" / "nightly").iterdir())


def test_the_newest_runs_stay_with_their_pages(tmp_path: Path) -> None:
    for day in ("21", "22", "23"):
        path = _write(tmp_path / "history" / "nightly" / f"202611{day}T030000Z.ipynb", when=f"2026-11-{day}")
        path.with_suffix(".html").write_text("page", "utf-8")

    prune(_place(tmp_path), keep=2)

    assert _kept(tmp_path) == [f"202611{day}T030000Z.{suffix}" for day in ("22", "23") for suffix in ("html", "ipynb")]


def test_the_last_good_run_outlives_any_number_of_failures(tmp_path: Path) -> None:
    for day, failed in (("20", False), ("21", False), ("22", True), ("23", True)):
        _write(tmp_path / "history" / "nightly" / f"202611{day}T030000Z.ipynb", when=f"2026-11-{day}", failed=failed)

    prune(_place(tmp_path), keep=1)

    assert _kept(tmp_path) == ["20261121T030000Z.ipynb", "20261123T030000Z.ipynb"]


def test_a_file_of_ones_own_is_never_deleted(tmp_path: Path) -> None:
    mine = _write(tmp_path / "mine.ipynb", failed=True)

    prune(place_of(SOURCE, mine), keep=1)

    assert mine.is_file()
