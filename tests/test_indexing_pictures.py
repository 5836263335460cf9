"""Pictures in an index: one bad file among good ones is named, and words and pictures find pictures."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import jina_notebook as jn
from jina_notebook.elastic.connection import Connection
from jina_notebook.testing import tiny_checkpoint
from tests.elastic.doubles import connected

pytestmark = pytest.mark.server
CLIP = "jina-clip-v2"


@pytest.fixture
def es(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the licence notice
        folder = tiny_checkpoint(CLIP, tmp_path_factory.mktemp("clip") / "checkpoint")
        yield jn.load(CLIP, path=folder, device="cpu", dtype="float32")
    jn.unload(CLIP)


def noise(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (90, 120, 3), dtype=np.uint8))


def test_one_file_that_is_cut_off_is_named_and_the_others_are_stored(
    clip: Any, es: Connection, index_name: str, tmp_path: Path
) -> None:
    documents = []
    for number in range(10):
        path = tmp_path / f"photo-{number}.jpg"
        noise(number).save(path)
        documents.append({"id": str(number), "image": path})
    cut = tmp_path / "photo-6.jpg"
    cut.write_bytes(cut.read_bytes()[:-400])
    report = jn.index(documents, index_name, model=clip, image="image", id="id", connection=es)
    assert report.indexed == 9
    (failure,) = report.failed
    assert failure.id == "6"
    assert "photo-6.jpg" in failure.reason
    assert "truncated" in failure.reason


def test_a_picture_finds_itself_and_a_word_finds_pictures(
    clip: Any, es: Connection, index_name: str, tmp_path: Path
) -> None:
    documents: list[dict[str, Any]] = [{"id": str(n), "image": noise(n), "title": f"noise {n}"} for n in range(4)]
    noise(4).save(tmp_path / "4.png")
    documents.append({"id": "4", "image": tmp_path / "4.png"})
    report = jn.index(documents, index_name, model=clip, image="image", id="id", connection=es)
    assert (report.indexed, list(report.failed)) == (5, [])
    for query in (noise(2), np.asarray(noise(2))):
        hits = jn.search(query, index_name, mode="vector", k=2, connection=es)
        assert hits[0].id == "2"
    assert jn.search(tmp_path / "4.png", index_name, mode="vector", k=1, connection=es)[0].id == "4"
    assert len(jn.search("noise", index_name, mode="vector", k=3, connection=es)) == 3
