"""The MIME renderer in JupyterLab, on an executed notebook that nobody has trusted and without a kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from jina_notebook.render.vendor import MIME
from tests.browser.lab import Window
from tests.widgets.shop import found

RUN = """from tests.widgets.shop import found
found()"""
HIDE_KERNEL = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"


def executed(folder: Path, name: str) -> None:
    """Papermill runs a notebook into another, as a scheduled report does."""
    import nbformat
    import papermill

    source = folder / f"source-{name}"
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(RUN)])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, source)
    root = Path(__file__).parent.parent.parent
    papermill.execute_notebook(str(source), str(folder / name), progress_bar=False, cwd=str(root))


def test_a_report_that_nobody_trusted_is_sorted_filtered_and_compared(window: Window) -> None:
    executed(window.lab.folder, "report.ipynb")
    window.lab.open(window.page, "report.ipynb")
    page = window.page
    window.page.evaluate(HIDE_KERNEL)
    result = page.locator(".jp-OutputArea-output .jn-result")

    expect(result).to_contain_text('4 hits for "warm tea"')
    trusted = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets[0].model.trusted")
    assert trusted is False

    result.get_by_role("button", name="score").focus()
    page.keyboard.press("Enter")
    expect(result.locator("tbody tr").first).to_contain_text("sock")
    result.get_by_label("Filter rows").fill("green")
    expect(result.get_by_role("tabpanel").locator("tbody tr")).to_have_count(1)
    result.get_by_label("Filter rows").fill("")
    for theme in ("Light", "Dark", "Dark High Contrast"):
        window.theme(f"JupyterLab {theme}")
        window.shot(f"lab-report-{theme.lower().replace(' ', '-')}")
        assert window.violations(".jn-result") == []

    result.get_by_role("tab", name="Results").focus()
    page.keyboard.press("ArrowRight")
    expect(result.get_by_role("table", name="Rank changes")).to_contain_text("▲ up 1")


def output(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def test_hostile_damaged_and_newer_outputs_do_no_harm(window: Window) -> None:
    page_of = found().page()
    hostile = {
        "version": 1,
        "kind": "hits",
        "title": "<img src=x onerror='window.harmed = 1'>",
        "facts": [],
        "notes": [],
        "blocks": [{"type": "prose", "caption": "", "text": "<script>window.harmed = 1</script>"}],
    }
    newer = {**hostile, "version": 2}
    given = {0: [output({MIME: hostile})], 1: [output({MIME: newer})], 2: [output({MIME: {"title": page_of.title}})]}
    window.lab.notebook("hostile.ipynb", ["1", "2", "3"], given)
    window.lab.open(window.page, "hostile.ipynb", ready=False)
    results = window.page.locator(".jn-result")

    expect(results).to_have_count(3)
    expect(results.nth(0)).to_contain_text("<img src=x")
    expect(results.nth(1)).to_contain_text("A newer version of jina-notebook made this output")
    expect(results.nth(2)).to_contain_text("This output is damaged")
    assert window.page.evaluate("() => window.harmed") is None
