"""The notebooks about models that see: one run with a miniature, and how all refuse to go on without weights."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

import jina_notebook as jn
from jina_notebook import report
from jina_notebook.errors import ReportError
from tests.conftest import delete_indices

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(600)]

KINDS = ("chart", "slide", "invoice", "scan", "scene")
SEEING = ("jina-clip-v2", "jina-embeddings-v4", "jina-reranker-m0", "jina-vlm")


@pytest.fixture(scope="module")
def clip(machine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[report.Outcome]:
    """jina-clip-v2 with miniature weights and ten pictures; its index stays."""
    index = f"test-clip-{uuid.uuid4().hex[:8]}"
    parameters = {"weights": "tiny", "size": "tiny", "index": index, "keep_index": True}
    yield report.run("jina-clip-v2", tmp_path_factory.mktemp("clip"), parameters=parameters)
    delete_indices(machine, index)


def test_two_pictures_of_each_kind_are_embedded_and_stored(clip: report.Outcome) -> None:
    metrics = clip.recorded.metrics

    assert metrics["pictures"] == metrics["documents"] == 2 * len(KINDS)
    assert metrics["queries"] >= 5
    assert metrics["dimensions"] == 128
    assert clip.recorded.failure is None


def test_shares_and_means_are_what_such_figures_can_be(clip: report.Outcome) -> None:
    metrics = {name: float(value) for name, value in clip.recorded.metrics.items()}

    shares = [
        value for name, value in metrics.items() if name.startswith(("kind found", "texts in ten")) or "nDCG" in name
    ]
    assert len(shares) >= 5 + 2 + 3
    assert all(0 <= share <= 1 for share in shares)
    assert -1 <= metrics["mean cosine to pictures"] <= 1
    assert metrics["pictures/s"] > 0


def test_the_index_holds_pictures_by_the_model_that_is_recorded(clip: report.Outcome, machine: str) -> None:
    provenance = clip.recorded.provenance
    (described,) = provenance["indices"]

    assert [model["name"] for model in provenance["models"]] == ["jina-clip-v2"]
    assert provenance["models"][0]["licence"] == jn.models()["jina-clip-v2"].licence
    assert described["meta"]["jina_notebook"]["image_field"] == "image"
    assert described["vectors"]["vector"]["dims"] == 128
    with urllib.request.urlopen(f"{machine}/{described['name']}/_search?size=1") as answer:  # noqa: S310
        (hit,) = json.load(answer)["hits"]["hits"]
    assert Path(hit["_source"]["image"]).is_file()
    assert hit["_source"]["kind"] in KINDS


def test_the_gap_is_drawn_with_words_for_those_who_do_not_see_it(clip: report.Outcome) -> None:
    page = clip.page.read_text("utf-8")

    assert 'alt="Left, texts and pictures on two principal components' in page
    assert "No description has been provided for this image" not in page
    (mixed,) = clip.recorded.highlights
    assert "means taken off" in mixed


def test_random_weights_are_called_what_they_are(clip: report.Outcome) -> None:
    (note,) = clip.recorded.provenance["notes"]
    assert "results mean nothing" in note


@pytest.mark.parametrize("name", SEEING)
def test_without_a_hub_the_sentence_says_that_nothing_stands_in(machine: str, tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportError, match=f"{name} is not in the cache folder .* no stand-in can do its work"):
        report.run(name, tmp_path, parameters={"index": f"test-{uuid.uuid4().hex[:8]}"})
