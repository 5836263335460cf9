"""Golden values against invented weights: right ones pass, wrong ones fail, and nothing passes by accident."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

import jina_notebook as jn
from jina_notebook.catalog import CATALOGUE, card
from jina_notebook.errors import ModelError, OptionError
from jina_notebook.families.verify import Verdict, golden, verify
from jina_notebook.families.verify.checks import KINDS
from jina_notebook.testing import tiny_checkpoint

ANGLES = {"tea": 0.0, "herbal tea": 20.0, "spare tyre": 80.0, "red picture": 45.0}
"""Invented weights: every input is a direction in a plane, in degrees."""


@dataclass
class Invented:
    """A model whose answers are known; `error` degrees are added to every vector, and to every score."""

    path: Path
    error: float = 0.0
    name: str = "jina-embeddings-v3"
    revision: str = "invented"
    dtype: str = "float32"
    token_dimensions: tuple[int, ...] = (2,)
    said: str = "# Green tea"
    asked: list[dict[str, Any]] = field(default_factory=list)

    def embed(self, inputs: list[Any], *, task: str | None = None, **options: Any) -> Any:
        self.asked.append({"task": task, **options})
        rows = [self._vector(one) for one in inputs]
        counts = tuple(len(one.split()) + int(self.error) if isinstance(one, str) else 1 for one in inputs)
        if options.get("return_multivector"):
            return SimpleNamespace(vectors=[np.stack([row, row])[: 2 - int(self.error > 50)] for row in rows])
        return SimpleNamespace(vectors=np.stack(rows), token_counts=counts)

    def _vector(self, value: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
        name = value if isinstance(value, str) else "red picture" if value.getpixel((0, 0)) == (200, 20, 20) else "?"
        angle = math.radians(ANGLES[name] * (1 + self.error / 100) + self.error)
        return np.asarray([math.cos(angle), math.sin(angle)], dtype=np.float32)

    def rerank(self, query: str, documents: list[str]) -> Any:
        scores = [(1 - ANGLES[document] / 100) * (-1 if self.error else 1) for document in documents]
        return SimpleNamespace(scores=np.asarray(scores, dtype=np.float32))

    def read(self, html: str, **_: Any) -> Any:
        return SimpleNamespace(text="" if self.error else self.said)

    def ask(self, image: Any, question: str, **_: Any) -> Any:
        return SimpleNamespace(text="blue" if self.error else "Red.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A safetensors file of 6 + 4 numbers, and a tokenizer of three words."""
    header = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "b": {"dtype": "F32", "shape": [4], "data_offsets": [24, 40]},
    }
    text = json.dumps(header).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(40))
    tokenizer = Tokenizer(models.WordLevel({"green": 5, "tea": 7, "?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


PICTURE = {"width": 4, "height": 4, "rgb": [200, 20, 20]}
COS45 = math.sqrt(0.5)
RIGHT: dict[str, dict[str, Any]] = {
    "parameters": {"counts": [10]},
    "token-ids": {"text": "green tea", "ids": [5, 7]},
    "token-counts": {"task": "separation", "texts": ["tea", "herbal tea"], "counts": [1, 2]},
    "token-sum": {"task": "separation", "texts": ["tea", "herbal tea"], "total": 3},
    "vectors": {
        "task": "separation", "dimensions": 2, "cosine": 0.999, "tolerance": 0.001,
        "inputs": ["tea", PICTURE], "first": [[1.0, 0.0], [COS45, COS45]],
    },
    "multi-vectors": {
        "task": "separation", "dimensions": 2, "tolerance": 0.001, "input": "tea", "rows": 2,
        "first": {"0": [1.0, 0.0], "1": [1.0, 0.0]},
    },
    "cosines": {
        "task": "separation", "dimensions": 2, "tolerance": 0.01, "inputs": ["tea", PICTURE, "herbal tea"],
        "pairs": [[0, 1, COS45], [0, 2, math.cos(math.radians(20))]],
    },
    "query-cosines": {
        "tasks": ["retrieval.query", "retrieval.passage"], "tolerance": 0.01, "query": "tea",
        "documents": ["herbal tea"], "cosines": {"2": [math.cos(math.radians(20))]},
    },
    "margin": {
        "tasks": ["retrieval.query", "retrieval.passage"], "margin": 0.76, "query": "tea",
        "relevant": "herbal tea", "unrelated": "spare tyre",
    },
    "scores": {
        "query": "tea", "documents": ["spare tyre", "herbal tea"], "tolerance": 0.01, "scores": {"1": 0.8, "0": 0.2},
    },
    "order": {"query": "tea", "documents": ["spare tyre", "herbal tea"], "best": 1},
    "read": {"html": "<h1>Green tea</h1>", "contains": ["green tea"]},
    "ask": {"image": PICTURE, "question": "Which colour?", "contains": ["red"]},
}  # fmt: skip
WRONG_EXPECTATION: dict[str, dict[str, Any]] = {
    "parameters": {"counts": [9, 11]},
    "token-ids": {"ids": [5, 7, 2]},
    "margin": {"relevant": "spare tyre", "unrelated": "herbal tea"},
}


def checked(kind: str, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "source": "invented", **RIGHT[kind], **changes}


@pytest.mark.parametrize("kind", sorted(RIGHT))
def test_right_weights_pass(folder: Path, kind: str) -> None:
    found = verify(Invented(folder), checks=[checked(kind)])
    assert [verdict.status for verdict in found.verdicts] == ["pass"] * len(found.verdicts)
    assert found.passed


@pytest.mark.parametrize("kind", sorted(set(RIGHT) - set(WRONG_EXPECTATION)))
def test_wrong_weights_fail(folder: Path, kind: str) -> None:
    found = verify(Invented(folder, error=12.0), checks=[checked(kind)])
    assert found.failed
    assert not found.passed


@pytest.mark.parametrize("kind", sorted(WRONG_EXPECTATION))
def test_a_value_that_should_have_been_another_fails(folder: Path, kind: str) -> None:
    assert verify(Invented(folder), checks=[checked(kind, **WRONG_EXPECTATION[kind])]).failed


def test_every_kind_of_check_is_tried_here() -> None:
    assert {*RIGHT, "last-token"} == set(KINDS)


def test_a_missing_token_vector_fails_by_its_number(folder: Path) -> None:
    found = verify(Invented(folder, error=60.0), checks=[checked("multi-vectors")])
    assert (found.failed[0].expected, found.failed[0].got) == ("2", "1")


def test_another_head_is_noted_and_not_compared(folder: Path) -> None:
    found = verify(Invented(folder, token_dimensions=(64,)), checks=[checked("multi-vectors")])
    assert [(verdict.status, verdict.got) for verdict in found.verdicts] == [("note", "one of 64")]


def test_notes_alone_are_no_pass(folder: Path) -> None:
    found = verify(Invented(folder), checks=[{"kind": "last-token", "text": "green tea"}])
    assert found.verdicts[0].got == "7 after 1 others"
    assert not found.failed
    assert not found.passed


def test_nan_never_passes(folder: Path) -> None:
    model = Invented(folder)
    model.embed = lambda inputs, **_: SimpleNamespace(vectors=np.full((len(inputs), 2), np.nan, np.float32))  # type: ignore[method-assign]
    for kind in ("vectors", "cosines", "query-cosines", "margin"):
        assert len(verify(model, checks=[checked(kind)]).failed) == len(verify(model, checks=[checked(kind)]).verdicts)


def test_a_vector_scaled_by_two_fails_where_each_value_counts(folder: Path) -> None:
    model = Invented(folder)
    model._vector = lambda value: np.asarray([2.0, 0.0], dtype=np.float32)  # type: ignore[method-assign]
    only_tea = checked("vectors", inputs=["tea"], first=[[1.0, 0.0]])
    assert verify(model, checks=[only_tea]).failed
    assert verify(model, checks=[{**only_tea, "tolerance": None}]).passed


def test_a_check_that_cannot_be_run_has_failed_and_the_others_go_on(folder: Path) -> None:
    model = Invented(folder)

    def refuse(inputs: list[Any], **_: Any) -> Any:
        raise OptionError("there is no such task.")

    model.embed = refuse  # type: ignore[method-assign]
    found = verify(model, checks=[checked("vectors"), checked("token-ids")])
    assert [verdict.status for verdict in found.verdicts] == ["fail", "pass"]
    assert found.failed[0].got == "there is no such task."


def test_tasks_and_sizes_reach_the_model(folder: Path) -> None:
    model = Invented(folder)
    verify(model, checks=[checked("query-cosines")])
    assert model.asked == [
        {"task": "retrieval.query", "dimensions": 2},
        {"task": "retrieval.passage", "dimensions": 2},
    ]


def test_a_verification_says_expected_got_and_tolerance(folder: Path) -> None:
    found = verify(Invented(folder, error=12.0), checks=[checked("cosines"), checked("parameters")])
    text = str(found)
    assert "fail  cosine of 'tea' and '4x4 picture'" in text
    assert "expected 0.7071" in text
    assert "(± 0.01)" in text
    assert text.endswith("1 passed, 2 failed, 0 to note")
    record = json.loads(json.dumps(found.to_dict()))
    assert record["passed"] is False
    assert record["verdicts"][0]["source"] == "invented"


def test_a_model_without_golden_values_is_an_error(folder: Path) -> None:
    with pytest.raises(ModelError, match="no golden values for someone"):
        verify(Invented(folder, name="someone"))


def test_a_miniature_is_not_taken_for_the_real_weights(tmp_path: Path) -> None:
    path = tiny_checkpoint("jina-code-embeddings-0.5b", tmp_path / "tiny")
    found = verify(jn.load("jina-code-embeddings-0.5b", path=path, dtype="float32"))
    assert not found.passed
    assert found.failed[0].check == "parameters"
    assert found.failed[0].expected == "494,032,768"


def test_the_stand_in_passes_with_its_real_weights() -> None:
    found = verify(jn.load("offline-minilm", dtype="float32"))
    assert found.passed, str(found)


def test_every_model_of_the_catalogue_has_golden_values() -> None:
    assert set(golden()) == set(CATALOGUE.names)


def every_check() -> list[Any]:
    return [
        pytest.param(name, check, id=f"{name}-{position}-{check['kind']}")
        for name, checks in golden().items()
        for position, check in enumerate(checks)
    ]


@pytest.mark.parametrize(("name", "check"), every_check())
def test_a_golden_record_fits_its_model(name: str, check: Mapping[str, Any]) -> None:
    model = card(name)
    assert check["kind"] in KINDS
    assert check["source"]
    assert {"task", *check} - {"task"} >= set(RIGHT.get(check["kind"], {"text": ""})) - {"task"}
    for task in (check.get("task"), *check.get("tasks", ())):
        assert task is None or task in model.tasks
    sizes = [check["dimensions"]] if "dimensions" in check else [int(size) for size in check.get("cosines", ())]
    assert set(sizes) <= {*model.dimensions, *model.token_dimensions}
    if check["kind"] == "vectors":
        assert len(check["inputs"]) == len(check["first"])
        assert len({len(values) for values in check["first"]}) == 1
        assert all(abs(value) < 1 for values in check["first"] for value in values)


def test_a_verdict_is_frozen() -> None:
    verdict = Verdict(check="a", status="pass", expected="1", got="1")
    with pytest.raises(AttributeError):
        verdict.status = "fail"  # type: ignore[misc]
