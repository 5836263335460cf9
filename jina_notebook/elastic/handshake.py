"""The first requests to a server: is it an Elasticsearch, may we in, does the installed client understand it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.access import Login, Place
from jina_notebook.elastic.capabilities import Capabilities, parse_version
from jina_notebook.elastic.failures import explained, reason_of
from jina_notebook.errors import ConnectError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["OLDEST", "greet"]

OLDEST = (8, 14)
PATIENCE_S = 15.0
REQUEST_TIMEOUT_S = 60.0
LOGIN_HINTS = {
    "none": "Give jn.connect an api_key or basic_auth=(user, password).",
    "api_key": "Check the API key, and that it is still valid.",
    "basic_auth": "Check the user and the password.",
}


def greet(place: Place, login: Login) -> tuple[Elasticsearch, Capabilities]:
    """A client for that server, and what the server said about itself.

    Raises `ConnectError` with the cause and the next step.
    """
    client = _client(place, login)
    try:
        status, body, product = _first_answer(client, place, login)
        if status == 401:
            raise ConnectError(f"{place.shown} refused the login: {reason_of(body)}.", hint=LOGIN_HINTS[login.kind])
        version, serverless = None, False
        if status != 403:  # a key without the privilege `monitor` may still search
            version, serverless = _identity(place, status, body, product)
        if serverless and _knows_serverless():
            client.close()
            client = _client(place, login, server_mode="serverless")
    except ConnectError:
        client.close()
        raise
    return client, _capabilities(client, version, serverless=serverless)


def _client(place: Place, login: Login, **more: Any) -> Elasticsearch:
    from elasticsearch import Elasticsearch
    from elasticsearch.serializer import OrjsonSerializer

    try:
        return Elasticsearch(
            **place.client_options,
            **login.client_options,
            serializer=OrjsonSerializer(),
            request_timeout=REQUEST_TIMEOUT_S,
            **more,
        )
    except ValueError:
        # the text may repeat the cloud id or the key
        raise ConnectError("The address or the cloud id of the server cannot be read.", hint="Copy it again.") from None


def _knows_serverless() -> bool:
    """Whether the installed client has a mode of its own for it; older ones talk to it as to any other server."""
    from elasticsearch import Elasticsearch

    return "server_mode" in inspect.signature(Elasticsearch.__init__).parameters


def _first_answer(client: Elasticsearch, place: Place, login: Login) -> tuple[int, Any, str]:
    """`GET /` as a plain request: a server of another major version refuses the client's usual headers."""
    from elastic_transport import ConnectionError as NoConnection
    from elastic_transport import ConnectionTimeout, SerializationError, TlsError, TransportError

    headers = {"accept": "application/json"}
    if login.header:
        headers["authorization"] = login.header
    try:
        meta, body = client.transport.perform_request(
            "GET", "/", headers=headers, max_retries=0, request_timeout=PATIENCE_S
        )
    except TlsError as error:
        raise _no_tls(place, str(error.message)) from None
    except ConnectionTimeout:
        raise ConnectError(
            f"{place.shown} did not answer within {PATIENCE_S:.0f} s.", hint="Check the address and the network."
        ) from None
    except NoConnection as error:
        raise ConnectError(
            f"No server answers at {place.shown}: {_plain(str(error.message))}.",
            hint="Check the address, or start a local server with: jina-notebook elasticsearch start",
        ) from None
    except (SerializationError, TransportError):
        raise _not_elasticsearch(place, "its answer is not JSON") from None
    return meta.status, body, str(meta.headers.get("x-elastic-product") or "")


def _plain(cause: str) -> str:
    for text, meaning in (
        ("Connection refused", "connection refused"),
        ("Name or service not known", "the name of the host is not known"),
        ("nodename nor servname", "the name of the host is not known"),
        ("Temporary failure in name resolution", "the name of the host cannot be looked up"),
        ("No route to host", "no route to the host"),
    ):
        if text in cause:
            return meaning
    return cause.rstrip(".")


def _no_tls(place: Place, cause: str) -> ConnectError:
    hint = "Check ca_certs."
    if "CERTIFICATE_VERIFY_FAILED" in cause:
        hint = "Give jn.connect ca_certs=, the path of the certificate authority that signed the server's certificate."
    elif "WRONG_VERSION_NUMBER" in cause or "wrong version number" in cause.lower():
        hint = "The server seems to speak plain HTTP: use http:// in the address."
    return ConnectError(f"No secure connection to {place.shown}: {cause.rstrip('.')}.", hint=hint)


def _not_elasticsearch(place: Place, why: str) -> ConnectError:
    return ConnectError(f"{place.shown} is not an Elasticsearch: {why}.", hint="Check the address and the port.")


def _identity(place: Place, status: int, body: Any, product: str) -> tuple[str, bool]:
    """(version, serverless) from `GET /`."""
    if status >= 500:
        raise ConnectError(
            f"{place.shown} answers with status {status}: {reason_of(body)}.",
            hint="Wait until it is up, then try again.",
        )
    version = body.get("version") if isinstance(body, Mapping) else None
    if status != 200 or not isinstance(version, Mapping) or "number" not in version:
        raise _not_elasticsearch(place, f"GET / answers with status {status} and names no version")
    number = str(version["number"])
    distribution = version.get("distribution")
    if distribution or product != "Elasticsearch":
        raise _not_elasticsearch(place, f"it says {distribution or 'no product name'}, version {number}")
    serverless = version.get("build_flavor") == "serverless"
    if not serverless:
        _require_pair(place, number)
    return number, serverless


def _require_pair(place: Place, number: str) -> None:
    import elasticsearch

    ours = elasticsearch.__version__
    installed = ".".join(map(str, ours))
    release = parse_version(number)
    if release < OLDEST:
        raise ConnectError(
            f"{place.shown} runs Elasticsearch {number}; {OLDEST[0]}.{OLDEST[1]} or newer is needed.",
            hint="Upgrade the server, or start a local one with: jina-notebook elasticsearch start",
        )
    if release[0] < ours[0]:
        raise ConnectError(
            f"{place.shown} runs Elasticsearch {number}; the installed client {installed} cannot talk to it.",
            hint=f'Run pip install "elasticsearch>={release[0]},<{release[0] + 1}" and restart the kernel.',
        )


def _capabilities(client: Elasticsearch, version: str | None, *, serverless: bool) -> Capabilities:
    def ask(method: str, target: str, body: Any) -> tuple[int, Any]:
        from elasticsearch import ApiError

        headers = {"accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        with explained("ask the server what it can do"):
            try:
                answer = client.options(max_retries=1).perform_request(method, target, headers=headers, body=body)
            except ApiError as error:
                return error.meta.status, error.body
        return answer.meta.status, answer.body

    licence = None
    if not serverless:
        status, body = ask("GET", "/_license", None)
        if status == 200 and isinstance(body, Mapping):
            licence = str((body.get("license") or {}).get("type") or "") or None
    return Capabilities(ask, version=version, licence=licence, serverless=serverless)
