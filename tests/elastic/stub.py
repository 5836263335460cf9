"""A server that answers from a script: for versions, licences and refusals that no local server has."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from elastic_transport import ApiResponseMeta, BaseNode, HttpHeaders
from elasticsearch import Elasticsearch

from jina_notebook.elastic.capabilities import Capabilities
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.meta import IndexMeta

Reply = tuple[int, Any]

LICENSED = ("rrf", "linear", "rank_vectors", "text_similarity_reranker", "inference")
SINCE = {"rrf": (8, 15), "linear": (8, 18), "rank_vectors": (8, 18)}
ERROR = {"type": "security_exception", "reason": "current license is non-compliant for [x]"}


def refused(feature: str) -> dict[str, Any]:
    """What a server says to a feature that its licence does not include."""
    inner = {**ERROR, "license.expired.feature": feature}
    return {"error": {**inner, "root_cause": [inner]}, "status": 403}


def unknown(retriever: str) -> dict[str, Any]:
    """What a server says to a retriever that it does not have."""
    inner = {"type": "parsing_exception", "reason": f"unknown retriever [{retriever}]"}
    return {"error": {**inner, "root_cause": [inner]}, "status": 400}


def shown(ids: Sequence[str], *, index: str = "shop", highest: float = 9.0) -> dict[str, Any]:
    """A search's answer with these hits, scores falling by one."""
    hits = [
        {"_index": index, "_id": id_, "_score": highest - at, "_source": {"text": f"text of {id_}"}}
        for at, id_ in enumerate(ids)
    ]
    return {"took": 1, "timed_out": False, "_shards": {"total": 1, "failed": 0}, "hits": {"hits": hits}}


class StubServer:
    """Answers `_search` and `_msearch` from `search`, mappings from `mappings`, anything else from `other`.

    Documents that are asked for by id are given by itself, but for those in `gone`. `sent` holds every other search
    body, in order, `fetched` the ids asked for; `requests` every (method, path).
    """

    def __init__(
        self,
        *,
        search: Callable[[dict[str, Any]], dict[str, Any]],
        mappings: Mapping[str, Any] | None = None,
        other: Callable[[str, str], Reply] | None = None,
    ) -> None:
        self._search, self._mappings, self._other = search, dict(mappings or {}), other
        self.sent: list[dict[str, Any]] = []
        self.fetched: list[list[str]] = []
        self.gone: set[str] = set()
        self.paths: list[str] = []
        self.requests: list[tuple[str, str]] = []

    def answer(self, method: str, target: str, body: bytes | None) -> Reply:
        path = target.partition("?")[0]
        self.requests.append((method, path))
        if self._other is not None and (reply := self._other(method, path)) is not None:
            return reply
        lines = [json.loads(line) for line in (body or b"").splitlines() if line]
        if path.endswith("/_msearch"):
            self.paths += [",".join(header["index"]) for header in lines[::2]]
            parts = zip(lines[::2], lines[1::2], strict=True)
            return 200, {"took": 1, "responses": [self._one(header["index"][0], body) for header, body in parts]}
        if path.endswith("/_search"):
            self.paths.append(path.split("/")[1])
            reply = self._one(path.split("/")[1], lines[0])
            return int(reply.get("status", 200)), reply
        if path.endswith("/_mapping"):
            return 200, self._mappings
        return 404, {"error": f"no handler found for uri [{target}] and method [{method}]"}

    def _one(self, index: str, body: dict[str, Any]) -> dict[str, Any]:
        ids = _asked_by_id(body)
        if ids is not None:
            self.fetched.append(ids)
            return shown([id_ for id_ in ids if id_ not in self.gone], index=index)
        self.sent.append(body)
        return self._search(body)

    def connection(self, version: str = "9.4.0", licence: str = "basic", *, serverless: bool = False) -> Connection:
        """A connection to this server as one of that version and licence; its features are known by the two."""
        node = type("StubNode", (_Node,), {"server": self})
        client = Elasticsearch("http://stub:9200", node_class=node, max_retries=0)
        capabilities = Capabilities(_no_trial, version=version, licence=licence, serverless=serverless)
        for name in LICENSED:
            licensed = serverless or licence in {"enterprise", "trial"}
            if not licensed or not capabilities.since(*SINCE.get(name, (8, 14))):
                capabilities.deny(name, f"licence {licence}" if not licensed else "too old")
        return Connection(client, capabilities, name="stub", url="http://stub:9200")


def _asked_by_id(body: dict[str, Any]) -> list[str] | None:
    """The ids of a request that asks for whole documents of one index."""
    only = body.get("query", {}).get("bool", {})
    which = only["filter"][0] if list(only) == ["filter"] else {}
    return which["ids"]["values"] if "ids" in which and body["_source"] != ["tok"] else None


def _no_trial(method: str, target: str, body: Any) -> tuple[int, Any]:
    return 200, {}


class _Raw(NamedTuple):
    meta: ApiResponseMeta
    body: bytes


class _Node(BaseNode):
    _CLIENT_META_HTTP_CLIENT: ClassVar[tuple[str, str]] = ("st", "1")
    server: ClassVar[StubServer]

    def perform_request(self, method: str, target: str, body: bytes | None = None, *_: Any, **__: Any) -> Any:
        status, reply = self.server.answer(method, target, body)
        headers = HttpHeaders({"content-type": "application/json", "x-elastic-product": "Elasticsearch"})
        meta = ApiResponseMeta(node=self.config, duration=0.0, http_version="1.1", status=status, headers=headers)
        return _Raw(meta, json.dumps(reply).encode())

    def close(self) -> None:
        """Nothing is open."""


def mapping(meta: IndexMeta | None = None, **properties: Any) -> dict[str, Any]:
    """The mapping of one index, as `GET INDEX/_mapping` shows it."""
    shown: dict[str, Any] = {"properties": {"text": {"type": "text"}, "lang": {"type": "keyword"}, **properties}}
    if meta is not None:
        shown["_meta"] = meta.to_mapping()
    return {"mappings": shown}
