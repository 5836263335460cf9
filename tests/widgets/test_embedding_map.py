"""The embedding map's Python side: projection, colours, selection, neighbours, and a hundred thousand points."""

from __future__ import annotations

import sys
import threading
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import jina_notebook as jn
from jina_notebook.errors import InputError, MissingExtraError, OptionError
from jina_notebook.render.vendor import MIME
from jina_notebook.widgets.colours import OTHER, colouring
from jina_notebook.widgets.embedding_map import EmbeddingMap
from jina_notebook.widgets.projections import packed, projected
from tests.elastic.doubles import WordModel

WORDS = ["tea", "coffee", "tea coffee", "socks", "wool socks", "cold feet"]


def clouds(count: int = 300, size: int = 16) -> tuple[np.ndarray, list[str]]:
    """Three clouds far apart, and their names."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(3, size)) * 6
    which = np.arange(count) % 3
    return (centres[which] + random.normal(size=(count, size))).astype(np.float32), [f"cloud {i}" for i in which]


def test_pca_finds_the_directions_of_most_variance() -> None:
    vectors, _ = clouds()

    places = projected(vectors, "pca")

    centred = vectors - vectors.mean(axis=0)
    strongest = np.linalg.svd(centred, compute_uv=False)[:2]
    assert np.linalg.norm(places, axis=0) == pytest.approx(strongest, rel=1e-3)
    assert np.array_equal(places, projected(vectors, "pca"))


def test_places_fill_the_frame_and_keep_their_proportions() -> None:
    sent = np.frombuffer(packed(np.array([[0, 0], [10, 1]], np.float32)), "<u2").reshape(2, 2) / 32767.5 - 1

    assert sent[:, 0] == pytest.approx([-0.95, 0.95], abs=1e-4)
    assert sent[:, 1] == pytest.approx([-0.095, 0.095], abs=1e-4)


def test_one_vector_and_one_dimension_are_maps_too() -> None:
    assert projected(np.ones((1, 8), np.float32), "pca").tolist() == [[0.0, 0.0]]
    assert EmbeddingMap(np.ones((3, 1))).coordinates.shape == (3, 2)


def test_embeddings_bring_their_inputs() -> None:
    model = WordModel()
    shown = EmbeddingMap(model.embed(WORDS))
    shown.select([4, 3])

    assert shown.selection["input"].tolist() == ["socks", "wool socks"]
    assert "model: offline-minilm" in repr(shown)


def test_neighbours_are_those_of_all_dimensions() -> None:
    shown = EmbeddingMap(WordModel().embed(WORDS))

    near = shown.neighbours(3, k=2)

    assert near["input"].iloc[0] == "wool socks"
    assert near["similarity"].is_monotonic_decreasing
    assert 3 not in near["position"].tolist()


def test_a_column_of_names_colours_by_frequency_and_joins_the_rare_ones() -> None:
    values = [name for number, name in enumerate("abcdefghijk") for _ in range(20 - number)]

    found = colouring("letter", values)

    assert found.names == (*"abcdefg", OTHER)
    assert found.counts[0] == 20
    assert sum(found.counts) == len(values)
    assert found.values[-1] == 7


def test_a_column_of_numbers_is_a_scale_and_missing_ones_stand_at_its_low_end() -> None:
    found = colouring("price", [*range(9), float("nan"), 16.0])

    assert (found.kind, found.low, found.high) == ("numbers", 0.0, 16.0)
    assert list(found.values)[8:] == [128, 0, 255]


def test_the_browsers_selection_comes_as_a_view_of_a_buffer() -> None:
    vectors, names = clouds(30)
    shown = EmbeddingMap(vectors, data=pd.DataFrame({"name": names}))

    shown.set_state({"selected": memoryview(np.array([2, 5], "<u4").tobytes())})

    assert shown.selection.index.tolist() == [2, 5]


def test_the_static_form_is_a_picture_and_the_counts_of_each_colour() -> None:
    vectors, names = clouds()

    data, _ = EmbeddingMap(vectors, data={"name": names}, color="name")._repr_mimebundle_()

    assert data["text/plain"].startswith("300 vectors of 16 dimensions on a map")
    assert 'alt="300 vectors of 16 dimensions on a map, pca, coloured by name"' in data["text/html"]
    assert data[MIME]["blocks"][1]["rows"] == [["cloud 0", 100], ["cloud 1", 100], ["cloud 2", 100]]


def test_a_hundred_thousand_points_travel_as_half_a_megabyte() -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(100_000, 32)).astype(np.float32)

    shown = EmbeddingMap(vectors, data={"number": range(100_000)}, color="number")

    assert (len(shown.positions), len(shown.values)) == (400_000, 100_000)


@pytest.mark.parametrize(
    ("message", "trait", "said"),
    [
        ({"do": "point", "position": 1}, "point", "Point 1: coffee"),
        ({"do": "find", "words": "SOCKS"}, "selected", "2 points found."),
        ({"do": "color", "color": "length"}, "legend", ""),
    ],
)
def test_what_the_browser_asks_for_is_answered_beside_the_kernel(
    message: dict[str, Any], trait: str, said: str
) -> None:
    shown = EmbeddingMap(WordModel().embed(WORDS), data={"text": WORDS, "length": [len(w) for w in WORDS]})
    before = getattr(shown, trait)

    shown._received(None, message, [])

    assert shown.wait(30)
    assert shown.status["message"] == said
    assert getattr(shown, trait) != before


def test_umap_is_used_where_it_is_installed_and_named_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = clouds(12)
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtraError, match="needs the package umap-learn"):
        EmbeddingMap(vectors, projection="umap")

    fake = ModuleType("umap")
    fake.__spec__ = ModuleSpec("umap", None)
    fake.__dict__["UMAP"] = lambda **_: SimpleNamespace(fit_transform=lambda given: given[:, :2] * 2)
    monkeypatch.setitem(sys.modules, "umap", fake)

    assert EmbeddingMap(vectors, projection="umap").coordinates == pytest.approx(vectors[:, :2] * 2)


def test_a_projection_that_is_cancelled_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = EmbeddingMap(clouds(12)[0])
    before, began, go_on = shown.positions, threading.Event(), threading.Event()

    def slow(vectors: np.ndarray, how: str) -> np.ndarray:
        began.set()
        assert go_on.wait(30)
        return vectors[:, :2]

    monkeypatch.setattr("jina_notebook.widgets.embedding_map.projected", slow)
    shown._received(None, {"do": "project", "projection": "umap"}, [])
    assert began.wait(30)
    shown.cancel()
    go_on.set()

    assert shown.wait(30)
    assert (shown.positions, shown.projection, shown.status["state"]) == (before, "pca", "cancelled")


@pytest.mark.parametrize(
    ("vectors", "options", "kind", "words"),
    [
        (np.ones(3), {}, InputError, r"shape \(3,\)"),
        (np.array([[np.nan, 1]]), {}, InputError, "NaN"),
        (np.ones((0, 3)), {}, InputError, "There are 0 vectors"),
        (np.ones((3, 2)), {"data": {"a": [1]}}, InputError, "There are 3 vectors and 1 rows"),
        (np.ones((3, 2)), {"data": {"size": [1, 2, 3]}, "color": "sise"}, OptionError, "'sise' is no column"),
        (np.ones((3, 2)), {"projection": "tsne"}, OptionError, "projection='tsne' is not known"),
        (np.ones((3, 2)), {"projection": np.ones((2, 2))}, InputError, r"shape \(2, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused(vectors: Any, options: dict[str, Any], kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        EmbeddingMap(vectors, **options)


def test_multi_vectors_and_points_that_are_not_there_are_refused() -> None:
    model = WordModel()
    with pytest.raises(InputError, match="Multi-vectors have no single place"):
        EmbeddingMap(model.embed(WORDS, return_multivector=True))
    with pytest.raises(InputError, match="no point 6; there are 6, from 0"):
        EmbeddingMap(model.embed(WORDS)).neighbours(6)


def test_an_unknown_argument_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(OptionError) as refused:
        jn.widgets.EmbeddingMap(np.ones((3, 2)), colour="x")

    assert refused.value.hint == "did you mean color?"
