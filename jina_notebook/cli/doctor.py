"""`jina-notebook doctor`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import typer

from jina_notebook.cli.options import AsJson
from jina_notebook.cli.output import show, tell

__all__ = ["app"]

BROKEN = 1
SPARED: dict[str, tuple[str, set[str]]] = {
    "model hub": ("offline stand-in", {"works"}),
    "offline stand-in": ("model hub", {"works", "limited"}),
    "Java": ("Elasticsearch", {"works"}),
}
"""What is not needed while another check stands so: a server that answers needs no Java of ours."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what works on this machine, and what to do about what does not; exit with 1 where something needed is broken.

    Needed are the device, the disk, an Elasticsearch that runs or can be started, and weights from somewhere.
    """
    from jina_notebook.doctor import examine

    found = examine()
    rows: list[dict[str, Any]] = [dict(row) for row in found]
    broken = _broken(rows)
    checks = [{name.replace(" ", "_"): value for name, value in row.items()} for row in rows]
    show(found, {"broken": broken, "checks": checks}, as_json=as_json)
    if broken:
        tell(f"Broken: {', '.join(broken)}.")
        raise typer.Exit(BROKEN)


def _broken(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    states = {row["check"]: row["state"] for row in rows}
    return [name for name, state in states.items() if state == "missing" and not _spared(name, states)]


def _spared(name: str, states: Mapping[str, Any]) -> bool:
    other, enough = SPARED.get(name, ("", set()))
    return states.get(other) in enough
