"""Progress on a terminal, in lines, in a notebook, and not at all."""

from __future__ import annotations

import io
import sys

import pytest

from jina_notebook import progress
from jina_notebook.progress import Lines, Reporter, Terminal, reporting
from jina_notebook.settings import Settings


class Watched(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds as the test says."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_lines_say_how_far_how_fast_and_how_long_still(clock: list[float]) -> None:
    reporter = Reporter(None, total=4096, unit="tokens", label="Embedding", screen=Lines(io.StringIO()))
    reporter.done = 1024
    assert reporter.line(4.0) == "Embedding: 1,024 of 4,096 tokens (25 %), 256 tokens/s, 12 s left"
    assert reporter.line(4000.0).endswith("3 h 20 min left")
    assert reporter.line(0.1) == "Embedding: 1,024 of 4,096 tokens (25 %)"


def test_without_a_total_there_is_no_end_in_sight(clock: list[float]) -> None:
    reporter = Reporter(None, total=0, unit="documents", label="Indexing", screen=Lines(io.StringIO()))
    reporter.done = 500
    assert reporter.line(10.0) == "Indexing: 500 documents, 50 documents/s"


def test_short_work_shows_nothing(clock: list[float]) -> None:
    stream = io.StringIO()
    reporter = Reporter(None, total=10, unit="tokens", label="Embedding", screen=Lines(stream))
    reporter.advance(10)
    reporter.close()
    assert stream.getvalue() == ""


def test_where_nobody_watches_there_is_a_line_now_and_then(clock: list[float]) -> None:
    stream = io.StringIO()
    reporter = Reporter(None, total=100, unit="tokens", label="Embedding", screen=Lines(stream))
    for _ in range(100):
        clock[0] += 0.5
        reporter.advance(1)
    reporter.close()
    lines = stream.getvalue().splitlines()
    assert 4 <= len(lines) <= 7
    assert lines[-1] == "Embedding: 100 of 100 tokens (100 %), 2 tokens/s, 50 s in all"


def test_on_a_terminal_one_line_is_written_over(clock: list[float]) -> None:
    stream = io.StringIO()
    reporter = Reporter(True, total=10, unit="tokens", label="Embedding", screen=Terminal(stream))
    for _ in range(10):
        clock[0] += 1
        reporter.advance(1)
    reporter.close()
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert written.endswith("in all\n")
    shown = [len(part.rstrip("\n")) for part in written.split("\r")[1:]]
    assert shown == sorted(shown)  # a shorter line never leaves the end of a longer one standing


def test_a_callable_gets_done_and_total() -> None:
    calls: list[tuple[int, int]] = []
    with reporting(lambda done, total: calls.append((done, total)), total=3, unit="tokens", label="x") as report:
        report.advance(1)
        report.advance(2)
    assert calls == [(1, 3), (3, 3)]


@pytest.mark.parametrize(("setting", "shown"), [("true", True), ("false", False)])
def test_the_setting_silences_what_shows_by_itself(
    setting: str, shown: bool, clock: list[float], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_SHOW_PROGRESS", setting)
    Settings.clear_instance()
    with reporting(None, total=2, unit="tokens", label="Embedding") as report:
        clock[0] = 60.0
        report.advance(1)
    Settings.clear_instance()
    captured = capsys.readouterr()
    assert ("Embedding" in captured.err) == shown
    assert captured.out == ""


def test_false_is_silent(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(False, total=2, unit="tokens", label="Embedding") as report:
        clock[0] = 60.0
        report.advance(1)
    assert capsys.readouterr() == ("", "")


def test_the_line_is_ended_when_the_work_fails(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Watched()
    monkeypatch.setattr(sys, "stderr", stream)

    def fail() -> None:
        with reporting(True, total=2, unit="tokens", label="Embedding") as report:
            report.advance(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert stream.getvalue().endswith("\n")
