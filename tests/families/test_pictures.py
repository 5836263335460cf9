"""Pictures are read before anything is computed, and read again where too many wait."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jina_notebook.errors import InputError
from jina_notebook.families import pictures
from jina_notebook.families.pictures import read_picture, read_pictures


def small(image: Image.Image, where: str) -> np.ndarray[Any, Any]:
    if image.width > 50:
        raise InputError(f"{where} is too wide.")
    return np.asarray(image.convert("RGB").resize((4, 2)))


def files(folder: Path, count: int) -> list[Path]:
    for number in range(count):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{number}.png")
    return [folder / f"{number}.png" for number in range(count)]


def test_pictures_keep_their_positions_and_sizes(tmp_path: Path) -> None:
    found = read_pictures(zip([3, 5], files(tmp_path, 2), strict=True), small)
    assert list(found) == [3, 5]
    assert [(one.height, one.width) for one in found.values()] == [(2, 4), (2, 4)]
    assert [one.pixels()[0, 0, 0] for one in found.values()] == [0, 1]


def test_beyond_the_budget_pixels_are_let_go_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "KEPT_BYTES", 2 * 24)
    found = read_pictures(enumerate(files(tmp_path, 4)), small)
    assert [one.kept is not None for one in found.values()] == [True, True, False, False]
    assert [one.pixels()[0, 0, 0] for one in found.values()] == [0, 1, 2, 3]
    assert found[3].kept is None


def test_a_file_that_vanishes_before_its_turn_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "KEPT_BYTES", 0)
    found = read_pictures(enumerate(files(tmp_path, 2)), small)
    (tmp_path / "1.png").unlink()
    assert found[0].pixels().shape == (2, 4, 3)
    with pytest.raises(InputError, match=r"Input 1 \('.*1.png'\)"):
        found[1].pixels()


def test_what_a_model_cannot_take_is_named_with_position_and_file(tmp_path: Path) -> None:
    Image.new("L", (60, 2)).save(tmp_path / "wide.png")
    with pytest.raises(InputError, match=r"Document 7 \('.*wide.png'\) is too wide"):
        read_pictures([(7, tmp_path / "wide.png")], small, what="Document")
    with pytest.raises(InputError, match=r"The query \('.*wide.png'\) is too wide"):
        read_picture(tmp_path / "wide.png", "The query", small)
