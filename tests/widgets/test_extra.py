"""Widgets where their packages are not installed, and what every widget has in common."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import jina_notebook as jn
from jina_notebook.render.vendor import MIME
from jina_notebook.widgets.base import STATIC
from tests.widgets.pictures import picture

WITHOUT = """
import sys
sys.modules["anywidget"] = None
import jina_notebook as jn
from jina_notebook.widgets import EmbeddingMap
for name in jn.widgets.__all__:
    try:
        getattr(jn.widgets, name)("anything")
    except jn.JinaNotebookError as error:
        print(type(error).__name__, error)
"""


def test_without_anywidget_they_can_be_imported_and_making_one_names_the_extra() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)

    lines = done.stdout.splitlines()
    assert len(lines) == len(jn.widgets.__all__) == 5
    assert all(line.startswith("MissingExtraError ") and "jina-notebook[widgets]" in line for line in lines)


def test_a_name_that_is_no_widget_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'Galery'"):
        _ = jn.widgets.Galery


@pytest.mark.parametrize(
    "made",
    [lambda: jn.widgets.Gallery([picture(0)]), lambda: jn.widgets.EmbeddingMap(np.eye(4))],
    ids=["gallery", "map"],
)
def test_front_ends_without_widgets_find_a_form_that_they_can_show(made: Any) -> None:
    data, _ = made()._repr_mimebundle_()

    assert {"application/vnd.jupyter.widget-view+json", MIME, "text/html", "text/markdown", "text/plain"} == set(data)
    assert "object at 0x" not in data["text/plain"]
    assert "data:image/png;base64," in data["text/html"]
    assert "<script" not in data["text/html"]


def test_no_script_names_an_address_to_load_from() -> None:
    for script in STATIC.glob("*.js"):
        text = script.read_text("utf-8")
        assert "import(" not in text
        assert "fetch(" not in text.replace("prefetch(", "")
