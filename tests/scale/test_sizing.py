"""What a plan says of a large collection, and where each figure is from."""

from __future__ import annotations

import math
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.elastic.estimate import documents_per_second, footprint
from jina_notebook.errors import InputError, OptionError, UnknownModelError
from jina_notebook.results import ScalePlan
from tests.magics.conftest import RecordingModel

V3 = "jina-embeddings-v3"
MILLION = 1_000_000


def planned(documents: int = 10 * MILLION, tokens: float = 300, model: Any = V3, **options: Any) -> ScalePlan:
    plan: ScalePlan = jn.scale.plan(documents, tokens, model, **options)
    return plan


def figures(plan: ScalePlan) -> dict[str, tuple[float, str]]:
    return {figure.what: (figure.value, figure.origin) for figure in plan.figures}


def test_tokens_hours_and_workers_follow_from_a_measured_rate() -> None:
    plan = planned(tokens_per_second=100_000, workers=4)
    assert plan.tokens == 3_000_000_000
    assert plan.worker_hours == pytest.approx(3e9 / 100_000 / 3600)
    assert figures(plan)["time to embed"] == (pytest.approx(plan.worker_hours / 4), "computed")
    assert figures(plan)["tokens/s of a worker"] == (100_000, "measured")


def test_a_time_limit_says_how_many_workers_it_takes() -> None:
    plan = planned(tokens_per_second=1_000, hours=24)
    assert plan.workers == math.ceil(3e9 / 1_000 / 3600 / 24) == 35
    assert figures(plan)["workers"] == (35, "computed")


def test_without_a_measurement_the_rate_is_assumed_from_the_catalogue_and_the_accelerator() -> None:
    fast, slow = planned(accelerator="H100"), planned(accelerator="T4")
    assert fast.tokens_per_second == pytest.approx(0.4 * 989e12 / (2 * 572e6))
    assert fast.tokens_per_second / slow.tokens_per_second == pytest.approx(989 / 65)
    assert fast.rate_origin == "assumed"
    assert "tokens/s of a worker" in fast.page().notes[-1]


def test_a_loaded_model_is_measured_here_on_a_few_texts() -> None:
    model = RecordingModel(jn.models()[V3])
    plan = planned(model=model, sample=[f"text {i}" for i in range(100)])
    assert plan.rate_origin == "measured"
    assert plan.tokens_per_second > 0
    assert [len(inputs) for _, inputs, _ in model.calls] == [1, 16]
    assert model.calls[-1][2]["task"] == "retrieval.passage"


def test_memory_and_disk_are_those_of_the_single_machine_estimate_times_the_copies() -> None:
    plan = planned(replicas=2, index_type="int8_hnsw", bytes_per_document=1000)
    size = footprint("int8_hnsw", 1024, 10 * MILLION)
    assert plan.memory_bytes == 3 * size.memory
    assert plan.disk_bytes == int(3 * (size.disk + 1000 * 10 * MILLION) / 0.85)
    (kind,) = [kind for kind in plan.kinds if kind.index_type == "int8_hnsw"]
    rate = documents_per_second("int8_hnsw", 1024) * kind.data_nodes * 8 / 2
    assert kind.write_hours == pytest.approx(10 * MILLION / rate / 3600)


def test_shards_hold_at_most_forty_gigabytes_and_two_hundred_million_documents() -> None:
    small, large = planned(1 * MILLION), planned(1_000 * MILLION)
    assert small.primaries == 1
    (kind,) = [kind for kind in large.kinds if kind.index_type == large.index_type]
    assert large.primaries == math.ceil(kind.disk_bytes / 40e9)
    many = planned(1_000 * MILLION, 1, dimensions=32, index_type="flat", bytes_per_document=1)
    assert many.primaries == 5


def test_nodes_hold_the_vectors_in_half_of_their_memory_and_one_copy_each() -> None:
    assert planned(1 * MILLION).data_nodes == 2
    assert planned(1 * MILLION, replicas=0).data_nodes == 1
    plan = planned(1_000 * MILLION, index_type="hnsw", node_memory_gb=64)
    assert plan.data_nodes == math.ceil(plan.memory_bytes / 32e9)


def test_quantisation_takes_less_memory_step_by_step() -> None:
    kinds = planned().kinds
    assert [kind.index_type for kind in kinds] == ["hnsw", "int8_hnsw", "int4_hnsw", "bbq_hnsw"]
    memory = [kind.memory_bytes for kind in kinds]
    assert memory == sorted(memory, reverse=True)
    assert planned().index_type == "bbq_hnsw"
    assert planned(dimensions=32).index_type == "int8_hnsw"
    assert "bbq_hnsw" not in [kind.index_type for kind in planned(dimensions=32).kinds]


def test_cost_is_price_times_hours_and_absent_without_a_price() -> None:
    plan = planned(tokens_per_second=100_000, worker_price=2.5, node_price=0.5)
    assert plan.embedding_cost == pytest.approx(2.5 * plan.worker_hours)
    assert plan.monthly_cost == pytest.approx(0.5 * 730 * plan.data_nodes)
    assert (planned().embedding_cost, planned().monthly_cost) == (None, None)


def test_embedding_and_writing_run_side_by_side() -> None:
    plan = planned(tokens_per_second=1e9)
    (kind,) = [kind for kind in plan.kinds if kind.index_type == plan.index_type]
    assert plan.hours == pytest.approx(kind.write_hours)
    assert planned(tokens_per_second=10).hours == pytest.approx(3e9 / 10 / 3600)


def test_tokens_beyond_the_context_are_not_embedded_and_it_is_said() -> None:
    plan = planned(100, 20_000)
    assert plan.tokens == 100 * 8192
    assert "beyond 8,192 tokens" in next(figure.why for figure in plan.figures if figure.what == "tokens")


def test_token_vectors_take_disk_and_no_graph() -> None:
    plan = planned(1000, 100, "jina-colbert-v2", bytes_per_document=1, replicas=0)
    assert plan.index_type is None
    assert plan.kinds == ()
    assert plan.disk_bytes == int(int(100_000 * 128 * 8 / 3 + 1000) / 0.85)


def test_a_plan_reads_as_text_and_html_and_says_where_figures_are_from() -> None:
    plan = planned(tokens_per_second=100_000, node_price=0.5)
    text, html = str(plan), plan._repr_html_()
    for shown in (text, html):
        assert "10,000,000 documents with jina-embeddings-v3: a plan, nothing was done" in shown
        assert "measured" in shown
        assert "bbq_hnsw" in shown
        assert "Assumed, not measured: " in shown
    assert list(plan.to_frame().columns) == ["what", "value", "figure", "origin", "why"]
    assert len(plan.to_frame()) == len(plan.figures)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"documents": 0}, "documents=0 is not a whole number above 0."),
        ({"documents": 1.5}, "documents=1.5 is not a whole number above 0."),
        ({"tokens": -1}, "tokens_per_document=-1 is not a number above 0."),
        ({"tokens_per_second": 0}, "tokens_per_second=0 is not a number above 0."),
        ({"workers": True}, "workers=True is not a whole number above 0."),
        ({"replicas": -1}, "replicas=-1 is not a whole number from 0 on."),
        ({"hours": math.nan}, "hours=nan is not a number above 0."),
        ({"workers": 2, "hours": 3}, "workers and hours were both given."),
        ({"accelerator": "H101"}, "accelerator='H101' is unknown; it is one of H200, H100"),
        ({"dimensions": 1000}, "jina-embeddings-v3 gives no vectors of 1000 dimensions"),
        ({"index_type": "int9"}, "index_options has no type 'int9'"),
        ({"tokens_per_second": 5, "sample": ["a"]}, "tokens_per_second and sample were both given."),
    ],
)
def test_values_that_are_none_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OptionError) as refused:
        planned(**options)
    assert refused.value.message.startswith(sentence)


def test_a_model_that_gives_no_vectors_or_is_unknown_is_refused() -> None:
    with pytest.raises(OptionError, match="gives no vectors"):
        planned(model="jina-reranker-v3")
    with pytest.raises(UnknownModelError):
        planned(model="jina-embedings-v3")
    with pytest.raises(InputError, match="measures with a loaded model"):
        planned(sample=["a"])


def test_a_model_that_does_not_fit_the_accelerator_is_refused() -> None:
    from jina_notebook.catalog import card
    from jina_notebook.scale.sizing import ACCELERATORS, _assumed

    assert card("jina-embeddings-v4").memory_gb < ACCELERATORS["T4"].memory_gb
    import dataclasses

    with pytest.raises(OptionError, match="needs about 20 GB; the T4 has 16"):
        _assumed(dataclasses.replace(card("jina-embeddings-v4"), memory_gb=20), "T4")
