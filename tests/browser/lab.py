"""A real JupyterLab with this checkout's extension, its own settings, and no address but its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.stage import ROOT, SHOTS, violations

TOKEN = "test"
READY = """() => {
  const widget = window.jupyterapp?.shell.currentWidget;
  const kernel = widget?.sessionContext?.session?.kernel;
  return widget?.context?.isReady && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
OPEN = "() => window.jupyterapp?.shell.currentWidget?.context?.isReady"


class Lab:
    """`folder` is what the server shows; `address` where it listens."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address

    def notebook(self, name: str, cells: list[str], outputs: dict[int, list[dict[str, Any]]] | None = None) -> str:
        """Writes a notebook of code cells; `outputs` by the number of the cell. Nobody has trusted it."""
        import nbformat

        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        for number, given in (outputs or {}).items():
            made.cells[number].outputs = [nbformat.from_dict(output) for output in given]
        nbformat.write(made, self.folder / name)
        return name

    def open(self, page: Page, name: str, *, ready: bool = True) -> None:
        """Opens it in a page; with `ready`, waits until its kernel is."""
        page.goto(f"{self.address}/lab/tree/{name}?token={TOKEN}&reset")
        page.wait_for_function(READY if ready else OPEN, timeout=90_000)
        page.wait_for_selector("#jupyterlab-splash", state="detached")


class Window:
    """A page of the lab, and what was asked for beyond it."""

    def __init__(self, browser: Browser, lab: Lab) -> None:
        self.context = browser.new_context(viewport={"width": 1300, "height": 900})
        self.page = self.context.new_page()
        self.lab = lab
        self.foreign: list[str] = []
        self.page.on("request", lambda request: self._seen(request.url))

    def _seen(self, address: str) -> None:
        if not address.startswith((self.lab.address, "data:", "blob:")):
            self.foreign.append(address)

    def run_all(self) -> None:
        done = self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        assert done, "a cell failed"

    def theme(self, name: str) -> None:
        light = str("Light" in name).lower()
        self.page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        self.page.wait_for_function("(light) => document.body.dataset.jpThemeLight === light", arg=light)
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def violations(self, selector: str) -> list[str]:
        return violations(self.page, selector)


@contextmanager
def running(folder: Path) -> Iterator[Lab]:
    """A server, stopped at the end."""
    own = folder / "own"
    notebooks = folder / "notebooks"
    notebooks.mkdir(parents=True)
    extension = own / "data" / "labextensions" / "@jina-notebook" / "labextension"
    shutil.copytree(ROOT / "jina_notebook" / "labextension", extension)
    settings = own / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet), "utf-8")
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    environment = os.environ | {name: str(own / part) for name, part in names.items()}
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    port = _free_port()
    command = [
        sys.executable,
        *("-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={notebooks}",
        "--ServerApp.terminals_enabled=False",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(server, f"http://127.0.0.1:{port}/api?token={TOKEN}", folder / "log")
            yield Lab(notebooks, f"http://127.0.0.1:{port}")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(log.read_text("utf-8"))
