"""`jn.scale.embed`: the vectors of a data set, as Parquet files."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.plan import Columns
from jina_notebook.elastic.wanted import Model, wanted_meta
from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.indexing import check_names, embedding_card
from jina_notebook.protocols import Embedder, Progress
from jina_notebook.results import ScaleReport
from jina_notebook.scale.cluster import connected, ray_module, share_of
from jina_notebook.scale.indexing import with_token_size
from jina_notebook.scale.job import Job, named_model
from jina_notebook.scale.parts import Folder
from jina_notebook.scale.reading import BlockSource, open_dataset
from jina_notebook.scale.running import Run
from jina_notebook.scale.sinks import ToFolder

__all__ = ["embed"]


def embed(
    dataset: Any,
    *,
    model: str | Embedder,
    output: str | os.PathLike[str],
    text: str = "text",
    image: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's own word
    task: str | None = None,
    dimensions: int | None = None,
    multivector: bool = False,
    address: str | None = None,
    workers: int | None = None,
    num_cpus: float | None = None,
    num_gpus: float | None = None,
    dtype: str = "auto",
    progress: Progress = None,
) -> ScaleReport:
    """Embeds a data set on the workers of a Ray cluster and writes the vectors into a folder of Parquet files.

    `output`: a folder that every machine sees, or an address such as `s3://bucket/vectors`. Its files hold `_id`, the
    fields of each document, `_jina_hash` and `vector`, float32 and unit length; with `multivector` also
    `token_vectors`, `(tokens, dimensions)` each. `jn.index(file, …, vector="vector")` stores them. In float32 and with
    one core a worker they are the bits that a loaded `model` gives on one core; several cores round the last bit
    differently.

    `task`: one of the model's, by itself the one for documents. `dataset`, `model`, `address`, `workers`, `num_cpus`,
    `num_gpus` and `dtype` are as in `jn.scale.index`.

    Documents that the folder holds unchanged are skipped before they are embedded; one that changed is added, and the
    older row stays. Files appear whole or not at all, and a block done twice writes the same file again.

    Raises `MissingExtraError` (Ray), `ClusterError`, `IndexFitError` (a folder of another model), `InputError`,
    `OptionError`; what was written until then stays.

    >>> jn.scale.embed("corpus.jsonl", model="jina-embeddings-v3", output="vectors", address="local").indexed
    """
    check_names(text=text, image=image, id=id)
    named = named_model(model, embedding_card(model), dtype)
    folder = Folder.of(output)
    ray_module()
    columns = Columns(text=text, image=image, id=id)
    wanted = _wanted(named, folder, columns, task=task, dimensions=dimensions, multivector=multivector)
    with connected(address) as cluster:
        share = share_of(cluster, workers=workers, num_cpus=num_cpus, num_gpus=num_gpus)
        reading = open_dataset(cluster.ray, dataset, image=image)
        folder.prepared(wanted)
        seen = folder.seen()
        sink = ToFolder(folder, cluster.ray.put(seen) if seen is not None else None)
        job = Job.of(named, wanted, columns, sink, lines=reading.lines, share=share, dtype=dtype)
        run = Run(cluster, share, reading, job, _nothing_to_make, target=folder.name, done="embedded")
        return run.run(progress)


def _nothing_to_make(_: BlockSource) -> None:
    """The folder is there before the first block is read."""


def _wanted(
    named: Model, folder: Folder, columns: Columns, *, task: str | None, dimensions: int | None, multivector: bool
) -> IndexMeta:
    """What the files shall hold; what the caller left open follows what is there."""
    from jina_notebook import __version__

    card, there = named.card, folder.remembered()
    if task is not None and task not in card.tasks:
        raise OptionError(
            f"{card.name} has no task {task!r}; it has {', '.join(card.tasks) or 'none'}.",
            hint=did_you_mean(task, card.tasks) or None,
        )
    meta = wanted_meta(
        named,
        text=columns.text,
        image=columns.image,
        dimensions=dimensions,
        multivector=multivector,
        given=False,
        there=there if there is not None and there.model == card.name else None,
        capabilities=None,
        version=__version__,
    )
    if task is not None:
        meta = replace(meta, task=task)
    return with_token_size(meta, named)
