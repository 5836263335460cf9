"""HTTP servers that misbehave on purpose: one that answers what it is told, one that stands before a real server."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CERTIFICATES = Path(__file__).parent / "certificates"  # made for these tests, trusted nowhere else
CUT_BEFORE = "cut before"  # the connection ends before the request is passed on
CUT_AFTER = "cut after"  # it is passed on, and the answer never arrives


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_bulk(self) -> bool:
        return self.target.split("?")[0].endswith("/_bulk")

    @property
    def ids(self) -> list[str]:
        lines = self.body.split(b"\n")
        return [json.loads(line)["index"]["_id"] for line in lines[::2] if line]


Reply = tuple[int, Any]
Rule = Callable[[Request], Reply | str | None]


@dataclass
class Gate:
    """`url` and what was requested so far; `rule` gives a reply, a way to cut, or None to pass the request on."""

    url: str
    rule: Rule
    requests: list[Request] = field(default_factory=list)

    @property
    def bulks(self) -> list[Request]:
        return [r for r in self.requests if r.is_bulk]


def refused_items(request: Request, *, status: int, error: dict[str, Any], ids: set[str] | None = None) -> Reply:
    """The answer of `_bulk` in which these documents (all, without `ids`) are refused and the others confirmed."""
    items = [
        {
            "index": {"_id": i, "status": status, "error": error}
            if ids is None or i in ids
            else {"_id": i, "status": 201}
        }
        for i in request.ids
    ]
    return 200, {"errors": True, "items": items}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: Gate
    target: str | None
    extra: dict[str, str]

    def log_message(self, *args: Any) -> None:
        return

    def handle_any(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        request = Request(self.command, self.path, dict(self.headers.items()), self.rfile.read(size))
        self.seen.requests.append(request)
        reply = self.seen.rule(request)
        if reply == CUT_BEFORE:
            self._cut()
        elif isinstance(reply, tuple):
            self._send(reply[0], _bytes(reply[1]), "application/json")
        elif self.target is not None:
            answer = _forward(self.target, request)
            if reply == CUT_AFTER:
                self._cut()
            else:
                self._send(*answer)

    def _cut(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **self.extra}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any


@contextmanager
def gate(
    rule: Rule, *, target: str | None = None, headers: dict[str, str] | None = None, tls: bool = False
) -> Iterator[Gate]:
    """A server on a free port. Without `target` every request must get a reply from `rule`.

    With `tls` it has the certificate in `CERTIFICATES`, signed by the authority there.
    """
    seen = Gate("", rule)
    extra = {"X-Elastic-Product": "Elasticsearch"} if headers is None else headers
    handler = type("Handler", (_Handler,), {"seen": seen, "target": target, "extra": extra})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "node.crt", CERTIFICATES / "node.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    seen.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _forward(target: str, request: Request) -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=120)
    try:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in {"host", "connection"}}
        connection.request(request.method, request.target, body=request.body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("content-type") or "application/json"
    finally:
        connection.close()
