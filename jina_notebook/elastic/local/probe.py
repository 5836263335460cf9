"""The few HTTP requests that starting and stopping need; loopback only, so no proxy is asked."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

__all__ = ["request"]


def request(url: str, path: str = "/", *, method: str = "GET", timeout_s: float = 5.0) -> tuple[int, dict[str, Any]]:
    """Status and JSON body; `(0, {})` where nothing answers or the answer is not HTTP."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=timeout_s)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()
    try:
        answer = json.loads(body)
    except ValueError:
        return response.status, {}
    return response.status, answer if isinstance(answer, dict) else {}
