"""Connections to Elasticsearch: made once, remembered by name, with what the server can do.

Secrets go to the client and nowhere else: no attribute, display, log or error of ours holds them.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from jina_notebook import settings
from jina_notebook.elastic.access import Login, place_of
from jina_notebook.elastic.capabilities import Capabilities
from jina_notebook.elastic.failures import explained
from jina_notebook.elastic.handshake import greet
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.refusals import existing_names, missing_index
from jina_notebook.errors import ConnectError, IndexFitError, did_you_mean

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from jina_notebook.elastic.inference import InferenceEndpoints

__all__ = ["Connection", "connect", "connections", "current"]

DEFAULT = "default"
URL_VARIABLE = "ELASTICSEARCH_URL"
KEY_VARIABLE = "ELASTICSEARCH_API_KEY"

_known: dict[str, Connection] = {}
_lock = threading.RLock()


class Connection:
    """One server: `client` is the plain `elasticsearch.Elasticsearch`, `capabilities` says what it can do.

    `url` holds no user and no password.
    """

    def __init__(self, client: Elasticsearch, capabilities: Capabilities, *, name: str, url: str) -> None:
        self.client = client
        self.capabilities = capabilities
        self.name = name
        self.url = url

    def meta(self, index: str) -> IndexMeta | None:
        """What `index`, or the index behind that alias, remembers about its model; None where another tool made it.

        Raises `IndexFitError` where there is no such index, and where an alias stands for indices of different models.
        """
        with explained(f"read the mapping of {index!r}"):
            answer = self.client.options(ignore_status=404).indices.get_mapping(index=index)
        if answer.meta.status == 404:
            raise missing_index(index, existing_names(self.client))
        metas = {
            name: IndexMeta.from_mapping((entry.get("mappings") or {}).get("_meta")) for name, entry in answer.items()
        }
        first = next(iter(metas.values()), None)
        for name, meta in metas.items():
            if _space(meta) != _space(first):
                raise IndexFitError(
                    f"{index!r} stands for indices of different models: {next(iter(metas))!r} and {name!r}.",
                    hint="Search them as a list of indices, each with its own model.",
                )
        return first

    def register_inference(self, model: Any, *, name: str | None = None) -> InferenceEndpoints:
        """Makes a model that `jn.serve` runs in this process an inference endpoint of this server, or several.

        Two for vectors, of passages (`.ingest`) and of queries (`.search`), and one for `.rerank`, as far as the model
        can. `name` replaces the model's name in their ids. Endpoints of the same ids are replaced, so this is also how
        a restarted model server is made known.

        Raises `InputError` (not served, or of no use here), `CapabilityError` with the client-side way where server or
        licence refuse, `RequestError` where Elasticsearch cannot reach the model server.

        >>> server = jn.serve("jina-embeddings-v3")
        >>> es.register_inference("jina-embeddings-v3").search
        'jina-embeddings-v3-query'
        """
        from jina_notebook.elastic.inference import register

        return register(self, model, name=name)

    def semantic_index(self, index: str, *, model: Any) -> str:
        """Makes an index whose field `text` is `semantic_text`, embedded by a served model; gives its name.

        `model`: a name or a loaded model, which is registered, or what `register_inference` gave. An index that is
        there and uses the same endpoints is left as it is. Fill it with the client's bulk requests or `_reindex`, and
        search it with `semantic` and `match` queries.

        Raises what `register_inference` does, and `IndexFitError` for an index of that name that is different.
        """
        from jina_notebook.elastic.inference import semantic_index

        return semantic_index(self, index, model=model)

    def close(self) -> None:
        """Ends the connection and forgets its name. A local server goes on running."""
        with _lock:
            if _known.get(self.name) is self:
                del _known[self.name]
        self.client.close()

    def __repr__(self) -> str:
        return f"Connection({self.name!r}, {self.url}, {self.capabilities.title})"


def _space(meta: IndexMeta | None) -> tuple[object, ...] | None:
    return None if meta is None else (meta.model, meta.revision, meta.dimensions, meta.vector_field, meta.token_field)


def connect(
    url: str | None = None,
    *,
    api_key: str | tuple[str, str] | None = None,
    basic_auth: str | tuple[str, str] | None = None,
    cloud_id: str | None = None,
    ca_certs: str | os.PathLike[str] | None = None,
    name: str = DEFAULT,
) -> Connection:
    """Connects and remembers the connection by `name`; everything after uses it without being told.

    Without a url or cloud id: the setting `elasticsearch_url`, else `ELASTICSEARCH_URL` (both with
    `ELASTICSEARCH_API_KEY` where set), else the running local server, else one is started. `api_key` is the encoded key
    or (id, key), `basic_auth` (user, password); user and password may also stand in the url.

    Raises `ConnectError`: unreachable, wrong login, certificate not trusted, not an Elasticsearch, a version that
    the installed client cannot talk to.

    >>> es = jn.connect("https://search.example:9200", api_key=os.environ["KEY"])
    """
    if url is None and cloud_id is None:
        url = settings.current().elasticsearch_url or os.environ.get(URL_VARIABLE)
        if url and api_key is None and basic_auth is None:
            api_key = os.environ.get(KEY_VARIABLE) or None
    place = place_of(url or (None if cloud_id else _local_url()), cloud_id=cloud_id, ca_certs=ca_certs)
    login = Login.of(place, api_key=api_key, basic_auth=basic_auth)
    client, capabilities = greet(place, login)
    connection = Connection(client, capabilities, name=name, url=place.shown)
    with _lock:
        _known[name] = connection
    return connection


def _local_url() -> str:
    from jina_notebook.elastic.local import server

    running = server.status()
    return str((running if running is not None and running.answers else server.start()).url)


def connections() -> tuple[Connection, ...]:
    """Every connection that is remembered, in the order they were made."""
    with _lock:
        return tuple(_known.values())


def current(connection: Connection | str | None = None) -> Connection:
    """The connection meant: itself, the one of that name, or the default one, which is made where there is none.

    Raises `ConnectError` for a name that was not connected.
    """
    if isinstance(connection, Connection):
        return connection
    with _lock:
        known = _known.get(connection or DEFAULT)
        if known is not None:
            return known
        if connection in (None, DEFAULT):
            return connect()
        names: list[Any] = list(_known)
    raise ConnectError(
        f"There is no connection named {connection!r}.",
        hint=did_you_mean(str(connection), names) or f"Make it with jn.connect(url, name={connection!r}).",
    )
