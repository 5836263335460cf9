"""`jina-notebook notebooks list|copy`."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook import report
from tests.cli.conftest import Shell, documented


def test_the_list_has_every_notebook_with_its_title(shell: Shell) -> None:
    records = shell("notebooks", "list", "--json").records
    assert {record["name"]: Path(record["path"]) for record in records} == report.notebooks()
    assert all(record["title"] for record in records)
    assert records[0].keys() == documented("notebooks list").keys()
    assert "quickstart" in shell("notebooks", "list").out


def test_a_copy_lands_in_the_working_folder(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = shell("notebooks", "copy", "quickstart")
    assert ended == (0, "quickstart.ipynb\n", "")
    assert Path("quickstart.ipynb").read_bytes() == report.find_notebook("quickstart").read_bytes()


def test_a_copy_takes_a_folder_or_a_name(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "mine.ipynb"
    (record,) = shell("notebooks", "copy", "quickstart", str(target), "--json").records
    assert record == {"name": "quickstart", "path": str(target)}
    assert record.keys() == documented("notebooks copy").keys()
    assert shell("notebooks", "copy", "quickstart", str(tmp_path)).out == f"{tmp_path / 'quickstart.ipynb'}\n"


def test_a_file_that_is_there_is_replaced_only_by_force(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "quickstart.ipynb"
    target.write_text("mine", "utf-8")
    refused = shell("notebooks", "copy", "quickstart", str(tmp_path))
    assert (refused.status, refused.out, target.read_text("utf-8")) == (1, "", "mine")
    assert "--force" in refused.err
    assert shell("notebooks", "copy", "quickstart", str(tmp_path), "--force").status == 0
    assert target.read_text("utf-8") != "mine"


def test_an_unknown_notebook_or_folder_is_a_sentence(shell: Shell, tmp_path: Path) -> None:
    unknown = shell("notebooks", "copy", "quikstart")
    assert unknown.status == 1
    assert "did you mean quickstart?" in unknown.err
    nowhere = shell("notebooks", "copy", "quickstart", str(tmp_path / "none"))
    assert nowhere.status == 1
    assert "There is no folder" in nowhere.err
