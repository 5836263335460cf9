"""What freed blocks become while weights are read: given back at once, not kept in gaps that nothing fits into.

glibc raises the size from which it maps a block of its own with every such block that is freed, up to 32 MB. Tensors
below come from its heap then, where those that live lock in the room of those that were read and converted: up to half
of the weights' size on top, by chance. https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["blocks_apart"]

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of malloc.h
WHILE_LOADING = 2**20
LASTING = 2**25  # where the size ends up by itself; activations below it are not mapped anew at every step
OWN_CHOICE = ("MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


@contextmanager
def blocks_apart() -> Iterator[None]:
    """Blocks of a megabyte or more that are allocated inside go back to the system when they are freed.

    Changes nothing where the C library is not glibc, and where the user has set its thresholds.
    """
    set_option = _mallopt()
    if set_option is None:
        yield
        return
    set_option(MMAP_THRESHOLD, WHILE_LOADING)
    try:
        yield
    finally:
        set_option(MMAP_THRESHOLD, LASTING)
        set_option(TRIM_THRESHOLD, 2 * LASTING)


@functools.cache
def _mallopt() -> Callable[[int, int], int] | None:
    if platform.libc_ver()[0] != "glibc" or any(name in os.environ for name in OWN_CHOICE):
        return None
    found: Callable[[int, int], int] = ctypes.CDLL(None).mallopt
    return found
