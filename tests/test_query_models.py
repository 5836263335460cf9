from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jina_notebook import loading
from jina_notebook.catalog import CATALOGUE
from jina_notebook.elastic.fields import fields_of
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.targets import Target
from jina_notebook.errors import IndexFitError, InputError, OptionError, UnknownModelError
from jina_notebook.query_models import QueryModels, check_reranker, reranker_of
from tests.elastic.doubles import OverlapReranker, WordModel, meta_of

MODEL = WordModel(size=4, sizes=(2, 4))
META = meta_of(MODEL)


def target(meta: IndexMeta | None = META, *, dims: int | None = 4, tokens: int | None = None, **field: Any) -> Target:
    properties: dict[str, Any] = {"text": {"type": "text"}}
    if dims is not None:
        properties["vector"] = {"type": "dense_vector", "dims": dims, **field}
    if tokens is not None:
        properties["tok"] = {"type": "rank_vectors", "dims": tokens}
        meta = replace(meta, token_field="tok", token_storage="rank_vectors") if meta is not None else None
    return Target(path=("shop",), indices=("shop",), fields=fields_of({"properties": properties}, meta), meta=meta)


def test_the_query_gets_the_task_and_the_size_that_the_index_remembers() -> None:
    model = WordModel(size=4, sizes=(2, 4))
    leg = QueryModels("tea", model).leg(target(replace(META, query_task="code.query"), dims=2))
    assert leg.vector is not None
    assert len(leg.vector) == 2
    assert model.calls[0]["task"] == "code.query"
    assert model.calls[0]["dimensions"] == 2


def test_an_index_without_a_model_takes_the_one_that_is_named() -> None:
    model = WordModel(size=4)
    leg = QueryModels("tea", model).leg(target(None))
    assert leg.vector is not None
    assert model.calls[0]["task"] == model.card.query_task


def test_an_index_without_a_model_needs_one_to_be_named() -> None:
    with pytest.raises(IndexFitError, match="shop does not say which model filled it"):
        QueryModels("tea", None).leg(target(None))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("jina-embeddings-v3", "jina-embeddings-v3"),
        (WordModel("other-model", size=4), r"other-model \(r1\)"),
        (WordModel(size=4, revision="r2"), r"offline-minilm \(r2\)"),
    ],
)
def test_another_model_than_the_indexs_is_refused_with_both_names(given: Any, named: str) -> None:
    message = rf"shop was filled by offline-minilm \(r1\), 4 dimensions; a query from {named} does not fit it"
    with pytest.raises(IndexFitError, match=message):
        QueryModels("tea", given).leg(target())


@pytest.mark.parametrize(("stored", "given"), [("local", "r1"), ("r1", "local")])
def test_a_model_from_a_folder_is_taken_on_trust(stored: str, given: str) -> None:
    model = WordModel(size=4, revision=given)
    assert QueryModels("tea", model).leg(target(replace(META, revision=stored))).vector is not None


def test_a_size_that_the_model_does_not_give_is_refused_before_embedding() -> None:
    model = WordModel(size=4)
    with pytest.raises(IndexFitError, match=r"holds 8 dimensions in 'vector', which offline-minilm does not give: it"):
        QueryModels("tea", model).leg(target(dims=8))
    assert model.calls == []


def test_a_size_that_the_mapping_does_not_tell_is_not_compared() -> None:
    mapping = {"properties": {"vector": {"type": "dense_vector"}}}
    untold = Target(path=("shop",), indices=("shop",), fields=fields_of(mapping))
    leg = QueryModels("tea", WordModel(size=4)).leg(untold)
    assert leg.vector is not None
    assert len(leg.vector) == 4


def test_groups_with_the_same_needs_embed_once() -> None:
    model = WordModel(size=4, sizes=(2, 4))
    models = QueryModels("tea", model)
    for dims in (4, 4, 2):
        models.leg(target(dims=dims))
    assert len(model.calls) == 2
    assert models.used == [model]


def test_an_index_without_vectors_is_refused() -> None:
    with pytest.raises(IndexFitError, match="shop has no vector field"):
        QueryModels("tea", MODEL).leg(target(dims=None))
    with pytest.raises(IndexFitError, match="shop has no vector field"):
        QueryModels("tea", MODEL).leg(target(replace(META, vector_field=None)))


def test_an_index_of_byte_vectors_is_refused() -> None:
    with pytest.raises(IndexFitError, match="holds byte vectors; queries here are float"):
        QueryModels("tea", MODEL).leg(target(element_type="byte"))


def test_token_vectors_of_the_query_keep_their_rows() -> None:
    leg = QueryModels("green tea", WordModel(size=4)).leg(target(tokens=4), tokens=True)
    assert leg.tokens is not None
    assert leg.tokens.shape == (2, 4)
    assert leg.vector is not None


def test_an_index_of_token_vectors_alone_needs_no_vector_field() -> None:
    leg = QueryModels("green tea", WordModel(size=4)).leg(target(dims=None, tokens=4), tokens=True)
    assert leg.vector is None
    assert leg.tokens is not None


def test_token_vectors_of_another_size_are_refused() -> None:
    with pytest.raises(IndexFitError, match="gives 4 dimensions, but shop holds 8 in 'tok'"):
        QueryModels("tea", WordModel(size=4)).leg(target(tokens=8), tokens=True)


def test_late_interaction_without_token_vectors_says_how_to_get_them() -> None:
    with pytest.raises(IndexFitError, match="stores no token vectors") as caught:
        QueryModels("tea", MODEL).leg(target(), tokens=True)
    assert "multivector=True" in str(caught.value.hint)


def test_an_image_is_refused_by_a_model_of_texts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The query is an image, and offline-minilm takes text only"):
        QueryModels(tmp_path / "a.png", MODEL).leg(target())


def test_an_image_goes_to_a_model_that_sees(tmp_path: Path) -> None:
    sees = WordModel("jina-clip-v2", size=4, card=CATALOGUE["jina-clip-v2"])
    leg = QueryModels(tmp_path / "a.png", sees).leg(target(meta_of(sees)))
    assert leg.vector is not None
    assert np.isfinite(leg.vector).all()


def test_something_that_does_not_embed_is_no_model() -> None:
    with pytest.raises(OptionError, match="does not embed"):
        QueryModels("tea", OverlapReranker()).leg(target(None))


def test_the_model_in_memory_is_used_whatever_folder_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    key = loading.Loaded("offline-minilm", "/somewhere", "r1", "cpu", "float32")
    monkeypatch.setattr(loading, "loaded", lambda: {key: MODEL})
    models = QueryModels("tea", None)
    models.leg(target())
    assert models.used == [MODEL]


def test_the_revision_that_the_index_remembers_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def load(name: str, *, revision: str | None = None) -> WordModel:
        asked.append((name, revision))
        return MODEL

    monkeypatch.setattr(loading, "loaded", dict)
    monkeypatch.setattr(loading, "load", load)
    QueryModels("tea", None).leg(target())
    assert asked == [("offline-minilm", "r1")]


def test_a_model_from_a_folder_that_is_not_in_memory_has_to_be_loaded_by_the_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "loaded", dict)
    with pytest.raises(IndexFitError, match="from a local folder") as caught:
        QueryModels("tea", None).leg(target(replace(META, revision="local")))
    assert caught.value.hint == 'Load it first: jn.load("offline-minilm", path=…).'


def test_a_loaded_reranker_is_taken_as_it_is() -> None:
    reranker = OverlapReranker()
    check_reranker(reranker, "tea")
    assert reranker_of(reranker) is reranker


def test_a_reranker_is_found_in_memory_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    reranker = OverlapReranker("jina-reranker-v3")
    key = loading.Loaded("jina-reranker-v3", "/somewhere", "local", "cpu", "float32")
    monkeypatch.setattr(loading, "loaded", lambda: {key: reranker})
    assert reranker_of("jina-reranker-v3") is reranker


def test_a_reranker_of_an_unknown_name_suggests_one() -> None:
    with pytest.raises(UnknownModelError, match="jina-reranker-v4") as caught:
        check_reranker("jina-reranker-v4", "tea")
    assert "jina-reranker-v" in str(caught.value.hint)


def test_a_model_that_does_not_rerank_is_refused_before_it_is_loaded() -> None:
    with pytest.raises(OptionError, match="names a model that does not rerank") as caught:
        check_reranker("jina-embeddings-v3", "tea")
    assert "jina-reranker-v3" in str(caught.value.hint)


def test_an_object_that_does_not_rerank_is_refused() -> None:
    with pytest.raises(OptionError, match="rerank='offline-minilm' does not rerank"):
        check_reranker(MODEL, "tea")


@pytest.mark.parametrize("given", ["jina-reranker-v3", OverlapReranker("jina-reranker-v3")])
def test_an_image_cannot_be_reranked_by_a_reader_of_texts(given: Any, tmp_path: Path) -> None:
    check_reranker("jina-reranker-m0", tmp_path / "a.png")
    with pytest.raises(InputError, match=r"The query is an image, and .* reads text only"):
        check_reranker(given, tmp_path / "a.png")


def test_loading_and_embedding_are_timed_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "loaded", dict)
    monkeypatch.setattr(loading, "load", lambda name, revision: WordModel(name, size=4, revision=revision))
    models = QueryModels("tea", None)
    models.leg(target())
    assert list(models.latency) == ["load", "embed"]
    given = QueryModels("tea", MODEL)
    given.leg(target())
    assert list(given.latency) == ["embed"]
