"""What a server may be asked for, found by trying each feature once; never inferred from a version or a licence.

A trial writes nothing: searches run over a pattern that matches no index, mappings and values go through the server's
own simulation of an ingest.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jina_notebook.elastic.failures import absent, kind_of, licence_refusal, reason_of
from jina_notebook.errors import CapabilityError, ElasticsearchError, OptionError, did_you_mean
from jina_notebook.render.blocks import Column, Page, Table
from jina_notebook.render.display import Displayed

__all__ = ["FEATURES", "Ask", "Capabilities", "Feature", "parse_version"]

Ask = Callable[[str, str, Any], tuple[int, Any]]
"""Sends (method, target, body) and gives (status, decoded body); raises only where no answer comes."""

SEARCH = "/jina-notebook-trial-*/_search?ignore_unavailable=true&allow_no_indices=true"
RANK_EVAL = "/jina-notebook-trial-*/_rank_eval?ignore_unavailable=true&allow_no_indices=true"
SIMULATE = "/_ingest/_simulate"
ANY: dict[str, Any] = {"standard": {"query": {"match_all": {}}}}
BASE64_OF_1_1 = "P4AAAD+AAAA="  # [1.0, 1.0] as big-endian float32


@dataclass(frozen=True, slots=True)
class Feature:
    """Whether a feature may be used, and why or why not. `tried` is False where the server would not say."""

    name: str
    allowed: bool
    reason: str
    tried: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One request that shows whether a feature is there; `since` and `licensed` are the guess where it is refused."""

    what: str
    method: str
    target: str
    body: Mapping[str, Any]
    since: tuple[int, int]
    licensed: bool = False


def _search(what: str, retriever: Mapping[str, Any], since: tuple[int, int], *, licensed: bool) -> Trial:
    body = {"size": 0, "retriever": retriever}
    return Trial(what=what, method="POST", target=SEARCH, body=body, since=since, licensed=licensed)


def _write(what: str, field: Mapping[str, Any], value: Any, since: tuple[int, int], *, licensed: bool = False) -> Trial:
    index = "jina-notebook-trial-0"
    template = {"index_patterns": [index], "template": {"mappings": {"properties": {"v": field}}}}
    body = {
        "docs": [{"_index": index, "_id": "1", "_source": {"v": value}}],
        "index_template_substitutions": {"jina-notebook-trial": template},
    }
    return Trial(what=what, method="POST", target=SIMULATE, body=body, since=since, licensed=licensed)


def _dense(dims: int, **more: Any) -> dict[str, Any]:
    return {"type": "dense_vector", "dims": dims, "similarity": "cosine", **more}


TRIALS: dict[str, Trial] = {
    "rrf": _search("hybrid search fused on the server", {"rrf": {"retrievers": [ANY, ANY]}}, (8, 15), licensed=True),
    "linear": _search(
        "weighted hybrid search on the server",
        {"linear": {"retrievers": [{"retriever": ANY, "weight": 1.0, "normalizer": "minmax"}]}},
        (8, 18),
        licensed=True,
    ),
    "text_similarity_reranker": _search(
        "reranking on the server",
        {"text_similarity_reranker": {"field": "t", "inference_id": "x", "inference_text": "x", "retriever": ANY}},
        (8, 15),
        licensed=True,
    ),
    "rescorer": _search(
        "a second scoring stage",
        {"rescorer": {"retriever": ANY, "rescore": {"query": {"rescore_query": {"match_all": {}}}}}},
        (8, 18),
        licensed=False,
    ),
    "rank_vectors": _write("multi-vectors", {"type": "rank_vectors", "dims": 2}, [[1.0, 1.0]], (8, 18), licensed=True),
    "base64_vectors": _write("vectors as base64", _dense(2, index_options={"type": "flat"}), BASE64_OF_1_1, (9, 3)),
    "bfloat16": _write("bfloat16 vectors", _dense(2, element_type="bfloat16"), [1.0, 1.0], (9, 3)),
    "bbq_hnsw": _write("one-bit quantisation", _dense(64, index_options={"type": "bbq_hnsw"}), [1.0] * 64, (8, 18)),
    "rank_eval": Trial(
        what="evaluation on the server",
        method="POST",
        target=RANK_EVAL,
        body={
            "requests": [{"id": "1", "request": {"query": {"match_all": {}}}, "ratings": []}],
            "metric": {"recall": {"k": 1}},
        },
        since=(8, 14),
    ),
    "inference": Trial(
        what="inference endpoints",
        method="PUT",
        target="/_inference/text_embedding/jina-notebook-trial",
        body={"service": "jina-notebook-trial", "service_settings": {}},  # no such service: nothing is made
        since=(8, 12),
        licensed=True,
    ),
}
COLUMNS = (
    Column("feature", "feature"),
    Column("what", "what it is for", wraps=True),
    Column("allowed", "may be used"),
    Column("reason", "reason", yields=True, wraps=True),
)
FEATURES = tuple(TRIALS)
UNLICENSED = frozenset({"basic", "missing"})


def parse_version(number: str) -> tuple[int, int]:
    """(major, minor) of `"9.4.3"` or `"9.5.0-SNAPSHOT"`."""
    found = re.match(r"(\d+)\.(\d+)", number)
    return (int(found[1]), int(found[2])) if found else (0, 0)


class Capabilities(Displayed):
    """Version, licence and features of one server; a feature is tried when it is first asked for, then remembered.

    `version` is None where the login may not read it (searching may still be allowed). `license` is None on serverless
    and where it may not be read.
    """

    def __init__(self, ask: Ask, *, version: str | None, licence: str | None, serverless: bool = False) -> None:
        self.version = version
        self.license = licence
        self.serverless = serverless
        self._ask = ask
        self._known: dict[str, Feature] = {}
        self._lock = threading.Lock()

    @property
    def release(self) -> tuple[int, int] | None:
        """(major, minor), None where the version is not known."""
        return parse_version(self.version) if self.version else None

    def since(self, major: int, minor: int) -> bool:
        """Whether the server is at least this version. Serverless is; an unknown version is taken to be."""
        release = self.release
        return self.serverless or release is None or release >= (major, minor)

    def feature(self, name: str) -> Feature:
        """What is known of a feature, trying it where it was not asked for before.

        Raises `OptionError` for a name that is not in `FEATURES`.
        """
        if name not in TRIALS:
            raise OptionError(
                f"There is no feature named {name!r} to ask a server for.",
                hint=did_you_mean(name, FEATURES) or f"Features: {', '.join(FEATURES)}.",
            )
        with self._lock:
            if name not in self._known:
                self._known[name] = self._try(name)
            return self._known[name]

    def allows(self, name: str) -> bool:
        """Whether a feature may be used."""
        return self.feature(name).allowed

    def require(self, name: str, *, hint: str) -> None:
        """Raises `CapabilityError` with the reason and the way that works without it."""
        feature = self.feature(name)
        if not feature.allowed:
            raise CapabilityError(f"This server does not offer {TRIALS[name].what}: {feature.reason}.", hint=hint)

    def learn(self, name: str, error: object) -> bool:
        """Takes in what a real request was answered; True where it shows that the feature is not to be had."""
        refused = licence_refusal(error)
        if refused is None and not absent(error):
            return False
        reason = f"the licence does not cover {refused}" if refused else _absence(error)
        with self._lock:
            self._known[name] = Feature(name, False, reason)
        return True

    def deny(self, name: str, reason: str) -> None:
        """Records that a feature does not work here, for a reason that the caller has seen."""
        with self._lock:
            self._known[name] = Feature(name, False, reason)

    def __iter__(self) -> Iterator[Feature]:
        return (self.feature(name) for name in FEATURES)

    def page(self) -> Page:
        """Version and licence, and every feature with its reason; a server that went away leaves what was known."""
        notes: tuple[str, ...] = ()
        try:
            features = list(self)
        except ElasticsearchError as error:
            with self._lock:
                features = list(self._known.values())
            notes = (error.message,)
        rows = tuple((f.name, TRIALS[f.name].what, "yes" if f.allowed else "no", f.reason) for f in features)
        return Page("capabilities", self.title, (), (Table(COLUMNS, rows, empty="nothing tried yet"),), notes)

    @property
    def title(self) -> str:
        """`"Elasticsearch 9.4.3, basic licence"`."""
        if self.serverless:
            return "Elasticsearch Serverless"
        licence = f"{self.license} licence" if self.license else "licence not readable"
        return f"Elasticsearch {self.version or '(version not readable)'}, {licence}"

    def _try(self, name: str) -> Feature:
        trial = TRIALS[name]
        status, body = self._ask(trial.method, trial.target, trial.body)
        error = _document_error(body) if status < 300 else body
        if status < 300 and error is None:
            return Feature(name, True, "tried: works")
        refused = licence_refusal(error)
        if refused is not None:
            return Feature(name, False, f"the licence does not cover {refused}")
        if name == "inference" and "nknown service" in reason_of(error):
            if self.license in UNLICENSED:  # older servers look at the licence only when an endpoint is made
                return Feature(name, False, f"the {self.license} licence does not cover it", tried=False)
            return Feature(name, True, "tried: works")
        if status in {401, 403} or (trial.target == SIMULATE and status >= 300):
            return self._guess(name, f"could not be tried: {reason_of(error)}")
        if status in {400, 404, 405, 410} or kind_of(error):
            return Feature(name, False, _absence(error))
        return self._guess(name, f"could not be tried: status {status}")

    def _guess(self, name: str, why: str) -> Feature:
        trial = TRIALS[name]
        licensed = not trial.licensed or self.serverless or (self.license or "") not in UNLICENSED
        allowed = self.since(*trial.since) and licensed
        return Feature(
            name, allowed, f"{why}; by version and licence it {'should' if allowed else 'should not'} work", False
        )


ABSENCES = {"no handler found": "no such endpoint", "unknown retriever": "no retriever of that name"}
"""What the server says of something it does not have, in words that help."""


def _absence(error: object) -> str:
    reason = reason_of(error)
    for said, meant in ABSENCES.items():
        if reason.startswith(said):
            return f"not in this server: {meant}"
    return f"not in this server: {reason}"


def _document_error(body: Any) -> Any:
    """The error of the simulated document, None where it was taken."""
    for item in body.get("docs", []) if isinstance(body, Mapping) else []:
        error = (item.get("doc") or {}).get("error") or item.get("error")
        if error:
            return error
    return None
