"""`jn.scale.index`: what `jn.index` does, on many machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from jina_notebook.elastic.agreement import Choices, agreed_meta, require_room_for
from jina_notebook.elastic.connection import Connection, current
from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.names import check_index_name
from jina_notebook.elastic.passing import Passage
from jina_notebook.elastic.plan import Columns
from jina_notebook.elastic.preparation import make_ready
from jina_notebook.elastic.wanted import Model
from jina_notebook.elastic.work import Work
from jina_notebook.errors import OptionError
from jina_notebook.indexing import check_names, embedding_card
from jina_notebook.protocols import Embedder, Progress
from jina_notebook.results import ScaleReport
from jina_notebook.scale.cluster import connected, ray_module, share_of
from jina_notebook.scale.job import Job, named_model
from jina_notebook.scale.reading import BlockSource, open_dataset
from jina_notebook.scale.running import Run
from jina_notebook.scale.sinks import ToIndex

__all__ = ["index", "with_token_size"]

MOST_SHARDS = 1024  # of one index, as the server has it


def index(
    dataset: Any,
    index: str,
    *,
    model: str | Embedder,
    text: str = "text",
    image: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's own word
    dimensions: int | None = None,
    multivector: bool = False,
    index_options: str | Mapping[str, Any] | None = None,
    shards: int | None = None,
    connection: Connection | str | None = None,
    recreate: bool = False,
    address: str | None = None,
    workers: int | None = None,
    num_cpus: float | None = None,
    num_gpus: float | None = None,
    dtype: str = "auto",
    progress: Progress = None,
) -> ScaleReport:
    """Stores documents with their vectors in an Elasticsearch index, embedded by the workers of a Ray cluster.

    `dataset`: a `ray.data.Dataset`, or the path, pattern, folder or list of paths of `.jsonl` or `.parquet` files or of
    pictures, which every machine has to see. `model`: a catalogue name, or a loaded model, whose folder then every
    machine has to see. The model is loaded once by each worker.

    `address`: of the cluster; `None` is the one this process is connected to or that `RAY_ADDRESS` names, `"local"` one
    on this machine for the time of the call. `workers`: one per GPU, without GPUs one per four cores. `num_cpus`,
    `num_gpus`: what each of them gets. `dtype` goes with a model's name. `shards`: primary shards of a new index, which
    `jn.scale.plan` computes; by itself the server's default. Everything else is as in `jn.index`.

    A worker embeds while it writes, and takes no further block while the server has not taken the last one. Ids are the
    caller's or a hash of the content, so that a block done twice stores nothing twice. Documents that are there
    unchanged are skipped before they are embedded: an interrupted run, called again, goes on where it stopped. A lost
    machine costs its blocks a second try. Of an id that comes twice, the one that is read first stays.

    Raises `MissingExtraError` (Ray), `ClusterError`, and what `jn.index` raises; what was stored until then stays.

    >>> jn.scale.index("corpus/*.jsonl", "kb", model="jina-embeddings-v3", address="auto").documents
    """
    check_names(index=index, text=text, image=image, id=id)
    check_index_name(index, capitals=True)
    named = named_model(model, embedding_card(model), dtype)
    ray_module()
    destination = _destination(current(connection), index, recreate=recreate, shards=shards)
    choices = Choices(dimensions, multivector, index_options)
    require_room_for(destination, named, choices)
    columns = Columns(text=text, image=image, id=id)
    wanted = _agreed(destination, named, columns, choices)
    with connected(address) as cluster:
        share = share_of(cluster, workers=workers, num_cpus=num_cpus, num_gpus=num_gpus)
        reading = open_dataset(cluster.ray, dataset, image=image)
        sink = ToIndex(Passage.of(destination.connection), index, blank=destination.vacant)
        job = Job.of(named, wanted, columns, sink, lines=reading.lines, share=share, dtype=dtype)
        begin = partial(_begin, destination, job, total=reading.total, index_options=index_options)
        run = Run(cluster, share, reading, job, begin, target=index, done="indexed")
        with destination.left_in_order(lambda: run.stored):
            report = run.run(progress)
        return replace(report, notes=(*report.notes, *destination.notes))


def _agreed(destination: Destination, named: Model, columns: Columns, choices: Choices) -> IndexMeta:
    """What the index shall remember. Raises what `agreed_meta` raises, and `OptionError` for an index of chunks."""
    wanted = agreed_meta(destination, named, columns, choices, version=_version())
    if wanted.chunk_field is not None:
        raise OptionError(
            f"{destination.asked!r} holds documents cut into chunks, which jn.scale.index does not do.",
            hint="Use jn.index for it, or another index.",
        )
    return with_token_size(wanted, named)


def _begin(
    destination: Destination,
    job: Job,
    sample: BlockSource,
    *,
    total: int | None,
    index_options: str | Mapping[str, Any] | None,
) -> None:
    """The index, ready before the first worker writes."""
    work = Work(
        source=sample,
        total=total,
        columns=job.columns,
        wanted=job.meta,
        stage=None,
        index_options=index_options,
        prose=job.prose,
        stand_in=job.stand_in,
    )
    make_ready(destination, work, job.meta)
    destination.refresh()  # what an earlier, killed run wrote is looked up by the workers


def _destination(connection: Connection, index: str, *, recreate: bool, shards: int | None) -> Destination:
    found = Destination.resolve(connection, index)
    destination = found.replaced() if recreate else found
    _set_shards(destination, shards)
    return destination


def _set_shards(destination: Destination, asked: int | None) -> None:
    """Primary shards of an index that is still to be made; of one that is there they stay as they are.

    Raises `OptionError` for what is no number of shards.
    """
    if asked is None:
        return
    if not isinstance(asked, int) or isinstance(asked, bool) or not 1 <= asked <= MOST_SHARDS:
        raise OptionError(f"shards={asked!r} is not a whole number from 1 to {MOST_SHARDS:,}.")
    if destination.vacant:
        destination.shards = asked
    elif destination.shards not in (None, asked):
        destination.notes.append(
            f"{destination.asked!r} keeps its {destination.shards} shards; {asked} need a new index."
        )


def with_token_size(meta: IndexMeta, model: Model) -> IndexMeta:
    """With the size of token vectors, which here is needed before the first of them is there."""
    if meta.token_field is None:
        return meta
    loaded: Any = model.loaded
    sizes = getattr(loaded, "token_dimensions", ()) or model.card.token_dimensions
    size = sizes[-1] if meta.vector_field is not None else meta.dimensions
    return replace(meta, token_dimensions=meta.token_dimensions or size)


def _version() -> str:
    from jina_notebook import __version__

    return __version__
