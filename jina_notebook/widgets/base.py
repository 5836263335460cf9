"""What every widget has: a static form of itself, long work that does not block, and arguments that are checked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.render.blocks import Page
from jina_notebook.render.html import to_html
from jina_notebook.render.markdown import to_markdown
from jina_notebook.render.text import to_text
from jina_notebook.render.vendor import MIME, to_vendor
from jina_notebook.widgets.jobs import Job, Worker

__all__ = ["STATIC", "Act", "JinaWidget", "refuse_unknown"]

STATIC = Path(__file__).parent.parent / "static"
TEXT_COLUMNS = 100

Act = Callable[[Mapping[str, Any]], None]


def refuse_unknown(widget: type, given: Mapping[str, Any]) -> None:
    """Raises `OptionError` that lists what the widget takes, with the nearest name."""
    if not given:
        return
    name = next(iter(given))
    parameters = list(inspect.signature(widget).parameters.values())
    known = [one.name for one in parameters if one.kind is not inspect.Parameter.VAR_KEYWORD]
    raise OptionError(
        f"{widget.__name__} has no argument {name!r}; it has {', '.join(known)}.",
        hint=did_you_mean(name, known) or f"help(jn.widgets.{widget.__name__}) explains each.",
    )


class JinaWidget(anywidget.AnyWidget):
    """Base of the widgets. `status` says what it is doing; `.wait()` waits for that, `.cancel()` stops it."""

    status = traitlets.Dict().tag(sync=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(status={"state": "idle"}, **values)
        self._worker = Worker(self._say)
        self.on_msg(self._received)

    def page(self) -> Page:
        """The widget as it stands now, as a page of the static displays."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stops what the widget is doing."""
        self._worker.cancel()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Waits for what the front end asked for; False where it is still at work after `timeout_s` seconds."""
        return self._worker.wait(timeout_s)

    def acts(self) -> Mapping[str, Act]:
        """What the front end may ask for, by name."""
        return {}

    def _say(self, status: Mapping[str, Any]) -> None:
        self.status = dict(status)

    def _received(self, _: object, content: Mapping[str, Any], __: object) -> None:
        """A message of the front end. One that is not known is of another version, and passed over."""
        if content.get("do") == "cancel":
            self.cancel()
            return
        act = self.acts().get(str(content.get("do")))
        if act is not None:
            act(content)

    def _begin(self, label: str, work: Callable[[Job], Callable[[], str]]) -> None:
        self._worker.start(label, work)

    def __repr__(self) -> str:
        return to_text(self.page(), columns=TEXT_COLUMNS)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live widget where there is one, and every static form for where there is none."""
        live, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        page = self.page()
        forms = {
            MIME: to_vendor(page),
            "text/html": to_html(page),
            "text/markdown": to_markdown(page),
            "text/plain": to_text(page, columns=TEXT_COLUMNS),
        }
        return {**live, **forms}, metadata
