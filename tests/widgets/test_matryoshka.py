"""The Matryoshka explorer's Python side, on a model of words with several sizes."""

from __future__ import annotations

from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.errors import InputError, OptionError
from jina_notebook.render.vendor import MIME
from jina_notebook.widgets.matryoshka import MatryoshkaExplorer
from tests.elastic.doubles import WordModel

DOCUMENTS = [
    {"_id": "tea", "text": "green tea from the mountains"},
    {"_id": "mug", "text": "a mug that keeps coffee warm"},
    {"_id": "sock", "text": "wool socks for cold feet"},
]
QUERIES = {"q1": "green tea", "q2": "warm coffee", "q3": "not judged"}
QRELS = {"q1": {"tea": 1}, "q2": {"mug": 1}}


def explorer(**options: Any) -> MatryoshkaExplorer:
    model = WordModel(size=64, sizes=(16, 32, 64))
    return MatryoshkaExplorer(QUERIES, QRELS, DOCUMENTS, **{"model": model, **options})


def test_every_size_and_precision_is_a_row_and_the_knee_one_of_them() -> None:
    made = explorer(metrics=["RR@10"])

    table = made.trade_offs
    assert list(table.columns) == ["dimensions", "precision", "bytes_per_document", "RR@10"]
    assert len(table) == 10  # bbq goes with 64 only
    assert table["bytes_per_document"].is_monotonic_increasing
    assert made.knee["dimensions"] in (16, 32, 64)
    assert made.knees.keys() == {"RR@10"}


def test_documents_and_queries_are_embedded_once_each_with_their_own_task() -> None:
    model = WordModel(size=64, sizes=(16, 64))

    made = explorer(model=model)
    made.measure(["P@1"])

    assert [len(call["inputs"]) for call in model.calls] == [3, 2]
    assert [call["task"] for call in model.calls] == [model.card.index_task, model.card.query_task]
    assert made.metrics == ["P@1"]


def test_the_static_form_has_a_picture_and_a_table_with_the_knee() -> None:
    data, _ = explorer()._repr_mimebundle_()

    assert data["text/plain"].startswith("Sizes and precisions over 2 judged queries and 3 documents")
    assert 'alt="nDCG@10 by bytes per document; knee at ' in data["text/html"]
    assert sum(row[-1] == "knee by nDCG@10" for row in data[MIME]["blocks"][1]["rows"]) == 1
    assert any("without scoring again" in note for note in data[MIME]["notes"])


def test_the_browser_measures_with_other_metrics() -> None:
    made = explorer()

    made._received(None, {"do": "measure", "metrics": "P@1, AP"}, [])

    assert made.wait(60)
    assert (made.status["state"], made.metrics, made.metric) == ("done", ["P@1", "AP"], "P@1")


def test_a_metric_that_does_not_exist_is_said_and_the_old_numbers_stay() -> None:
    made = explorer()

    made._received(None, {"do": "measure", "metrics": "nGCD@10"}, [])

    assert made.wait(60)
    assert "no metric 'nGCD@10'" in made.status["message"]
    assert made.metrics == ["nDCG@10", "R@100"]


def test_what_is_ticked_is_a_data_frame() -> None:
    made = explorer(dimensions=[16, 64], precisions=["float"])
    made.selected = [1]

    assert made.selection["dimensions"].tolist() == [64]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"dimensions": [48]}, "no dimensions=48; allowed: 16, 32, 64"),
        ({"dimensions": []}, "dimensions is empty"),
        ({"dimensions": [16], "precisions": ["bbq"]}, "No size of 16 goes with bbq"),
        ({"metrics": ["nope"]}, "no metric 'nope'"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        explorer(**options)


def test_documents_without_id_or_text_and_queries_without_judgments_are_refused() -> None:
    model = WordModel()
    with pytest.raises(InputError, match="Document 0 has no id; it has text"):
        MatryoshkaExplorer(QUERIES, QRELS, [{"text": "x"}], model=model)
    with pytest.raises(InputError, match="Document 0 has no 'body'; it has _id, text"):
        MatryoshkaExplorer(QUERIES, QRELS, DOCUMENTS, model=model, text="body")
    with pytest.raises(InputError, match="There are no documents"):
        MatryoshkaExplorer(QUERIES, QRELS, [], model=model)
    with pytest.raises(InputError, match="No query is judged"):
        MatryoshkaExplorer(QUERIES, {"q9": {"tea": 1}}, DOCUMENTS, model=model)


def test_an_unknown_argument_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(OptionError) as refused:
        jn.widgets.MatryoshkaExplorer(QUERIES, QRELS, DOCUMENTS, model=WordModel(), precision=["float"])

    assert refused.value.hint == "did you mean precisions?"
