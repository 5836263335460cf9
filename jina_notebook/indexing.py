"""`jn.index`: documents into Elasticsearch, embedded by a model that the index then remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.agreement import Choices, agreed_meta, require_room_for
from jina_notebook.elastic.connection import Connection, current
from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.documents import Source, source_of
from jina_notebook.elastic.embedding import EmbeddingStage
from jina_notebook.elastic.estimate import estimate as estimated
from jina_notebook.elastic.indexer import Indexer
from jina_notebook.elastic.mapping import VECTOR_FIELD, reserved_fields
from jina_notebook.elastic.names import check_index_name
from jina_notebook.elastic.passages import Cutter, chunks_of
from jina_notebook.elastic.plan import Columns
from jina_notebook.elastic.wanted import Model, check_given
from jina_notebook.elastic.work import Work
from jina_notebook.errors import InputError, OptionError
from jina_notebook.protocols import Embedder, Progress
from jina_notebook.results import Embeddings, IndexReport

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard

__all__ = ["check_names", "embedding_card", "index"]


def index(
    documents: Any,
    index: str,
    *,
    model: str | Embedder,
    text: str = "text",
    image: str | None = None,
    vector: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's own word
    dimensions: int | None = None,
    multivector: bool = False,
    index_options: str | Mapping[str, Any] | None = None,
    connection: Connection | str | None = None,
    recreate: bool = False,
    progress: Progress = None,
    estimate: bool = False,
    chunk_tokens: int | None = None,
    late_chunking: bool = False,
) -> IndexReport:
    """Stores documents with their vectors in an Elasticsearch index, which is made where there is none.

    `documents`: a list of dicts or of texts, a DataFrame, a generator or any iterable of dicts, the path of a `.jsonl`
    file (the layout of BEIR's `corpus.jsonl`) or a `.parquet` file, or what `.embed` gave. Read as a stream: memory
    does not grow with their number.

    `model`: a catalogue name or a loaded model. `text`: the field that is embedded and searched by words; a `title` is
    stored beside it and not embedded. `image`: a field of pictures (path, bytes or PIL image), embedded where a
    document has one. `vector`: a field of vectors that are already there; nothing is embedded, `model` says where they
    are from. They are stored as `"vector"`.
    `id`: the field of ids; without it `_id` where a document has one, else a hash of the content. `dimensions`: by
    itself those of the index, else the model's largest. `multivector`: also token vectors, for late interaction.
    `index_options`: a type such as `"int8_hnsw"` or a dict, as Elasticsearch takes it. `recreate`: replaces the index.
    `chunk_tokens`: cuts texts at sentence borders into chunks of at most so many tokens, each with a vector of its own,
    for documents too long for one vector; a hit is the document, its `passage` the chunk that matched best.
    `late_chunking`: each chunk is embedded with the whole document in view, where the model can.
    `estimate`: writes nothing and gives an `IndexEstimate`: how many documents, tokens, how much time, memory and disk.

    Documents that are there unchanged are skipped before they are embedded, so that an interrupted run, called again,
    goes on where it stopped. Documents that cannot be stored are in the report's `failed`, each with its reason.

    Raises `IndexFitError` (illegal name, an index of another model), `InputError`, `OptionError`, `ConnectError`,
    `RequestError` (disk full, no right to write), `CapabilityError`; what was stored until then stays.

    >>> jn.index([{"id": "1", "text": "green tea"}], "shop", model="jina-embeddings-v3", id="id").indexed
    1
    """
    given = documents if isinstance(documents, Embeddings) else None
    if given is not None:
        vector = vector or VECTOR_FIELD
    check_names(index=index, text=text, image=image, vector=vector, id=id)
    check_index_name(index, capitals=True)  # an alias may have them; a new index is checked again
    card = embedding_card(model)
    source = source_of(documents, text=text, vector=vector)
    found = Destination.resolve(current(connection), index)
    destination = found.replaced() if recreate else found
    columns = Columns(text=text, image=image, vector=vector, id=id)
    named = Model(card, None if isinstance(model, str) else model)
    choices = Choices(dimensions, multivector, index_options, chunks_of(chunk_tokens, late_chunking))
    work = _work(source, columns, named, destination, given=given, choices=choices)
    return estimated(destination, work, progress) if estimate else Indexer(destination, work).run(progress)


def _work(
    source: Source,
    columns: Columns,
    named: Model,
    destination: Destination,
    *,
    given: Embeddings | None,
    choices: Choices,
) -> Work:
    """What is to be done, checked against the index; the model is loaded only when nothing else can be wrong."""
    card = named.card
    if given is not None:
        check_given(given, card)
    require_room_for(destination, named, choices)
    loaded = named if columns.vector is not None or named.loaded is not None else Model(card, _load(card.name))
    wanted = agreed_meta(destination, loaded, columns, choices, version=_version(), given=given)
    stage = None
    if columns.vector is None and loaded.loaded is not None:
        cut = None if wanted.chunk_tokens is None else _cutter(loaded.loaded, wanted.chunk_tokens)
        stage = EmbeddingStage.for_index(loaded.loaded, wanted, cut=cut)
    return Work(
        source=source,
        total=source.total,
        columns=replace(columns, reserved=reserved_fields(wanted, but=columns.vector)),
        wanted=wanted,
        stage=stage,
        index_options=choices.index_options,
        prose=card.modalities[0] == "text",
        stand_in=card.stand_in,
    )


def _cutter(model: Embedder, tokens: int) -> Cutter:
    from jina_notebook.chunking import chunk

    return partial(chunk, model=model, max_tokens=tokens)


def check_names(**values: object) -> None:
    """Raises `OptionError` for a value that is no name of an index or a field."""
    for name, value in values.items():
        if value is not None and (not isinstance(value, str) or not value):
            raise OptionError(f"{name}={value!r} is not the name of {'an index' if name == 'index' else 'a field'}.")


def embedding_card(model: object) -> ModelCard:
    """The facts of the model. Raises `UnknownModelError`, `InputError`, and `OptionError` where it gives no vectors."""
    from jina_notebook.catalog import CATALOGUE, card

    found: ModelCard | None = card(model) if isinstance(model, str) else getattr(model, "card", None)
    if found is None:
        raise InputError(f"model={type(model).__name__} is neither a catalogue name nor a loaded model.")
    if not found.embeds or not isinstance(model, str | Embedder):
        able = ", ".join(c.name for c in CATALOGUE if c.embeds)
        raise OptionError(f"{found.name} gives no vectors to index.", hint=f"Models that do: {able}.")
    return found


def _load(name: str) -> Embedder:
    from jina_notebook.loading import load

    loaded: Embedder = load(name)
    return loaded


def _version() -> str:
    from jina_notebook import __version__

    return __version__
