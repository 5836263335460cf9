"""From what was read to what is stored: ids, content, hashes, and every fault named."""

from __future__ import annotations

import datetime
import decimal
import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from jina_notebook.elastic.plan import Columns, Planner
from jina_notebook.elastic.records import Document, Entry, Unreadable


def planner(**columns: Any) -> Planner:
    return Planner(Columns(**columns), b"space")


def plan(*items: Any, **columns: Any) -> tuple[list[Document], dict[str, str]]:
    """Documents, and the reasons of those that cannot be stored by id."""
    made = planner(**columns)
    documents = made.plan([Entry(f"#{i}", item) for i, item in enumerate(items)])
    return documents, {failure.id: failure.reason for failure in made.failures}


def stored(item: Any, **columns: Any) -> dict[str, Any]:
    (document,), failed = plan(item, **columns)
    assert not failed
    loaded: dict[str, Any] = json.loads(document.source)
    return loaded


def fingerprint(item: Any, **columns: Any) -> str:
    return plan(item, **columns)[0][0].fingerprint


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), ("7", "7"), (7.0, "7"), (7.5, "7.5"), (np.int64(7), "7"), (np.float64(7), "7"), ("é", "é")],
)
def test_ids_are_texts(value: Any, text: str) -> None:
    (document,), _ = plan({"sku": value, "text": "a"}, id="sku")
    assert document.id == text


def test_a_uuid_is_an_id() -> None:
    value = uuid.UUID(int=5)
    (document,), _ = plan({"sku": value, "text": "a"}, id="sku")
    assert document.id == str(value)


@pytest.mark.parametrize("value", [None, "", float("nan"), pd.NA, pd.NaT])
def test_a_missing_id_is_named_by_place(value: Any) -> None:
    documents, failed = plan({"text": "a", "sku": "1"}, {"text": "b", "sku": value}, id="sku")
    assert [d.id for d in documents] == ["1"]
    assert failed == {"#1": "id is missing"}


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}, b"x"])
def test_something_that_is_no_id_is_named_by_place(value: Any) -> None:
    _, failed = plan({"text": "a", "sku": value}, id="sku")
    assert "not text or a number" in failed["#0"]


def test_an_id_beyond_the_limit_of_the_server_is_named_before_it_spoils_a_whole_request() -> None:
    documents, failed = plan({"text": "a", "sku": "é" * 256}, {"text": "b", "sku": "é" * 257}, id="sku")
    assert len(documents) == 1
    assert failed == {"#1": "id is 514 bytes long; 512 are allowed"}


def test_without_an_id_field_underscore_id_is_used_and_not_stored_twice() -> None:
    (document,), _ = plan({"_id": "d1", "title": "t", "text": "a"})
    assert document.id == "d1"
    assert json.loads(document.source) == {"title": "t", "text": "a"}


def test_a_field_of_ids_stays_in_the_document() -> None:
    assert stored({"sku": 7, "text": "a"}, id="sku") == {"sku": 7, "text": "a"}


def test_without_ids_equal_content_is_one_document() -> None:
    made = planner()
    documents = made.plan([Entry("#0", "tea"), Entry("#1", "tea"), Entry("#2", "cake"), Entry("#3", {"text": "tea"})])
    assert [d.content for d in documents] == ["tea", "cake"]
    assert made.repeated == 2
    assert not made.failures
    assert len(documents[0].id) == 32


def test_the_id_of_content_does_not_depend_on_the_model() -> None:
    one = Planner(Columns(), b"v3").plan([Entry("#0", "tea")])[0]
    other = Planner(Columns(), b"v5").plan([Entry("#0", "tea")])[0]
    assert one.id == other.id
    assert one.fingerprint != other.fingerprint


def test_a_second_document_with_an_id_is_named_within_and_across_batches() -> None:
    made = planner(id="id")
    first = made.plan([Entry("#0", {"id": 1, "text": "red"}), Entry("#1", {"id": "1", "text": "blue"})])
    later = made.plan([Entry("#2", {"id": 1.0, "text": "red"})])
    assert [json.loads(d.source)["text"] for d in first] == ["red"]
    assert later == []
    assert [f.id for f in made.failures] == ["1", "1"]
    assert "duplicate of '1'" in made.failures[0].reason


def test_a_document_that_could_not_be_stored_does_not_block_a_later_one_with_its_id() -> None:
    documents, failed = plan({"id": "a", "text": None}, {"id": "a", "text": "tea"}, id="id")
    assert [d.content for d in documents] == ["tea"]
    assert failed == {"a": "text is missing"}


@pytest.mark.parametrize("value", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT])
def test_a_missing_text_is_named(value: Any) -> None:
    assert plan({"id": "x", "text": value}, id="id")[1] == {"x": "text is missing"}


def test_a_document_without_the_text_field_is_named_with_the_field() -> None:
    made = planner(text="body", id="id")
    made.plan([Entry("#0", {"id": "x", "text": "a"})])
    assert [(f.id, f.reason, f.field) for f in made.failures] == [("x", "text is missing", "body")]


@pytest.mark.parametrize("value", [5, 1.5, True, ["a"], {"a": 1}, b"a"])
def test_a_text_of_another_type_is_named_with_its_value(value: Any) -> None:
    _, failed = plan({"id": "x", "text": value}, id="id")
    assert type(value).__name__ in failed["x"]
    assert "not str" in failed["x"]


@pytest.mark.parametrize("item", [5, ["a"], object(), 1.5])
def test_something_that_is_no_document_is_named_by_place(item: Any) -> None:
    documents, failed = plan("tea", item)
    assert len(documents) == 1
    assert failed["#1"].startswith("a document is a dict or a text, not ")


def test_missing_items_and_broken_lines_are_named_by_place() -> None:
    _, failed = plan(None, float("nan"), Unreadable("line 3 is not JSON: x"))
    assert failed == {"#0": "text is missing", "#1": "text is missing", "#2": "line 3 is not JSON: x"}


def test_half_a_surrogate_pair_is_stored_and_embedded_as_the_replacement_character() -> None:
    item = {"id": "x\ud83e", "text": "price 12\ud83e", "tags": ["a\udc00", {"b\ud83e": "\ud83d\ude00"}]}
    (document,), _ = plan(item, id="id")
    assert document.id == "x\ufffd"
    assert document.content == "price 12\ufffd"
    assert json.loads(document.source) == {
        "id": "x\ufffd",
        "text": "price 12\ufffd",
        "tags": ["a\ufffd", {"b\ufffd": "\U0001f600"}],
    }


def test_values_without_a_form_in_json_get_one_where_there_is_an_obvious_one() -> None:
    item = {
        "text": "a",
        "when": pd.Timestamp("2024-01-02 03:04:05"),
        "day": datetime.date(2024, 1, 2),
        "price": decimal.Decimal("1.5"),
        "path": Path("a/b"),
        "gone": pd.NA,
        "never": pd.NaT,
        "nan": float("nan"),
        "n": np.int32(4),
        "row": np.arange(3),
        "set": {1},
        7: "key",
    }
    assert stored(item) == {
        "text": "a",
        "when": "2024-01-02T03:04:05",
        "day": "2024-01-02",
        "price": 1.5,
        "path": "a/b",
        "gone": None,
        "never": None,
        "nan": None,
        "n": 4,
        "row": [0, 1, 2],
        "set": [1],
        "7": "key",
    }


@pytest.mark.parametrize(
    ("value", "reason"),
    [(b"raw", "bytes"), (2**70, "64-bit"), (object(), "object"), ({"a": {"b": b"x"}}, "bytes"), (1j, "complex")],
)
def test_a_value_that_json_cannot_hold_is_named_with_its_field(value: Any, reason: str) -> None:
    made = planner(id="id")
    assert made.plan([Entry("#0", {"id": "x", "text": "a", "payload": value})]) == []
    (failure,) = made.failures
    assert (failure.id, failure.field) == ("x", "payload")
    assert reason in failure.reason


def test_a_document_that_holds_itself_is_named() -> None:
    item: dict[str, Any] = {"id": "x", "text": "a"}
    item["self"] = item
    assert "holds itself" in plan(item, id="id")[1]["x"]


def test_a_field_where_our_vectors_go_is_named() -> None:
    _, failed = plan({"id": "x", "text": "a", "vector": [1]}, id="id", reserved=frozenset({"vector"}))
    assert "the field 'vector' is where the model's vectors go" in failed["x"]


def test_the_hash_changes_with_content_and_not_with_the_order_of_fields() -> None:
    base = fingerprint({"id": "1", "text": "a", "n": 1}, id="id")
    assert fingerprint({"n": 1, "text": "a", "id": "1"}, id="id") == base
    assert fingerprint({"id": "1", "text": "a", "n": 2}, id="id") != base
    assert fingerprint({"id": "1", "text": "b", "n": 1}, id="id") != base


def test_the_hash_changes_with_a_given_vector() -> None:
    row = {"id": "1", "text": "a"}
    one = fingerprint({**row, "v": [1.0, 0.0]}, id="id", vector="v")
    assert fingerprint({**row, "v": np.array([1, 0], dtype=np.float32)}, id="id", vector="v") == one
    assert fingerprint({**row, "v": [0.0, 1.0]}, id="id", vector="v") != one


def test_vectors_without_texts_and_ids_are_documents_of_their_own() -> None:
    documents, _ = plan({"v": [1.0, 0.0]}, {"v": [0.0, 1.0]}, {"v": [1.0, 0.0]}, vector="v")
    assert len({d.id for d in documents}) == len(documents) == 2


def test_a_text_keeps_its_id_when_its_vector_changes() -> None:
    (one,), _ = plan({"text": "a", "v": [1.0, 0.0]}, vector="v")
    (other,), _ = plan({"text": "a", "v": [0.0, 1.0]}, vector="v")
    assert one.id == other.id


def test_given_vectors_are_taken_out_of_the_document_and_need_no_text() -> None:
    (document,), _ = plan({"id": "1", "v": [1.0, 0.0]}, id="id", vector="v")
    assert json.loads(document.source) == {"id": "1"}
    assert document.vector is not None
    assert document.vector.tolist() == [1.0, 0.0]


def test_a_given_vector_of_another_shape_is_named_with_its_field() -> None:
    made = planner(id="id", vector="v")
    made.plan([Entry("#0", {"id": "1", "text": "a"}), Entry("#1", {"id": "2", "text": "a", "v": "0.1"})])
    assert [(f.id, f.field) for f in made.failures] == [("1", "v"), ("2", "v")]


def picture(path: Path, colour: tuple[int, int, int]) -> Path:
    Image.new("RGB", (4, 4), colour).save(path)
    return path


def test_a_picture_is_embedded_and_its_path_stored(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (1, 2, 3))
    (document,), _ = plan({"image": str(path), "text": "caption"}, image="image")
    assert document.content == path
    assert json.loads(document.source) == {"image": str(path), "text": "caption"}


def test_a_picture_needs_no_text_and_a_document_without_picture_its_text() -> None:
    documents, failed = plan({"id": "1", "text": "a"}, {"id": "2"}, id="id", image="image")
    assert [d.content for d in documents] == ["a"]
    assert failed == {"2": "image is missing"}


def test_pictures_in_memory_are_embedded_and_not_stored() -> None:
    image = Image.new("RGB", (2, 2))
    documents, _ = plan({"image": image}, image, {"image": b"\x89PNG"}, image="image")
    assert [d.content for d in documents] == [image, b"\x89PNG"]  # the second is the first again
    assert {d.source for d in documents} == {b"{}"}


def test_a_picture_that_changed_is_another_document(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (1, 2, 3))
    before = fingerprint({"id": "1", "image": path}, id="id", image="image")
    assert fingerprint({"id": "1", "image": path}, id="id", image="image") == before
    picture(path, (9, 9, 9))
    assert fingerprint({"id": "1", "image": path}, id="id", image="image") != before


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("nowhere.png", "'nowhere.png' cannot be opened: No such file"),
        ("https://host/a.png", "is an address; download it"),
        ("nul\0byte.png", "cannot be opened"),
        (5, "the image is int"),
    ],
)
def test_a_picture_that_is_not_there_is_named(value: Any, reason: str) -> None:
    _, failed = plan({"id": "x", "image": value}, id="id", image="image")
    assert reason in failed["x"]
