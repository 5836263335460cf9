"""One process at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jina_notebook.elastic.local.locks import holding
from jina_notebook.errors import LocalServerError


def test_who_comes_second_says_so_waits_and_goes_on_when_the_first_has_finished(tmp_path: Path) -> None:
    path, said, order = tmp_path / "lock", [], []
    waits = threading.Event()

    def tell(line: str) -> None:
        said.append(line)
        waits.set()

    def second() -> None:
        with holding(path, timeout_s=30, waiting="Busy.", say=tell):
            order.append("second")

    thread = threading.Thread(target=second)
    with holding(path, timeout_s=30, waiting="Busy.", say=said.append):
        thread.start()
        assert waits.wait(20)
        order.append("first")
    thread.join()
    assert (order, said) == (["first", "second"], ["Busy."])


def test_waiting_ends_with_the_file_whose_holder_to_look_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with (
        holding(path, timeout_s=1, waiting="Busy.", say=lambda _: None),
        pytest.raises(LocalServerError, match=r"Busy\. It has not finished in 0 s") as caught,
        holding(path, timeout_s=0, waiting="Busy.", say=lambda _: None),
    ):
        raise AssertionError("two holders")
    assert str(path) in str(caught.value.hint)


def test_a_lock_whose_file_was_deleted_meanwhile_is_taken_anew(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holding(path, timeout_s=1, waiting="Busy.", say=lambda _: None):
        path.unlink()
    with holding(path, timeout_s=1, waiting="Busy.", say=lambda _: None):
        assert path.exists()
