"""The user that a root session steps down to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jina_notebook.elastic.local import account
from jina_notebook.elastic.local.account import Account, require_entry, run_as, unprivileged
from jina_notebook.errors import LocalServerError

SOMEBODY = Account("somebody", 65534, 65534)


def test_an_ordinary_user_keeps_running_as_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "is_root", lambda: False)
    assert unprivileged() is None
    assert run_as(None) == {}


def test_root_steps_down_to_a_user_who_is_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "is_root", lambda: True)
    chosen = unprivileged()
    assert chosen is not None
    assert chosen.uid != 0
    assert run_as(chosen) == {"user": chosen.uid, "group": chosen.gid, "extra_groups": []}


def test_a_folder_that_this_user_cannot_enter_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(account, "run_as", lambda _: {})
    with pytest.raises(LocalServerError, match=r"user somebody.*cannot enter .*/closed") as caught:
        require_entry(tmp_path / "closed", SOMEBODY, hint="Move it.")
    assert caught.value.hint == "Move it."


def test_a_machine_that_lets_root_become_nobody_else_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("subprocess.run", refuse)
    with pytest.raises(LocalServerError, match="does not let root become user somebody"):
        require_entry(tmp_path, SOMEBODY, hint="")
