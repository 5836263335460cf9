from __future__ import annotations

import io
from pathlib import Path

import pytest

from jina_notebook import report
from jina_notebook.errors import OptionError, ReportBusyError, ReportError, ThresholdError
from jina_notebook.report.lock import holding
from tests.report.conftest import WriteNotebook

PARAMETERS = """k = 3  # type: int  # how many
share = 0.5  # type: float  # of the whole
keep = True  # type: bool  # whether to keep it
name = "shop"  # type: str  # its name"""
CHECK = "from jina_notebook import report\nreport.check_parameters(globals(), k=report.Whole(1, 9))"


def test_what_was_typed_gets_the_types_that_the_notebook_declares(write_notebook: WriteNotebook) -> None:
    given = {"k": "7", "share": "1", "keep": "false", "name": "12"}

    assert report.parse_parameters(write_notebook(PARAMETERS), given) == {
        "k": 7,
        "share": 1.0,
        "keep": False,
        "name": "12",
    }


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("k", "ten", "The parameter 'k' is 'ten', but takes a whole number."),
        ("k", "1.5", "The parameter 'k' is '1.5', but takes a whole number."),
        ("share", "half", "The parameter 'share' is 'half', but takes a number."),
        ("keep", "yes", "The parameter 'keep' is 'yes', but takes True or False."),
        ("kepe", "true", "There is no parameter 'kepe' in small.ipynb."),
    ],
)
def test_a_parameter_of_the_wrong_type_or_name_is_refused(
    write_notebook: WriteNotebook, name: str, text: str, sentence: str
) -> None:
    with pytest.raises(OptionError) as caught:
        report.parse_parameters(write_notebook(PARAMETERS), {name: text})

    assert caught.value.message == sentence
    assert caught.value.hint
    assert "#" not in caught.value.hint


def test_a_run_writes_notebook_and_page_and_gives_what_was_recorded(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook(
        "k = 3  # type: int  # how many",
        CHECK,
        "import sys\nprint('on its way', file=sys.stderr)",
        "report.metrics({'twice': 2 * k})",
    )
    steps: list[report.Step] = []
    progress = io.StringIO()

    outcome = report.run(notebook, tmp_path / "out", parameters={"k": 4}, on_step=steps.append, stderr=progress)

    assert outcome.recorded.metrics == {"twice": 8}
    assert outcome.notebook == tmp_path / "out" / "small.ipynb"
    assert "twice" in outcome.page.read_text("utf-8")
    assert [step.title for step in steps if step.seconds is None][-3:] == ["Part 1", "Part 2", "Part 3"]
    assert all(step.seconds >= 0 for step in steps if step.seconds is not None)
    assert "on its way" in progress.getvalue()


def test_a_failing_cell_is_named_with_its_sentence_and_later_cells_do_not_run(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    notebook = write_notebook("k = 3  # type: int  # how many", CHECK, "report.metrics({'reached': True})")

    with pytest.raises(ReportError) as caught:
        report.run(notebook, tmp_path / "out" / "failed.ipynb", parameters={"k": 0})

    assert "small.ipynb failed at 'Part 1': OptionError: The parameter 'k' is 0" in caught.value.message
    assert "failed.ipynb" in (caught.value.hint or "")
    recorded = report.read(tmp_path / "out" / "failed.ipynb")
    assert recorded.failure is not None
    assert recorded.metrics == {}
    assert "The parameter" in (tmp_path / "out" / "failed.html").read_text("utf-8")


def test_a_parameter_that_the_notebook_does_not_have_fails_the_run(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    with pytest.raises(ReportError, match="There is no parameter 'kk' in this notebook"):
        report.run(write_notebook("k = 3  # type: int  # how many", CHECK), tmp_path / "out", parameters={"kk": 5})


def test_a_kernel_that_dies_is_said_to_have_died(write_notebook: WriteNotebook, tmp_path: Path) -> None:
    notebook = write_notebook(
        "k = 3  # type: int  # how many", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    )

    with pytest.raises(ReportError, match="failed at 'Part 1': its kernel died"):
        report.run(notebook, tmp_path / "out")

    assert "Part 1" in (tmp_path / "out" / "small.html").read_text("utf-8")


def test_a_notebook_is_found_by_name_and_by_path(write_notebook: WriteNotebook) -> None:
    path = write_notebook("k = 3  # type: int  # how many")

    assert report.find_notebook(path) == path
    assert report.find_notebook("quickstart").name == "quickstart.ipynb"


def test_a_notebook_that_does_not_exist_gets_a_near_name() -> None:
    with pytest.raises(ReportError, match="There is no notebook 'quickstrat'") as caught:
        report.find_notebook("quickstrat")

    assert caught.value.hint == "did you mean quickstart?"


REPORT = """past = report.history("small", history)
before = report.previous("small", history)
verdict = report.compare({"score": score}, before, {"score": report.Limit(drop=0.1)})
verdict"""
JUDGED = 'score = 0.5  # type: float  # what was found\nhistory = ""  # type: str  # earlier runs'


@pytest.fixture
def judged(write_notebook: WriteNotebook) -> Path:
    """A report whose score may not drop by more than a tenth."""
    parts = ('report.metrics({"score": score, "earlier runs": len(past)})', "verdict.check()")
    return write_notebook(JUDGED, f"from jina_notebook import report\n{REPORT}", *parts)


def test_a_report_is_compared_with_its_last_good_run_and_fails_beyond_its_limit(judged: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = report.run(judged, out)
    with pytest.raises(ThresholdError) as caught:
        report.run(judged, out, parameters={"score": 0.3})
    crossed = report.read(out / "small.ipynb")
    third = report.run(judged, out, parameters={"score": 0.45})

    assert first.recorded.metrics == {"score": 0.5, "earlier runs": 0}
    assert "small.ipynb: 1 threshold was crossed since the run of " in caught.value.message
    assert "score fell from 0.5000 to 0.3000, by more than 0.1" in caught.value.message
    assert crossed.metrics == {"score": 0.3, "earlier runs": 1}
    assert crossed.failure is not None
    assert third.recorded.metrics["earlier runs"] == 2
    assert third.kept.parent == out / "history" / "small"
    assert [past.failed for past in report.history("small", out)] == [False, True, False]
    assert len(list((out / "history" / "small").glob("*.html"))) == 3


def test_only_as_many_runs_stay_as_are_asked_for(judged: Path, tmp_path: Path) -> None:
    report.run(judged, tmp_path / "out")
    last = report.run(judged, tmp_path / "out", keep=1)

    assert [past.path for past in report.history("small", tmp_path / "out")] == [last.kept]
    for keep in (0, True):
        with pytest.raises(OptionError, match="keep is"):
            report.run(judged, tmp_path / "out", keep=keep)


def test_a_history_that_was_passed_is_not_replaced(judged: Path, tmp_path: Path) -> None:
    report.run(judged, tmp_path / "out")

    again = report.run(judged, tmp_path / "out", parameters={"history": ""})

    assert again.recorded.metrics["earlier runs"] == 0


def test_a_run_is_refused_while_another_one_writes_to_the_same_place(judged: Path, tmp_path: Path) -> None:
    with holding(tmp_path / "out" / ".small.lock", doing="small"), pytest.raises(ReportBusyError, match="under way"):
        report.run(judged, tmp_path / "out")

    assert not (tmp_path / "out" / "small.ipynb").exists()
