"""Embeddings, index reports, readings, answers, listings and evaluations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jina_notebook.render.blocks import Bar, Table
from jina_notebook.results import Answer, Evaluation, IndexReport, Listing, Reading
from tests.render.reading import read
from tests.results.samples import embeddings, evaluation, report


def test_truncated_inputs_are_counted_in_every_form() -> None:
    for text in (repr(embeddings()), embeddings()._repr_markdown_(), read(embeddings()._repr_html_()).text):
        assert "1 of 2 truncated" in text
    assert "truncated at" not in repr(embeddings(truncated=(False, False)))


def test_embeddings_as_a_frame_have_a_row_per_vector() -> None:
    frame = embeddings().to_frame()
    assert list(frame.columns) == ["input", "token_count", "truncated", "vector"]
    assert frame["truncated"].tolist() == [True, False]
    assert np.array_equal(frame["vector"][1], np.eye(2, 8, dtype=np.float32)[1])


def test_multi_vectors_show_their_shapes() -> None:
    vectors = [np.zeros((7, 128), np.float32), np.zeros((3, 128), np.float32)]
    result = embeddings(vectors=vectors, dimensions=128)
    assert result.multivector
    assert "2 multi-vectors of 128 dimensions" in repr(result)
    assert "7 x 128" in repr(result)


def test_chunks_of_fewer_documents_have_no_counts_of_their_own() -> None:
    result = embeddings(vectors=np.eye(5, 8, dtype=np.float32))
    assert result.to_frame()["token_count"].isna().all()
    assert "5 embeddings" in repr(result)


def test_no_embeddings_are_said() -> None:
    empty = embeddings(vectors=np.zeros((0, 8), np.float32), inputs=(), token_counts=(), truncated=())
    assert "no embeddings of 8 dimensions" in repr(empty)
    assert empty.to_frame().empty


def test_embeddings_that_were_indexed_say_so() -> None:
    text = repr(embeddings(report=report()))
    assert "prices: 97 indexed, 2 skipped (already there), 1 failed" in text
    assert "failed to parse field [price]" in text


def test_the_numbers_of_a_report_add_up() -> None:
    result = report()
    assert result.documents == 100
    assert result.embed_docs_per_second == pytest.approx(10.0)
    assert result.embed_tokens_per_second == pytest.approx(100.0)
    assert result.write_docs_per_second == pytest.approx(100.0)
    assert result.write_tokens_per_second == pytest.approx(1000.0)


def test_a_report_of_nothing_divides_by_nothing() -> None:
    nothing = IndexReport(index="x", model="m", revision="r", dimensions=8, indexed=0, skipped=3)
    assert nothing.embed_docs_per_second == 0.0
    assert "0 indexed, 3 skipped" in repr(nothing)
    assert read(nothing._repr_html_()).all("table") == []


def test_what_was_not_stored_is_a_table() -> None:
    table = read(report()._repr_html_()).all("table")[-1]
    assert table.all("caption")[0].text == "Not stored"
    assert [cell.text for cell in table.all("td")] == ["41", "price", "failed to parse field [price]"]
    assert report().to_frame().to_dict("records") == [
        {"id": "41", "field": "price", "reason": "failed to parse field [price]"}
    ]


def test_a_report_counts_truncated_documents() -> None:
    assert "3 of 100 documents truncated" in repr(report(truncated=3))


def test_a_cut_answer_says_how_to_get_all() -> None:
    for result in (Reading(text="x", truncated=True), Answer(text="x", truncated=True)):
        assert "max_new_tokens" in repr(result)
        assert "max_new_tokens" not in repr(replace(result, truncated=False))


def test_a_reading_with_data_is_json() -> None:
    result = Reading(text='{"price": 5}', data={"price": 5})
    assert "12 characters of JSON" in repr(result)
    assert result.to_frame()["data"][0] == {"price": 5}


def test_markdown_of_a_reading_is_shown_as_it_is() -> None:
    tree = read(Reading(text="# Tea\n<b>x</b>")._repr_html_())
    assert tree.all("pre")[0].text == "# Tea\n<b>x</b>"


def test_the_best_of_each_metric_is_marked_where_there_is_a_choice() -> None:
    table = evaluation().page().blocks[0]
    assert isinstance(table, Table)
    assert table.rows == (
        ("lexical", Bar(0.5), Bar(0.75, best=True)),
        ("vector", Bar(0.625, best=True), Bar(0.75, best=True)),
    )
    alone = Evaluation(metrics={"a": {"RR": 0.5}}, per_query={}, queries=1).page().blocks[0]
    assert isinstance(alone, Table)
    assert alone.rows == (("a", Bar(0.5)),)


def test_an_evaluation_as_a_frame_has_runs_and_metrics() -> None:
    frame = evaluation().to_frame()
    assert frame.loc["vector", "nDCG@10"] == 0.625
    assert frame.index.name == "run"


def test_an_evaluation_of_nothing_is_said() -> None:
    empty = Evaluation(metrics={}, per_query={}, queries=0)
    assert "no runs" in repr(empty)
    assert empty.to_frame().empty


def test_a_listing_is_a_sequence_of_rows() -> None:
    listing = Listing("status", "models in memory", ("model", "GB"), ({"model": "a", "GB": 1.5}, {"model": "b"}))
    assert listing[0]["model"] == "a"
    assert len(listing[1:]) == 1
    assert [row["model"] for row in listing] == ["a", "b"]
    assert listing.to_frame()["GB"].tolist()[0] == 1.5
    assert repr(Listing("status", "models", ("model",), (), "none")) == "models\nnone"
