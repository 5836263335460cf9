"""A hub on loopback for tests: serves miniature repositories in the hub's own API form and remembers every request."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

API = "/api/models/"


@dataclass
class Repository:
    """Files by path at one commit; `branches` are names for it."""

    files: dict[str, bytes]
    commit: str
    branches: tuple[str, ...] = ("main",)
    gated: bool = False
    cuts: dict[str, int] = field(default_factory=dict)
    """How many more times the body of a file ends half-way."""
    breaks: dict[str, int] = field(default_factory=dict)
    """Status with which every request for a file's body is refused."""

    def knows(self, revision: str) -> bool:
        return revision == self.commit or revision in self.branches


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    range: str | None


class LoopbackHub(ThreadingHTTPServer):
    """`hub.url` is for `HF_ENDPOINT`; `hub.repositories["owner/name"]` is what it serves; `hub.requests` what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories: dict[str, Repository] = {}
        self.requests: list[Request] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def bodies(self) -> list[str]:
        """Names of the files whose bodies were asked for, in order."""
        return [
            r.path.split("/resolve/")[1].split("/", 1)[1]
            for r in self.requests
            if r.method == "GET" and "/resolve/" in r.path
        ]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LoopbackHub

    def log_message(self, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(Request(self.command, path, self.headers.get("Range")))
        if path.startswith(API):
            self._api(*path.removeprefix(API).split("/"))
        elif "/resolve/" in path:
            name, rest = path.lstrip("/").split("/resolve/")
            revision, file = rest.split("/", 1)
            self._file(name, revision, file)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "RepoNotFound")

    def _api(self, owner: str, name: str, what: str = "revision", revision: str = "main", *_: str) -> None:
        repository = self.server.repositories.get(f"{owner}/{name}")
        if repository is None:
            self._refuse(HTTPStatus.UNAUTHORIZED, "RepoNotFound")
        elif not repository.knows(revision):
            self._refuse(HTTPStatus.NOT_FOUND, "RevisionNotFound")
        elif what == "tree":
            self._send_json(
                [
                    {"type": "file", "path": path, "size": len(body), "oid": _etag(body)}
                    for path, body in sorted(repository.files.items())
                ]
            )
        else:
            siblings = [
                {"rfilename": path, "size": len(body), "blobId": _etag(body)}
                for path, body in sorted(repository.files.items())
            ]
            self._send_json({"id": f"{owner}/{name}", "sha": repository.commit, "siblings": siblings, "tags": []})

    def _file(self, name: str, revision: str, file: str) -> None:
        repository = self.server.repositories.get(name)
        if repository is None:
            return self._refuse(HTTPStatus.UNAUTHORIZED, "RepoNotFound")
        if not repository.knows(revision):
            return self._refuse(HTTPStatus.NOT_FOUND, "RevisionNotFound")
        if repository.gated:
            return self._refuse(HTTPStatus.FORBIDDEN, "GatedRepo")
        if file not in repository.files:
            return self._refuse(HTTPStatus.NOT_FOUND, "EntryNotFound")
        if self.command == "GET" and file in repository.breaks:
            return self._refuse(HTTPStatus(repository.breaks[file]), "")
        return self._send_file(repository, file)

    def _send_file(self, repository: Repository, file: str) -> None:
        body = repository.files[file]
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        part = body[start:]
        self.send_response(HTTPStatus.PARTIAL_CONTENT if start else HTTPStatus.OK)
        self.send_header("Content-Length", str(len(part)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("ETag", f'"{_etag(body)}"')
        self.send_header("X-Repo-Commit", repository.commit)
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        if self.command == "HEAD":
            return
        if repository.cuts.get(file):
            repository.cuts[file] -= 1
            self.wfile.write(part[: len(part) // 2])
            self.close_connection = True
            return
        self.wfile.write(part)

    def _send_json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _refuse(self, status: HTTPStatus, code: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
            self.send_header("X-Error-Message", f"{code} says the loopback hub")
        self.send_header("Content-Length", "0")
        self.end_headers()


def _etag(body: bytes) -> str:
    return hashlib.sha1(body).hexdigest()  # noqa: S324 - the hub's own git object ids


@contextmanager
def loopback_hub() -> Iterator[LoopbackHub]:
    """A running hub, stopped at the end."""
    hub = LoopbackHub()
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
