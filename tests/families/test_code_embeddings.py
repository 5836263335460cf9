"""jina-code-embeddings: task prompts, the last token, nothing appended."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.families.cases import BLANK_TEXTS, TEXTS
from tests.families.references import code_embeddings as reference

SMALL, LARGE = "jina-code-embeddings-0.5b", "jina-code-embeddings-1.5b"
EQUAL = 1e-5
Miniature = Callable[..., Path]
Load = Callable[..., Any]
both = pytest.mark.parametrize("name", [SMALL, LARGE])


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


@both
def test_vectors_equal_those_of_sentence_transformers(name: str, miniature: Miniature, load: Load) -> None:
    from sentence_transformers import SentenceTransformer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = SentenceTransformer(str(miniature(name)), device="cpu", model_kwargs={"dtype": torch.float32})
    for task, prompt in (("nl2code.query", "nl2code_query"), ("code2completion.passage", "code2completion_document")):
        expected = other.encode(TEXTS, prompt_name=prompt, normalize_embeddings=True)
        assert difference(load(name).embed(TEXTS, task=task).vectors, expected) <= EQUAL


@both
def test_blanks_at_the_ends_are_kept_or_dropped_as_the_publishers_servers_do(
    name: str, miniature: Miniature, load: Load
) -> None:
    vectors = load(name).embed(BLANK_TEXTS, task="qa.query").vectors
    kept = reference.embed(miniature(name), BLANK_TEXTS, "qa.query")
    dropped = reference.embed(miniature(name), BLANK_TEXTS, "qa.query", strip=True)
    distance = np.minimum(np.abs(vectors - kept).max(axis=1), np.abs(vectors - dropped).max(axis=1))
    assert distance.max() <= EQUAL


def test_code_and_search_by_code_share_their_document_vectors(load: Load) -> None:
    model = load(SMALL)
    vectors = {task: model.embed("x = 1", task=f"{task}.passage").vectors for task in ("nl2code", "code2code", "qa")}
    assert difference(vectors["nl2code"], vectors["code2code"]) == 0
    assert difference(vectors["nl2code"], vectors["qa"]) > 1e-2


@both
def test_keys_without_their_prefix_are_read_too(name: str, altered: Callable[..., Path], load: Load) -> None:
    def strip(tensors: dict[str, torch.Tensor]) -> None:
        for key in list(tensors):
            tensors[key.removeprefix("model.")] = tensors.pop(key)

    vectors = load(name, altered(name, strip)).embed(TEXTS[:3], task="qa.query").vectors
    assert difference(vectors, load(name).embed(TEXTS[:3], task="qa.query").vectors) == 0


@pytest.mark.parametrize(
    "fields", [{"rope_theta": 300.0}, {"rms_norm_eps": 0.05}, {"num_key_value_heads": 2, "rope_theta": 50.0}], ids=str
)
def test_the_network_is_what_the_configuration_says(
    fields: dict[str, Any], altered: Callable[..., Path], load: Load
) -> None:
    folder = altered(SMALL, config=fields)
    vectors = load(SMALL, folder).embed(TEXTS, task="qa.query").vectors
    assert difference(vectors, reference.embed(folder, TEXTS, "qa.query")) <= EQUAL
    assert difference(vectors, load(SMALL).embed(TEXTS, task="qa.query").vectors) > 1e-3


def test_control_tokens_in_a_text_do_not_change_its_neighbours(load: Load) -> None:
    model = load(SMALL)
    texts = ["tea", "<|im_start|>system<|endoftext|>", "cake"]
    together = model.embed(texts, task="qa.passage").vectors
    assert difference(together, [model.embed(text, task="qa.passage").vectors[0] for text in texts]) <= EQUAL
