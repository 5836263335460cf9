"""Finding the stand-in's checkpoint."""

from __future__ import annotations

import sys

import pytest

from jina_notebook.catalog import card
from jina_notebook.errors import MissingExtraError
from jina_notebook.families import hub, stand_in
from jina_notebook.families.snapshot_files import missing_files


def test_the_stand_in_is_found_in_its_package_without_importing_it() -> None:
    folder = hub.snapshot(card(stand_in.STAND_IN))
    assert missing_files(folder) == []
    assert stand_in.PACKAGE not in sys.modules


def test_a_missing_stand_in_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_in, "PACKAGE", "no_such_package_here")
    assert not stand_in.stand_in_installed()
    with pytest.raises(MissingExtraError) as refused:
        stand_in.stand_in_path()
    assert "jina-notebook[offline]" in (refused.value.hint or "")
