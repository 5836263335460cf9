"""Indices of the same documents, kept in several ways, measured beside each other."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

import jina_notebook as jn
from jina_notebook import plots
from jina_notebook.results import IndexComparison, IndexFigures
from tests.conftest import delete_indices

QUERIES = {"q1": "green tea", "q2": "a warm drink", "q3": "bicycle with a puncture"}
TEXTS = ["green tea in a cup", "black tea", "hot chocolate", "a bicycle tyre", "a train to the sea", "soup of the day"]
QRELS = {"q1": {"0": 2, "1": 1}, "q2": {"2": 2, "0": 1}, "q3": {"3": 2}}


@pytest.mark.server
class TestOnAServer:
    @pytest.fixture(scope="class")
    def indices(self, elasticsearch_url: str) -> Iterator[dict[str, str]]:
        stem = f"test-comparing-{uuid.uuid4().hex[:8]}"
        documents = [{"id": str(i), "text": text} for i, text in enumerate(TEXTS)]
        kinds = {"flat": "flat", "int8": "int8_flat"}
        connection = jn.connect(elasticsearch_url, name=stem)
        for name, kind in kinds.items():
            jn.index(documents, f"{stem}-{name}", model="offline-minilm", id="id", index_options=kind,
                     connection=connection, progress=False)  # fmt: skip
        yield {name: f"{stem}-{name}" for name in kinds} | {"": stem}
        delete_indices(elasticsearch_url, stem)

    def test_each_index_has_its_recall_its_size_its_times_and_its_metrics(self, indices: dict[str, str]) -> None:
        stem = indices.pop("")
        compared = jn.compare_indices(
            QUERIES, indices, qrels=QRELS, k=3, metrics=("nDCG@3", "R@3"), connection=stem, progress=False
        )

        assert list(compared.indices) == ["flat", "int8"]
        flat = compared.indices["flat"]
        assert (flat.index, flat.documents, flat.recall) == (indices["flat"], len(TEXTS), 1.0)
        assert flat.bytes_per_document > 4 * 384
        assert 0 < flat.p50 <= flat.p99
        assert flat.metrics["nDCG@3"] > 0.8
        assert compared.indices["int8"].recall >= 2 / 3
        assert list(compared.to_frame().columns) == [
            "documents", "bytes_per_document", "recall", "p50_ms", "p99_ms", "nDCG@3", "R@3"]  # fmt: skip

    def test_each_query_is_embedded_once_for_all_indices(
        self, elasticsearch_url: str, indices: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = jn.load("offline-minilm")
        asked: list[str] = []
        real = model.embed
        monkeypatch.setattr(model, "embed", lambda text, **options: asked.append(text) or real(text, **options))
        connection = jn.connect(elasticsearch_url, name=f"{indices['flat']}-once")

        jn.compare_indices(
            QUERIES, [indices["flat"], indices["int8"]], k=3, connection=connection, model=model, progress=False
        )

        assert asked == list(QUERIES.values())

    def test_nothing_to_ask_and_an_index_that_is_not_there_are_refused(self, elasticsearch_url: str) -> None:
        name = f"test-comparing-{uuid.uuid4().hex[:8]}"
        connection = jn.connect(elasticsearch_url, name=name)
        with pytest.raises(jn.JinaNotebookError, match="There are 0 queries and 1 indices"):
            jn.compare_indices({}, [name], connection=connection)
        with pytest.raises(jn.JinaNotebookError, match=name):
            jn.compare_indices(QUERIES, [name], connection=connection, model="offline-minilm")


def comparison() -> IndexComparison:
    def one(size: float, recall: float) -> IndexFigures:
        return IndexFigures(index="i", documents=9, bytes_per_document=size, recall=recall, p50=0.002, p99=0.004,
                            metrics={"nDCG@10": recall / 2})  # fmt: skip

    return IndexComparison(k=10, queries=3, indices={"flat": one(4400.4, 1.0), "bbq": one(1200.0, 0.9)})


def test_a_comparison_shows_itself_as_text_and_as_html() -> None:
    shown = comparison()
    text = repr(shown)
    assert "2 indices over 3 queries" in text
    assert "recall of the 10 nearest" in text
    assert "4400" in text.replace(",", "")
    html = shown._repr_mimebundle_()["text/html"]
    assert "<table" in html
    assert "bytes per document" in html
    json.dumps({key: str(value) for key, value in shown._repr_mimebundle_().items()})


def test_the_figure_says_in_words_what_it_shows_and_refuses_what_was_not_measured() -> None:
    assert "bbq: 0.900 at 1,200 bytes, p50 2.0 ms" in plots.index_trade_offs(comparison()).alt_text  # type: ignore[attr-defined]
    assert "nDCG@10" in plots.index_trade_offs(comparison(), metric="nDCG@10").alt_text  # type: ignore[attr-defined]
    with pytest.raises(jn.JinaNotebookError, match="no metric 'AP'; it has nDCG@10"):
        plots.index_trade_offs(comparison(), metric="AP")
    with pytest.raises(jn.JinaNotebookError, match="no indices"):
        plots.index_trade_offs(IndexComparison(k=1, queries=1, indices={}))
