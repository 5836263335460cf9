"""The tokens that a model's multi-vectors stand for, as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jina_notebook.families.embedding import EmbeddingModel, Kind
from jina_notebook.families.inputs import read_items

__all__ = ["token_labels"]

UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def token_labels(model: EmbeddingModel, inputs: Sequence[Any], *, task: str | None) -> list[tuple[str, ...]]:
    """For each input one label per vector of `.embed(inputs, task=task, return_multivector=True)`, in its order.

    A token is shown as it decodes alone; one that does not, half a character or white space, as the tokenizer spells
    it. Raises what `.embed` raises for the inputs.
    """
    kind = Kind(model._task(task), multivector=True, late=False)
    items = read_items(inputs, model=model.name, images=model.takes_images)
    labels = []
    for one in model._prepare(items, kind):
        ids = one.ids if one.keep is None else one.ids[one.keep]
        labels.append(tuple(_label(model, int(token)) for token in ids))
    return labels


def _label(model: EmbeddingModel, token: int) -> str:
    text = model._tokenizer.decode([token], skip_special=False).strip()
    return text if text and UNREADABLE not in text else model._tokenizer.pieces([token])[0]
