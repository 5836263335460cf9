from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jina_notebook.errors import OptionError, ReportBusyError
from jina_notebook.report.lock import holding

HOLD = """
import sys
from pathlib import Path
from jina_notebook.report.lock import holding
with holding(Path(sys.argv[1]), doing="it"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_with_the_first_ones_process_and_start(tmp_path: Path) -> None:
    lock = tmp_path / "new" / ".report.lock"

    with holding(lock, doing="nightly into out"):
        with pytest.raises(ReportBusyError) as caught, holding(lock, doing="nightly into out"):
            pass

        assert caught.value.message.startswith(
            f"A run of nightly into out is under way (process {os.getpid()}, since 20"
        )
        assert caught.value.hint


def test_a_lock_is_free_again_after_its_holder_and_after_an_error_in_it(tmp_path: Path) -> None:
    lock = tmp_path / ".report.lock"

    with pytest.raises(ZeroDivisionError), holding(lock, doing="it"):
        _ = 1 / 0

    with holding(lock, doing="it"):
        assert str(os.getpid()) in lock.read_text("utf-8")
    assert lock.read_text("utf-8") == ""


def test_a_holder_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / ".report.lock"
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ReportBusyError, match=f"process {holder.pid}"), holding(lock, doing="it"):
            pass
        holder.kill()
        holder.wait()

    with holding(lock, doing="it"):
        assert str(os.getpid()) in lock.read_text("utf-8")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    with (
        pytest.raises(OptionError, match=r"Nothing can be written to the folder '.*file/out'"),
        holding(tmp_path / "file" / "out" / ".lock", doing="it"),
    ):
        pass
