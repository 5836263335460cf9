"""From web pages to an index, and tools for an agent, unattended: what the two notebooks record with miniatures."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from jina_notebook import report
from jina_notebook.errors import ReportError
from tests.conftest import delete_indices

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(600)]

TINY = {"weights": "tiny", "size": "tiny"}


@pytest.fixture(scope="module")
def index(machine: str) -> Iterator[str]:
    name = f"test-pages-{uuid.uuid4().hex[:8]}"
    yield name
    delete_indices(machine, name)


@pytest.fixture(scope="module")
def read(index: str, tmp_path_factory: pytest.TempPathFactory) -> report.Outcome:
    """Pages that the reader's miniature has read, in indices that are kept."""
    parameters = {**TINY, "index": index, "keep_index": True}
    return report.run("web-pages-to-an-index", tmp_path_factory.mktemp("read"), parameters=parameters)


@pytest.fixture(scope="module")
def chosen(machine: str, tmp_path_factory: pytest.TempPathFactory) -> report.Outcome:
    folder = tmp_path_factory.mktemp("chosen")
    return report.run("tool-and-table-selection", folder, parameters={**TINY, "k": 3})


def _figures(recorded: report.Recorded) -> dict[str, float]:
    """The metrics that are numbers."""
    return {name: float(value) for name, value in recorded.metrics.items() if not isinstance(value, str)}


def _indices(url: str, prefix: str) -> set[str]:
    with urllib.request.urlopen(f"{url}/_cat/indices/{prefix}*?format=json") as answer:  # noqa: S310
        return {entry["index"] for entry in json.load(answer)}


def test_three_pages_are_read_by_the_model_and_every_chunk_is_there(read: report.Outcome, index: str) -> None:
    metrics = _figures(read.recorded)
    indices = {entry["name"]: entry["documents"] for entry in read.recorded.provenance["indices"]}

    assert metrics["pages"] == 3
    assert read.recorded.metrics["read by"] == "ReaderLM-v2"
    assert indices[index] == metrics["chunks"] >= 3
    assert metrics["values expected"] == 30
    assert metrics["values right"] == 0
    assert metrics["truncated pages"] == 3
    assert 0 < metrics["tokens of the Markdown"] < metrics["tokens of the HTML"]


def test_the_run_says_that_miniatures_mean_nothing(read: report.Outcome, machine: str, index: str) -> None:
    provenance = read.recorded.provenance

    assert [model["name"] for model in provenance["models"]] == ["ReaderLM-v2", "jina-embeddings-v5-text-nano"]
    assert all("its results mean nothing" in note for note in provenance["notes"])
    assert len(provenance["notes"]) == 2
    assert _indices(machine, index) == {index, f"{index}-plain"}


def test_the_expected_texts_can_take_the_place_of_the_reader(machine: str, index: str, tmp_path: Path) -> None:
    name = f"{index}-expected"
    parameters = {**TINY, "reading": "expected", "index": name, "chunk_tokens": 48}

    recorded = report.run("web-pages-to-an-index", tmp_path, parameters=parameters).recorded

    assert recorded.metrics["read by"] == "the expected texts"
    assert recorded.metrics["values right"] == recorded.metrics["values expected"] == 30
    assert recorded.metrics["truncated pages"] == 0
    assert "come with the pages" in " ".join(recorded.provenance["notes"])
    assert _indices(machine, name) == set()


def test_a_reader_that_was_asked_for_and_cannot_be_had_fails_the_run(machine: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="failed at 'Load the models': HubError: ReaderLM-v2 is not in the cache"):
        report.run("web-pages-to-an-index", tmp_path, parameters={"reading": "model", "size": "tiny"})


def test_an_agent_gets_a_part_of_the_prompt(chosen: report.Outcome) -> None:
    metrics = _figures(chosen.recorded)

    assert metrics["tools"] == metrics["tables"] == 8
    assert metrics["requests"] == metrics["questions"] == 4
    assert 0 < metrics["prompt tokens saved, tools"] < metrics["tokens of all tools"]
    assert 0 < metrics["prompt tokens saved, tables"] < metrics["tokens of all tables"]
    assert 0.3 < metrics["share saved, tools"] < 0.9
    for run in ("tools by name", "tools by description", "tools by whole schema", "tables by name"):
        assert 0 <= metrics[f"{run} nDCG@10"] <= 1
    assert chosen.recorded.failure is None


def test_with_the_stand_in_the_right_tools_come_first(machine: str, tmp_path: Path) -> None:
    recorded = report.run("tool-and-table-selection", tmp_path, parameters={"size": "tiny", "k": 2}).recorded

    metrics = _figures(recorded)
    assert metrics["tools by whole schema RR@10"] > 0.6
    assert metrics["tables by CREATE TABLE RR@10"] > 0.6
    assert metrics["share saved, tools"] > 0.6
    assert "not a Jina model" in recorded.provenance["notes"][0]
