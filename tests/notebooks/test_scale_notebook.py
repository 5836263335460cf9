"""The notebook on many machines, unattended with a miniature: a plan, a Ray run on this machine, the same bits."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from jina_notebook import report
from tests.conftest import delete_indices
from tests.scale.conftest import QUICK

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def run(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[report.Outcome]:
    index = f"test-scale-{uuid.uuid4().hex[:8]}"
    parameters = {"weights": "tiny", "size": "tiny", "index": index, "documents": 1_000_000}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ELASTICSEARCH_URL", elasticsearch_url)
        patch.setenv("PYTHONPATH", str(QUICK))
        yield report.run("outgrowing-one-machine", tmp_path_factory.mktemp("scale"), parameters=parameters)
    delete_indices(elasticsearch_url, index)


def test_every_article_is_stored_once_and_the_second_run_embeds_nothing(run: report.Outcome) -> None:
    metrics = run.recorded.metrics
    assert metrics["articles"] == metrics["indexed"] == metrics["skipped again"] == 48
    assert metrics["blocks"] == 4
    assert run.recorded.failure is None


def test_vectors_are_bit_for_bit_those_of_one_machine(run: report.Outcome) -> None:
    assert run.recorded.metrics["equal vectors"] == 48


def test_the_plan_is_for_the_documents_asked_for(run: report.Outcome) -> None:
    metrics = run.recorded.metrics
    assert metrics["planned documents"] == 1_000_000
    assert metrics["planned shards"] == 1
    assert metrics["planned data nodes"] == 2
    assert float(metrics["planned H100 hours"]) < 1
    assert float(metrics["tokens/s of a worker"]) > 0


def test_the_page_shows_the_plan_and_the_report(run: report.Outcome) -> None:
    page = run.page.read_text("utf-8")
    assert "a plan, nothing was done" in page
    assert "48 skipped (already there)" in page
