from __future__ import annotations

import json
from pathlib import Path

import nbformat
import numpy as np
import pytest

from jina_notebook import report
from jina_notebook.errors import InputError, ReportError


def _executed(path: Path, *bundles: dict[str, object]) -> Path:
    outputs = [nbformat.v4.new_output("execute_result", data=bundle) for bundle in bundles]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=outputs)])
    nbformat.write(notebook, path)
    return path


def test_metrics_come_back_from_the_file_they_were_shown_in(tmp_path: Path) -> None:
    shown = report.metrics({"hybrid nDCG@10": np.float32(0.5), "documents": np.int64(320), "ok": True, "way": "<b>"})
    path = _executed(tmp_path / "done.ipynb", shown._repr_mimebundle_())

    assert report.read(path).metrics == {"hybrid nDCG@10": 0.5, "documents": 320, "ok": True, "way": "<b>"}
    assert list(report.read(path).metrics) == ["hybrid nDCG@10", "documents", "ok", "way"]
    assert report.read(path).failure is None


def test_a_metric_recorded_again_has_its_later_value(tmp_path: Path) -> None:
    bundles = [report.metrics(values)._repr_mimebundle_() for values in ({"a": 1, "b": 2}, {"b": 3})]

    assert report.read(_executed(tmp_path / "done.ipynb", *bundles)).metrics == {"a": 1, "b": 3}


def test_metrics_show_as_text_and_as_escaped_html() -> None:
    bundle = report.metrics({"<script>": 0.25, "documents": 320})._repr_mimebundle_()

    assert "documents  320" in bundle["text/plain"]
    assert "<script>" not in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
    assert json.loads(json.dumps(bundle)) == bundle


@pytest.mark.parametrize("value", [float("nan"), np.float32("inf"), None, [1], np.zeros(3)])
def test_what_is_no_figure_is_refused_by_name(value: object) -> None:
    with pytest.raises(InputError, match="The metric 'recall'"):
        report.metrics({"recall": value})  # type: ignore[dict-item]


def test_outputs_of_cells_tagged_highlight_come_back_as_text(tmp_path: Path) -> None:
    shown = nbformat.v4.new_output("execute_result", data={"text/plain": "1  tea", "text/html": "<p>tea</p>"})
    cells = [nbformat.v4.new_code_cell("1", outputs=[shown], metadata={"tags": tags}) for tags in (["highlight"], [])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "done.ipynb")

    assert report.read(tmp_path / "done.ipynb").highlights == ("1  tea",)


def test_a_failed_cell_is_read_back_as_its_sentence(tmp_path: Path) -> None:
    error = nbformat.v4.new_output("error", ename="OptionError", evalue="The parameter 'k' is 0.", traceback=[])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[error])])
    nbformat.write(notebook, tmp_path / "failed.ipynb")

    assert report.read(tmp_path / "failed.ipynb").failure == "OptionError: The parameter 'k' is 0."


def test_a_missing_file_and_one_that_is_no_notebook_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "page.ipynb").write_text("<html>", "utf-8")
    (tmp_path / "list.ipynb").write_text("[1, 2]", "utf-8")

    with pytest.raises(ReportError, match="No such file"):
        report.read(tmp_path / "absent.ipynb")
    for name in ("page.ipynb", "list.ipynb"):
        with pytest.raises(ReportError, match="is not a notebook"):
            report.read(tmp_path / name)
