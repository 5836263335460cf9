"""Two threads, two tasks, two processes: every result is the one that a lone caller gets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.families.cases import EMBEDDERS, RERANKERS, EmbeddingCase, RerankingCase

EQUAL = 1e-5
Load = Callable[..., Any]
every_embedder = pytest.mark.parametrize("case", EMBEDDERS.values(), ids=EMBEDDERS)
every_reranker = pytest.mark.parametrize("case", RERANKERS.values(), ids=RERANKERS)

FORK = """
import multiprocessing, sys, warnings
import jina_notebook as jn

def work(name, path, task, results):
    try:
        model = held if held is not None else jn.load(name, path=path, device="cpu", dtype="float32")
        if task:
            results.put(("vectors", model.embed(texts, task=task).vectors.tolist()))
        else:
            results.put(("vectors", model.rerank("tea", texts).scores.tolist()))
    except jn.JinaNotebookError as refused:
        results.put(("refused", str(refused)))

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    name, path, task, keep = sys.argv[1:]
    texts = ["word " * 400, "tea", "green tea"]
    model = jn.load(name, path=path, device="cpu", dtype="float32")
    before = (model.embed(texts, task=task).vectors if task else model.rerank("tea", texts).scores).tolist()
    held = model if keep == "held" else None
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    child = context.Process(target=work, args=(name, path, task, results))
    child.start()
    child.join(60)
    if child.is_alive():
        child.kill()
        sys.exit("hang")
    kind, value = results.get() if not results.empty() else ("died", child.exitcode)
    after = (model.embed(texts, task=task).vectors if task else model.rerank("tea", texts).scores).tolist()
    assert after == before, "the parent's model changed"
    print(kind, value == before if kind == "vectors" else value)
"""


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


@every_embedder
def test_threads_that_share_a_model_get_what_a_lone_caller_gets(case: EmbeddingCase, load: Load) -> None:
    model = load(case.name)
    jobs = [["tea"], ["word " * 200], ["soup", "", "bread " * 30]] * 12
    alone = [model.embed(job, task=case.task).vectors for job in jobs[:3]] * 12
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda job: model.embed(job, task=case.task).vectors, jobs))
    assert max(difference(one, other) for one, other in zip(alone, together, strict=True)) <= EQUAL


@every_embedder
def test_threads_with_different_tasks_and_sizes_do_not_meet(case: EmbeddingCase, load: Load) -> None:
    model = load(case.name)
    jobs = [(task, size) for task in case.tasks for size in case.dimensions] * 4

    def embed(job: tuple[str, int]) -> Any:
        return model.embed(["tea", "word " * 60], task=job[0], dimensions=job[1]).vectors

    alone = {job: embed(job) for job in set(jobs)}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embed, jobs))
    assert max(difference(alone[job], vectors) for job, vectors in zip(jobs, together, strict=True)) <= EQUAL


@every_embedder
def test_threads_that_cut_at_different_limits_do_not_meet(
    case: EmbeddingCase, altered: Callable[..., Path], load: Load
) -> None:
    model = load(case.name, altered(case.name, config={"max_position_embeddings": 60}))

    def embed(words: int) -> tuple[Any, tuple[int, ...]]:
        result = model.embed("tea " * words, task=case.task)
        return result.vectors, result.token_counts

    alone = {words: embed(words) for words in (1, 20, 100, 300)}
    jobs = list(alone) * 10
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embed, jobs))
    for words, (vectors, counts) in zip(jobs, together, strict=True):
        assert difference(vectors, alone[words][0]) <= EQUAL
        assert counts == alone[words][1]


@every_reranker
def test_threads_that_share_a_reranker_get_what_a_lone_caller_gets(case: RerankingCase, load: Load) -> None:
    model = load(case.name)
    jobs = [("tea", ["green tea"]), ("soup", ["word " * 300, "warm soup", ""]), ("word " * 40, ["a", "b"])] * 8
    alone = [model.rerank(*job).scores for job in jobs[:3]] * 8
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda job: model.rerank(*job).scores, jobs))
    assert max(difference(one, other) for one, other in zip(alone, together, strict=True)) <= EQUAL


def test_threads_may_encode_queries_and_documents_of_one_late_interaction_model(load: Load) -> None:
    model = load("jina-colbert-v2")
    jobs = [("retrieval.query", "tea"), ("retrieval.passage", "word " * 90), ("retrieval.query", "word " * 90)] * 10

    def embed(job: tuple[str, str]) -> Any:
        return model.embed(job[1], task=job[0], return_multivector=True).vectors[0]

    alone = [embed(job) for job in jobs[:3]] * 10
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embed, jobs))
    assert max(difference(one, other) for one, other in zip(alone, together, strict=True)) <= EQUAL


def test_threads_that_load_the_same_model_get_the_same_one(miniature: Callable[..., Path], load: Load) -> None:
    folder = miniature("jina-code-embeddings-0.5b", seed=77)
    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(lambda _: load("jina-code-embeddings-0.5b", folder), range(16)))
    assert len({id(model) for model in models}) == 1


@pytest.mark.parametrize(
    ("name", "task", "keep"),
    [
        ("jina-embeddings-v3", "separation", "held"),
        ("jina-embeddings-v3", "separation", "loaded again"),
        ("jina-reranker-v2-base-multilingual", "", "loaded again"),
    ],
)
def test_a_forked_child_works_or_is_told_why_not_and_never_hangs(
    name: str, task: str, keep: str, miniature: Callable[..., Path], tmp_path: Path
) -> None:
    script = tmp_path / "fork.py"
    script.write_text(FORK, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), name, str(miniature(name)), task, keep],
        capture_output=True,
        text=True,
        timeout=150,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "2"},
    )
    assert done.returncode == 0, done.stderr
    kind, _, value = done.stdout.strip().partition(" ")
    assert kind in ("vectors", "refused"), done.stdout
    if kind == "vectors":
        assert value == "True"
    else:
        assert "fork" in value
