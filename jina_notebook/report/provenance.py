"""What a run was made with: models, revisions, versions, device, server, index settings, parameters. No secrets."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jina_notebook.elastic.fields import walk
from jina_notebook.report.record import Provenance

if TYPE_CHECKING:
    from jina_notebook.elastic.connection import Connection
    from jina_notebook.protocols import Embedder, Reranks

__all__ = ["provenance"]

PACKAGES = ("torch", "tokenizers", "safetensors", "numpy", "elasticsearch", "ir-measures", "papermill")
SECRET_NAME = re.compile(r"password|secret|token$|api_?key|credential|basic_auth", re.IGNORECASE)
USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")


def provenance(
    *,
    models: Iterable[Embedder | Reranks] = (),
    connection: Connection | None = None,
    indices: Iterable[str] = (),
    parameters: Mapping[str, Any] | None = None,
    notes: Iterable[str] = (),
) -> Provenance:
    """Everything needed to run the same again, to be the last value of a cell.

    `models` are loaded ones, `indices` the names of indices behind `connection`, `parameters` the notebook's own,
    `notes` sentences of what was degraded and why. Passwords, keys and tokens are left out, in URLs too.
    """
    values: dict[str, Any] = {
        "recorded at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "parameters": {name: _safe(name, value) for name, value in (parameters or {}).items()},
        "models": [_model(model) for model in models],
        "versions": {"python": platform.python_version(), **_versions()},
        "machine": {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()},
    }
    if connection is not None:
        values["elasticsearch"] = _server(connection)
        values["indices"] = [_index(connection, name) for name in indices]
    told = list(notes)
    if told:
        values["notes"] = told
    return Provenance(values)


def _safe(name: str, value: Any) -> Any:
    if SECRET_NAME.search(name):
        return "(not recorded)"
    if isinstance(value, str):
        return USER_INFO.sub("", value)
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def _model(model: Embedder | Reranks) -> dict[str, Any]:
    card = model.card
    values: dict[str, Any] = {
        "name": model.name,
        "source": card.hub_id,
        "revision": model.revision,
        "licence": card.licence,
        "stand-in": card.stand_in,
    }
    for fact in ("device", "dtype"):
        if (value := getattr(model, fact, None)) is not None:
            values[fact] = str(value).removeprefix("torch.")
    return values


def _versions() -> dict[str, str]:
    from jina_notebook import __version__

    found = {"jina-notebook": __version__}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def _server(connection: Connection) -> dict[str, Any]:
    info = connection.client.info()
    return {"version": info["version"]["number"], "build": info["version"].get("build_flavor", "")}


def _index(connection: Connection, name: str) -> dict[str, Any]:
    """Counts, and the settings that change what a search finds."""
    client = connection.client
    described = next(iter(client.indices.get(index=name).body.values()))
    properties = described["mappings"].get("properties", {})
    settings = described["settings"]["index"]
    return {
        "name": name,
        "documents": client.count(index=name)["count"],
        "shards": int(settings.get("number_of_shards", 1)),
        "replicas": int(settings.get("number_of_replicas", 0)),
        "vectors": {
            field: {key: mapping[key] for key in ("dims", "similarity", "index_options") if key in mapping}
            for field, mapping, _ in walk(properties)
            if mapping.get("type") in {"dense_vector", "rank_vectors"}
        },
        "meta": described["mappings"].get("_meta", {}),
    }
