"""MaxSim over stored token vectors: packed and scored here, or as `rank_vectors` on the server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from jina_notebook.elastic import late_interaction
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.late_interaction import decoded, has_tokens, maxsim_stage
from jina_notebook.elastic.targets import Target, resolve
from jina_notebook.errors import IndexFitError
from tests.elastic.doubles import WordModel, add, connected, fill, packed

KEY = ("1", "shop")
MODEL = WordModel(size=64)
TEXTS = {
    "match": "how to brew green tea",
    "part": "green paint for the kitchen wall",
    "none": "opening hours of the museum",
    "long": "green tea " * 40 + "and water",
}
DOCUMENTS = [{"id": id_, "text": text} for id_, text in TEXTS.items()]


def scores_by_hand(query: str) -> dict[str, float]:
    """The definition, in double precision: for every query token the best document token, summed."""
    asked = MODEL.embed(query, return_multivector=True).vectors[0].astype(float)
    return {
        id_: float((asked @ MODEL.embed(text, return_multivector=True).vectors[0].T.astype(float)).max(axis=1).sum())
        for id_, text in TEXTS.items()
    }


def asked(query: str) -> Any:
    return MODEL.embed(query, return_multivector=True).vectors[0]


@pytest.fixture
def basic(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


@pytest.fixture
def trial(elasticsearch_trial_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_trial_url) as connection:
        yield connection


def stage(connection: Connection, target: Target, query: str, ids: list[str]) -> Any:
    assert target.fields.tokens is not None
    keys = [(id_, target.indices[0]) for id_ in ids]
    return maxsim_stage(connection.client, target, target.fields.tokens, asked(query), keys)


def test_packed_vectors_are_little_endian_float16() -> None:
    rows = np.array([[1.0, -0.5], [0.25, 2.0]], dtype=np.float32)
    by_hand = base64.b64encode(b"\x00\x3c\x00\xb8\x00\x34\x00\x40").decode()
    assert packed(rows) == by_hand
    np.testing.assert_array_equal(decoded(by_hand, 2, KEY), rows)


def test_vectors_that_come_as_lists_are_taken_too() -> None:
    found = decoded([[1, 0], [0, 1]], 2, KEY)
    assert found.dtype == np.float32
    assert found.shape == (2, 2)


@pytest.mark.parametrize(
    "value", ["not base64!", "AAA=", packed(np.ones((1, 3))), [[1, 2, 3]], [1, 2], [["a", "b"]], 7]
)
def test_a_value_that_is_no_token_vectors_names_its_document(value: Any) -> None:
    with pytest.raises(IndexFitError, match="Document '1' in shop holds no token vectors of 2 dimensions"):
        decoded(value, 2, KEY)


@pytest.mark.server
def test_packed_token_vectors_are_scored_here(basic: Connection, index_name: str) -> None:
    fill(basic, index_name, DOCUMENTS, model=MODEL, tokens="binary")
    (target,) = resolve(basic.client, [index_name])
    scored, notes = stage(basic, target, "green tea", list(TEXTS))
    expected = scores_by_hand("green tea")
    assert [key[0] for key, _ in scored] == ["long", "match", "part", "none"]
    assert {key[0]: score for key, score in scored} == pytest.approx(expected, abs=2e-3)
    assert notes == ()


@pytest.mark.server
def test_rank_vectors_are_scored_on_the_server_alike(trial: Connection, index_name: str) -> None:
    fill(trial, index_name, DOCUMENTS, model=MODEL, tokens="rank_vectors")
    (target,) = resolve(trial.client, [index_name])
    scored, notes = stage(trial, target, "green tea", list(TEXTS))
    assert [key[0] for key, _ in scored] == ["long", "match", "part", "none"]
    assert {key[0]: score for key, score in scored} == pytest.approx(scores_by_hand("green tea"), abs=1e-4)
    assert notes == ()


@pytest.mark.server
def test_scores_below_zero_are_no_error_on_the_server(trial: Connection, index_name: str) -> None:
    fill(trial, index_name, DOCUMENTS[:1], model=MODEL, tokens="rank_vectors")
    (target,) = resolve(trial.client, [index_name])
    assert target.fields.tokens is not None
    away = -asked("green tea brew how to")
    scored, _ = maxsim_stage(trial.client, target, target.fields.tokens, away, [("match", index_name)])
    assert scored[0][1] == pytest.approx(float((away @ asked(TEXTS["match"]).T).max(axis=1).sum()), abs=1e-4)


@pytest.mark.server
@pytest.mark.parametrize("storage", ["binary", "rank_vectors"])
def test_documents_without_token_vectors_are_left_out_and_counted(
    trial: Connection, index_name: str, storage: str
) -> None:
    fill(trial, index_name, DOCUMENTS, model=MODEL, tokens=storage)
    add(trial, index_name, [{"id": "bare"}], model=MODEL, tokens=storage)
    (target,) = resolve(trial.client, [index_name])
    scored, notes = stage(trial, target, "green tea", ["bare", "match"])
    assert [key[0] for key, _ in scored] == ["match"]
    assert notes == ("without token vectors, so left out: 1",)
    found = trial.client.search(index=index_name, query={"bool": {"filter": has_tokens(target)}})
    assert {hit["_id"] for hit in found["hits"]["hits"]} == set(TEXTS)


@pytest.mark.server
def test_many_documents_are_fetched_in_batches(
    basic: Connection, index_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_interaction, "DOCUMENTS_PER_FETCH", 3)
    documents = [{"id": f"{i:02}", "text": f"green tea {i}"} for i in range(10)]
    fill(basic, index_name, documents, model=MODEL, tokens="binary")
    (target,) = resolve(basic.client, [index_name])
    scored, _ = stage(basic, target, "tea 7", [d["id"] for d in documents])
    assert len(scored) == 10
    assert scored[0][0][0] == "07"


@pytest.mark.server
@pytest.mark.parametrize("storage", ["binary", "rank_vectors"])
def test_the_same_id_of_two_indices_is_two_documents(trial: Connection, index_name: str, storage: str) -> None:
    for name, text in ((f"{index_name}-1", "green tea"), (f"{index_name}-2", "museum")):
        fill(trial, name, [{"id": "a", "text": text}, {"id": "b", "text": text}], model=MODEL, tokens=storage)
    (target,) = resolve(trial.client, [f"{index_name}-*"])
    assert target.fields.tokens is not None
    keys = [("a", f"{index_name}-2"), ("b", f"{index_name}-1"), ("a", f"{index_name}-1")]
    scored, notes = maxsim_stage(trial.client, target, target.fields.tokens, asked("green tea"), keys)
    assert [key for key, _ in scored] == [keys[2], keys[1], keys[0]]
    assert notes == ()


@pytest.mark.server
def test_like_scores_are_ordered_by_id(basic: Connection, index_name: str) -> None:
    fill(basic, index_name, [{"id": i, "text": "green tea"} for i in "cab"], model=MODEL, tokens="binary")
    (target,) = resolve(basic.client, [index_name])
    scored, _ = stage(basic, target, "green tea", ["b", "c", "a"])
    assert [key[0] for key, _ in scored] == ["a", "b", "c"]


def test_without_a_count_there_is_nothing_to_filter_by() -> None:
    target = Target(path=("x",), indices=("x",), fields=resolve_fields({"tok": {"type": "binary"}}))
    assert has_tokens(target) == []


def resolve_fields(properties: dict[str, Any]) -> Any:
    from dataclasses import replace

    from jina_notebook.elastic.fields import fields_of
    from tests.elastic.doubles import meta_of

    meta = replace(meta_of(MODEL), token_field="tok", token_storage="binary", token_dimensions=64)
    return fields_of({"properties": properties}, meta)
