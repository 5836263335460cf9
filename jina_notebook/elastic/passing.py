"""A connection taken along to another process: its addresses and its login, which no display shows."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from jina_notebook.elastic.access import Login, Place
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.handshake import greet

__all__ = ["Passage"]


@dataclass(frozen=True, slots=True)
class Passage:
    """What another process needs to connect to the same server. The secrets are in no display."""

    url: str
    nodes: tuple[Any, ...] = field(repr=False)
    authorization: str | None = field(repr=False)

    @classmethod
    def of(cls, connection: Connection) -> Passage:
        """Reads what the client itself holds."""
        client = connection.client
        nodes = tuple(node.config for node in client.transport.node_pool.all())
        return cls(connection.url, nodes, client._headers.get("authorization"))

    def connect(self) -> Connection:
        """The same server again, from the process that calls this; the connection is not remembered by name.

        Raises `ConnectError`: from another machine, an address such as 127.0.0.1 is not the same server.
        """
        place = Place(self.url, {"hosts": list(self.nodes)})
        client, capabilities = greet(place, _login(self.authorization))
        return Connection(client, capabilities, name=f"passed from {self.url}", url=self.url)


def _login(authorization: str | None) -> Login:
    kind, _, secret = (authorization or "").partition(" ")
    if kind.lower() == "apikey":
        return Login("api_key", {"api_key": secret}, authorization)
    if kind.lower() == "basic":
        user, _, password = base64.b64decode(secret).decode().partition(":")
        return Login("basic_auth", {"basic_auth": (user, password)}, authorization)
    return Login("none")
