"""`jn.scale.plan`: tokens, time, machines, memory, disk, shards and cost, each figure with where it is from."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jina_notebook.cards import ModelCard
from jina_notebook.elastic.estimate import documents_per_second, footprint, token_vector_bytes
from jina_notebook.elastic.mapping import BINARY_FROM, FLAT_BELOW, check_index_options
from jina_notebook.elastic.wanted import Model
from jina_notebook.errors import InputError, OptionError, did_you_mean
from jina_notebook.indexing import embedding_card
from jina_notebook.planning import measured, rate_of
from jina_notebook.protocols import Embedder
from jina_notebook.render.clean import duration
from jina_notebook.results.indexing import in_bytes
from jina_notebook.results.sizing import Figure, IndexKind, Origin, ScalePlan

__all__ = ["ACCELERATORS", "Accelerator", "plan"]

FLOP_PER_PARAMETER = 2.0  # a multiplication and an addition for each weight and token
USED = 0.4  # of the peak: what a packed engine reaches on a GPU
BYTES_PER_TOKEN = 4.5  # of text, in European languages
SHARD_BYTES = 40e9  # Elastic advises 10 to 50 GB a shard
SHARD_DOCUMENTS = 200_000_000  # and at most 200 million documents
DISK_USED = 0.85  # the low watermark: a fuller node gets no more shards
MEASURED_CORES = 2  # of the server on which the rate of writing was measured
HOURS_OF_A_MONTH = 730
COMPARED = ("hnsw", "int8_hnsw", "int4_hnsw", "bbq_hnsw")


class Accelerator(NamedTuple):
    """`peak`: floating-point operations per second, dense, in the precision that models run in there."""

    name: str
    peak: float
    memory_gb: float


ACCELERATORS = {
    one.name: one
    for one in (
        Accelerator("H200", 989e12, 141),
        Accelerator("H100", 989e12, 80),
        Accelerator("A100", 312e12, 80),
        Accelerator("L40S", 362e12, 48),
        Accelerator("L4", 121e12, 24),
        Accelerator("T4", 65e12, 16),
        Accelerator("cpu-core", 0.095e12 / USED, math.inf),  # 95 GFLOP/s of float32 were reached on one core
    )
}


def plan(
    documents: int,
    tokens_per_document: float,
    model: str | Embedder,
    *,
    dimensions: int | None = None,
    index_type: str | None = None,
    tokens_per_second: float | None = None,
    sample: Sequence[Any] | None = None,
    accelerator: str = "H100",
    workers: int | None = None,
    hours: float | None = None,
    bytes_per_document: float | None = None,
    replicas: int = 1,
    node_memory_gb: float = 64.0,
    node_cores: int = 8,
    worker_price: float | None = None,
    node_price: float | None = None,
) -> ScalePlan:
    """What embedding a collection and keeping it in Elasticsearch would take. Nothing is embedded, unless to measure.

    `tokens_per_second` of one worker: as measured before (`embed_tokens_per_second` of a report), else measured here
    with the loaded `model` on up to 16 of `sample`, else assumed from the model's size and the `accelerator`: `"H200"`,
    `"H100"`, `"A100"`, `"L40S"`, `"L4"`, `"T4"` or `"cpu-core"`.

    `workers`: how many embed at once; or `hours`, from which their number follows; by itself 1. `index_type`: by itself
    what `jn.index` chooses. `bytes_per_document`: of stored fields. `replicas`: further copies. `node_memory_gb`,
    `node_cores`: of one data node, half of whose memory is taken to hold vectors. `worker_price`, `node_price`: per
    hour, in any currency.

    Raises `OptionError` and `InputError` for values that are none, `UnknownModelError`.

    >>> jn.scale.plan(10_000_000, 300, "jina-embeddings-v3", hours=24).workers
    1
    """
    card = embedding_card(model)
    _check(documents=documents, tokens_per_document=tokens_per_document)
    _check(tokens_per_second=tokens_per_second, hours=hours, bytes_per_document=bytes_per_document)
    _check(node_memory_gb=node_memory_gb, node_cores=node_cores, workers=workers)
    _check(replicas=replicas, worker_price=worker_price, node_price=node_price, least=0)
    if workers is not None and hours is not None:
        raise OptionError("workers and hours were both given.", hint="Give one: the other follows from it.")
    draft = _Draft(card, int(documents), float(tokens_per_document))
    rate = draft.rate(model, tokens_per_second, sample, accelerator)
    draft.embedding(rate, workers, hours)
    size = _dimensions(Model(card, None if isinstance(model, str) else model), dimensions)
    kept = _Kept(draft, size, bytes_per_document, replicas, node_memory_gb, node_cores)
    kept.compare(index_type)
    return kept.plan(rate, worker_price, node_price)


class _Rate(NamedTuple):
    tokens_per_second: float
    origin: Origin


@dataclass(slots=True)
class _Draft:
    """The figures so far."""

    card: ModelCard
    documents: int
    tokens_per_document: float
    figures: list[Figure] = field(default_factory=list)
    workers: int = 1
    worker_hours: float = 0.0

    def __post_init__(self) -> None:
        self.add("documents", self.documents, f"{self.documents:,}", "given")
        self.add("tokens per document", self.tokens_per_document, f"{self.tokens_per_document:,.0f}", "given")
        beyond = self.tokens_per_document > self.card.context
        why = f"beyond {self.card.context:,} tokens {self.card.name} cuts; chunk first" if beyond else ""
        self.add("tokens", self.tokens, f"{self.tokens:,}", "computed", why)

    @property
    def tokens(self) -> int:
        """Tokens that are embedded; those beyond the model's context are not."""
        return round(self.documents * min(self.tokens_per_document, self.card.context))

    def add(self, what: str, value: float, shown: str, origin: Origin, why: str = "") -> None:
        self.figures.append(Figure(what, value, shown, origin, why))

    def rate(self, model: Any, given: float | None, sample: Sequence[Any] | None, accelerator: str) -> _Rate:
        """Tokens per second of one worker."""
        if given is not None and sample is not None:
            raise OptionError("tokens_per_second and sample were both given.", hint="Give one of the two.")
        if given is not None:
            found, why = _Rate(float(given), "measured"), "as passed in"
        elif sample is not None:
            found, why = _measured(model, sample)
        else:
            found, why = _assumed(self.card, accelerator)
        self.add("tokens/s of a worker", found.tokens_per_second, f"{found.tokens_per_second:,.0f}", found.origin, why)
        return found

    def embedding(self, rate: _Rate, workers: int | None, hours: float | None) -> None:
        self.worker_hours = self.tokens / rate.tokens_per_second / 3600
        self.workers = workers or (max(1, math.ceil(self.worker_hours / hours)) if hours else 1)
        why = f"to be done in {hours:g} h" if hours else ""
        origin: Origin = "given" if workers else "computed" if hours else "assumed"
        self.add("workers", self.workers, f"{self.workers:,}", origin, why)
        self.add("worker hours", self.worker_hours, f"{self.worker_hours:,.1f}", "computed", "tokens / rate")
        time = self.worker_hours / self.workers
        self.add("time to embed", time, duration(3600 * time), "computed", "worker hours / workers")


def _measured(model: Any, sample: Sequence[Any]) -> tuple[_Rate, str]:
    if isinstance(model, str):
        raise InputError(
            "sample= measures with a loaded model, and a name was given.",
            hint=f"Load it: jn.load({model!r}); or pass tokens_per_second=.",
        )
    task = model.card.index_task
    options: dict[str, Any] = {"task": task} if model.dimensions else {"task": task, "return_multivector": True}
    found = measured(model, sample, options)
    rate = rate_of(found.embeddings, found.seconds)
    where = f"{getattr(model, 'device', 'this machine')}, {getattr(model, 'dtype', 'its precision')}"
    return _Rate(rate, "measured"), f"here, on {found.inputs} texts ({where})"


def _assumed(card: ModelCard, accelerator: str) -> tuple[_Rate, str]:
    found = ACCELERATORS.get(accelerator)
    if found is None:
        raise OptionError(
            f"accelerator={accelerator!r} is unknown; it is one of {', '.join(ACCELERATORS)}.",
            hint=did_you_mean(str(accelerator), ACCELERATORS) or "Pass tokens_per_second= as measured on yours.",
        )
    if card.memory_gb > found.memory_gb:
        raise OptionError(
            f"{card.name} needs about {card.memory_gb:g} GB; the {accelerator} has {found.memory_gb:g}.",
            hint="Name a larger accelerator.",
        )
    rate = USED * found.peak / (FLOP_PER_PARAMETER * _parameters(card))
    each = f"{FLOP_PER_PARAMETER:g} FLOP a token for each of {card.parameters} weights"
    why = f"{accelerator} at {USED * found.peak / 1e12:,.4g} TFLOP/s, {each}"
    return _Rate(rate, "assumed"), why


def _parameters(card: ModelCard) -> float:
    found = re.fullmatch(r"([\d.]+)([MB])", card.parameters)
    if found is None:
        raise InputError(f"{card.name} has no number of parameters in the catalogue.", hint="Pass tokens_per_second=.")
    return float(found[1]) * (1e9 if found[2] == "B" else 1e6)


def _dimensions(model: Model, asked: int | None) -> int:
    sizes = model.sizes
    if asked is not None and asked not in sizes:
        raise OptionError(
            f"{model.card.name} gives no vectors of {asked!r} dimensions; allowed: {', '.join(map(str, sizes))}."
        )
    return asked or sizes[-1]


@dataclass(slots=True)
class _Kept:
    """What Elasticsearch needs to keep the vectors."""

    draft: _Draft
    dimensions: int
    bytes_per_document: float | None
    replicas: int
    node_memory_gb: float
    node_cores: int
    kinds: tuple[IndexKind, ...] = ()
    chosen: IndexKind | None = None
    index_type: str | None = None

    def compare(self, asked: str | None) -> None:
        """Every graph type side by side, and the one that is planned."""
        draft = self.draft
        if not draft.card.dimensions:
            if asked is not None:
                raise OptionError(
                    f"{draft.card.name} gives one vector per token, which are in no index of the type {asked!r}."
                )
            self.chosen = self._kind("flat")
            return
        automatic = "bbq_hnsw" if self.dimensions >= BINARY_FROM else "int8_hnsw"
        self.index_type = asked or ("flat" if draft.documents < FLAT_BELOW else automatic)
        check_index_options(self.index_type, self.dimensions)
        names = [name for name in COMPARED if self._possible(name)]
        if self.index_type not in names:
            names.append(self.index_type)
        self.kinds = tuple(self._kind(name) for name in names)
        self.chosen = next(kind for kind in self.kinds if kind.index_type == self.index_type)

    def _possible(self, name: str) -> bool:
        return not (name.startswith("bbq") and self.dimensions < 64) and not (
            name.startswith("int4") and self.dimensions % 2
        )

    def _text_bytes(self) -> float:
        each = self.bytes_per_document or BYTES_PER_TOKEN * self.draft.tokens_per_document
        return each * self.draft.documents

    def _kind(self, name: str) -> IndexKind:
        documents = self.draft.documents
        single = bool(self.draft.card.dimensions)
        size = footprint(name, self.dimensions if single else 0, documents)
        tokens = 0.0 if single else token_vector_bytes(self.draft.tokens * self.dimensions, "binary")
        disk = size.disk + self._text_bytes() + tokens
        primaries = max(1, math.ceil(disk / SHARD_BYTES), math.ceil(documents / SHARD_DOCUMENTS))
        copies = 1 + self.replicas
        nodes = max(copies, math.ceil(copies * size.memory / (self.node_memory_gb * 1e9 / 2)))
        rate = documents_per_second(name, self.dimensions) * nodes * self.node_cores / MEASURED_CORES
        return IndexKind(name, size.memory, int(disk), primaries, nodes, documents / rate / 3600)

    def plan(self, rate: _Rate, worker_price: float | None, node_price: float | None) -> ScalePlan:
        draft, kind = self.draft, self.chosen
        if kind is None:
            raise RuntimeError("compare() comes first")
        copies = 1 + self.replicas
        memory, disk = copies * kind.memory_bytes, int(copies * kind.disk_bytes / DISK_USED)
        hours = max(draft.worker_hours / draft.workers, kind.write_hours)
        self._tell(kind, memory, disk, hours)
        embedding = self._cost("embedding", worker_price, draft.worker_hours, "worker hours", "")
        monthly = self._cost("data nodes", node_price, kind.data_nodes * HOURS_OF_A_MONTH, "node hours", " a month")
        return ScalePlan(
            model=draft.card.name,
            documents=draft.documents,
            dimensions=self.dimensions,
            index_type=self.index_type,
            tokens=draft.tokens,
            tokens_per_second=rate.tokens_per_second,
            rate_origin=rate.origin,
            workers=draft.workers,
            worker_hours=draft.worker_hours,
            hours=hours,
            memory_bytes=memory,
            disk_bytes=disk,
            primaries=kind.primaries,
            replicas=self.replicas,
            data_nodes=kind.data_nodes,
            embedding_cost=embedding,
            monthly_cost=monthly,
            kinds=self.kinds,
            figures=tuple(draft.figures),
            stand_in=draft.card.stand_in,
        )

    def _tell(self, kind: IndexKind, memory: int, disk: int, hours: float) -> None:
        add, copies = self.draft.add, 1 + self.replicas
        add("dimensions", self.dimensions, f"{self.dimensions:,}", "catalogue")
        given = self.bytes_per_document is not None
        each = self._text_bytes() / self.draft.documents
        why = "" if given else f"{BYTES_PER_TOKEN:g} bytes a token"
        add("bytes of text per document", each, f"{each:,.0f}", "given" if given else "assumed", why)
        cores = kind.data_nodes * self.node_cores
        why = f"as measured on {MEASURED_CORES} cores, taken to grow with {cores} cores"
        add("time to write", kind.write_hours, duration(3600 * kind.write_hours), "assumed", why)
        add("time in all", hours, duration(3600 * hours), "computed", "embedding and writing side by side")
        of = f"{self.index_type} vectors" if self.index_type else "token vectors are read from disk"
        add("memory for vectors", memory, in_bytes(memory), "computed", f"{of}, {copies} copies, off the heap")
        add("disk", disk, in_bytes(disk), "computed", f"{copies} copies, nodes at most {DISK_USED:.0%} full")
        why = f"at most {SHARD_BYTES / 1e9:g} GB and {SHARD_DOCUMENTS:,} documents each"
        add("primary shards", kind.primaries, f"{kind.primaries:,}", "computed", why)
        add("replicas", self.replicas, f"{self.replicas}", "given")
        why = f"half of {self.node_memory_gb:g} GB each holds vectors; at least one per copy"
        add("data nodes", kind.data_nodes, f"{kind.data_nodes:,}", "computed", why)

    def _cost(self, what: str, price: float | None, hours: float, unit: str, per: str) -> float | None:
        if price is None:
            return None
        cost = price * hours
        self.draft.add(f"cost of {what}{per}", cost, f"{cost:,.2f}", "computed", f"{hours:,.1f} {unit} at {price:g}")
        return cost


def _check(*, least: float | None = None, **values: float | None) -> None:
    """Raises `OptionError` for what is no number in its range."""
    for name, value in values.items():
        if value is None:
            continue
        whole = name in {"documents", "workers", "replicas", "node_cores"}
        kinds: Any = int if whole else (int, float)
        fits = isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or (value <= 0 if least is None else value < least):
            what = f"{'whole ' if whole else ''}number {'above 0' if least is None else 'from 0 on'}"
            raise OptionError(f"{name}={value!r} is not a {what}.")
