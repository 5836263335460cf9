"""The pictures are there, small, of the kinds that the corpus says, and their generators still run."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jina_notebook import data, read_image
from scripts.data.invoices import MACHINES
from scripts.data.pictures import PICTURES, write_pictures

FORMATS = {".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG"}


@pytest.fixture(scope="module")
def pictures() -> data.Collection:
    return data.load("pictures")


def test_55_pictures_of_five_kinds(pictures: data.Collection) -> None:
    kinds = Counter(picture["kind"] for picture in pictures.corpus)
    assert kinds == {"chart": 15, "slide": 10, "invoice": 8, "scan": 7, "scene": 15}
    assert {picture["lang"] for picture in pictures.corpus} == {"en", "de", "es", "pt"}


def test_every_picture_is_an_absolute_path_of_a_small_file_that_opens(pictures: data.Collection) -> None:
    total = 0
    for picture in pictures.corpus:
        assert isinstance(picture["image"], str)
        path = Path(picture["image"])
        assert path.is_absolute()
        with Image.open(path) as image:
            assert image.format == FORMATS[path.suffix]
            assert min(image.size) >= 400
            assert max(image.size) <= 1200
        assert read_image(path).mode in {"RGB", "P", "L"}
        assert path.stat().st_size < 120_000, path.name
        total += path.stat().st_size
    assert total < 2_500_000


def test_no_file_lies_around_that_the_corpus_does_not_name(pictures: data.Collection) -> None:
    folder = pictures.path / "files"
    assert {str(path) for path in folder.iterdir()} == {picture["image"] for picture in pictures.corpus}


def test_no_picture_is_empty_and_no_two_are_alike(pictures: data.Collection) -> None:
    seen = {}
    for picture in pictures.corpus:
        pixels = np.asarray(read_image(picture["image"]).convert("L").resize((32, 32)), dtype=np.float64)
        assert pixels.std() > 4, picture["_id"]
        seen[picture["_id"]] = pixels.tobytes()
    assert len(set(seen.values())) == len(seen)


def test_scans_are_grey_and_crooked_and_scenes_are_colourful(pictures: data.Collection) -> None:
    for picture in pictures.corpus:
        pixels = np.asarray(read_image(picture["image"]).convert("RGB"), dtype=np.float64)
        colour = (pixels.max(axis=2) - pixels.min(axis=2)).mean()
        if picture["kind"] == "scan":
            assert colour < 3, picture["_id"]
        if picture["kind"] == "scene":
            assert colour > 15, picture["_id"]


def test_the_corpus_says_what_the_generators_say(pictures: data.Collection) -> None:
    assert [
        (picture["_id"], picture["title"], picture["text"], picture["kind"], picture["lang"])
        for picture in pictures.corpus
    ] == [(made.id, made.title, made.text, made.kind, made.lang) for made in PICTURES]


def test_every_text_says_in_whole_sentences_what_is_seen(pictures: data.Collection) -> None:
    for picture in pictures.corpus:
        assert set(picture) == {"_id", "title", "text", "kind", "lang", "image"}
        assert picture["_id"].startswith(picture["kind"])
        assert len(picture["text"].split()) >= 9
        assert re.search(r"[.!)]$", picture["text"]), picture["_id"]


def test_the_amounts_of_an_invoice_add_up() -> None:
    assert (str(MACHINES.net), str(MACHINES.vat), str(MACHINES.total)) == ("734.60", "168.96", "903.56")
    assert "Total 903.56 €" in MACHINES.text


def test_every_query_has_a_picture_that_answers_it(pictures: data.Collection) -> None:
    known = {picture["_id"] for picture in pictures.corpus}
    assert len(pictures.queries) == 50
    assert set(pictures.qrels) == set(pictures.queries)
    for query, judged in pictures.qrels.items():
        assert set(judged) <= known
        assert max(judged.values()) == 2
        kind = pictures.query_fields[query]["kind"]
        assert all(name.startswith(kind) for name, grade in judged.items() if grade == 2)


def test_most_queries_have_something_near_that_does_not_answer(pictures: data.Collection) -> None:
    assert sum(min(judged.values()) < 2 for judged in pictures.qrels.values()) >= 30


@pytest.mark.parametrize("name", ["invoice-receipt", "scan-newspaper", "chart-tickets"])
def test_a_generator_draws_what_is_committed(pictures: data.Collection, name: str, tmp_path: Path) -> None:
    (wanted,) = [picture for picture in PICTURES if picture.id == name]

    listed = write_pictures(tmp_path, [wanted])

    (record,) = [json.loads(line) for line in listed.read_text("utf-8").splitlines()]
    drawn = np.asarray(read_image(tmp_path / record["image"]).convert("L").resize((64, 64)), dtype=np.float64)
    (kept,) = [picture["image"] for picture in pictures.corpus if picture["_id"] == name]
    committed = np.asarray(read_image(kept).convert("L").resize((64, 64)), dtype=np.float64)
    assert np.abs(drawn - committed).mean() < 4


def test_the_readme_gives_the_numbers(pictures: data.Collection) -> None:
    readme = resources.files("jina_notebook.data").joinpath("README.md").read_text(encoding="utf-8")
    for kind, count in Counter(picture["kind"] for picture in pictures.corpus).items():
        assert f"| {kind} | {count} |" in readme
