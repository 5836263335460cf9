"""What a worker does with a block, in this process: same model for several blocks, and errors in their own words."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from jina_notebook import __version__
from jina_notebook.catalog import card
from jina_notebook.elastic.plan import Columns
from jina_notebook.elastic.work import Work
from jina_notebook.errors import CheckpointError, ClusterError, RequestError
from jina_notebook.results import IndexReport
from jina_notebook.scale import workers
from jina_notebook.scale.job import Job, ModelPlace, named_model
from jina_notebook.scale.workers import Worker
from tests.elastic.doubles import WordModel, meta_of

BLOCK = pa.table({"text": [f"text {i}" for i in range(6)]})


class _Counted:
    """A store that embeds what it is given, and says that it took seven seconds."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.opened_times = 0

    def opened(self) -> _Counted:
        self.opened_times += 1
        return self

    def store(self, work: Work) -> IndexReport:
        if self.error is not None:
            raise self.error
        assert work.stage is not None
        work.stage.model.embed([entry.item["text"] for entry in work.source], task=None)
        return IndexReport(index="i", model="m", revision="r", dimensions=64, indexed=6, skipped=0, embed_seconds=7.0)


def job(sink: Any, **changes: Any) -> Job:
    model = WordModel()
    place = ModelPlace(model.name, None, model.revision, "cpu", "float32")
    plain = Job(
        version=__version__, model=place, meta=meta_of(model), columns=Columns(), sink=sink, lines=False, threads=1
    )
    return replace(plain, **changes)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cluster: ids are claimed by nobody, and models are doubles."""
    monkeypatch.setattr(workers, "ClaimedIds", lambda *_: None)


def ready(sink: Any, model: Any) -> Worker:
    worker = Worker(job(sink), None)
    worker._model = model
    return worker


def test_waiting_for_the_model_is_not_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_and_got = iter([100.0, 105.0])
    monkeypatch.setattr(workers, "time", SimpleNamespace(monotonic=lambda: next(asked_and_got)))
    outcome = ready(_Counted(), WordModel()).process(0, BLOCK, 0, None)
    assert outcome.report is not None
    assert outcome.report.embed_seconds == 2.0


def test_blocks_share_one_model_and_one_store() -> None:
    sink, model = _Counted(), WordModel()
    worker = ready(sink, model)
    blocks = [threading.Thread(target=worker.process, args=(number, BLOCK, 0, None)) for number in range(3)]
    for block in blocks:
        block.start()
    for block in blocks:
        block.join()
    assert sink.opened_times == 1
    assert [len(call["inputs"]) for call in model.calls] == [6, 6, 6]


def test_an_expected_failure_is_handed_back_in_its_own_words() -> None:
    refused = RequestError("The disk of the Elasticsearch server is full.", hint="Free some.")
    outcome = ready(_Counted(refused), WordModel()).process(0, BLOCK, 0, None)
    assert outcome.error is refused
    assert outcome.report is None


def test_an_unexpected_failure_is_raised_for_the_pool_to_report() -> None:
    with pytest.raises(ZeroDivisionError):
        ready(_Counted(ZeroDivisionError("no")), WordModel()).process(0, BLOCK, 0, None)


def test_another_version_of_the_package_is_refused() -> None:
    worker = Worker(job(_Counted(), version="0.0.1"), None)
    with pytest.raises(ClusterError, match=f"A worker runs jina-notebook {__version__}, and this process 0.0.1"):
        worker._loaded()


def test_another_revision_of_the_model_is_refused(model: Any) -> None:
    place = ModelPlace.of(named_model(model, card(model.name), "auto"), num_gpus=0, dtype="auto")
    worker = Worker(job(_Counted(), model=place), None)
    with pytest.raises(CheckpointError, match="A worker found revision local of jina-embeddings-v5-text-nano; r1 is"):
        worker._loaded()
