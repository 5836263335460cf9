"""`jn.load`: from a catalogue name to a model in memory, once."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from jina_notebook import settings
from jina_notebook.catalog import card as card_of
from jina_notebook.errors import CheckpointError, InputError, MemoryLimitError, ModelError

if TYPE_CHECKING:
    from jina_notebook.catalog import ModelCard
    from jina_notebook.families.model import Model
    from jina_notebook.inference.placement import Placement

__all__ = ["LicenceNotice", "Loaded", "load", "loaded", "unload"]

FAMILIES = MappingProxyType(
    {
        "ReaderLM-v2": "reader_lm",
        "jina-clip-v2": "clip",
        "jina-code-embeddings-0.5b": "code",
        "jina-code-embeddings-1.5b": "code",
        "jina-colbert-v2": "colbert",
        "jina-embeddings-v3": "v3",
        "jina-embeddings-v4": "v4",
        "jina-embeddings-v5-text-nano": "v5",
        "jina-embeddings-v5-text-small": "v5",
        "jina-reranker-m0": "reranker_m0",
        "jina-reranker-v2-base-multilingual": "reranker_v2",
        "jina-reranker-v3": "reranker_v3",
        "jina-reranker-v3.5": "reranker_v3",
        "jina-vlm": "vlm",
        "offline-minilm": "minilm",
    }
)


class LicenceNotice(UserWarning):
    """Says once per model that its weights may not be used commercially."""


class Loaded(NamedTuple):
    """What tells models in memory apart: never the name alone."""

    name: str
    path: str
    revision: str
    device: str
    dtype: str


_MODELS: dict[Loaded, Model] = {}
_NOTICED: set[str] = set()
_LOCK = threading.Lock()
_OWNER = os.getpid()


def load(
    name: str,
    *,
    path: str | os.PathLike[str] | None = None,
    revision: str | None = None,
    device: str = "auto",
    dtype: str = "auto",
) -> Any:
    """Loads a model, or gives the one already in memory.

    `name`: a catalogue name. `path`: a local folder in the model's official layout; without it the hub is used, at the
    catalogue's pinned revision unless `revision` says otherwise. `device`: "auto", "cpu", "cuda", "cuda:1", "mps".
    `dtype`: "auto", "float32", "bfloat16", "float16". "auto" takes the settings `device` and `dtype`, then what fits.

    Raises `UnknownModelError`, `OptionError` (device, dtype), `CheckpointError`, `HubError`, `MemoryLimitError`.

    >>> model = jn.load("jina-code-embeddings-0.5b")
    """
    if not isinstance(name, str):
        raise InputError(
            f"{name!r} is not a model's name.", hint='Give a catalogue name, such as "jina-embeddings-v3".'
        )
    card = card_of(name)
    from jina_notebook.families.allocation import blocks_apart
    from jina_notebook.families.model import Origin
    from jina_notebook.inference.placement import check_names, place

    preferred = settings.current()
    device = preferred.device if device == "auto" else device
    dtype = preferred.dtype if dtype == "auto" else dtype
    check_names(device, dtype)
    with _LOCK:
        _forget_parents()
        folder, used = _locate(card, path, revision)
        placement = place(device, dtype)
        key = Loaded(name, str(folder), used, str(placement.device), placement.dtype_name)
        if key not in _MODELS:
            _check_room(card, folder, placement)
            family = importlib.import_module(f"jina_notebook.families.{_family(card)}")
            with blocks_apart():
                _MODELS[key] = family.load(Origin(card, folder, used, placement))
            _notice(card)
        return _MODELS[key]


def loaded() -> Mapping[Loaded, Model]:
    """The models in memory."""
    return MappingProxyType(dict(_MODELS))


def memory_of(key: Loaded) -> int | None:
    """Bytes of a loaded model's weights, by its checkpoint's own count; None where that is gone."""
    from jina_notebook.families.footprint import weight_bytes

    try:
        return weight_bytes(card_of(key.name), Path(key.path), key.dtype)
    except CheckpointError:
        return None


def unload(name: str | None = None) -> list[str]:
    """Drops the models of that name (all, without one) from memory; gives the names dropped."""
    with _LOCK:
        keys = [key for key in _MODELS if name is None or key.name == name]
        for key in keys:
            del _MODELS[key]
    if keys:
        import gc

        import torch

        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return [key.name for key in keys]


def _forget_parents() -> None:
    """A forked child cannot run its parent's models: it starts with none.

    Nor does it have the parent's worker threads, for which torch would wait for ever: it computes on one.
    """
    global _OWNER
    if os.getpid() != _OWNER:
        _MODELS.clear()
        _OWNER = os.getpid()
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(1)


def _family(card: ModelCard) -> str:
    if card.name not in FAMILIES:
        raise ModelError(
            f"{card.name} is in the catalogue, but this version cannot run it yet.",
            hint=f"It runs: {', '.join(FAMILIES)}.",
        )
    return FAMILIES[card.name]


def _locate(card: ModelCard, path: str | os.PathLike[str] | None, revision: str | None) -> tuple[Path, str]:
    """The checkpoint's folder and the revision it counts as."""
    _family(card)
    if path is not None:
        return Path(path).expanduser().resolve(), revision or "local"
    if card.stand_in:
        from jina_notebook.families.stand_in import stand_in_path

        return stand_in_path(), card.revision
    from jina_notebook.families.hub import snapshot

    folder = snapshot(card, revision=revision)
    return folder, folder.name  # the commit, also where a branch was asked for


def _check_room(card: ModelCard, folder: Path, placement: Placement) -> None:
    """Refuses a model that cannot fit before the system kills the process."""
    if placement.device.type != "cpu":
        return
    import psutil

    from jina_notebook.families.footprint import weight_bytes

    needed = weight_bytes(card, folder, placement.dtype_name)
    free = psutil.virtual_memory().available
    if needed > free:
        fitting = _largest_that_fits(card, free, placement.dtype.itemsize)
        raise MemoryLimitError(
            f"{card.name} in {placement.dtype_name} needs {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free.",
            hint="Unload others with jn.unload()" + (f", or use {fitting}." if fitting else "."),
        )


def _largest_that_fits(card: ModelCard, free: int, itemsize: int) -> str | None:
    """The largest other model of the same kind for which there is room; the catalogue's sizes are of two bytes each."""
    from jina_notebook.catalog import CATALOGUE

    fitting = [
        other
        for other in CATALOGUE
        if other.kind == card.kind
        and other is not card
        and not other.stand_in
        and other.memory_gb * 1e9 * itemsize / 2 <= free
    ]
    return max(fitting, key=lambda other: other.memory_gb).name if fitting else None


def _notice(card: ModelCard) -> None:
    if card.commercial or card.name in _NOTICED:
        return
    _NOTICED.add(card.name)
    warnings.warn(
        f"{card.name} is licensed {card.licence}: not for commercial use without an agreement with its publisher.",
        LicenceNotice,
        stacklevel=3,
    )
