"""`jn.index` on a real server: what becomes of every document, of the index, and of a second run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import jina_notebook as jn
from jina_notebook.catalog import CATALOGUE
from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.errors import IndexFitError, InferenceError, InputError, OptionError, UnknownModelError
from jina_notebook.results import IndexReport
from tests.elastic.doubles import WordModel, connected

V3 = CATALOGUE["jina-embeddings-v3"]
CODE = CATALOGUE["jina-code-embeddings-0.5b"]


@pytest.fixture
def es(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


@pytest.fixture
def model() -> WordModel:
    return WordModel()


def texts(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"id": str(i), "text": f"text number {i}"} for i in range(start, start + count)]


def count(es: Connection, index: str) -> int:
    return int(es.client.count(index=index)["count"])


def source(es: Connection, index: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = es.client.get(index=index, id=key)["_source"]
    return found


def vector(es: Connection, index: str, key: str) -> list[float]:
    found = es.client.search(index=index, query={"ids": {"values": [key]}}, fields=["vector"], source=False)
    values: list[float] = found["hits"]["hits"][0]["fields"]["vector"]
    return values


def reasons(report: IndexReport) -> dict[str, str]:
    return {failure.id: failure.reason for failure in report.failed}


def mapping(es: Connection, index: str) -> dict[str, Any]:
    found: dict[str, Any] = es.client.indices.get_mapping(index=index)[index]["mappings"]
    return found


def test_documents_are_embedded_as_passages_stored_and_found_at_once(
    es: Connection, index_name: str, model: WordModel
) -> None:
    report = jn.index(texts(50), index_name, model=model, id="id", connection=es)
    assert (report.indexed, report.skipped, report.failed) == (50, 0, ())
    assert (report.index, report.model, report.revision, report.dimensions) == (index_name, model.name, "r1", 64)
    assert report.tokens == 150
    assert count(es, index_name) == 50
    assert source(es, index_name, "7") == {"id": "7", "text": "text number 7"}
    expected = model.embed("text number 7").vectors[0]
    assert np.allclose(vector(es, index_name, "7"), expected, atol=1e-6)
    assert {call["task"] for call in model.calls[:-1]} == {"retrieval.passage"}


def test_the_index_remembers_its_model(es: Connection, index_name: str, model: WordModel) -> None:
    jn.index(texts(3), index_name, model=model, id="id", connection=es)
    assert es.meta(index_name) == IndexMeta(
        model=model.name,
        revision="r1",
        task="retrieval.passage",
        query_task="retrieval.query",
        dimensions=64,
        version=jn.__version__,
    )


def test_a_second_run_embeds_only_what_is_new_or_changed(es: Connection, index_name: str, model: WordModel) -> None:
    jn.index(texts(40), index_name, model=model, id="id", connection=es)
    model.calls.clear()
    changed = [*texts(40), *texts(2, start=40)]
    changed[3] = {"id": "3", "text": "something else"}
    changed[4] = {"id": "4", "text": "text number 4", "lang": "fr"}
    report = jn.index(changed, index_name, model=model, id="id", connection=es)
    assert (report.indexed, report.skipped) == (4, 38)
    assert sorted(t for call in model.calls for t in call["inputs"]) == [
        "something else",
        "text number 4",
        "text number 40",
        "text number 41",
    ]
    assert count(es, index_name) == 42
    assert source(es, index_name, "3")["text"] == "something else"


def test_texts_without_ids_are_stored_once_however_often_they_come(
    es: Connection, index_name: str, model: WordModel
) -> None:
    report = jn.index(["tea", "cake", "tea"], index_name, model=model, connection=es)
    assert (report.indexed, report.skipped, len(report.failed)) == (2, 1, 0)
    assert jn.index(["cake", "tea"], index_name, model=model, connection=es).skipped == 2
    assert count(es, index_name) == 2


def test_one_value_that_the_server_refuses_fails_its_own_document(
    es: Connection, index_name: str, model: WordModel
) -> None:
    documents: list[dict[str, Any]] = [
        {**d, "price": i, "made": "2024-01-02", "tag": "a"} for i, d in enumerate(texts(100))
    ]
    documents[41]["price"] = "ask us"
    documents[42]["made"] = "last summer"
    documents[43]["tag"] = "x" * 40_000
    documents[44]["note"] = {"": 1}
    report = jn.index(documents, index_name, model=model, id="id", connection=es)
    assert report.indexed == 100 - len(report.failed)
    fields = {failure.id: failure.field for failure in report.failed}
    assert fields["41"] == "price"
    assert fields["42"] == "made"
    assert fields["43"] == "tag"
    assert set(fields) <= {"41", "42", "43", "44"}
    assert "ask us" in reasons(report)["41"]
    assert count(es, index_name) == report.indexed


def test_the_duplicate_is_named_and_the_first_document_is_kept(
    es: Connection, index_name: str, model: WordModel
) -> None:
    documents = [{"id": "mug-9", "text": "red mug"}, {"id": "mug-9", "text": "blue mug"}]
    report = jn.index(documents, index_name, model=model, id="id", connection=es)
    assert report.indexed == 1
    assert report.documents == 2
    assert "duplicate of 'mug-9'" in reasons(report)["mug-9"]
    assert source(es, index_name, "mug-9")["text"] == "red mug"


def test_missing_cells_are_named(es: Connection, index_name: str, model: WordModel) -> None:
    frame = pd.DataFrame({"sku": [1, 2, 3], "text": ["tea", np.nan, None]})
    report = jn.index(frame, index_name, model=model, id="sku", connection=es)
    assert report.indexed == 1
    assert reasons(report) == {"2": "text is missing", "3": "text is missing"}
    assert source(es, index_name, "1") == {"sku": 1, "text": "tea"}


def test_half_an_emoji_is_stored_as_the_replacement_character(
    es: Connection, index_name: str, model: WordModel
) -> None:
    documents = [{"id": "1", "text": "ok"}, {"id": "2", "text": "price 12\ud83e"}]
    assert jn.index(documents, index_name, model=model, id="id", connection=es).indexed == 2
    assert source(es, index_name, "2")["text"] == "price 12\ufffd"


def test_a_document_that_the_model_gives_no_numbers_for_is_named(es: Connection, index_name: str) -> None:
    class Overflowing(WordModel):
        def embed(self, inputs: Any, **options: Any) -> Any:
            if "x = 1" in inputs:
                raise InferenceError(f"{self.name} in float16 gave NaN for input {list(inputs).index('x = 1')}.")
            return super().embed(inputs, **options)

    documents = [{"id": "a", "text": "x = 1"}]
    report = jn.index(documents, index_name, model=Overflowing(), id="id", connection=es)
    assert "gave NaN" in reasons(report)["a"]
    assert count(es, index_name) == 0
    report = jn.index([*documents, *texts(9)], index_name, model=Overflowing(), id="id", connection=es)
    assert (report.indexed, set(reasons(report))) == (9, {"a"})


@pytest.mark.parametrize("name", ["My Docs", "Docs", "a,b", "-x"])
def test_an_illegal_name_is_refused_before_anything_is_embedded(es: Connection, model: WordModel, name: str) -> None:
    with pytest.raises(IndexFitError, match="is no name for an index"):
        jn.index(texts(3), name, model=model, connection=es)
    assert model.calls == []


def test_an_index_of_another_model_is_refused_before_loading_or_embedding(es: Connection, index_name: str) -> None:
    jn.index(texts(3), index_name, model=WordModel("jina-embeddings-v3", card=V3), id="id", connection=es)
    code = WordModel("jina-code-embeddings-0.5b", size=32, card=CODE)
    for other in (code, "jina-code-embeddings-1.5b"):
        with pytest.raises(
            IndexFitError, match=r"filled by jina-embeddings-v3 with 64 dimensions; jina-code"
        ) as refused:
            jn.index(texts(3), index_name, model=other, id="id", connection=es)
        assert "recreate=True" in str(refused.value.hint)
    with pytest.raises(IndexFitError, match=r"jina-code-embeddings-0\.5b with 32 dimensions does not fit"):
        jn.index(texts(3), index_name, model=code, id="id", connection=es)
    assert code.calls == []
    assert count(es, index_name) == 3
    report = jn.index(texts(2), index_name, model=code, id="id", connection=es, recreate=True)
    assert report.indexed == 2
    assert count(es, index_name) == 2


def test_replacing_an_index_with_nothing_that_can_be_stored_keeps_it(
    es: Connection, index_name: str, model: WordModel
) -> None:
    jn.index(texts(3), index_name, model=model, id="id", connection=es)
    report = jn.index([{"id": "1"}], index_name, model=model, id="id", connection=es, recreate=True)
    assert report.indexed == 0
    assert "as it was" in report.notes[0]
    assert count(es, index_name) == 3


def test_documents_reach_the_index_behind_an_alias(es: Connection, index_name: str, model: WordModel) -> None:
    jn.index(texts(3), f"{index_name}-1", model=model, id="id", connection=es)
    es.client.indices.put_alias(index=f"{index_name}-1", name=index_name)
    late = [{"id": "new", "text": "late arrival"}]
    assert jn.index(late, index_name, model=model, id="id", connection=es).indexed == 1
    assert count(es, f"{index_name}-1") == 4
    assert not es.client.indices.exists(index=f"{index_name}-2")
    hits = jn.search("late arrival", index_name, k=3, model=model, connection=es)
    assert "new" in [hit.id for hit in hits]


def test_a_filter_is_applied_before_the_nearest_neighbours_are_chosen(
    es: Connection, index_name: str, model: WordModel
) -> None:
    documents = [{"id": str(i), "text": "red shoe", "lang": "en"} for i in range(200)]
    documents.append({"id": "fr", "text": "tax form", "lang": "fr"})
    jn.index(documents, index_name, model=model, id="id", connection=es)
    found = es.client.search(
        index=index_name,
        knn={
            "field": "vector",
            "query_vector": model.embed("red shoe").vectors[0].tolist(),
            "k": 5,
            "filter": {"term": {"lang": "fr"}},
        },
    )
    assert [hit["_id"] for hit in found["hits"]["hits"]] == ["fr"]


def test_the_index_of_another_tool_is_used_where_it_fits(es: Connection, index_name: str, model: WordModel) -> None:
    fields = {"embedding": {"type": "dense_vector", "dims": 64, "similarity": "cosine"}, "text": {"type": "text"}}
    es.client.indices.create(index=index_name, mappings={"properties": fields})
    report = jn.index(texts(3), index_name, model=model, id="id", connection=es)
    assert report.indexed == 3
    assert "made by another tool" in report.notes[0]
    meta = es.meta(index_name)
    assert meta is not None
    assert meta.vector_field == "embedding"
    assert jn.index(texts(3), index_name, model=model, id="id", connection=es).skipped == 3


def test_the_index_of_another_tool_that_does_not_fit_is_refused_before_embedding(
    es: Connection, index_name: str, model: WordModel
) -> None:
    fields = {"embedding": {"type": "dense_vector", "dims": 32, "similarity": "cosine"}}
    es.client.indices.create(index=index_name, mappings={"properties": fields})
    with pytest.raises(IndexFitError, match="vectors of 32 dimensions; these have 64"):
        jn.index(texts(3), index_name, model=model, connection=es)
    assert model.calls == []


def test_a_smaller_size_is_kept_by_the_next_run(es: Connection, index_name: str) -> None:
    model = WordModel(size=64, sizes=(16, 64))
    jn.index(texts(2), index_name, model=model, id="id", dimensions=16, connection=es)
    assert jn.index(texts(4), index_name, model=model, id="id", connection=es).indexed == 2
    assert mapping(es, index_name)["properties"]["vector"]["dims"] == 16
    with pytest.raises(IndexFitError, match="16"):
        jn.index(texts(4), index_name, model=model, id="id", dimensions=64, connection=es)


def test_a_corpus_in_the_beir_layout_is_stored_and_its_broken_line_named(
    es: Connection, index_name: str, model: WordModel, tmp_path: Path
) -> None:
    lines = [json.dumps({"_id": f"d{i}", "title": f"title {i}", "text": f"body {i}"}) for i in range(5)]
    lines[2] = lines[2][:-5]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines))
    report = jn.index(tmp_path / "corpus.jsonl", index_name, model=model, connection=es)
    assert report.indexed == 4
    assert set(reasons(report)) == {"line 3"}
    assert source(es, index_name, "d4") == {"title": "title 4", "text": "body 4"}


def test_what_was_embedded_before_is_stored_with_its_vectors(es: Connection, index_name: str, model: WordModel) -> None:
    embeddings = model.embed(["green tea", "cake"], task="text-matching")
    model.calls.clear()
    report = jn.index(embeddings, index_name, model=model, connection=es)
    assert report.indexed == 2
    assert model.calls == []
    meta = es.meta(index_name)
    assert meta is not None
    assert (meta.task, meta.query_task, meta.vector_field) == ("text-matching", "text-matching", "vector")


def test_no_documents_make_an_empty_index(es: Connection, index_name: str, model: WordModel) -> None:
    report = jn.index([], index_name, model=model, connection=es)
    assert report.documents == 0
    assert count(es, index_name) == 0
    assert es.meta(index_name) is not None


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"model": "jina-embedings-v3"}, UnknownModelError, "no model named"),
        ({"model": "jina-reranker-v2-base-multilingual"}, OptionError, "gives no vectors to index"),
        ({"model": 5}, InputError, "neither a catalogue name nor a loaded model"),
        ({"text": ""}, OptionError, "text='' is not the name of a field"),
        ({"id": 5}, OptionError, "id=5 is not the name of a field"),
        ({"index_options": "fast"}, OptionError, "no type 'fast'"),
        ({"dimensions": 7}, OptionError, "no vectors of 7 dimensions"),
        ({"connection": "nowhere"}, jn.JinaNotebookError, "no connection named 'nowhere'"),
    ],
)
def test_bad_arguments_are_refused_and_no_index_appears(
    es: Connection, index_name: str, model: WordModel, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        jn.index(texts(2), index_name, **{"model": model, "connection": es, **options})
    assert not es.client.indices.exists(index=index_name)
