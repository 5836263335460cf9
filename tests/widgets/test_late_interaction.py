"""The inspector's Python side, on miniature models and on the stand-in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import jina_notebook as jn
from jina_notebook.errors import InputError, OptionError
from jina_notebook.render.vendor import MIME
from jina_notebook.widgets.late_interaction import LateInteractionInspector
from tests.widgets.models import miniature

__all__ = ["miniature"]

TEXTS = ["a cup of hot tea", "wool socks for cold feet", "tea"]
Miniature = Callable[[str], Any]


@pytest.fixture
def colbert(miniature: Miniature) -> Any:
    return miniature("jina-colbert-v2")


def test_documents_stand_in_the_order_of_the_models_own_scores(colbert: Any) -> None:
    inspector = LateInteractionInspector("hot tea", TEXTS, model=colbert)

    ranking = colbert.rerank("hot tea", TEXTS)
    assert [one.document for one in inspector.interactions] == [one.document for one in ranking]
    assert [one.score for one in inspector.interactions] == pytest.approx(
        [one.relevance_score for one in ranking], abs=1e-4
    )


def test_every_vector_has_its_token(colbert: Any) -> None:
    inspector = LateInteractionInspector("hot tea", TEXTS, model=colbert)

    one = next(one for one in inspector.interactions if one.document == TEXTS[0])
    assert one.similarities.shape == (32, len(one.tokens))
    assert one.query_tokens[:2] == ("<s>", "[QueryMarker]")
    assert one.query_tokens[-1] == "<mask>"
    assert one.tokens[1] == "[DocumentMarker]"


def test_best_matches_are_a_data_frame_and_the_selection_its_part(colbert: Any) -> None:
    inspector = LateInteractionInspector("hot tea", TEXTS, model=colbert)
    matches = inspector.matches(0)
    best = inspector.interactions[0].similarities.max(axis=1)
    inspector.token = 3

    assert matches["similarity"].to_numpy() == pytest.approx(best)
    assert inspector.selection["query_position"].tolist() == [3]


def test_what_travels_is_sixteen_bits_of_each_cosine(colbert: Any) -> None:
    inspector = LateInteractionInspector("hot tea", TEXTS, model=colbert)

    one = inspector.interactions[0]
    sent = np.frombuffer(inspector.similarities[0], "<u2").reshape(one.similarities.shape) / 32767.5 - 1
    assert sent == pytest.approx(one.similarities, abs=2e-5)
    assert inspector.images == [None] * 3


def test_the_static_form_has_scores_a_map_and_best_matches(colbert: Any) -> None:
    data, _ = LateInteractionInspector("hot tea", TEXTS, model=colbert)._repr_mimebundle_()

    assert data["text/plain"].startswith('"hot tea" against 3 documents, token by token')
    assert 'alt="Similarities. Best matches: ' in data["text/html"]
    assert [block["caption"] for block in data[MIME]["blocks"]][2] == "best matches"
    assert len(data[MIME]["blocks"][2]["rows"]) == 32


def test_a_page_is_taken_apart_by_its_patches(miniature: Miniature, tmp_path: Path) -> None:
    model = miniature("jina-embeddings-v4")
    page = tmp_path / "page.png"
    Image.effect_noise((168, 112), 90).convert("RGB").save(page)

    inspector = LateInteractionInspector("a page", [page, "a text"], model=model)

    one = next(one for one in inspector.interactions if one.grid)
    grid = model.embed([page], task="retrieval.passage", return_multivector=True).grids[0]
    assert one.grid == (grid.rows, grid.columns)
    assert one.similarities.shape[1] == grid.rows * grid.columns
    assert one.label(grid.columns) == "patch row 2, column 1"
    assert inspector.images[inspector.interactions.index(one)][:2] == b"\xff\xd8"
    inspector.document = inspector.interactions.index(one)
    assert "patch row" in repr(inspector)


def test_another_query_is_compared_beside_the_kernel(colbert: Any) -> None:
    inspector = LateInteractionInspector("hot tea", TEXTS, model=colbert)

    inspector._received(None, {"do": "inspect", "query": "cold"}, [])

    assert inspector.wait(60)
    assert inspector.status["message"] == "3 documents compared."
    assert inspector.query == "cold"


def test_a_comparison_stops_when_it_is_cancelled(colbert: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    inspector = LateInteractionInspector("hot tea", TEXTS, model=colbert)
    began, go_on = threading.Event(), threading.Event()
    embed = colbert.embed

    def slow(*inputs: Any, **options: Any) -> Any:
        began.set()
        assert go_on.wait(30)
        return embed(*inputs, **options)

    monkeypatch.setattr(colbert, "embed", slow)
    inspector._received(None, {"do": "inspect", "query": "cold"}, [])
    assert began.wait(30)
    inspector.cancel()
    go_on.set()

    assert inspector.wait(60)
    assert inspector.status["state"] == "cancelled"
    assert inspector.query == "hot tea"


@pytest.mark.parametrize("query", ["", "  "])
def test_a_query_without_words_is_refused(colbert: Any, query: str) -> None:
    with pytest.raises(InputError, match="has no words"):
        LateInteractionInspector(query, TEXTS, model=colbert)


def test_too_many_and_no_documents_are_refused(colbert: Any) -> None:
    with pytest.raises(InputError, match="There are 51 documents; the inspector shows at most 50"):
        LateInteractionInspector("tea", ["tea"] * 51, model=colbert)
    with pytest.raises(InputError, match="no documents"):
        LateInteractionInspector("tea", [], model=colbert)


def test_a_model_without_token_vectors_is_refused(miniature: Miniature) -> None:
    with pytest.raises(OptionError, match="'jina-embeddings-v3' has no vectors per token"):
        LateInteractionInspector("tea", TEXTS, model=miniature("jina-embeddings-v3"))


def test_a_document_that_is_not_there_is_refused(colbert: Any) -> None:
    with pytest.raises(InputError, match="no document 3; there are 3, from 0"):
        LateInteractionInspector("tea", TEXTS, model=colbert).matches(3)


def test_an_unknown_argument_is_refused_with_the_nearest_name(colbert: Any) -> None:
    with pytest.raises(OptionError) as refused:
        jn.widgets.LateInteractionInspector("tea", TEXTS, model=colbert, modle=1)

    assert refused.value.hint == "did you mean model?"
