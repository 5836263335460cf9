"""What is refused or noted before a cluster is asked for anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.catalog import card
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.wanted import Model
from jina_notebook.errors import IndexFitError, InputError, OptionError
from jina_notebook.scale.indexing import _set_shards, with_token_size
from jina_notebook.scale.job import ModelPlace, named_model
from tests.elastic.doubles import WordModel, fill

V3 = "jina-embeddings-v3"


@pytest.mark.parametrize(
    ("options", "kind", "sentence"),
    [
        ({"model": "jina-reranker-v3"}, OptionError, "jina-reranker-v3 gives no vectors to index."),
        ({"dtype": "float31"}, OptionError, "dtype='float31' is unknown"),
        ({"index": "My Docs"}, IndexFitError, "'My Docs' is no name for an index"),
        ({"text": ""}, OptionError, "text='' is not the name of a field."),
        ({"shards": 0}, OptionError, "shards=0 is not a whole number from 1 to 1,024."),
        ({"dimensions": 1000}, OptionError, "jina-embeddings-v3 gives no vectors of 1000 dimensions"),
        ({"multivector": True}, OptionError, "jina-embeddings-v3 gives no multi-vectors."),
        ({"index_options": "int9"}, OptionError, "index_options has no type 'int9'"),
    ],
)
def test_arguments_are_checked_before_a_cluster_is_looked_for(
    es: Connection, options: dict[str, Any], kind: type[Exception], sentence: str
) -> None:
    arguments: dict[str, Any] = {"index": "test-never", "model": V3, "connection": es, **options}
    with pytest.raises(kind) as refused:
        jn.scale.index("corpus.jsonl", arguments.pop("index"), **arguments)
    assert refused.value.message.startswith(sentence)  # type: ignore[attr-defined]


def test_an_index_of_another_model_is_refused(es: Connection, index_name: str) -> None:
    fill(es, index_name, [{"id": "1", "text": "tea"}], model=WordModel())
    with pytest.raises(IndexFitError, match="was filled by offline-minilm with 64 dimensions"):
        jn.scale.index("corpus.jsonl", index_name, model=V3, connection=es)


def test_embed_refuses_an_unknown_task_and_something_that_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"jina-embeddings-v3 has no task 'retrieval'; it has retrieval\.query"):
        jn.scale.embed("corpus.jsonl", model=V3, output=tmp_path, task="retrieval")
    with pytest.raises(InputError, match="output=7 is not the path of a folder"):
        jn.scale.embed("corpus.jsonl", model=V3, output=7)  # type: ignore[arg-type]


def test_shards_of_an_index_that_is_there_stay_and_it_is_said() -> None:
    there = Destination(None, "kb", "kb", exists=True, shards=1)  # type: ignore[arg-type]
    _set_shards(there, 4)
    assert there.notes == ["'kb' keeps its 1 shards; 4 need a new index."]
    _set_shards(there, 1)
    assert len(there.notes) == 1
    new = Destination(None, "kb", "kb")  # type: ignore[arg-type]
    _set_shards(new, 4)
    assert (new.shards, new.notes, new.replaced().shards) == (4, [], None)


def test_a_name_is_loaded_by_every_worker_at_the_pinned_revision() -> None:
    place = ModelPlace.of(named_model(V3, card(V3), "float32"), num_gpus=1, dtype="float32")
    assert place == ModelPlace(V3, None, card(V3).revision, "cuda", "float32", None)


def test_a_loaded_model_is_loaded_from_its_folder_in_its_precision(model: Any) -> None:
    place = ModelPlace.of(named_model(model, model.card, "auto"), num_gpus=0, dtype="auto")
    assert (place.name, place.path, place.revision) == (model.name, str(model.path), "local")
    assert (place.device, place.dtype) == ("cpu", "float32")
    assert place.prepacked is not None
    assert place.load() is model


def test_a_dtype_beside_a_loaded_model_is_refused(model: Any) -> None:
    with pytest.raises(OptionError, match="dtype='bfloat16' goes with a model's name, and this one is loaded"):
        named_model(model, model.card, "bfloat16")


@pytest.mark.parametrize(
    ("name", "vector_field", "size"),
    [("jina-embeddings-v4", "vector", 128), ("jina-colbert-v2", None, 64)],
)
def test_the_size_of_token_vectors_is_known_beforehand(name: str, vector_field: str | None, size: int) -> None:
    meta = IndexMeta(
        model=name,
        revision="r",
        task=None,
        query_task=None,
        dimensions=64,
        vector_field=vector_field,
        token_field="token_vectors",
    )
    assert with_token_size(meta, Model(card(name))).token_dimensions == size
