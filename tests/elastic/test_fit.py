"""Whether an index takes the vectors of a model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.fit import field_of_others, require_fit, require_same_model
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.errors import IndexFitError
from tests.elastic.test_mapping import remembered


def destination(meta: IndexMeta | None, *, documents: int = 5, **properties: Any) -> Destination:
    mapping: dict[str, Any] = {"properties": properties}
    if meta is not None:
        mapping["_meta"] = meta.to_mapping()
    return Destination(cast("Connection", None), "kb", "kb", exists=True, mapping=mapping, documents=documents)


def fits(there: IndexMeta | None, wanted: IndexMeta) -> bool:
    try:
        require_fit(destination(there), wanted)
    except IndexFitError:
        return False
    return True


def test_what_fits_is_let_through() -> None:
    for there, wanted in (
        (remembered(), remembered()),
        (remembered(), remembered(version="another", normalized=False, image_field="page")),
        (None, remembered()),
    ):
        assert fits(there, wanted)


def test_another_model_is_refused_with_both_names_and_sizes_and_the_ways_out() -> None:
    with pytest.raises(IndexFitError) as refused:
        require_same_model(destination(remembered()), "jina-code-embeddings-0.5b", 896)
    for part in ("jina-embeddings-v3", "1024", "jina-code-embeddings-0.5b", "896"):
        assert part in refused.value.message
    assert "recreate=True" in str(refused.value.hint)
    assert "another name" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"dimensions": 256}, "dimensions 1024; 256 does not fit"),
        ({"task": "text-matching"}, "the task 'retrieval.passage'; 'text-matching'"),
        ({"revision": "other"}, "the revision 'r'; 'other'"),
        ({"text_field": "body"}, "the text field 'text'; 'body'"),
        ({"token_field": "token_vectors"}, "without token vectors"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], text: str) -> None:
    with pytest.raises(IndexFitError, match=text):
        require_fit(destination(remembered()), remembered(**change))


def test_a_model_from_a_folder_has_no_revision_to_compare() -> None:
    assert fits(remembered(), remembered(revision="local"))
    assert fits(remembered(revision="local"), remembered())
    assert not fits(remembered(), remembered(revision="other"))


def test_a_size_that_is_not_known_yet_is_compared_later() -> None:
    assert fits(remembered(), remembered(dimensions=0))


def dense(**changes: Any) -> dict[str, Any]:
    return {"type": "dense_vector", "dims": 1024, **changes}


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"vector": dense()}, "vector"),
        ({"embedding": dense(element_type="bfloat16")}, "embedding"),
        ({"vector": dense(), "embedding": dense(dims=8)}, "vector"),
        ({"embedding": {"type": "dense_vector"}}, "embedding"),
    ],
)
def test_the_vector_field_of_another_tool_is_used_where_it_fits(properties: dict[str, Any], field: str) -> None:
    assert field_of_others(destination(None, **properties), remembered()).vector_field == field


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"vector": dense(dims=768)}, "vectors of 768 dimensions; these have 1024"),
        ({"vector": dense(element_type="byte")}, "byte vectors"),
        ({"text": {"type": "text"}}, "holds 5 documents and has no dense_vector field"),
        ({"a": dense(), "b": dense()}, "no dense_vector field"),
    ],
)
def test_an_index_of_another_tool_that_does_not_fit_is_refused(properties: dict[str, Any], text: str) -> None:
    with pytest.raises(IndexFitError, match=text):
        field_of_others(destination(None, **properties), remembered())


def test_an_empty_index_of_another_tool_is_completed() -> None:
    meta = field_of_others(destination(None, documents=0, text={"type": "text"}), remembered())
    assert meta == remembered()


def test_token_vectors_of_another_tool_are_used_or_missed() -> None:
    wanted = replace(remembered(), token_field="token_vectors", token_storage="binary")
    there = destination(None, vector=dense(), tok={"type": "rank_vectors", "dims": 128})
    meta = field_of_others(there, wanted)
    assert (meta.token_field, meta.token_storage, meta.token_dimensions) == ("tok", "rank_vectors", 128)
    with pytest.raises(IndexFitError, match="rank_vectors field"):
        field_of_others(destination(None, vector=dense()), wanted)
