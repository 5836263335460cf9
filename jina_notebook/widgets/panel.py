"""What JupyterLab's side panel shows of this kernel: models, connections with their indices, running jobs.

Nothing is imported, connected or loaded for it: it tells what is there.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from jina_notebook import progress
from jina_notebook.widgets import jobs

__all__ = ["Shown", "state", "unload"]

PATIENCE_S = 3.0  # for a server that does not answer: the kernel waits for it
MOST = 50  # indices of one connection


class Shown:
    """A state that the kernel's protocol hands over as JSON."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"application/json": self.values, "text/plain": "state of jina-notebook"}


def state() -> Shown:
    """`models`, `connections`, `jobs` and the kernel's `memory` in bytes."""
    import psutil

    return Shown(
        {
            "models": _models(),
            "connections": [_connection(one) for one in _connections()],
            "jobs": _jobs(),
            "memory": psutil.Process().memory_info().rss,
        }
    )


def _jobs() -> list[dict[str, Any]]:
    """The widgets' own, and the package's work in other threads."""
    at_work = [(job.label, job.done, job.total) for job in jobs.running()]
    at_work += [(work.label, work.done, work.total) for work in progress.running()]
    return [{"label": label, "done": done, "total": total} for label, done, total in at_work]


def unload(name: str) -> Shown:
    """Drops the models of that name, and gives the state after."""
    module = sys.modules.get("jina_notebook.loading")
    if module is not None:
        module.unload(name)
    return state()


def _models() -> list[dict[str, Any]]:
    module = sys.modules.get("jina_notebook.loading")
    if module is None:
        return []
    return [
        {"name": key.name, "device": key.device, "dtype": key.dtype, "memory": module.memory_of(key)}
        for key in module.loaded()
    ]


def _connections() -> tuple[Any, ...]:
    module = sys.modules.get("jina_notebook.elastic.connection")
    return module.connections() if module is not None else ()


def _connection(connection: Any) -> dict[str, Any]:
    from elasticsearch import ApiError, TransportError

    known = {"name": connection.name, "address": connection.url, "server": connection.capabilities.title}
    try:
        return {**known, "fault": "", "indices": _indices(connection.client)}
    except (ApiError, TransportError) as error:
        return {**known, "fault": f"It does not answer: {type(error).__name__}.", "indices": []}


def _indices(client: Any) -> list[dict[str, Any]]:
    """Names, numbers of documents, and the models that filled them; hidden ones are left out."""
    from jina_notebook.elastic.meta import IndexMeta

    patient = client.options(request_timeout=PATIENCE_S, max_retries=0)
    counts = patient.cat.indices(format="json", h="index,docs.count", expand_wildcards="open").body
    names = {one["index"]: int(one["docs.count"] or 0) for one in counts if not one["index"].startswith(".")}
    if not names:
        return []
    listed = sorted(names)[:MOST]
    mappings = patient.indices.get_mapping(index=listed, ignore_unavailable=True).body
    metas = {
        name: IndexMeta.from_mapping((entry.get("mappings") or {}).get("_meta")) for name, entry in mappings.items()
    }
    return [
        {"name": name, "documents": names[name], "model": meta.model if (meta := metas.get(name)) else None}
        for name in listed
    ]
