"""What the side panel is told about a kernel."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from elasticsearch import ConnectionError as Unreachable

from jina_notebook.widgets import panel
from jina_notebook.widgets.jobs import Worker
from tests.elastic.doubles import WordModel, connected, fill


def told() -> dict[str, Any]:
    data: dict[str, Any] = panel.state()._repr_mimebundle_()["application/json"]
    return data


def test_a_kernel_that_did_nothing_has_nothing_and_nothing_heavy_is_imported_to_say_so() -> None:
    code = (
        "import sys; from jina_notebook.widgets import panel; s = panel.state().values;"
        "print(s['models'], s['connections'], s['jobs'], s['memory'] > 0,"
        " [m for m in ('torch', 'elasticsearch', 'anywidget', 'pandas') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[] [] [] True []"


def test_indices_come_with_their_documents_and_the_model_they_remember(elasticsearch_url: str, index_name: str) -> None:
    with connected(elasticsearch_url) as connection:
        fill(connection, index_name, [{"id": "1", "text": "tea"}, {"id": "2", "text": "mug"}], model=WordModel())
        connection.client.indices.create(index=f"{index_name}-plain")

        found = next(one for one in told()["connections"] if one["name"] == connection.name)

    indices = {one["name"]: one for one in found["indices"]}
    assert (found["address"], found["fault"]) == (connection.url, "")
    assert indices[index_name] == {"name": index_name, "documents": 2, "model": "offline-minilm"}
    assert indices[f"{index_name}-plain"]["model"] is None


def test_a_server_that_does_not_answer_is_said_and_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise Unreachable("no")

    client = SimpleNamespace(cat=SimpleNamespace(indices=refuse))
    client.options = lambda **_: client
    gone = SimpleNamespace(
        name="gone", url="http://nowhere", capabilities=SimpleNamespace(title="Elasticsearch 9"), client=client
    )
    monkeypatch.setattr("jina_notebook.elastic.connection.connections", lambda: (gone,))

    (one,) = told()["connections"]

    assert one["fault"] == "It does not answer: ConnectionError."
    assert one["indices"] == []


def test_models_are_listed_with_what_they_take_and_dropped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from jina_notebook import loading
    from jina_notebook.testing import tiny_checkpoint

    folder = tiny_checkpoint("jina-embeddings-v3", tmp_path / "there", dtype="float32")
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    there, gone = (
        loading.Loaded("jina-embeddings-v3", str(place), "r", "cpu", "float32") for place in (folder, tmp_path / "gone")
    )
    monkeypatch.setattr(loading, "_MODELS", {there: SimpleNamespace(), gone: SimpleNamespace()})
    first, second = told()["models"]
    assert first == {"name": "jina-embeddings-v3", "device": "cpu", "dtype": "float32", "memory": first["memory"]}
    assert 0.8 * size < first["memory"] < size  # the file has a header beside its numbers
    assert second["memory"] is None

    assert panel.unload("jina-embeddings-v3").values["models"] == []


def test_jobs_are_listed_while_they_run() -> None:
    began, go_on = threading.Event(), threading.Event()

    def work(job: Any) -> Any:
        job.progress(1, 4)
        began.set()
        assert go_on.wait(30)
        return lambda: ""

    worker = Worker(lambda _: None)
    worker.start("Embedding", work)
    assert began.wait(30)
    during = told()["jobs"]
    go_on.set()

    assert worker.wait(30)
    assert during == [{"label": "Embedding", "done": 1, "total": 4}]
    assert told()["jobs"] == []


def test_work_of_the_package_itself_is_a_job_unless_its_caller_shows_it() -> None:
    from jina_notebook.progress import reporting

    with reporting(False, total=9, unit="tokens", label="Embedding") as outer:
        outer.advance(4)
        with reporting(lambda done, total: None, total=3, unit="texts", label="Told elsewhere"):
            assert told()["jobs"] == [{"label": "Embedding", "done": 4, "total": 9}]
    assert told()["jobs"] == []
