"""Heap by the size of the machine: what a container may use counts, not what its host has."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import psutil

from jina_notebook.errors import OptionError

__all__ = ["heap_megabytes", "heap_options", "machine_bytes"]

MIB = 1 << 20
SMALL_MACHINE = 4 << 30  # bytes; below it the server has to share 2 GB with a kernel and a model
SMALL_HEAP, USUAL_HEAP = 256, 512  # MiB
SMALLEST_HEAP = 128
LIMIT_FILES = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def machine_bytes(environ: Mapping[str, str] = os.environ, limit_files: tuple[str, ...] = LIMIT_FILES) -> int:
    """Memory that this session may use: the machine's, its container's limit, or JupyterHub's `MEM_LIMIT`."""
    sizes = [int(psutil.virtual_memory().total)]
    texts = [environ.get("MEM_LIMIT", "")]
    for name in limit_files:
        path = Path(name)
        if path.is_file():
            texts.append(path.read_text("ascii", errors="replace").strip())
    sizes.extend(int(text) for text in texts if text.isdecimal() and int(text) > 0)
    return min(sizes)


def heap_megabytes(heap: str | int | None, *, memory: int) -> int:
    """The heap in MiB: as asked for (`512`, `"512m"`, `"1g"`), else by the size of the machine in bytes.

    Raises:
        OptionError: not a size, smaller than the server runs with, or larger than the machine.
    """
    if heap is None:
        return SMALL_HEAP if memory < SMALL_MACHINE else USUAL_HEAP
    given = re.fullmatch(r"(\d{1,9})\s*([mg]?)b?", str(heap).strip().lower())
    size = 0
    if given and not isinstance(heap, bool):
        size = int(given[1]) * (1024 if given[2] == "g" else 1)
    if not SMALLEST_HEAP <= size <= memory // MIB:
        raise OptionError(
            f"The heap cannot be {heap!r}: a size from {SMALLEST_HEAP}m to this machine's {memory // MIB}m is allowed.",
            hint="Leave it out for a heap that suits the machine, or give one like '512m' or '1g'.",
        )
    return size


def heap_options(megabytes: int) -> str:
    """JVM options. A small heap gets the serial collector and no pre-touch: a third less memory, measured."""
    options = f"-Xms{megabytes}m -Xmx{megabytes}m"
    if megabytes < USUAL_HEAP:
        options += " -XX:-UseG1GC -XX:+UseSerialGC -XX:-AlwaysPreTouch"
    return options
