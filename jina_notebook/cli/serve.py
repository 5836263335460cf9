"""`jina-notebook serve NAME...`."""

from __future__ import annotations

import json
import logging
import signal
import sys
from types import FrameType
from typing import Annotated, Any

import typer

from jina_notebook.catalog import CATALOGUE

__all__ = ["app"]

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


def _names(incomplete: str) -> list[str]:
    return [name for name in CATALOGUE.names if name.startswith(incomplete)]


@app.command()
def serve(
    models: Annotated[
        list[str], typer.Argument(metavar="NAME[=PATH]...", help="Catalogue names.", autocompletion=_names)
    ],
    host: Annotated[str, typer.Option(help="Address to listen on; only this machine unless given.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    token: Annotated[
        str | None,
        typer.Option(envvar="JINA_NOTEBOOK_SERVE_TOKEN", help="What callers must send. [default: a random one]"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Serve models over HTTP, in the formats of Jina, OpenAI and Cohere, until interrupted.

    NAME=PATH takes the checkpoint in that folder. Address and token are printed once requests are answered; one line of
    JSON per request goes to stderr, without the texts.
    """
    from jina_notebook.serving.server import serve as start

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    logging.getLogger("jina_notebook.serving").setLevel(logging.INFO)
    server = start([_load(one, device, dtype) for one in models], host=host, port=port, token=token)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    try:
        record = {"url": server.url, "token": server.token, "models": list(server.models)}
        typer.echo(json.dumps(record) if as_json else f"{server!r}\ntoken: {server.token}")
        sys.stdout.flush()
        server.wait()
    except _Ended:
        typer.echo("Stopping.", err=True)
    finally:
        server.stop()


class _Ended(Exception):
    """A signal asked the server to stop."""


def _end(_: int, __: FrameType | None) -> None:
    raise _Ended


def _load(asked: str, device: str, dtype: str) -> Any:
    from jina_notebook.loading import load

    name, _, path = asked.partition("=")
    return load(name, path=path or None, device=device, dtype=dtype)
