from __future__ import annotations

import numpy as np
import pytest

from jina_notebook.render.blocks import Bar, Picture, Table
from jina_notebook.results import RankedDocument, Ranking
from tests.render.reading import read
from tests.results.samples import ranking


def test_an_empty_ranking_says_that_there_are_no_documents() -> None:
    empty = ranking()
    assert len(empty) == 0
    assert "no documents" in repr(empty)
    assert "no documents" in read(empty._repr_html_()).text
    assert "no documents" in empty._repr_markdown_()
    frame = empty.to_frame()
    assert frame.empty
    assert list(frame.columns) == ["rank", "index", "relevance_score", "document"]


def test_a_ranking_is_a_sequence() -> None:
    result = ranking("a", "b", "c")
    assert [item.document for item in result] == ["a", "b", "c"]
    assert result[0].rank == 1
    with pytest.raises(IndexError):
        result[3]


def test_a_slice_is_a_ranking_with_all_scores() -> None:
    part = ranking("a", "b", "c")[:2]
    assert isinstance(part, Ranking)
    assert len(part) == 2
    assert part.scores.shape == (3,)
    assert "2 of 3 documents ranked" in repr(part)


def test_the_frame_has_the_callers_own_objects() -> None:
    document = {"text": "soup", "id": 7}
    frame = ranking(document, "b").to_frame()
    assert frame["document"][0] is document
    assert frame["rank"].tolist() == [1, 2]
    assert frame["index"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("scores", "low", "high"),
    [((0.9, 0.1), 0.0, 1.0), ((0.2, -0.7), -0.7, 1.0), ((23.5, 11.0), 0.0, 23.5)],
    ids=["sigmoid", "cosine", "sum of maxima"],
)
def test_bars_fit_every_kind_of_score(scores: tuple[float, float], low: float, high: float) -> None:
    items = tuple(RankedDocument(i, score, i + 1, "x") for i, score in enumerate(scores))
    result = Ranking(items=items, scores=np.array(scores, np.float32), query="q", model="m", revision="r")
    table = result.page().blocks[0]
    assert isinstance(table, Table)
    assert table.rows[0][1] == Bar(scores[0], low, high)


def test_pictures_are_shown_small_with_their_size_as_text() -> None:
    from PIL import Image

    table = ranking(Image.new("RGB", (640, 320), (200, 30, 30))).page().blocks[0]
    assert isinstance(table, Table)
    picture = table.rows[0][3]
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height, picture.alt) == (96, 48, "image 640 x 320")
    assert picture.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "F"])
def test_pictures_of_every_mode_can_be_shown(mode: str) -> None:
    from PIL import Image

    image = Image.new(mode, (3, 2))
    assert read(ranking(image)._repr_html_()).all("img")[0].attributes["alt"] == "image 3 x 2"
    assert image.size == (3, 2)


def test_documents_that_were_not_returned_are_blank() -> None:
    item = RankedDocument(0, 0.5, 1, None)
    result = Ranking(items=(item,), scores=np.array([0.5], np.float32), query="q", model="m", revision="r")
    assert read(result._repr_html_()).all("td")[3].text == ""
    assert repr(item) == "RankedDocument(rank=1, relevance_score=0.5000, index=0, None)"


def test_many_documents_are_counted() -> None:
    tree = read(ranking(*map(str, range(250)))._repr_html_())
    assert len(tree.all("tbody")[0].all("tr")) == 100
    assert "and 150 more" in tree.text
