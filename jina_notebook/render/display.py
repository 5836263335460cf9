"""The displays of everything that can describe itself as a page."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Container
from typing import Any

from jina_notebook.render.blocks import Page
from jina_notebook.render.html import to_html
from jina_notebook.render.markdown import to_markdown
from jina_notebook.render.text import to_text
from jina_notebook.render.vendor import MIME, to_vendor

__all__ = ["Displayed"]

NARROWEST, WIDEST, NO_TERMINAL = 60, 160, 120


class Displayed(ABC):
    """Gives a class that has `page()` its text, Markdown, HTML and vendor JSON."""

    __slots__ = ()

    @abstractmethod
    def page(self) -> Page:
        """The plain values that every display is made of."""

    def __repr__(self) -> str:
        columns = shutil.get_terminal_size((NO_TERMINAL, 24)).columns
        return to_text(self.page(), columns=min(max(columns, NARROWEST), WIDEST))

    def _repr_markdown_(self) -> str:
        return to_markdown(self.page())

    def _repr_html_(self) -> str:
        return to_html(self.page())

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, Any]:
        """Every form at once, from the one that needs most of its reader to the one that needs nothing."""
        bundle = {
            MIME: to_vendor(self.page()),
            "text/html": self._repr_html_(),
            "text/markdown": self._repr_markdown_(),
            "text/plain": repr(self),
        }
        wanted = {mime for mime in bundle if (include is None or mime in include) and mime not in (exclude or ())}
        return {mime: value for mime, value in bundle.items() if mime in wanted}
