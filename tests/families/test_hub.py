"""The real hub client against a small hub on loopback: what is fetched, what is kept, and every refusal."""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jina_notebook.catalog import card
from jina_notebook.errors import HubError
from jina_notebook.families import hub, hub_refusals
from tests.families.loopback_hub import LoopbackHub, Repository, loopback_hub

MODEL = card("jina-embeddings-v5-text-nano")
ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
KEPT = {
    "config.json": json.dumps({"hidden_size": 8, "task_names": ["retrieval"]}).encode(),
    "config_sentence_transformers.json": b'{"prompts": {}}',
    "modules.json": b"[]",
    "1_Pooling/config.json": b'{"pooling_mode_lasttoken": true}',
    "tokenizer.json": b'{"version": "1.0"}',
    "tokenizer_config.json": b'{"model_max_length": 64}',
    "special_tokens_map.json": b'{"a": 1}',
    "chat_template.jinja": b"{{ a }}",
    "artifact.metadata": b'{"query_maxlen": 32}',
    "model.safetensors": bytes(range(256)) * 400,
    "adapters/retrieval/adapter_config.json": b'{"r": 2}',
    "adapters/retrieval/adapter_model.safetensors": b"adapter" * 50,
}
LEFT = {
    "pytorch_model.bin": b"pickle",
    "modeling_nano.py": b"raise SystemExit",
    "custom_st.py": b"raise SystemExit",
    "onnx/model.onnx": b"onnx",
    "onnx/config.json": b"{}",
    "model-q4.gguf": b"gguf",
    "README.md": b"read me",
    ".gitattributes": b"",
}

CHILD = """
import encodings.idna, json, os, socket, sys, time
attempts = []
connect = socket.socket.connect
def watched(self, address):
    attempts.append(repr(address))
    return connect(self, address)
socket.socket.connect = watched
from jina_notebook.catalog import card
from jina_notebook.errors import JinaNotebookError
from jina_notebook.families import hub
import huggingface_hub, huggingface_hub.errors, huggingface_hub.hf_api, tqdm.std
import huggingface_hub._snapshot_download
started, said = time.monotonic(), {}
if os.environ.get("CHILD_UID"):
    os.setuid(int(os.environ["CHILD_UID"]))
try:
    said["path"] = str(hub.snapshot(card(sys.argv[1]), revision=sys.argv[2] or None))
except JinaNotebookError as error:
    said.update(kind=type(error).__name__, message=error.message, hint=error.hint)
said.update(attempts=attempts, seconds=time.monotonic() - started)
print(json.dumps(said))
"""


@pytest.fixture
def served() -> Iterator[LoopbackHub]:
    with loopback_hub() as running:
        running.repositories[MODEL.hub_id] = Repository(files={**KEPT, **LEFT}, commit=MODEL.revision)
        yield running


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def fetch(address: str, cache: Path, *, revision: str = "", **environment: str) -> dict[str, Any]:
    """`hub.snapshot` in a process of its own, because the client reads its environment when it is imported."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HF_") and "proxy" not in k.lower()}
    home = {"HF_ENDPOINT": address, "HF_HUB_CACHE": str(cache), "HF_HOME": str(cache.parent / "home")}
    child = subprocess.run(
        [sys.executable, "-c", CHILD, MODEL.name, revision],
        env={**clean, **home, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    said: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return {**said, "printed": child.stdout.count("\n") - 1, "stderr": child.stderr}


def files_in(folder: str) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


def test_only_safetensors_tokenizer_and_configuration_files_are_fetched(served: LoopbackHub, tmp_path: Path) -> None:
    said = fetch(served.url, tmp_path / "cache")
    assert files_in(said["path"]) == KEPT
    assert sorted(served.bodies()) == sorted(KEPT)
    assert not any(name in request.path for name in LEFT for request in served.requests)
    assert said["path"].endswith(MODEL.revision)


def test_a_short_download_prints_nothing(served: LoopbackHub, tmp_path: Path) -> None:
    said = fetch(served.url, tmp_path / "cache")
    assert (said["printed"], said["stderr"]) == (0, "")


def test_a_complete_snapshot_is_used_without_any_connection(served: LoopbackHub, tmp_path: Path) -> None:
    fetch(served.url, tmp_path / "cache")
    served.requests.clear()
    said = fetch(served.url, tmp_path / "cache")
    assert files_in(said["path"]) == KEPT
    assert (said["attempts"], served.requests) == ([], [])


def test_offline_with_a_full_cache_connects_to_nothing(served: LoopbackHub, tmp_path: Path) -> None:
    fetch(served.url, tmp_path / "cache")
    said = fetch("http://127.0.0.1:9", tmp_path / "cache", HF_HUB_OFFLINE="1")
    assert files_in(said["path"]) == KEPT
    assert said["attempts"] == []


def test_offline_with_a_full_cache_that_cannot_be_written_loads(served: LoopbackHub, open_folder: Path) -> None:
    cache = open_folder / "cache"
    fetch(served.url, cache)
    for entry in [cache, *cache.rglob("*")]:
        if not entry.is_symlink():
            entry.chmod(0o555 if entry.is_dir() else 0o444)
    said = fetch(served.url, cache, HF_HUB_OFFLINE="1", **unprivileged())
    for entry in [cache, *cache.rglob("*")]:
        if entry.is_dir() and not entry.is_symlink():
            entry.chmod(stat.S_IRWXU)
    assert said.get("path", said).endswith(MODEL.revision)
    assert said["attempts"] == []


def unprivileged() -> dict[str, str]:
    """Root may write anywhere, so as root the child becomes nobody."""
    return {"CHILD_UID": "65534"} if os.geteuid() == 0 else {}


def test_offline_with_an_empty_cache_names_both_ways_out_at_once(tmp_path: Path) -> None:
    said = fetch("http://127.0.0.1:9", tmp_path / "cache", HF_HUB_OFFLINE="1")
    assert said["kind"] == "HubError"
    assert all(part in said["message"] for part in (MODEL.name, MODEL.revision, str(tmp_path / "cache")))
    assert "jina-notebook models download" in said["hint"]
    assert "path=" in said["hint"]
    assert said["attempts"] == []


def test_offline_names_the_revisions_that_the_cache_does_have(served: LoopbackHub, tmp_path: Path) -> None:
    fetch(served.url, tmp_path / "cache")
    said = fetch(served.url, tmp_path / "cache", revision="f" * 40, HF_HUB_OFFLINE="1")
    assert "f" * 40 in said["message"]
    assert f"it has revision {MODEL.revision}" in said["message"]


def test_an_incomplete_snapshot_is_completed_and_only_the_rest_is_fetched(served: LoopbackHub, tmp_path: Path) -> None:
    path = fetch(served.url, tmp_path / "cache")["path"]
    adapter = Path(path) / "adapters/retrieval/adapter_model.safetensors"
    adapter.resolve().unlink()
    adapter.unlink()
    served.requests.clear()
    again = fetch(served.url, tmp_path / "cache")
    assert files_in(again["path"]) == KEPT
    assert served.bodies() == ["adapters/retrieval/adapter_model.safetensors"]


def test_a_body_cut_half_way_is_resumed_where_it_ended(served: LoopbackHub, tmp_path: Path) -> None:
    weights = os.urandom(24_000_000)  # the client writes 10 MiB at a time
    served.repositories[MODEL.hub_id].files["model.safetensors"] = weights
    served.repositories[MODEL.hub_id].cuts["model.safetensors"] = 1
    said = fetch(served.url, tmp_path / "cache")
    assert files_in(said["path"]) == {**KEPT, "model.safetensors": weights}
    asked = [r.range for r in served.requests if r.method == "GET" and r.path.endswith("/model.safetensors")]
    assert asked == [None, "bytes=10485760-"]


def test_a_download_that_broke_off_goes_on_with_the_files_that_are_missing(served: LoopbackHub, tmp_path: Path) -> None:
    served.repositories[MODEL.hub_id].breaks["model.safetensors"] = 500
    said = fetch(served.url, tmp_path / "cache")
    assert said["kind"] == "HubError"
    assert "status 500" in said["message"]
    assert "are kept" in said["hint"]
    served.repositories[MODEL.hub_id].breaks.clear()
    had = set(served.bodies())
    served.requests.clear()
    assert files_in(fetch(served.url, tmp_path / "cache")["path"]) == KEPT
    assert "model.safetensors" in served.bodies()
    assert not set(served.bodies()) & (had - {"model.safetensors"})


def test_a_gated_repository_names_its_page_and_the_token(served: LoopbackHub, tmp_path: Path) -> None:
    served.repositories[MODEL.hub_id].gated = True
    said = fetch(served.url, tmp_path / "cache")
    assert said["kind"] == "HubError"
    assert "gated" in said["message"]
    assert f"{served.url}/{MODEL.hub_id}" in said["hint"]
    assert "HF_TOKEN" in said["hint"]


def test_a_missing_revision_is_named_beside_the_pinned_one(served: LoopbackHub, tmp_path: Path) -> None:
    said = fetch(served.url, tmp_path / "cache", revision="no-such-branch")
    assert said["kind"] == "HubError"
    assert "no-such-branch" in said["message"]
    assert MODEL.revision in said["hint"]


def test_a_missing_repository_is_named_with_the_hub(served: LoopbackHub, tmp_path: Path) -> None:
    served.repositories.clear()
    said = fetch(served.url, tmp_path / "cache")
    assert said["kind"] == "HubError"
    assert f"{served.url}/{MODEL.hub_id}" in said["message"]
    assert "HF_TOKEN" in said["hint"]


def test_a_repository_without_a_required_file_is_an_error_that_names_it(served: LoopbackHub, tmp_path: Path) -> None:
    del served.repositories[MODEL.hub_id].files["tokenizer.json"]
    said = fetch(served.url, tmp_path / "cache")
    assert said["kind"] == "HubError"
    assert "lacks tokenizer.json" in said["message"]


def test_a_branch_is_asked_for_online_and_taken_from_the_cache_offline(served: LoopbackHub, tmp_path: Path) -> None:
    first = fetch(served.url, tmp_path / "cache", revision="main")
    served.requests.clear()
    fetch(served.url, tmp_path / "cache", revision="main")
    assert any(request.path.endswith("/revision/main") for request in served.requests)
    assert fetch(served.url, tmp_path / "cache", revision="main", HF_HUB_OFFLINE="1")["path"] == first["path"]


def test_a_cache_that_cannot_be_written_is_an_error_that_names_it(served: LoopbackHub, open_folder: Path) -> None:
    cache = open_folder / "cache"
    cache.mkdir(mode=0o555)
    said = fetch(served.url, cache, **unprivileged())
    assert said["kind"] == "HubError"
    assert f"the cache folder {cache} cannot be written" in said["message"]
    assert "HF_HUB_CACHE" in said["hint"]


def test_a_hub_that_refuses_connections_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        said = fetch(address, tmp_path / "cache")
    assert said["kind"] == "HubError"
    assert f"the hub {address} cannot be reached" in said["message"]
    assert "path=" in said["hint"]


def test_an_unusable_proxy_is_named_without_its_password(tmp_path: Path) -> None:
    said = fetch("http://hub.invalid", tmp_path / "cache", HTTP_PROXY="gopher://me:secret@127.0.0.1:1")
    assert said["kind"] == "HubError"
    assert "HTTP_PROXY is gopher://127.0.0.1:1" in said["message"]
    assert "secret" not in said["message"] + said["hint"]


@pytest.fixture
def here(served: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoopbackHub:
    """The loopback hub for this process, with an empty cache and nothing known about reachability."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", *hub_refusals.PROXIES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", served.url)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "_probe", None)
    return served


def test_reachable_asks_once_and_remembers(here: LoopbackHub) -> None:
    assert [hub.reachable() for _ in range(3)] == [True, True, True]
    assert len(here.requests) == 1
    assert hub.reachable(again=True)
    assert len(here.requests) == 2


def test_reachable_is_false_offline_without_asking(here: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert not hub.reachable()
    assert here.requests == []


def test_a_silent_hub_costs_one_time_out_for_the_whole_process(
    here: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("JINA_NOTEBOOK_HUB_TIMEOUT", "0.2")
        for _ in range(3):
            with pytest.raises(HubError, match="cannot be reached"):
                hub.snapshot(MODEL)
            assert not hub.reachable()
        silent.settimeout(1)
        silent.accept()[0].close()
        silent.settimeout(0.05)
        with pytest.raises(TimeoutError):  # nobody connected a second time
            silent.accept()


def test_a_proxy_page_is_not_a_hub(here: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.families.loopback_hub._Handler._api", lambda self, *_: self._refuse(403, ""))
    assert not hub.reachable()
    with pytest.raises(HubError, match="answered with status 403"):
        hub.snapshot(MODEL)


def test_too_little_space_is_said_with_both_figures_before_anything_is_fetched(
    here: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(1, 1, 1000))
    with pytest.raises(HubError, match=r"0\.00 GB are needed, 0\.00 GB free") as refused:
        hub.snapshot(MODEL)
    assert "HF_HUB_CACHE" in (refused.value.hint or "")
    assert here.bodies() == []


def test_a_disk_that_fills_up_while_downloading_is_one_sentence(
    here: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    with pytest.raises(HubError, match="does not fit on the disk of the cache folder") as refused:
        hub.snapshot(MODEL)
    assert MODEL.revision in refused.value.message
    assert str(tmp_path / "cache") in refused.value.message


def test_progress_counts_megabytes_up_to_the_total(here: LoopbackHub) -> None:
    here.repositories[MODEL.hub_id].files["model.safetensors"] = os.urandom(5_500_000)
    steps: list[tuple[int, int]] = []
    hub.snapshot(MODEL, progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (5, 6)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


def test_cached_gives_nothing_before_and_the_folder_after(here: LoopbackHub) -> None:
    assert hub.cached(MODEL) is None
    folder = hub.snapshot(MODEL)
    assert hub.cached(MODEL) == folder


def test_the_environment_is_left_as_it_was(here: LoopbackHub) -> None:
    before = dict(os.environ)
    hub.snapshot(MODEL)
    assert dict(os.environ) == before
