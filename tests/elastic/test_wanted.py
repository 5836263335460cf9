"""What an index shall remember."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jina_notebook.catalog import CATALOGUE, ModelCard
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.wanted import Model, check_given, tasks_for, wanted_meta
from jina_notebook.errors import InputError, OptionError
from jina_notebook.results import Embeddings
from tests.elastic.doubles import WordModel
from tests.elastic.test_mapping import remembered, server


def wanted(model: Model, **options: Any) -> IndexMeta:
    settings: dict[str, Any] = {
        "text": "text",
        "image": None,
        "dimensions": None,
        "multivector": False,
        "given": False,
        "there": None,
        "capabilities": server(),
        "version": "0",
    }
    return wanted_meta(model, **{**settings, **options})


def named(name: str) -> Model:
    return Model(CATALOGUE[name])


def embeddings(card: ModelCard, task: str | None, vectors: Any = None) -> Embeddings:
    return Embeddings(
        vectors=np.eye(2, dtype=np.float32) if vectors is None else vectors,
        model=card.name,
        revision="rev",
        task=task,
        dimensions=2,
        token_counts=(1, 1),
        truncated=(False, False),
        inputs=("a", "b"),
    )


@pytest.mark.parametrize(
    ("name", "dimensions", "tasks"),
    [
        ("jina-embeddings-v3", 1024, ("retrieval.passage", "retrieval.query")),
        ("jina-code-embeddings-0.5b", 896, ("nl2code.passage", "nl2code.query")),
        ("jina-clip-v2", 1024, (None, "retrieval.query")),
    ],
)
def test_model_task_and_size_come_from_the_catalogue(name: str, dimensions: int, tasks: tuple[Any, Any]) -> None:
    meta = wanted(named(name))
    assert (meta.model, meta.dimensions, (meta.task, meta.query_task)) == (name, dimensions, tasks)
    assert meta.revision == CATALOGUE[name].revision
    assert (meta.vector_field, meta.token_field) == ("vector", None)


def test_a_loaded_model_says_its_own_revision_and_sizes() -> None:
    meta = wanted(Model(WordModel().card, WordModel(revision="r9", sizes=(16, 64))))
    assert (meta.revision, meta.dimensions) == ("r9", 64)


def test_a_size_that_the_model_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(OptionError, match=r"no vectors of 100 dimensions; allowed: 32, 64, 128"):
        wanted(named("jina-embeddings-v3"), dimensions=100)
    assert wanted(named("jina-embeddings-v3"), dimensions=256).dimensions == 256
    assert type(wanted(named("jina-embeddings-v3"), dimensions=np.int64(256)).dimensions) is int


@pytest.mark.parametrize("size", [256.0, "256", True, -1, 0])
@pytest.mark.parametrize("given", [True, False])
def test_a_size_that_is_no_whole_number_is_refused(size: Any, given: bool) -> None:
    with pytest.raises(OptionError, match="dimensions; allowed"):
        wanted(named("jina-embeddings-v3"), dimensions=size, given=given)


def test_what_the_caller_leaves_open_follows_the_index() -> None:
    there = remembered(dimensions=256, token_field="token_vectors", token_storage="rank_vectors")
    meta = wanted(named("jina-embeddings-v4"), there=there)
    assert meta.dimensions == 256
    assert (meta.token_field, meta.token_storage) == ("token_vectors", "rank_vectors")


@pytest.mark.parametrize(("licence", "storage"), [("basic", "binary"), ("trial", "rank_vectors")])
def test_token_vectors_are_stored_as_the_licence_allows(licence: str, storage: str) -> None:
    meta = wanted(named("jina-embeddings-v4"), multivector=True, capabilities=server(licence=licence))
    assert (meta.vector_field, meta.token_storage) == ("vector", storage)


def test_a_model_of_token_vectors_alone_stores_no_other() -> None:
    meta = wanted(named("jina-colbert-v2"))
    assert (meta.vector_field, meta.token_field, meta.dimensions) == (None, "token_vectors", 128)


def test_multi_vectors_of_a_model_without_are_refused() -> None:
    with pytest.raises(OptionError, match="jina-embeddings-v3 gives no multi-vectors"):
        wanted(named("jina-embeddings-v3"), multivector=True)


def test_given_vectors_say_their_size_later_and_are_not_taken_to_be_of_length_one() -> None:
    meta = wanted(named("jina-embeddings-v3"), given=True)
    assert (meta.dimensions, meta.normalized) == (0, False)
    assert wanted(named("jina-embeddings-v3"), given=True, dimensions=1000).dimensions == 1000


def test_given_multi_vectors_have_no_vector_beside_them() -> None:
    meta = wanted(named("jina-embeddings-v4"), given=True, multivector=True)
    assert (meta.vector_field, meta.token_field) == (None, "token_vectors")


def test_embeddings_bring_their_task_and_revision() -> None:
    card = CATALOGUE["jina-embeddings-v3"]
    meta = wanted(Model(card), given=embeddings(card, "text-matching"))
    assert (meta.task, meta.query_task, meta.revision, meta.normalized) == (
        "text-matching",
        "text-matching",
        "rev",
        True,
    )


@pytest.mark.parametrize(
    ("name", "task", "pair"),
    [
        ("jina-code-embeddings-0.5b", "qa.passage", ("qa.passage", "qa.query")),
        ("jina-embeddings-v4", "code.passage", ("code.passage", "code.query")),
        ("jina-embeddings-v3", None, ("retrieval.passage", "retrieval.query")),
        ("jina-embeddings-v3", "separation", ("separation", "separation")),
    ],
)
def test_the_task_of_queries_belongs_to_that_of_the_documents(
    name: str, task: str | None, pair: tuple[str, str]
) -> None:
    card = CATALOGUE[name]
    assert tasks_for(card, embeddings(card, task)) == pair


def test_embeddings_of_queries_or_of_another_model_are_refused() -> None:
    v3, v4 = CATALOGUE["jina-embeddings-v3"], CATALOGUE["jina-embeddings-v4"]
    with pytest.raises(InputError, match=r"'retrieval\.query', which is for queries"):
        check_given(embeddings(v3, "retrieval.query"), v3)
    with pytest.raises(InputError, match="from jina-embeddings-v4, not from jina-embeddings-v3"):
        check_given(embeddings(v4, "retrieval.passage"), v3)
