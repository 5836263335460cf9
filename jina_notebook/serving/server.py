"""`jn.serve`: a server in a thread of its own, so that it also runs beside a notebook's event loop."""

from __future__ import annotations

import atexit
import secrets
import socket
import threading
import time
from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from jina_notebook import endpoints
from jina_notebook.endpoints import Endpoint
from jina_notebook.errors import InputError, JinaNotebookError, MissingExtraError, OptionError

if TYPE_CHECKING:
    import uvicorn

    from jina_notebook.serving.limits import Limits
    from jina_notebook.serving.served import Models

__all__ = ["Server", "serve", "start", "stop_all"]

ABILITIES = ("embed", "rerank", "read", "ask")
PATIENCE_S = 30.0
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - asked for by the caller


_servers: list[Server] = []


class Server:
    """A running server. `url` is where it answers, `token` what callers send as bearer token, `models` their names.

    A context manager: leaving it stops the server. It holds its models, also when they are unloaded elsewhere.
    """

    def __init__(self, inner: uvicorn.Server, models: Models, listener: socket.socket, *, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self.models = models.names
        self._models = models
        self._inner = inner
        self._lock = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(
            target=inner.run, kwargs={"sockets": [listener]}, name="jina-serving", daemon=True
        )
        self._endpoint = Endpoint(url, token, self.models)

    @property
    def running(self) -> bool:
        """Whether it answers requests."""
        return not self._stopped and self._thread.is_alive()

    def stop(self) -> None:
        """Stops it: waiting requests get 503, what is being computed is still answered, for up to ten seconds.

        Stopping twice does nothing.
        """
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
        atexit.unregister(self.stop)
        endpoints.withdraw(self._endpoint)
        if self in _servers:
            _servers.remove(self)
        self._inner.should_exit = True
        limit = float(self._inner.config.timeout_graceful_shutdown or 0)
        self._models.close(timeout_s=limit)
        self._thread.join(limit + 5)

    def wait(self) -> None:
        """Waits until somebody else stops it."""
        self._thread.join()

    def _begin(self) -> None:
        self._thread.start()
        latest = time.monotonic() + PATIENCE_S
        while not self._inner.started:
            if not self._thread.is_alive() or time.monotonic() > latest:
                self.stop()
                raise JinaNotebookError(f"The server at {self.url} did not start.", hint="Its log says why.")
            time.sleep(0.01)
        endpoints.announce(self._endpoint)
        _servers.append(self)
        atexit.register(self.stop)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "" if self.running else ", stopped"
        return f"<Server of {', '.join(self.models)} at {self.url}{state}>"


def serve(models: Any | Sequence[Any], *, host: str = "127.0.0.1", port: int = 0, token: str | None = None) -> Server:
    """Serves models over HTTP, in the formats of Jina, OpenAI and Cohere, until `.stop()` or the end of the process.

    `models`: a catalogue name, a loaded model, or several; names are loaded first, never on request. `host`: only this
    machine unless told otherwise. `port=0` takes a free one. `token`: what callers must send; random unless given.

    Paths: `/v1/embeddings`, `/v1/rerank`, `/v2/rerank`, `/v2/embed`, `/v1/chat/completions`, `/v1/models`, `/health`
    (without token), `/metrics`, `/openapi.json`. A model's name may carry its task:
    `jina-embeddings-v3@retrieval.query`.

    Raises `InputError` (no models, something that is none), `OptionError` (two of one name, port, host, token), what
    `jn.load` raises, `MissingExtraError`.

    >>> with jn.serve("jina-embeddings-v3") as server:
    ...     es.register_inference("jina-embeddings-v3")
    """
    return start(models, host=host, port=port, token=token)


def start(
    models: Any | Sequence[Any],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    limits: Limits | None = None,
) -> Server:
    """`serve` with limits of one's own."""
    try:
        import uvicorn

        from jina_notebook.serving.app import build
        from jina_notebook.serving.limits import Limits
        from jina_notebook.serving.metrics import Metrics
        from jina_notebook.serving.served import Models
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"Serving needs {error.name}, which is not installed.", hint='Run: pip install "jina-notebook[serve]"'
        ) from error
    token = _checked_token(token)
    loaded = _loaded(models)
    listener = _listen(host, port)
    limits = limits or Limits()
    metrics = Metrics()
    served = Models(loaded, limits, observe={model.name: metrics.step(model.name) for model in loaded})
    for one in served:
        metrics.watch(one.name, partial(getattr, one.worker, "waiting"))
    config = uvicorn.Config(
        build(served, token=token, limits=limits, metrics=metrics),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(limits.stop_s),
    )
    shown = EVERY_ADDRESS.get(host, host)
    address = f"[{shown}]" if ":" in shown else shown
    url = f"http://{address}:{listener.getsockname()[1]}"
    server = Server(uvicorn.Server(config), served, listener, url=url, token=token)
    server._begin()
    return server


def stop_all() -> list[Server]:
    """Stops every server of this process; gives those stopped."""
    stopped = list(_servers)
    for server in stopped:
        server.stop()
    return stopped


def _checked_token(token: str | None) -> str:
    if token is None:
        return secrets.token_urlsafe(24)
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable() or " " in token:
        raise OptionError(
            "The token is not a text of printable ASCII characters without spaces.",
            hint="Leave it out for a random one.",
        )
    return token


def _loaded(models: Any) -> list[Any]:
    """The models themselves. Raises `InputError`, `OptionError` for two of one name, and what loading raises."""
    given = list(models) if isinstance(models, list | tuple) else [models]
    if not given:
        raise InputError("There are no models to serve.", hint='Give a name, such as jn.serve("jina-embeddings-v3").')
    for one in given:
        if not isinstance(one, str) and not any(hasattr(one, ability) for ability in ABILITIES):
            raise InputError(f"{one!r} is no model to serve.", hint="Give catalogue names or loaded models.")
    from jina_notebook.loading import load

    loaded = [load(one) if isinstance(one, str) else one for one in given]
    names = [model.name for model in loaded]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise OptionError(
            f"{twice} is given twice, and requests name a model by its name.", hint="Serve the other one separately."
        )
    return loaded


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises `OptionError` where that address cannot be had."""
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise OptionError(f"port={port!r} is not a number from 0 to 65535.", hint="0 takes a free one.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        ours = next((one for one in endpoints.running() if one.url.endswith(f":{port}")), None)
        hint = f"This process serves {', '.join(ours.models)} there: stop that server first." if ours else None
        reason = (error.strerror or str(error)).lower()
        raise OptionError(
            f"Port {port} of {host!r} cannot be used: {reason}.", hint=hint or "port=0 takes a free one."
        ) from error
