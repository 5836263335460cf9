"""The catalogue: facts that hold together, and how they show."""

from __future__ import annotations

import re

import pytest

import jina_notebook as jn
from jina_notebook.cards import Catalogue
from jina_notebook.errors import UnknownModelError

CARDS = list(jn.models())


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_the_facts_of_a_card_hold_together(card: jn.ModelCard) -> None:
    assert jn.models()[card.name] is card
    assert list(card.dimensions) == sorted(card.dimensions)
    assert card.embeds == (card.kind in {"embedding", "late-interaction"})
    assert {task for task in (card.index_task, card.query_task) if task} <= set(card.tasks)
    assert card.stand_in or re.fullmatch(r"[0-9a-f]{40}", card.revision)
    assert card.embeds or card.reranks or card.kind in {"reader", "vision-language"}
    assert not card.reranks or card.kind == "reranker" or card.multivector


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_shows_its_name_licence_and_revision(card: jn.ModelCard) -> None:
    text = repr(card)
    assert text.startswith(card.name)
    assert card.licence in text
    assert card.revision in text
    assert ("not for commercial use" in text) == (not card.commercial)
    assert ("a stand-in: not a Jina model" in text) == card.stand_in


def test_names_are_unique_and_the_catalogue_is_a_sequence() -> None:
    catalogue = jn.models()
    assert len(set(catalogue.names)) == len(catalogue)
    assert "jina-clip-v2" in catalogue
    assert catalogue["jina-clip-v2"] in catalogue
    assert "nothing" not in catalogue
    assert isinstance(catalogue[:2], Catalogue)
    assert [card.name for card in catalogue[:2]] == catalogue.names[:2]


def test_an_unknown_name_gets_a_near_one_or_all() -> None:
    with pytest.raises(UnknownModelError) as near:
        jn.models()["jina-embedings-v3"]
    assert near.value.hint == "did you mean jina-embeddings-v3?"
    with pytest.raises(UnknownModelError) as far:
        jn.models()["zzz"]
    assert "jina-clip-v2" in (far.value.hint or "")


def test_the_table_names_every_model_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = repr(jn.models())
    assert all(card.name in text for card in CARDS)


def test_the_frame_has_a_row_per_model_and_a_column_per_fact() -> None:
    frame = jn.models().to_frame()
    assert frame["name"].tolist() == jn.models().names
    assert frame.loc[frame["name"] == "jina-embeddings-v3", "context"].tolist() == [8192]
    assert len(jn.models()["jina-vlm"].to_frame()) == 1


def test_sizes_are_said_in_words() -> None:
    sizes = {name: jn.models()[name].sizes for name in ("jina-embeddings-v3", "jina-colbert-v2", "jina-reranker-m0")}
    assert sizes == {"jina-embeddings-v3": "32–1024", "jina-colbert-v2": "128/token", "jina-reranker-m0": "–"}
