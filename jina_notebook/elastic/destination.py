"""The index that documents go to: resolved through aliases, made when the first documents are ready, left in order."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from jina_notebook.elastic.failures import explained, kind_of, translate
from jina_notebook.elastic.mapping import (
    FINGERPRINT_FIELD,
    STATE_KEY,
    is_loading,
    lasting_settings,
    loading_settings,
    mapping_of,
    own_properties,
    restored_settings,
)
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.names import check_index_name
from jina_notebook.errors import ElasticsearchError, IndexFitError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from jina_notebook.elastic.connection import Connection

__all__ = ["Destination"]

SHARDS_S = 30.0
AUTOMATIC = "automatic"


@dataclass(slots=True)
class Destination:
    """One index, there or still to be made.

    `asked` is the caller's name, `index` the index behind it. `mapping`, `aliases` and `documents` are as found;
    `created` says whether this run made the index, `replacing` that the
    one that is there shall go, `loading` that load settings are in force, of this run or of one that was killed.
    `joined`: one of several writers sees the index like this, and leaves its settings to the one that began; `blank`:
    nothing was in it when that one began. `shards`: how many primary ones it has or shall have, None for the server's
    default.
    """

    connection: Connection
    asked: str
    index: str
    exists: bool = False
    mapping: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, Any] = field(default_factory=dict)
    documents: int = 0
    created: bool = False
    replacing: bool = False
    loading: bool = False
    joined: bool = False
    blank: bool = False
    shards: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def client(self) -> Elasticsearch:
        """The plain client."""
        return self.connection.client

    @property
    def meta(self) -> IndexMeta | None:
        """What the index remembers of its model, None where another tool made it."""
        return IndexMeta.from_mapping(self.mapping.get("_meta"))

    @property
    def state(self) -> dict[str, Any]:
        """What we noted beside: `"automatic"` where `index_options` were chosen here."""
        return dict((self.mapping.get("_meta") or {}).get(STATE_KEY) or {})

    @property
    def vacant(self) -> bool:
        """Whether the index is to be made, because none is there or because it shall be replaced."""
        return not self.exists or self.replacing

    @property
    def remembers_hashes(self) -> bool:
        """Whether it can say which documents are there unchanged."""
        return not self.vacant and not self.blank and FINGERPRINT_FIELD in (self.mapping.get("properties") or {})

    @classmethod
    def resolve(cls, connection: Connection, name: str) -> Destination:
        """Looks a name up; of an alias the index that takes writes.

        Raises `IndexFitError` for an illegal name, an alias without an index for writing, and a data stream.
        """
        with explained(f"look up {name!r}"):
            answer = connection.client.options(ignore_status=(400, 404)).indices.get(index=name)
        if answer.meta.status != 200:
            return cls(connection, name, check_index_name(name))
        found: Mapping[str, Any] = answer.body
        index = _write_index(name, found)
        entry = found[index]
        if "data_stream" in entry:
            raise IndexFitError(
                f"{name!r} is a data stream, which only grows: documents with ids cannot be replaced in it.",
                hint="Index into another name; a data stream can be searched.",
            )
        with explained(f"count the documents of {index!r}"):
            documents = int(_patiently(lambda: connection.client.count(index=index))["count"])
        destination = cls(
            connection,
            name,
            index,
            exists=True,
            mapping=dict(entry.get("mappings") or {}),
            aliases=dict(entry.get("aliases") or {}),
            documents=documents,
        )
        settings = (entry.get("settings") or {}).get("index") or {}
        destination.loading = destination.meta is not None and is_loading(settings)
        destination.shards = int(settings.get("number_of_shards") or 0) or None
        return destination

    def replaced(self) -> Destination:
        """The same name as if nothing were there; the index that is there goes when the new one is made."""
        return replace(self, replacing=True, loading=False, mapping={}, documents=0, shards=None, notes=[])

    def create(
        self,
        meta: IndexMeta,
        *,
        index_options: Mapping[str, Any] | None,
        automatic: bool,
        metadata: Mapping[str, Any],
        analyzer: str,
    ) -> None:
        """Makes the index, in place of the one that is there. Another writer that was faster is joined."""
        from elasticsearch import ApiError

        loading = not self.connection.capabilities.serverless and self._may_manage()
        state = {AUTOMATIC: automatic}
        mapping = mapping_of(meta, index_options=index_options, metadata=metadata, analyzer=analyzer, state=state)
        if self.exists:
            with explained(f"delete {self.index!r}"):
                self.client.options(ignore_status=404).indices.delete(index=self.index)
        body: dict[str, Any] = {"mappings": mapping, "settings": self._settings(loading=loading)}
        try:
            self.client.indices.create(index=self.index, aliases=self.aliases or None, **body)
        except ApiError as error:
            if kind_of(error) != "resource_already_exists_exception":
                raise translate(error, f"make the index {self.index!r}") from error
        else:
            self.created = True
        self.exists, self.replacing, self.loading = True, False, loading
        self.mapping = mapping

    def _may_manage(self) -> bool:
        """Whether the login may change settings later; if not, the index must not be left with those of loading."""
        asked = [{"names": [self.index], "privileges": ["manage"]}]
        with explained(f"ask what this login may do with {self.index!r}"):
            answer = self.client.options(ignore_status=(400, 404, 405, 410)).security.has_privileges(index=asked)
        return answer.meta.status != 200 or bool(answer["has_all_requested"])  # without security everyone may

    def _settings(self, *, loading: bool) -> dict[str, Any]:
        if self.connection.capabilities.serverless:
            return {}
        settings = loading_settings() if loading else lasting_settings()
        if self.shards is not None:
            settings["index"]["number_of_shards"] = self.shards
        return settings

    def adopt(self, meta: IndexMeta, *, index_options: Mapping[str, Any] | None) -> None:
        """Completes the mapping of an index that another tool made, and writes down the model."""
        there = self.mapping.get("properties") or {}
        own = own_properties(meta, index_options=index_options)
        properties = {name: spec for name, spec in own.items() if name not in there}
        remembered = {**(self.mapping.get("_meta") or {}), **meta.to_mapping()}
        with explained(f"change the mapping of {self.index!r}"):
            self.client.indices.put_mapping(index=self.index, meta=remembered, properties=properties or None)
        self.mapping = {**self.mapping, "_meta": remembered, "properties": {**there, **properties}}

    def grow(self, index_options: Mapping[str, Any], field: str) -> None:
        """Turns a field that is searched exactly into one with a graph; new segments and merges follow."""
        spec = {**self.mapping["properties"][field], "index_options": dict(index_options)}
        with explained(f"change the index type of {field!r} in {self.index!r}"):
            self.client.indices.put_mapping(index=self.index, properties={field: spec})
        self.mapping["properties"][field] = spec

    def hashes(self, ids: Sequence[str]) -> dict[str, str]:
        """The hashes of those documents that are there."""
        if not ids or not self.remembers_hashes:
            return {}
        with explained(f"look up what {self.index!r} holds"):
            answer = _patiently(
                lambda: self.client.search(
                    index=self.index,
                    query={"ids": {"values": list(ids)}},
                    docvalue_fields=cast("Any", [FINGERPRINT_FIELD]),
                    source=False,
                    size=len(ids),
                    track_total_hits=False,
                    sort="_doc",
                )
            )
        found = {hit["_id"]: hit.get("fields", {}).get(FINGERPRINT_FIELD, [""])[0] for hit in answer["hits"]["hits"]}
        return {str(id): str(value) for id, value in found.items()}  # noqa: A001 - the field's own word

    @contextlib.contextmanager
    def left_in_order(self, stored: Callable[[], int]) -> Iterator[None]:
        """On every way out load settings are taken back and what was written can be found.

        `stored`: how many documents were confirmed; an index of this run that got none goes after a failure.
        """
        try:
            yield
        except BaseException as stop:
            self._tidy_after(stop, stored())
            raise
        with ThreadPoolExecutor(1, "jina-index") as beside:
            restored = beside.submit(self.restore)
            self.refresh()
            restored.result()

    def _tidy_after(self, stop: BaseException, stored: int) -> None:
        """The failure is what the caller hears, not that settings could not be restored after it."""
        try:
            if stored == 0 and isinstance(stop, ElasticsearchError):
                self.discard()
            self.restore()
            self.refresh()
        except ElasticsearchError as error:
            stop.add_note(f"The next run restores the settings of {self.index!r}: {error.message}")

    def refresh(self) -> None:
        """Makes what was written findable at once. A login that may not is noted, nothing is lost."""
        if self.vacant or self.joined:
            return
        from elasticsearch import AuthorizationException

        with explained(f"refresh {self.index!r}"):
            try:
                self.client.options(ignore_status=404).indices.refresh(index=self.index)
            except AuthorizationException:
                self.notes.append("This login may not refresh the index; new documents are found after a moment.")

    def restore(self) -> None:
        """Takes back the load settings where this run, or one that was killed, set them."""
        if self.vacant or self.joined or not self.loading:
            return
        with explained(f"restore the settings of {self.index!r}"):
            self.client.indices.put_settings(index=self.index, settings=restored_settings())
        self.loading = False

    def discard(self) -> None:
        """Deletes the index that this run made, where nothing could be stored in it."""
        if not self.created:
            return
        self.refresh()
        with explained(f"delete {self.index!r}"):
            if self.client.count(index=self.index)["count"] == 0:  # a second writer may have joined
                self.client.indices.delete(index=self.index)
                self.exists = False


def _patiently(ask: Callable[[], Any]) -> Any:
    """Asks until the shards are there: those of an index that another writer has just made are not at once."""
    from elasticsearch import ApiError

    until = time.monotonic() + SHARDS_S
    while True:
        try:
            return ask()
        except ApiError as error:
            if error.meta.status != 503 or time.monotonic() > until:
                raise
            time.sleep(0.2)


def _write_index(name: str, found: Mapping[str, Any]) -> str:
    if len(found) == 1 and not any(_flag(entry, name) is False for entry in found.values()):
        return next(iter(found))
    for index, entry in found.items():
        if _flag(entry, name):
            return index
    raise IndexFitError(
        f"{name!r} is an alias of {', '.join(sorted(found))}, and none of them is its index for writing.",
        hint="Name the index itself, or set is_write_index on one of them.",
    )


def _flag(entry: Mapping[str, Any], alias: str) -> bool | None:
    """`is_write_index` of an alias, None where it is not set."""
    return ((entry.get("aliases") or {}).get(alias) or {}).get("is_write_index")
