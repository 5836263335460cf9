"""Which patch of a picture answers to which word of a query: the grid, its words and its static pictures."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import jina_notebook as jn
from jina_notebook.errors import InputError, OptionError
from jina_notebook.results import SimilarityMap
from jina_notebook.testing import tiny_checkpoint

V4 = "jina-embeddings-v4"
QUERY = "total amount"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the licence notice
        folder = tiny_checkpoint(V4, tmp_path_factory.mktemp("v4") / "checkpoint")
        yield jn.load(V4, path=folder, device="cpu", dtype="float32")
    jn.unload(V4)


@pytest.fixture(scope="module")
def page() -> Image.Image:
    image = Image.new("RGB", (280, 140), "white")
    image.paste((40, 90, 200), (196, 56, 252, 112))
    return image


def made(grid: Any, tokens: tuple[str, ...]) -> SimilarityMap:
    image = Image.new("RGB", (300, 200), (200, 40, 40))
    values = np.asarray(grid, dtype=np.float32)
    return SimilarityMap(query="q", image=image, tokens=tokens, grid=values, model=V4, revision="r")


def peak(row: int, column: int, shape: tuple[int, int] = (4, 6)) -> np.ndarray[Any, Any]:
    grid = np.zeros(shape, dtype=np.float32)
    grid[row, column] = 1.0
    return grid


def test_the_grid_holds_the_cosines_of_every_token_with_every_patch(model: Any, page: Image.Image) -> None:
    found = jn.similarity_map(QUERY, page, model=model)
    asked = model.embed(QUERY, task="retrieval.query", return_multivector=True).vectors[0]
    given = model.embed(page, task="retrieval.passage", return_multivector=True)
    place = given.grids[0]
    assert (place.rows, place.columns) == (5, 10)
    assert found.grid.shape == (len(found.tokens), 5, 10) == (len(asked), 5, 10)
    wanted = asked @ given.vectors[0][place.first : place.first + 50].T
    assert np.abs(found.grid.reshape(len(asked), -1) - wanted).max() <= 1e-6
    assert found.score == pytest.approx(wanted.max(axis=1).sum(), abs=1e-5)


def test_the_grid_follows_the_picture(model: Any, page: Image.Image) -> None:
    """A patch that looks as another one does, far from edges, is nearer to it than a patch of another colour."""
    given = model.embed(page, task="retrieval.passage", return_multivector=True)
    place = given.grids[0]
    patches = given.vectors[0][place.first : place.first + 50].reshape(5, 10, -1)
    blue = patches[2:4, 7:9].reshape(4, -1)
    white = patches[2:4, 1:5].reshape(8, -1)
    assert (blue @ blue.T).mean() > (blue @ white.T).mean() + 0.05


def test_tokens_spell_what_the_model_reads(model: Any, page: Image.Image) -> None:
    found = jn.similarity_map(QUERY, page, model=model)
    assert "".join(found.tokens) == f"Query: {QUERY}"
    assert [word for word, _ in found.words()] == ["Query", ":", "total", "amount"]


def test_a_picture_may_be_a_file_bytes_or_an_array(model: Any, page: Image.Image, tmp_path: Path) -> None:
    page.save(tmp_path / "page.png")
    first = jn.similarity_map(QUERY, page, model=model).grid
    for image in (tmp_path / "page.png", (tmp_path / "page.png").read_bytes(), np.asarray(page)):
        assert np.array_equal(jn.similarity_map(QUERY, image, model=model).grid, first)


@pytest.mark.parametrize(
    ("query", "image", "word"),
    [
        ("", Image.new("L", (9, 9)), "query"),
        (None, Image.new("L", (9, 9)), "None"),
        (QUERY, "page.png", "jn.read_image"),
        (QUERY, Path("gone.png"), "gone.png"),
    ],
    ids=["blank", "none", "text-as-image", "missing"],
)
def test_what_is_no_query_or_no_picture_is_refused(query: Any, image: Any, word: str, model: Any) -> None:
    with pytest.raises(InputError) as caught:
        jn.similarity_map(query, image, model=model)
    assert word in str(caught.value)


@pytest.mark.parametrize("other", ["jina-clip-v2", "jina-colbert-v2", "jina-reranker-m0"])
def test_a_model_without_token_vectors_of_pictures_is_refused_before_it_is_loaded(
    other: str, page: Image.Image
) -> None:
    with pytest.raises(OptionError, match=rf"{other} has no token vectors of pictures.*jina-embeddings-v4"):
        jn.similarity_map(QUERY, page, model=other)


def test_the_picture_is_coloured_where_the_number_is_high_and_grey_elsewhere() -> None:
    drawn = np.asarray(made([peak(1, 4), peak(3, 0)], (" a", " b")).picture(0, size=300)).astype(int)
    assert drawn.shape == (200, 300, 3)
    inside, outside = drawn[75, 225], drawn[175, 25]
    assert inside.max() - inside.min() > 40
    assert outside.max() == outside.min()


def test_all_tokens_share_one_scale_so_that_a_word_without_a_match_stays_pale() -> None:
    found = made([peak(1, 4), peak(3, 0) * 0.1], (" a", " b"))
    strong, weak = (np.asarray(found.picture(i, size=300)).astype(int) for i in (0, 1))
    assert np.ptp(strong[75, 225]) > 4 * np.ptp(weak[175, 25])


def test_a_word_of_several_tokens_shows_their_mean() -> None:
    found = made([peak(1, 4), peak(3, 0), peak(0, 0)], (" to", "tal", " sum"))
    assert found.words() == [("total", [0, 1]), ("sum", [2])]
    drawn = np.asarray(found.picture("total", size=300)).astype(int)
    assert np.ptp(drawn[75, 225]) > 0
    assert np.ptp(drawn[175, 25]) > 0
    assert np.ptp(drawn[25, 25]) == 0


@pytest.mark.parametrize(("token", "word"), [("sun", "did you mean sum"), (3, "has 3"), (-4, "has 3")])
def test_a_token_that_is_not_there_is_refused(token: Any, word: str) -> None:
    found = made([peak(1, 4), peak(3, 0), peak(0, 0)], (" to", "tal", " sum"))
    with pytest.raises(OptionError, match=word):
        found.picture(token)


def test_the_frame_gives_the_best_patch_of_every_token() -> None:
    frame = made([peak(1, 4), peak(3, 0)], (" a", " b")).to_frame()
    assert frame.to_dict("list") == {"token": [" a", " b"], "similarity": [1.0, 1.0], "row": [1, 3], "column": [4, 0]}


class Images(HTMLParser):
    """The alternative texts and sources of the images of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


def test_the_display_stands_alone_with_a_picture_and_its_words_for_every_token() -> None:
    found = made([peak(1, 4), peak(3, 0)], (" a", " <b>"))
    reader = Images()
    reader.feed(found._repr_html_())
    assert len(reader.found) == 3
    assert all(str(image["src"]).startswith("data:image/png;base64,") for image in reader.found)
    assert "row 2 of 4, column 5 of 6" in str(reader.found[1]["alt"])
    assert "<b>" not in found._repr_html_()
    assert "all tokens" in repr(found)
    assert Image.open(io.BytesIO(found._repr_png_())).size == (300, 200)
