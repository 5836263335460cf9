"""What may be handed to `.embed` and `.rerank`: texts of every kind, tables, and what is refused with its position."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jina_notebook.errors import InputError, OptionError
from tests.families.cases import BLANK_TEXTS, EMBEDDERS, RERANKERS, EmbeddingCase, RerankingCase

EQUAL = 1e-5
Load = Callable[..., Any]
every_embedder = pytest.mark.parametrize("case", EMBEDDERS.values(), ids=EMBEDDERS)
every_reranker = pytest.mark.parametrize("case", RERANKERS.values(), ids=RERANKERS)
COLLECTIONS = ["tuple", "iterator", "array", "objects", "strings", "category", "column", "index", "generator", "numpy"]
CODE = EMBEDDERS["jina-code-embeddings-0.5b"]


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


@every_embedder
def test_blank_texts_have_finite_unit_rows_and_leave_their_neighbours_alone(case: EmbeddingCase, load: Load) -> None:
    texts = ["tea", *BLANK_TEXTS, "cake"]
    model = load(case.name)
    there = model.embed(texts, task=case.task)
    back = model.embed(texts[::-1], task=case.task)
    assert np.isfinite(there.vectors).all()
    assert np.abs(np.linalg.norm(there.vectors, axis=1) - 1).max() <= 1e-6
    assert difference(there.vectors, back.vectors[::-1]) <= EQUAL
    assert list(there.token_counts) == list(back.token_counts)[::-1]
    assert difference(there.vectors[0], model.embed("tea", task=case.task).vectors[0]) <= EQUAL


@every_embedder
@pytest.mark.parametrize("text", ["price 12\ud83e", "\udc80", "a\ud800b\udfffc", "\ud83e" * 40])
def test_half_a_character_counts_as_the_replacement_character(case: EmbeddingCase, text: str, load: Load) -> None:
    model = load(case.name)
    replaced = re.sub("[\ud800-\udfff]", "\ufffd", text)
    vectors = model.embed(["ok", text], task=case.task).vectors
    assert difference(vectors, model.embed(["ok", replaced], task=case.task).vectors) <= EQUAL


@every_embedder
def test_a_long_line_without_a_blank_is_one_text(case: EmbeddingCase, load: Load) -> None:
    result = load(case.name).embed(["tea", "ab1-" * 2_000], task=case.task)
    assert np.isfinite(result.vectors).all()
    assert difference(result.vectors[0], load(case.name).embed("tea", task=case.task).vectors[0]) <= EQUAL


def test_a_line_of_a_megabyte_is_cut_at_the_limit(altered: Callable[..., Path], load: Load) -> None:
    name = "jina-embeddings-v5-text-nano"
    model = load(name, altered(name, config={"max_position_embeddings": 900}))
    result = model.embed(["x1-" * 350_000], task="clustering")
    assert (result.token_counts, result.truncated) == ((900,), (True,))
    assert np.isfinite(result.vectors).all()


@every_embedder
def test_a_filtered_series_is_read_by_position(case: EmbeddingCase, load: Load) -> None:
    table = pd.Series(["soup", "ale", "bread", "tea"], index=[7, 7, 0, -1])
    vectors = load(case.name).embed(table.loc[lambda column: column.str.len() > 3], task=case.task).vectors
    assert difference(vectors, load(case.name).embed(["soup", "bread"], task=case.task).vectors) <= EQUAL


@pytest.mark.parametrize(
    "make",
    [
        tuple,
        iter,
        np.array,
        lambda texts: np.array(texts, dtype=object),
        lambda texts: pd.Series(texts, dtype="string"),
        lambda texts: pd.Series(texts, dtype="category"),
        lambda texts: pd.DataFrame({"text": texts}, index=[5, 5, 1])["text"],
        pd.Index,
        lambda texts: (text for text in texts),
        lambda texts: [np.str_(text) for text in texts],
    ],
    ids=[
        "tuple",
        "iterator",
        "array",
        "object-array",
        "string-series",
        "category",
        "column",
        "index",
        "generator",
        "numpy-strings",
    ],
)
@pytest.mark.parametrize("case", [CODE, EMBEDDERS["jina-embeddings-v3"]], ids=["code", "v3"])
def test_every_ordered_collection_of_texts_is_taken(case: EmbeddingCase, make: Any, load: Load) -> None:
    texts = ["soup", "ale", "bread"]
    vectors = load(case.name).embed(make(texts), task=case.task).vectors
    assert difference(vectors, load(case.name).embed(texts, task=case.task).vectors) <= EQUAL


@pytest.mark.parametrize("text", [np.str_("soup"), np.array(["soup"])[0]], ids=repr)
def test_a_numpy_text_alone_counts_as_one_input(text: Any, load: Load) -> None:
    vectors = load(CODE.name).embed(text, task=CODE.task).vectors
    assert difference(vectors, load(CODE.name).embed("soup", task=CODE.task).vectors) <= EQUAL


@pytest.mark.parametrize(
    ("inputs", "word"),
    [
        ({"soup": 1, "tea": 2}, "dict"),
        ({"soup", "tea"}, "set"),
        (frozenset({"soup"}), "frozenset"),
        ({"soup": 1}.keys(), "dict_keys"),
        (pd.DataFrame({"text": ["soup"]}), "DataFrame"),
        (None, "None"),
        (3, "3"),
        (2.5, "2.5"),
        (object, "type"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
@pytest.mark.parametrize("case", [CODE, EMBEDDERS["jina-embeddings-v3"]], ids=["code", "v3"])
def test_what_has_no_order_or_is_no_text_is_refused_and_never_embedded(
    case: EmbeddingCase, inputs: Any, word: str, load: Load
) -> None:
    with pytest.raises(InputError) as caught:
        load(case.name).embed(inputs, task=case.task)
    assert word in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (np.nan, "nan"),
        (None, "None"),
        (pd.NA, "NA"),
        (pd.NaT, "NaT"),
        (7, "7"),
        (np.int64(7), "7"),
        (2.5, "2.5"),
        (True, "True"),
        (["nested"], "list"),
        ({"text": "soup"}, "dict"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
@pytest.mark.parametrize("case", [CODE, EMBEDDERS["jina-embeddings-v3"]], ids=["code", "v3"])
def test_an_item_that_is_no_text_is_an_error_with_its_position_and_value(
    case: EmbeddingCase, bad: Any, word: str, load: Load
) -> None:
    with pytest.raises(InputError) as caught:
        load(case.name).embed(["tea", "soup", bad, "ale"], task=case.task)
    assert re.search(r"\b2\b", caught.value.message)
    assert word in caught.value.message


@every_embedder
def test_a_missing_cell_is_an_error_with_its_position_and_never_the_word_nan(case: EmbeddingCase, load: Load) -> None:
    table = pd.DataFrame({"sku": [1, 2, 3], "text": ["tea", np.nan, None]})
    with pytest.raises(InputError) as caught:
        load(case.name).embed(table["text"], task=case.task)
    assert re.search(r"\b1\b", caught.value.message)
    assert "nan" in caught.value.message


def test_text_models_refuse_pictures_and_bytes_with_their_position(load: Load) -> None:
    for bad in (b"\x89PNG\r\n", memoryview(b"tea")):
        with pytest.raises(InputError, match=r"\b1\b"):
            load(CODE.name).embed(["tea", bad], task=CODE.task)


def test_a_path_is_a_picture_and_refused_by_a_text_model(tmp_path: Any, load: Load) -> None:
    with pytest.raises(InputError, match=r"\b0\b"):
        load(CODE.name).embed([tmp_path / "photo.png"], task=CODE.task)


def test_a_generator_that_fails_lets_its_own_error_out(load: Load) -> None:
    def feed() -> Iterator[str]:
        yield "tea"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(CODE.name).embed(feed(), task=CODE.task)


def test_the_callers_own_list_is_kept_with_the_result_and_left_as_it_was(load: Load) -> None:
    texts = ["soup", "price 12\ud83e"]
    result = load(CODE.name).embed(texts, task=CODE.task)
    assert texts == ["soup", "price 12\ud83e"]
    assert list(result.inputs) == texts


@every_reranker
def test_documents_may_be_a_filtered_series_and_indices_are_positions(case: RerankingCase, load: Load) -> None:
    table = pd.Series(["soup", "ale", "bread", "tea"], index=[7, 7, 0, -1])
    ranking = load(case.name).rerank("warm soup", table.loc[lambda column: column.str.len() > 3])
    assert {item.index for item in ranking} == {0, 1}
    assert {item.index: item.document for item in ranking} == {0: "soup", 1: "bread"}


@every_reranker
@pytest.mark.parametrize(
    ("documents", "word"),
    [({"soup": 1}, "dict"), ({"soup"}, "set"), (None, "None"), (5, "5"), ("one text", "str")],
    ids=["dict", "set", "None", "number", "bare text"],
)
def test_documents_without_an_order_are_refused(case: RerankingCase, documents: Any, word: str, load: Load) -> None:
    with pytest.raises(InputError) as caught:
        load(case.name).rerank("tea", documents)
    assert word in str(caught.value)


@every_reranker
@pytest.mark.parametrize(
    ("bad", "word"), [(np.nan, "nan"), (None, "None"), (7, "7"), (b"tea", "bytes")], ids=["nan", "None", "7", "bytes"]
)
def test_a_document_that_is_no_text_is_an_error_with_its_position(
    case: RerankingCase, bad: Any, word: str, load: Load
) -> None:
    with pytest.raises(InputError) as caught:
        load(case.name).rerank("tea", ["soup", bad])
    assert re.search(r"\b1\b", caught.value.message)
    assert word in caught.value.message


@every_reranker
@pytest.mark.parametrize("query", [None, 7, np.nan, ["tea"], b"tea"], ids=repr)
def test_a_query_that_is_no_text_is_an_error(case: RerankingCase, query: Any, load: Load) -> None:
    with pytest.raises(InputError, match=r"(?i)query"):
        load(case.name).rerank(query, ["green tea"])


@every_reranker
@pytest.mark.parametrize("top_n", [-1, 0, 1.5, "2", True])
def test_a_top_n_that_is_no_positive_integer_is_an_error(case: RerankingCase, top_n: Any, load: Load) -> None:
    with pytest.raises(OptionError, match=re.escape(repr(top_n))):
        load(case.name).rerank("tea", ["green tea", "coffee"], top_n=top_n)


@every_reranker
def test_half_a_character_in_query_or_document_counts_as_the_replacement_character(
    case: RerankingCase, load: Load
) -> None:
    scores = load(case.name).rerank("tea \ud83e", ["green tea\ud83e", "coffee"]).scores
    assert difference(scores, load(case.name).rerank("tea \ufffd", ["green tea\ufffd", "coffee"]).scores) <= EQUAL
