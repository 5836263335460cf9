"""jina-reranker-m0 on transformers' Qwen2VLModel and a score head, one pair at a time."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch.nn import functional as F
from transformers import Qwen2VLConfig, Qwen2VLModel

from tests.families.references import qwen_vision
from tests.families.references.network import config, tensors, tokenizer_of

LOGIT_BIAS = 2.65
SCORE_TOKEN = 100
MAX_LENGTH, MAX_QUERY = 10240, 512
MAX_DOCUMENT = MAX_LENGTH - MAX_QUERY
Side = str | Image.Image


@lru_cache(maxsize=8)
def network(directory: Path) -> tuple[Any, dict[str, torch.Tensor]]:
    state = tensors(directory)
    head = {key: state.pop(key) for key in list(state) if key.startswith("score.")}
    state.pop("lm_head.weight", None)
    model: Any = Qwen2VLModel(Qwen2VLConfig(**qwen_vision.plain(config(directory))))
    assert model.config.text_config.rope_parameters["mrope_section"] == [4, 6, 6]
    renamed: dict[str, torch.Tensor] = {}
    for key, value in state.items():
        name = key.removeprefix("model.") if key.startswith(("model.language_model.", "model.visual.")) else key
        renamed[f"language_{name}" if name.startswith("model.") else name] = value
    model.load_state_dict(renamed, strict=True)
    return model.eval(), head


def cut_document(directory: Path, text: str) -> str:
    """A document of more than 9,728 tokens: encoded, cut, decoded with its control tokens."""
    tokenizer = tokenizer_of(directory)
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    return text if len(ids) <= MAX_DOCUMENT else tokenizer.decode(ids[:MAX_DOCUMENT], skip_special_tokens=False)


def prompt_ids(directory: Path, query: Side, document: Side) -> tuple[list[int], list[Image.Image]]:
    """The sequence with its score token, and the pictures in it: the document's comes first."""
    pictures = [side for side in (document, query) if not isinstance(side, str)]
    shown = cut_document(directory, document) if isinstance(document, str) else qwen_vision.PICTURE
    asked = query if isinstance(query, str) else qwen_vision.PICTURE
    prompt = f"**Document**:\n{shown}\n**Query**:\n{asked}"
    ids = qwen_vision.expanded_ids(directory, prompt, pictures)
    assert len(ids) <= MAX_LENGTH - 1, "longer prompts are not covered by this reference"
    return [*ids, SCORE_TOKEN], pictures


def score_ids(
    directory: Path, ids: list[int], pictures: list[Image.Image] | None = None, resampler: str = "pil"
) -> float:
    """Sigmoid of the head's logit at the last position, less the constant."""
    model, head = network(directory)
    last = qwen_vision.states(directory, model, ids, pictures or [], resampler)[-1]
    inner = F.linear(last, head["score.0.weight"], head["score.0.bias"]).relu()
    logit = F.linear(inner, head["score.2.weight"], head["score.2.bias"])
    return float(torch.sigmoid(logit.double() - LOGIT_BIAS))


def score(directory: Path, query: Side, document: Side, resampler: str = "pil") -> float:
    """Strictly between 0 and 1."""
    ids, pictures = prompt_ids(directory, query, document)
    return score_ids(directory, ids, pictures, resampler)
