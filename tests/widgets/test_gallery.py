"""The gallery's Python side: what it takes, what it shows, what is picked."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import jina_notebook as jn
from jina_notebook.errors import InputError, OptionError
from jina_notebook.render.vendor import MIME
from jina_notebook.results import Hit, Hits, RankedDocument, Ranking
from jina_notebook.widgets.gallery import Gallery
from tests.widgets.pictures import files, picture


def test_images_paths_bytes_and_dicts_are_shown_with_what_they_are_called(tmp_path: Path) -> None:
    (path,) = files(tmp_path, 1)
    record = {"image": str(path), "title": "a shop"}

    gallery = Gallery([picture(1), path, path.read_bytes(), record, str(path)])

    assert gallery.captions == ["", "photo-0.png", "", "a shop", "photo-0.png"]
    assert [Image.open(io.BytesIO(data)).size for data in gallery.images] == [(192, 128)] * 5


def test_hits_and_rankings_bring_their_scores(tmp_path: Path) -> None:
    paths = files(tmp_path, 2)
    hits = Hits(
        items=tuple(
            Hit(id=f"h{i}", index="x", score=2.0 - i, rank=i + 1, source={"photo": str(path)})
            for i, path in enumerate(paths)
        ),
        query="red",
        mode="vector",
    )
    ranking = Ranking(
        items=(RankedDocument(index=1, relevance_score=0.7, rank=1, document=paths[1]),),
        scores=np.array([0.1, 0.7], np.float32),
        query="red",
        model="jina-reranker-m0",
        revision="r",
    )

    found, ranked = Gallery(hits, image="photo"), Gallery(ranking)

    assert (found.captions, found.scores) == (["h0", "h1"], [2.0, 1.0])
    assert (ranked.captions, ranked.scores) == (["photo-1.png"], [0.7])


def test_pages_are_called_by_their_numbers() -> None:
    pages = [SimpleNamespace(number=n, image=picture(n), text="") for n in (1, 2)]

    assert Gallery(pages).captions == ["page 1", "page 2"]


def test_what_is_picked_comes_back_as_the_callers_own_objects() -> None:
    items = [picture(n) for n in range(3)]
    gallery = Gallery(items, captions=["a", "b", "c"], scores=[0.1, 0.9, 0.5])
    gallery.selected = [2, 0]

    assert gallery.selection["caption"].tolist() == ["c", "a"]
    assert gallery.selection["item"].tolist() == [items[2], items[0]]


def test_the_static_form_shows_the_best_first_and_says_how_many_more() -> None:
    gallery = Gallery([picture(0)] * 30, scores=list(np.linspace(0, 0.9, 30)))
    data, _ = gallery._repr_mimebundle_()

    table = data[MIME]["blocks"][0]
    assert [row[0] for row in table["rows"]][:3] == [29, 28, 27]
    assert (len(table["rows"]), table["more"]) == (24, 6)
    assert data["text/html"].count("<img alt=") == 24
    assert data["text/plain"].startswith("30 pictures")


def test_a_picture_is_enlarged_beside_the_kernel() -> None:
    gallery = Gallery([picture(0, (3000, 2000)), picture(1)])

    gallery._received(None, {"do": "enlarge", "position": 0}, [])

    assert gallery.wait(30)
    assert gallery.enlarged["position"] == 0
    assert Image.open(io.BytesIO(gallery.enlarged["image"])).size == (1200, 800)


def test_transparency_is_laid_on_white() -> None:
    gallery = Gallery(Image.new("RGBA", (20, 20), (0, 0, 0, 0)))

    assert Image.open(io.BytesIO(gallery.images[0])).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("items", "options", "words"),
    [
        ([picture(0), 7], {}, "Item 1: 7 "),
        ([{"text": "x"}], {}, "Item 0 has no field 'image'; it has text"),
        ([picture(0)], {"scores": [1, 2]}, "There are 1 pictures and 2 scores"),
        ([picture(0)] * 301, {}, "There are 301 pictures; a gallery shows at most 300"),
        ([Path("nowhere.png")], {}, "Item 0: .*nowhere.png"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_position(items: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Gallery(items, **options)


def test_no_pictures_are_an_empty_gallery() -> None:
    assert "no pictures" in repr(Gallery([]))


def test_an_unknown_argument_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(OptionError) as refused:
        jn.widgets.Gallery([], caption=["x"])

    assert refused.value.hint == "did you mean captions?"
