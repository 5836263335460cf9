"""Lines of a bulk request."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from jina_notebook.elastic.lines import Encoder
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.records import Document, Embedded


def encoder(*, base64: bool = True, **meta: Any) -> Encoder:
    facts = {"model": "m", "revision": "r", "task": None, "query_task": None, "dimensions": 2, **meta}
    return Encoder(IndexMeta(**facts), base64)


def lines(made: Encoder, embedded: Embedded) -> list[tuple[Any, Any]]:
    pairs = []
    for item in made.items(embedded):
        action, source, end = item.lines.split(b"\n")
        assert end == b""
        pairs.append((json.loads(action), json.loads(source)))
    return pairs


DOCUMENTS = [Document('a"\n', b'{"text":"x"}', "x", "f1"), Document("b", b"{}", "y", "f2")]
VECTORS = np.array([[1, 2], [3, 4]], dtype=np.float32)


@pytest.mark.parametrize("as_base64", [True, False])
def test_each_document_is_two_lines_with_vector_and_hash(as_base64: bool) -> None:
    (first, source), (second, bare) = lines(encoder(base64=as_base64), Embedded(DOCUMENTS, VECTORS))
    assert first == {"index": {"_id": 'a"\n'}}
    assert second == {"index": {"_id": "b"}}
    assert source["text"] == "x"
    assert (source["_jina_hash"], bare["_jina_hash"]) == ("f1", "f2")
    vector = source["vector"]
    if as_base64:
        vector = np.frombuffer(base64.b64decode(vector), ">f4").tolist()
    assert vector == [1.0, 2.0]


def test_token_vectors_are_packed_with_their_number_where_the_licence_is_basic() -> None:
    made = encoder(token_field="t", token_storage="binary", vector_field=None)
    matrices = [np.ones((3, 2), dtype=np.float32), np.zeros((1, 2), dtype=np.float32)]
    (_, source), (_, other) = lines(made, Embedded(DOCUMENTS, tokens=matrices))
    assert (source["t_count"], other["t_count"]) == (3, 1)
    assert np.frombuffer(base64.b64decode(source["t"]), "<f2").tolist() == [1.0] * 6
    assert "vector" not in source


def test_token_vectors_are_a_list_where_the_server_scores_them() -> None:
    made = encoder(token_field="t", token_storage="rank_vectors", base64=False)
    (_, source), _ = lines(made, Embedded(DOCUMENTS, VECTORS, [VECTORS, VECTORS]))
    assert source["t"] == [[1.0, 2.0], [3.0, 4.0]]
    assert source["vector"] == [1.0, 2.0]
