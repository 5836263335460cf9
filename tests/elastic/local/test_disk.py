"""Lack of space and of rights."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jina_notebook.elastic.local.disk import disk_faults, require_space
from jina_notebook.errors import LocalServerError


def test_too_little_space_names_both_figures_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match=r"MB free, and unpacking needs 1,000,000,000 MB") as caught:
        require_space(tmp_path / "not" / "yet", 10**9, "unpacking")
    assert "Free some space" in str(caught.value.hint)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_runs_full_half_way_is_one_sentence(tmp_path: Path, number: int) -> None:
    with (
        pytest.raises(LocalServerError, match="The disk is full: unpacking into"),
        disk_faults(tmp_path, "unpacking into"),
    ):
        raise OSError(number, os.strerror(number))


def test_a_missing_right_is_one_sentence_with_the_systems_reason(tmp_path: Path) -> None:
    wording = r"Unpacking into .* failed: Permission denied"
    with pytest.raises(LocalServerError, match=wording), disk_faults(tmp_path, "unpacking into"):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
