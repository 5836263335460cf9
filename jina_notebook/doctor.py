"""What works on this machine, and what to do about what does not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, NamedTuple

from jina_notebook.errors import JinaNotebookError
from jina_notebook.results.listing import Listing
from jina_notebook.settings import Settings, current

__all__ = ["Check", "examine"]

State = Literal["works", "limited", "missing"]
GIGABYTE = 1e9
TIGHT_GB = 2.0  # free memory below which only the smallest models load
COLUMNS = ("check", "state", "found", "what to do")


class Check(NamedTuple):
    """One thing that was looked at; `remedy` is empty where it works."""

    name: str
    state: State
    found: str
    remedy: str = ""


def examine() -> Listing:
    """Looks at device, memory, disk, Java, Elasticsearch, hub and licences, each once and within seconds.

    Starts, downloads and changes nothing. Rows: `check`, `state` ("works", "limited", "missing"), `found`,
    `what to do`.

    >>> [row["check"] for row in examine() if row["state"] == "missing"]
    []
    """
    settings = current()
    looks: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
        ("packages", _packages),
        ("device", _device),
        ("memory", _memory),
        ("disk", _disk),
        ("Java", _java),
        ("Elasticsearch", _elasticsearch),
        ("model hub", _hub),
        ("offline stand-in", _stand_in),
        ("licences", _licences),
    )
    checks = [_checked(name, look, settings) for name, look in looks]
    rows = tuple(dict(zip(COLUMNS, check, strict=True)) for check in checks)
    count = sum(check.state == "works" for check in checks)
    return Listing("doctor", f"{count} of {len(checks)} checks work as they should", COLUMNS, rows)


def _checked(name: str, look: Callable[[Settings], Check], settings: Settings) -> Check:
    """A check that fails with one of our errors says what the error says."""
    try:
        return look(settings)
    except JinaNotebookError as error:
        return Check(name, "missing", error.message, error.hint or "")


def _packages(_: Settings) -> Check:
    names = ("jina-notebook", "torch", "elasticsearch", "ipython", "ipykernel", "jupyterlab", "papermill")
    found = list(_versions(names))
    lacking = [name for name, number in found if not number]
    shown = ", ".join(f"{name} {number}" for name, number in found if number)
    if not lacking:
        return Check("packages", "works", shown)
    return Check(
        "packages", "limited", f"{shown}; not installed: {', '.join(lacking)}", "pip install jina-notebook[notebook]"
    )


def _versions(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, ""


def _device(settings: Settings) -> Check:
    import torch

    from jina_notebook.inference.placement import place

    placement = place(settings.device, settings.dtype)
    if placement.device.type == "cuda":
        name = torch.cuda.get_device_name(placement.device)
        free, total = torch.cuda.mem_get_info(placement.device)
        memory = f"{free / GIGABYTE:.1f} of {total / GIGABYTE:.1f} GB free"
        return Check("device", "works", f"{name} ({placement.device}), {placement.dtype_name}, {memory}")
    found = f"{placement.device}, {placement.dtype_name}, {torch.get_num_threads()} threads"
    if placement.device.type == "mps":
        return Check("device", "works", found)
    return Check("device", "works", f"{found}; no GPU: models up to about 600M parameters are comfortable")


def _memory(_: Settings) -> Check:
    import psutil

    from jina_notebook.elastic.local.memory import machine_bytes

    total = machine_bytes() / GIGABYTE
    free = min(psutil.virtual_memory().available / GIGABYTE, total)
    found = f"{free:.1f} of {total:.1f} GB free"
    if free < TIGHT_GB:
        return Check("memory", "limited", found, "Free some: %jina unload, close other kernels; or use a small model.")
    return Check("memory", "works", found)


def _disk(_: Settings) -> Check:
    from jina_notebook.families.hub import cache_dir

    folder = cache_dir()
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(existing).free / GIGABYTE
    found = f"{free:.1f} GB free for models in {folder}"
    if not os.access(existing, os.W_OK):
        return Check("disk", "missing", f"{folder} cannot be written", "Set HF_HUB_CACHE to a folder that can.")
    if free < 5:
        return Check("disk", "limited", found, "Most models take 1 to 8 GB: set HF_HUB_CACHE to a larger disk.")
    return Check("disk", "works", found)


def _java(_: Settings) -> Check:
    from jina_notebook.elastic.local.account import unprivileged
    from jina_notebook.elastic.local.java import examine as examine_java
    from jina_notebook.elastic.local.java import find_jdk

    return Check("Java", "works", str(examine_java(find_jdk(unprivileged()))))


def _elasticsearch(settings: Settings) -> Check:
    from jina_notebook.elastic.access import Login, place_of
    from jina_notebook.elastic.connection import KEY_VARIABLE, URL_VARIABLE, connections
    from jina_notebook.elastic.handshake import greet

    known = connections()
    if known:
        client = known[0].client
        state: State = "works" if client.ping() else "missing"
        remedy = "" if state == "works" else "Connect again: %jina connect."
        return Check("Elasticsearch", state, f"{known[0].capabilities.title} at {known[0].url}", remedy)
    url = settings.elasticsearch_url or os.environ.get(URL_VARIABLE) or _running()
    if not url:
        return Check("Elasticsearch", "limited", "no server runs yet", "%jina connect starts a local one.")
    place = place_of(url, cloud_id=None, ca_certs=None)
    client, capabilities = greet(place, Login.of(place, api_key=os.environ.get(KEY_VARIABLE) or None, basic_auth=None))
    client.close()
    return Check("Elasticsearch", "works", f"{capabilities.title} at {place.shown}")


def _running() -> str:
    from jina_notebook.elastic.local import server

    running = server.status()
    return str(running.url) if running is not None and running.answers else ""


def _hub(_: Settings) -> Check:
    from jina_notebook.families import hub

    if hub.offline():
        return Check(
            "model hub", "limited", "HF_HUB_OFFLINE is set: only models in the cache load", "Unset it to download."
        )
    if hub.reachable(again=True):
        return Check("model hub", "works", f"{hub.endpoint()} answers")
    return Check(
        "model hub",
        "missing",
        f"{hub.endpoint()} does not answer",
        "Models in the cache and path= still load; behind a mirror set HF_ENDPOINT.",
    )


def _stand_in(_: Settings) -> Check:
    from jina_notebook.families.stand_in import STAND_IN, stand_in_path

    size = sum(path.stat().st_size for path in Path(stand_in_path()).iterdir() if path.is_file()) / 1e6
    return Check("offline stand-in", "works", f"{STAND_IN}, {size:.0f} MB, for trying out without a hub")


def _licences(settings: Settings) -> Check:
    from jina_notebook.catalog import card

    names = dict.fromkeys((settings.model, settings.reranker))
    found = ", ".join(f"{name}: {card(name).licence}" for name in names)
    if all(card(name).commercial for name in names):
        return Check("licences", "works", found)
    return Check(
        "licences",
        "limited",
        found,
        "Not for commercial use without an agreement with Jina AI; %jina models lists all.",
    )
