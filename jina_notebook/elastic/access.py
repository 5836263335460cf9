"""Where a server is and how to log in: addresses without secrets, and secrets without a display."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from jina_notebook.errors import ConnectError, InputError

__all__ = ["Login", "Place", "place_of"]

DEFAULT_PORTS = {"http": 9200, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """The address of a server. `shown` is safe to print; `user_info` came with the address and never is."""

    shown: str
    client_options: dict[str, Any] = field(repr=False)
    user_info: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in; `kind` is `"api_key"`, `"basic_auth"` or `"none"`. The secrets are in no display."""

    kind: str
    client_options: dict[str, Any] = field(default_factory=dict, repr=False)
    header: str | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        place: Place,
        *,
        api_key: str | tuple[str, str] | None,
        basic_auth: str | tuple[str, str] | None,
    ) -> Login:
        """Raises `InputError` for two ways at once and for values of the wrong shape."""
        if basic_auth is None:
            basic_auth = place.user_info
        elif place.user_info is not None:
            raise InputError("The url holds a user and basic_auth was given too.", hint="Give one of the two.")
        if api_key is not None and basic_auth is not None:
            raise InputError("Both an API key and a user were given.", hint="Give api_key or basic_auth, not both.")
        if api_key is not None:
            encoded = api_key if isinstance(api_key, str) else _encoded(_pair(api_key, "api_key"))
            encoded = encoded.strip()
            if not encoded.isascii() or not encoded.isprintable() or not encoded:
                raise InputError("The API key is empty or holds characters that no key has.", hint="Copy it again.")
            return cls("api_key", {"api_key": encoded}, f"ApiKey {encoded}")
        if basic_auth is not None:
            pair = tuple(basic_auth.split(":", 1)) if isinstance(basic_auth, str) else basic_auth
            user = _pair(pair, "basic_auth")
            return cls("basic_auth", {"basic_auth": user}, f"Basic {_encoded(user)}")
        return cls("none")


def _pair(value: Any, name: str) -> tuple[str, str]:
    if isinstance(value, tuple | list) and len(value) == 2 and all(isinstance(part, str) for part in value):
        return value[0], value[1]
    shape = "(id, key) or the encoded key" if name == "api_key" else "(user, password)"
    raise InputError(f"{name} is {shape}; something of another shape was given.")


def _encoded(pair: tuple[str, str]) -> str:
    return base64.b64encode(":".join(pair).encode()).decode("ascii")


def place_of(url: str | None, *, cloud_id: str | None = None, ca_certs: str | os.PathLike[str] | None = None) -> Place:
    """Reads an address; a user and password in it are taken out of what is shown.

    Raises `ConnectError` for something that is no address and for a certificate file that is not there.
    """
    options: dict[str, Any] = {}
    if ca_certs is not None:
        if not Path(ca_certs).exists():
            raise ConnectError(
                f"There is no certificate file {str(ca_certs)!r}.", hint="Give ca_certs the path of the CA."
            )
        options["ca_certs"] = os.fspath(ca_certs)
    if url is not None and cloud_id is not None:
        raise InputError("Both a url and a cloud id were given.", hint="Give one of the two.")
    if cloud_id is not None:
        label = cloud_id.partition(":")[0]
        return Place(f"Elastic Cloud {label}".strip(), {"cloud_id": cloud_id, **options})
    parts, port = _split(url or "")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    shown = f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return Place(shown, {"hosts": shown, **options}, user)


def _split(url: str) -> tuple[SplitResult, int]:
    # the text of a broken address may hold a password, so no part of it is repeated
    wrong = ConnectError(
        "The url is not the address of a server.",
        hint="Write it like http://127.0.0.1:9200 or https://search.example:9243.",
    )
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise wrong
    return parts, port if port is not None else DEFAULT_PORTS[parts.scheme]
