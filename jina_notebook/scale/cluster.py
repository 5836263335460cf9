"""The Ray cluster that does the work: one that is there, or one on this machine for the time of a call."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jina_notebook.errors import ClusterError, MissingExtraError, OptionError

__all__ = ["Cluster", "Share", "connected", "ray_module", "share_of"]

LOCAL_STORE_BYTES = 256 * 2**20  # blocks pass through it a few at a time; vectors never do
KNOCK_S = 10.0
CORES_OF_A_WORKER = 4  # where there is no GPU; more workers of fewer cores would each hold a model of their own


@dataclass(frozen=True, slots=True)
class Cluster:
    """A connected cluster: its resources, and the node on which this process runs."""

    ray: Any
    cpus: float
    gpus: float
    here: str


@dataclass(frozen=True, slots=True)
class Share:
    """How many workers there shall be, and what each of them gets."""

    workers: int
    num_cpus: float
    num_gpus: float


def ray_module() -> Any:
    """Ray, imported when it is needed. Raises `MissingExtraError`."""
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError(
            f"Working on many machines needs {error.name or 'ray'}, which is not installed.",
            hint='Install the extra scale: pip install "jina-notebook[scale]".',
        ) from None
    return ray


@contextmanager
def connected(address: str | None) -> Iterator[Cluster]:
    """The cluster meant. One that this call started is stopped at its end.

    `None`: the one this process is connected to, else the one that `RAY_ADDRESS` names. `"auto"` or `"host:port"`: that
    one. `"local"`: one on this machine, unless this process is connected already.

    Raises `ClusterError` where there is none.
    """
    ray = ray_module()
    ours = not ray.is_initialized()
    if ours:
        _connect(ray, address)
    try:
        with _quietly():
            yield _described(ray)
    finally:
        if ours:
            ray.shutdown()


def _connect(ray: Any, address: str | None) -> None:
    where = address or os.environ.get("RAY_ADDRESS")
    if where is None:
        raise ClusterError(
            "This process is connected to no Ray cluster.",
            hint='Pass address="auto" or "host:port", or address="local" to start one on this machine.',
        )
    if not isinstance(where, str) or where.startswith("ray://"):
        raise ClusterError(
            f"address={where!r} cannot be used: blocks do not pass through a Ray client.",
            hint='Run on a machine of the cluster (ray job submit) with address="auto".',
        )
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if where == "local":
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read by the processes that are started now
            cores = max(2, os.cpu_count() or 1)  # one reads while the others embed
            ray.init("local", num_cpus=cores, object_store_memory=LOCAL_STORE_BYTES, include_dashboard=False, **quiet)
        else:
            _knock(where)
            ray.init(where, **quiet)
    except Exception as error:  # Ray raises that class itself where its processes do not come up
        reason = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
        if where == "local":
            raise ClusterError(
                f"No Ray cluster could be started on this machine: {reason}.",
                hint="Its processes have half a minute to come up: try again when the machine has less to do.",
            ) from error
        raise ClusterError(
            f"There is no Ray cluster at address={where!r}: {reason}.",
            hint='Start it with `ray start --head`, or pass address="local" to start one on this machine.',
        ) from error


def _knock(address: str) -> None:
    """Raises `OSError` where nothing answers at `host:port`; Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        with socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_S):
            pass


def _described(ray: Any) -> Cluster:
    resources = ray.cluster_resources()
    here = ray.get_runtime_context().get_node_id()
    return Cluster(ray, float(resources.get("CPU", 0)), float(resources.get("GPU", 0)), here)


@contextmanager
def _quietly() -> Iterator[None]:
    """Ray Data's own account of what it does, and its frames: ours is a line of progress, a report or a sentence."""
    logger = logging.getLogger("ray.data")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def share_of(cluster: Cluster, *, workers: int | None, num_cpus: float | None, num_gpus: float | None) -> Share:
    """One worker per GPU; without GPUs one per four cores, and one core stays free to read.

    Raises `OptionError` for what is no number of workers, cores or GPUs, `ClusterError` where the cluster has not that
    much.
    """
    for name, value, least in (("workers", workers, 1), ("num_cpus", num_cpus, 0), ("num_gpus", num_gpus, 0)):
        if value is None:
            continue
        kinds = int if name == "workers" else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or value < least:
            what = "a whole number from 1 on" if name == "workers" else "a number from 0 on"
            raise OptionError(f"{name}={value!r} is not {what}.")
    gpus = float(num_gpus) if num_gpus is not None else min(cluster.gpus, 1.0)
    spare = max(cluster.cpus - 1, 1.0)
    cpus = float(num_cpus) if num_cpus is not None else (1.0 if gpus else min(CORES_OF_A_WORKER, spare))
    if gpus > cluster.gpus or cpus > cluster.cpus:
        raise ClusterError(
            f"A worker of {cpus:g} CPUs and {gpus:g} GPUs does not fit: the cluster has {cluster.cpus:g} CPUs and "
            f"{cluster.gpus:g} GPUs.",
            hint="Lower num_cpus or num_gpus, or add machines to the cluster.",
        )
    room = [int(cluster.gpus // gpus)] if gpus else []
    room += [int(spare // cpus)] if cpus else []
    return Share(workers or max(1, min(room, default=1)), cpus, gpus)
