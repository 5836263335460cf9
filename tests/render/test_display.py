from __future__ import annotations

import pytest

from jina_notebook.render.blocks import Column, Page, Table
from jina_notebook.render.display import Displayed
from jina_notebook.render.vendor import MIME


class Shown(Displayed):
    def page(self) -> Page:
        return Page("test", "a title", (), (Table((Column("a", "a"),), (("word " * 60,),)),))


def test_the_bundle_has_every_form() -> None:
    bundle = Shown()._repr_mimebundle_()
    assert set(bundle) == {MIME, "text/html", "text/markdown", "text/plain"}
    assert bundle["text/plain"] == repr(Shown())
    assert bundle["text/html"] == Shown()._repr_html_()
    assert bundle["text/markdown"] == Shown()._repr_markdown_()
    assert bundle[MIME]["title"] == "a title"


def test_forms_can_be_chosen_and_left_out() -> None:
    assert set(Shown()._repr_mimebundle_(include={"text/html"})) == {"text/html"}
    assert "text/html" not in Shown()._repr_mimebundle_(exclude={"text/html"})


@pytest.mark.parametrize(("terminal", "used"), [("80", 80), ("20", 60), ("500", 160)])
def test_the_text_fits_the_terminal_within_reason(terminal: str, used: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", terminal)
    assert max(map(len, repr(Shown()).split("\n"))) == used


def test_what_cannot_describe_itself_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="page"):
        Displayed()  # type: ignore[abstract]
