"""jina-embeddings-v5-text: two backbones under one name, four peft adapters."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from peft import PeftModel

from tests.families.references import embeddings_v5 as reference
from tests.families.references.network import hidden_states, tensors, unit

SMALL, NANO = "jina-embeddings-v5-text-small", "jina-embeddings-v5-text-nano"
EQUAL = 1e-5
Load = Callable[..., Any]
Altered = Callable[..., Path]
both = pytest.mark.parametrize("name", [SMALL, NANO])


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


@both
@pytest.mark.parametrize("task", ["retrieval.query", "classification"])
def test_vectors_equal_those_of_peft(name: str, task: str, miniature: Callable[..., Path], load: Load) -> None:
    folder = miniature(name)
    adapter, _ = reference.TASKS[task]
    network = PeftModel.from_pretrained(
        reference.bare_network(folder, tensors(folder)), folder / "adapters" / adapter
    ).eval()
    texts = ["What is the capital of France?", "red apple", ""]
    expected = [unit(hidden_states(network.base_model, reference.ids(folder, text, task))[-1]) for text in texts]
    assert difference(load(name).embed(texts, task=task).vectors, expected) <= EQUAL


@both
def test_query_and_passage_share_an_adapter_and_differ_by_prefix(name: str, load: Load) -> None:
    model = load(name)
    query = model.embed("Document: tea", task="retrieval.query")
    passage = model.embed("Query: tea", task="retrieval.passage")
    assert difference(query.vectors, passage.vectors) > 1e-2
    other = model.embed("tea", task="clustering").vectors
    assert difference(other, model.embed("tea", task="retrieval.passage").vectors) > 1e-2


@both
def test_tasks_switch_back_and_forth_without_leaving_a_trace(name: str, load: Load) -> None:
    model = load(name)
    first = {task: model.embed(["red apple", "tea"], task=task).vectors for task in reference.TASKS}
    for task in [*reversed(reference.TASKS), *reference.TASKS]:
        assert difference(model.embed(["red apple", "tea"], task=task).vectors, first[task]) == 0


@both
def test_rank_and_alpha_come_from_the_adapters_own_configuration(name: str, altered: Altered, load: Load) -> None:
    folder = altered(name)
    file = folder / "adapters" / "clustering" / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"lora_alpha": 80}), encoding="utf-8")
    vectors = load(name, folder).embed(["tea"], task="clustering").vectors
    assert difference(vectors, reference.embed(folder, ["tea"], "clustering")) <= EQUAL
    assert difference(vectors, load(name).embed(["tea"], task="clustering").vectors) > 1e-2


@both
def test_blanks_at_the_ends_of_a_text_are_kept(name: str, miniature: Callable[..., Path], load: Load) -> None:
    texts = ["", "  \n", "tea\n", "  tea  "]
    result = load(name).embed(texts, task="retrieval.passage")
    assert difference(result.vectors, reference.embed(miniature(name), texts, "retrieval.passage")) <= EQUAL
    assert list(result.token_counts) == [
        len(reference.ids(miniature(name), text, "retrieval.passage")) for text in texts
    ]


def test_nano_ends_every_text_also_a_cut_one(altered: Altered, load: Load) -> None:
    folder = altered(NANO, config={"max_position_embeddings": 12})
    long = load(NANO, folder).embed("tea " * 50, task="clustering")
    assert (long.token_counts, long.truncated) == ((12,), (True,))
    assert difference(long.vectors, reference.embed(folder, ["tea " * 50], "clustering")) <= EQUAL


@both
def test_a_rotary_base_of_its_own_is_read_from_the_configuration(name: str, altered: Altered, load: Load) -> None:
    folder = altered(name, config={"rope_theta": 300.0})
    vectors = load(name, folder).embed(["red apple and green tea"], task="text-matching").vectors
    assert difference(vectors, reference.embed(folder, ["red apple and green tea"], "text-matching")) <= EQUAL
    assert difference(vectors, load(name).embed(["red apple and green tea"], task="text-matching").vectors) > 1e-3
