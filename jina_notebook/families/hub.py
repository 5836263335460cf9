"""Getting a checkpoint from the model hub onto disk, once, at a pinned revision.

Only safetensors, tokenizer and configuration files are fetched. A snapshot that is complete in the cache is used
without any connection attempt. A hub that cannot be reached costs one short time-out per process.
"""

from __future__ import annotations

import importlib
import io
import os
import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jina_notebook import settings
from jina_notebook.families import hub_refusals as refusals
from jina_notebook.families.snapshot_files import ALLOWED, IGNORED, is_wanted, missing_files
from jina_notebook.families.stand_in import stand_in_path
from jina_notebook.progress import Reporter, reporting
from jina_notebook.protocols import Progress

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

    from jina_notebook.catalog import ModelCard

__all__ = ["Removal", "cache_dir", "cached", "endpoint", "offline", "reachable", "remove", "snapshot"]

ANSWER_S = 10.0  # how long the hub may take to answer, once it has answered the first question
WORKERS = 4
MEGABYTE = 1_000_000

_COMMIT = re.compile(r"[0-9a-f]{40}")
_TRUE = {"1", "ON", "YES", "TRUE"}
_ANSWERS = {200, 204, 301, 302, 303, 307, 308, 401, 404, 405, 429}  # what a hub says; a proxy says 403, 407 or 5xx


@dataclass(frozen=True, slots=True)
class _Probe:
    """What the first question to the hub gave; `reason` is empty where it answered."""

    endpoint: str
    reason: str


_probe: _Probe | None = None
_probe_lock = threading.Lock()


def endpoint() -> str:
    """The hub's address: `HF_ENDPOINT`, else the public hub."""
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def offline() -> bool:
    """Whether `HF_HUB_OFFLINE` (or `TRANSFORMERS_OFFLINE`) forbids asking the hub.

    The client reads them when it is first imported; here they also count when they are set later.
    """
    from huggingface_hub import constants

    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return bool(constants.HF_HUB_OFFLINE) or any(os.environ.get(name, "").upper() in _TRUE for name in names)


def cache_dir() -> Path:
    """The hub client's cache folder: `HF_HUB_CACHE`, `HF_HOME/hub`, else the client's default."""
    from huggingface_hub import constants

    if folder := os.environ.get("HF_HUB_CACHE"):
        return Path(folder).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    return Path(constants.HF_HUB_CACHE)


def reachable(*, again: bool = False) -> bool:
    """Whether the hub answers. Asked once per process, for at most a few seconds; `again=True` asks once more.

    False where `HF_HUB_OFFLINE` is set, without asking.
    """
    return not offline() and not _asked(again=again).reason


def _asked(*, again: bool = False) -> _Probe:
    global _probe
    with _probe_lock:
        address = endpoint()
        if again or _probe is None or _probe.endpoint != address:
            _probe = _Probe(address, _ask(address))
        return _probe


def _ask(address: str) -> str:
    """Asks the hub anything; gives why there was no answer within the setting `hub_timeout`, or `""`.

    On a thread of its own, because resolving a name has no time-out that could be set.
    """
    patience = settings.current().hub_timeout
    reasons: list[str] = []

    def question() -> None:
        from huggingface_hub import get_session

        try:
            status = get_session().head(f"{address}/api/models/jinaai/jina-embeddings-v3", timeout=patience).status_code
            reasons.append("" if status in _ANSWERS else f"it answered with status {status}")
        except Exception as error:
            reasons.append(refusals.brief(error))

    thread = threading.Thread(target=question, name="jina-notebook-hub-probe", daemon=True)
    thread.start()
    thread.join(patience + 1)
    return reasons[0] if reasons else f"no answer within {patience:g} seconds"


def cached(card: ModelCard, *, revision: str | None = None) -> Path | None:
    """The folder of a complete snapshot in the cache, or None. Never asks the hub, never writes."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    if card.stand_in:
        return stand_in_path()
    try:
        folder = snapshot_download(
            card.hub_id,
            revision=revision or card.revision,
            cache_dir=cache_dir(),
            local_files_only=True,
            allow_patterns=list(ALLOWED),
            ignore_patterns=list(IGNORED),
        )
    except (LocalEntryNotFoundError, PermissionError):
        return None
    return None if missing_files(Path(folder)) else Path(folder)


@dataclass(frozen=True, slots=True)
class Removal:
    """What `remove` deleted, or would: bytes, and the commits, empty where the cache has none."""

    cache: Path
    size: int
    revisions: tuple[str, ...]


def remove(card: ModelCard, *, dry_run: bool = False) -> Removal:
    """Deletes all revisions of a model from the cache; `dry_run=True` only says what that would free.

    Raises `HubError` where the cache cannot be written.
    """
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    cache = cache_dir()
    try:
        info = scan_cache_dir(cache)
    except CacheNotFound:
        return Removal(cache, 0, ())
    commits = sorted(
        revision.commit_hash for repo in info.repos if repo.repo_id == card.hub_id for revision in repo.revisions
    )
    strategy = info.delete_revisions(*commits)
    if commits and not dry_run:
        place = refusals.Place(card=card, revision=", ".join(commits), cache=cache)
        strategy.execute()
        if place.folder.exists():
            raise refusals.undeleted(place)
    return Removal(cache, strategy.expected_freed_size, tuple(commits))


def snapshot(card: ModelCard, *, revision: str | None = None, progress: Progress = None) -> Path:
    """The folder with the model's checkpoint, fetched where it is not in the cache yet.

    `revision` is a commit, branch or tag; None is the catalogue's pinned commit. A commit that is complete in the cache
    is used without asking the hub; what an earlier call fetched is not fetched again. The stand-in comes from its
    package.

    Raises `HubError`, which names the model, the revision and the cache folder: gated, refused token, no such
    repository or revision, offline or unreachable while not cached, download broken off, cache that cannot be written,
    no space.
    """
    wanted = revision or card.revision
    place = refusals.Place(card=card, revision=wanted, cache=cache_dir() if not card.stand_in else Path())
    pinned = wanted == card.revision or _COMMIT.fullmatch(wanted) is not None
    found = cached(card, revision=wanted)
    if found is not None and (pinned or not reachable()):
        return found
    if offline():
        raise refusals.offline(place)
    probe = _asked()
    if probe.reason:
        raise refusals.unreachable(place, probe.endpoint, probe.reason)
    return _download(place, progress)


def _download(place: refusals.Place, progress: Progress) -> Path:
    from huggingface_hub import HfApi, snapshot_download

    card = place.card
    address = endpoint()
    try:
        info = HfApi(endpoint=address).model_info(
            card.hub_id, revision=place.revision, files_metadata=True, timeout=ANSWER_S
        )
    except Exception as error:
        raise refusals.refusal(error, place, address) from error
    size = _bytes_to_fetch(info, place)
    _check_space(place, size)
    label = f"Downloading {card.name}"
    with reporting(progress, total=-(-size // MEGABYTE), unit="MB", label=label) as report:
        try:
            folder = snapshot_download(
                card.hub_id,
                revision=place.revision,
                cache_dir=place.cache,
                endpoint=address,
                allow_patterns=list(ALLOWED),
                ignore_patterns=list(IGNORED),
                etag_timeout=ANSWER_S,
                max_workers=WORKERS,
                tqdm_class=_counting_bars(report),
            )
        except Exception as error:
            raise refusals.refusal(error, place, address) from error
    missing = missing_files(Path(folder))
    if missing:
        raise refusals.lacking(place, missing)
    return Path(folder)


def _bytes_to_fetch(info: ModelInfo, place: refusals.Place) -> int:
    """Bytes of the wanted files that are not in the cache yet; 0 where the hub does not say sizes."""
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    folder = place.folder / "snapshots" / (info.sha or place.revision)
    return sum(size for name, size in sizes.items() if is_wanted(name) and not (folder / name).exists())


def _check_space(place: refusals.Place, size: int) -> None:
    existing = next(folder for folder in (place.cache, *place.cache.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if size > free:
        raise refusals.no_space(place, needed=size, free=free)


def _counting_bars(report: Reporter) -> type[Any]:
    """A progress bar class for the client that draws nothing and counts its bytes into `report`.

    A real tqdm underneath, because the client uses much of its interface, and more with every version.
    """
    counted = _Megabytes(report.advance)
    plain: Any = importlib.import_module("tqdm.std").tqdm

    class Bar(plain):  # type: ignore[misc]
        monitor_interval = 0  # no watching thread

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "file": io.StringIO(), "disable": False})

        def display(self, *args: Any, **kwargs: Any) -> bool:
            return True

        def update(self, n: float | None = 1) -> None:
            super().update(n)
            if self.unit == "B":
                counted.reached(self.n)

    Bar.set_lock(threading.RLock())
    return Bar


class _Megabytes:
    """Turns the byte counts of several bars over the same download into steps of whole megabytes."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance = advance
        self._told = 0
        self._lock = threading.Lock()

    def reached(self, count: float) -> None:
        with self._lock:
            step = int(count) // MEGABYTE - self._told
            if step > 0:
                self._told += step
                self._advance(step)
