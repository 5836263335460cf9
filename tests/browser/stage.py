"""A page with one widget on it and the real Python object behind it, without Jupyter in between."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

from jina_notebook.widgets.base import STATIC, JinaWidget

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "widgets" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "output" / "screenshots"
ADDRESS = "http://stub.test"
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>stub</title>
<style>:root { color-scheme: light dark } body { margin: 12px; font-family: sans-serif }</style>
<link rel="stylesheet" href="widget.css"></head><body><main><h1>A page</h1><div id="el"></div></main>
<script type="module">
import widget from "./widget.js";
const decode = (value) => {
  if (Array.isArray(value)) return value.map(decode);
  if (value && typeof value === "object") {
    if ("$bytes" in value) return new DataView(Uint8Array.from(atob(value.$bytes), (c) => c.charCodeAt(0)).buffer);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decode(one)]));
  }
  return value;
};
const listeners = new Map();
const state = decode(await (await fetch("state.json")).json());
window.sent = []; window.saved = {}; window.replies = [];
const changed = new Set();
const tell = (name, ...values) => (listeners.get(name) ?? []).slice().forEach((act) => act(...values));
window.model = {
  get: (key) => state[key],
  set: (key, value) => { state[key] = value; changed.add(key); tell(`change:${key}`); },
  save_changes: () => { for (const key of changed) window.saved[key] = state[key]; changed.clear(); },
  on: (name, act) => listeners.set(name, [...(listeners.get(name) ?? []), act]),
  off: (name, act) => listeners.set(name, (listeners.get(name) ?? []).filter((one) => one !== act)),
  send: (message) => window.sent.push(message),
};
window.pushState = (values) => {
  const fresh = decode(values);
  Object.assign(state, fresh);
  for (const key of Object.keys(fresh)) tell(`change:${key}`);
};
window.taken = () => {
  const encode = (value) => !(value instanceof DataView) ? value
    : { $bytes: btoa(Array.from(new Uint8Array(value.buffer), (one) => String.fromCharCode(one)).join("")) };
  const saved = Object.fromEntries(Object.entries(window.saved).map(([key, value]) => [key, encode(value)]));
  const both = [saved, window.sent];
  window.saved = {}; window.sent = [];
  return both;
};
window.reply = (message) => tell("msg:custom", message, []);
window.end = await widget.render({ model: window.model, el: document.getElementById("el") });
window.ready = true;
</script></body></html>"""


def _encoded(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, dict):
        return {key: _encoded(one) for key, one in value.items()}
    return [_encoded(one) for one in value] if isinstance(value, list | tuple) else value


class Stage:
    """`foreign` are the addresses beyond the page itself that were asked for: there must be none."""

    def __init__(self, page: Page, widget: JinaWidget, name: str) -> None:
        self.page, self.widget, self.name = page, widget, name
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self._known: dict[str, str] = {}
        widget.send = lambda content, buffers=None: page.evaluate("(m) => window.reply(m)", content)  # type: ignore[method-assign]
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.route("**/*", self._answer)
        page.goto(f"{ADDRESS}/index.html")
        page.wait_for_function("() => window.ready === true")

    def _answer(self, route: Route) -> None:
        address = route.request.url
        if not address.startswith((ADDRESS, "data:", "blob:")):
            self.foreign.append(address)
            route.abort()
        elif address.endswith("index.html"):
            route.fulfill(body=HTML, content_type="text/html")
        elif address.endswith("state.json"):
            route.fulfill(body=json.dumps(self._state()), content_type="application/json")
        elif address.endswith(("widget.js", "widget.css")):
            suffix = address.rpartition(".")[2]
            kind = "text/javascript" if suffix == "js" else "text/css"
            route.fulfill(body=(STATIC / f"{self.name}.{suffix}").read_bytes(), content_type=kind)
        else:
            route.fulfill(status=204)

    def _state(self) -> dict[str, Any]:
        """What changed since the page last heard."""
        state = {
            key: _encoded(value)
            for key, value in self.widget.get_state().items()
            if not key.startswith("_") and key not in {"layout", "tabbable", "tooltip"}
        }
        fresh = {key: value for key, value in state.items() if self._known.get(key) != json.dumps(value)}
        self._known |= {key: json.dumps(value) for key, value in fresh.items()}
        return fresh

    def pump(self) -> None:
        """Carries what the page said to the widget, lets it work, and carries its state back."""
        saved, sent = self.page.evaluate("() => window.taken()")
        for key, value in saved.items():
            own = base64.b64decode(value["$bytes"]) if isinstance(value, dict) and "$bytes" in value else value
            self.widget.set_state({key: own if own is value else memoryview(own)})
            self._known[key] = json.dumps(value)
        for message in sent:
            self.widget._received(None, message, [])
        assert self.widget.wait(60)
        self.page.evaluate("(state) => window.pushState(state)", self._state())

    def violations(self, selector: str = ".jn-widget") -> list[str]:
        return violations(self.page, selector)

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def violations(page: Page, selector: str) -> list[str]:
    """What axe-core finds wrong within `selector`, as rule and place."""
    if page.evaluate("() => typeof window.axe") == "undefined":
        page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "async (place) => (await window.axe.run(place, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}))"
        ".violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary}`))",
        selector,
    )
    return list(found)
