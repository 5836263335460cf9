"""What stands before every request: the token, the size, a time for sending it, a line in the log, a count."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from jina_notebook.serving.faults import Fault
from jina_notebook.serving.limits import Limits
from jina_notebook.serving.metrics import Metrics

__all__ = ["OPEN", "Guard", "log_failure"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

OPEN = frozenset({"/health"})
PATHS = frozenset(
    {
        "/health",
        "/metrics",
        "/openapi.json",
        "/v1/models",
        "/v1/embeddings",
        "/v1/rerank",
        "/v2/rerank",
        "/v2/embed",
        "/v1/chat/completions",
    }
)
DRAINED = 8  # times the size limit of a request that is read and dropped, so that its sender gets to see the answer

log = logging.getLogger("jina_notebook.serving")


class Guard:
    """ASGI middleware. It reads bodies whole, bounded, before the application sees them."""

    def __init__(self, app: App, *, token: str, limits: Limits, metrics: Metrics) -> None:
        self._app = app
        self._token = token.encode("utf-8")
        self._limits = limits
        self._metrics = metrics

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        facts: dict[str, Any] = {}
        scope.setdefault("state", {})["facts"] = facts
        began, status = time.perf_counter(), 499  # 499: the client left before there was an answer

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._answer(scope, receive, counted, facts)
        except Fault as fault:
            facts["code"] = fault.code
            await send_fault(counted, fault)
        except Exception as error:  # the application has answered 500 already, or nobody listens
            log_failure(error)
        finally:
            seconds = time.perf_counter() - began
            path = scope["path"] if scope["path"] in PATHS else "other"
            self._metrics.request(path, status, seconds)
            line = {"event": "request", "method": scope["method"], "path": path, "status": status, **facts}
            log.info(json.dumps({**line, "seconds": round(seconds, 4)}))

    async def _answer(self, scope: Any, receive: Receive, send: Send, facts: dict[str, Any]) -> None:
        headers = dict(scope["headers"])
        allowed = scope["path"] in OPEN or self._known(headers.get(b"authorization", b""))
        body = await self._body(receive, keep=allowed)
        if not allowed:
            raise Fault(401, "The bearer token is missing or not this server's.", code="invalid_api_key")
        if body is None:
            limit = f"{self._limits.body:,}"
            raise Fault(413, f"A request may have {limit} bytes; send less at once.", code="request_too_large")
        facts["bytes"] = len(body)
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    def _known(self, header: bytes) -> bool:
        kind, _, token = header.partition(b" ")
        return kind.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)

    async def _body(self, receive: Receive, *, keep: bool) -> bytes | None:
        """The whole body; None where it is too large. A stranger's is read and dropped."""
        try:
            async with asyncio.timeout(self._limits.body_s):
                return await self._read(receive, keep=keep)
        except TimeoutError:
            message = f"The request was not complete after {self._limits.body_s:.0f} s."
            raise Fault(408, message, code="request_too_slow") from None

    async def _read(self, receive: Receive, *, keep: bool) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Fault(400, "The request was broken off.", code="incomplete")
            part = message.get("body", b"")
            size += len(part)
            if keep and size <= self._limits.body:
                parts.append(part)
            if not message.get("more_body", False) or size > self._limits.body * DRAINED:
                return b"".join(parts) if size <= self._limits.body else None


async def send_fault(send: Send, fault: Fault) -> None:
    """The fault as a response."""
    body = json.dumps(fault.body()).encode("utf-8")
    headers = {"content-type": "application/json", "content-length": str(len(body)), **fault.headers()}
    pairs = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def log_failure(error: BaseException) -> None:
    """Kind and places of an error, without its text: that may repeat a document."""
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error(json.dumps({"event": "failure", "kind": type(error).__name__, "at": places[-8:]}))
