"""Heap by the size of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook.elastic.local.memory import heap_megabytes, heap_options, machine_bytes
from jina_notebook.errors import OptionError

GIB = 1 << 30


@pytest.mark.parametrize(("memory", "expected"), [(2 * GIB, 256), (4 * GIB - 1, 256), (4 * GIB, 512), (64 * GIB, 512)])
def test_a_small_machine_gets_a_small_heap(memory: int, expected: int) -> None:
    assert heap_megabytes(None, memory=memory) == expected


@pytest.mark.parametrize(("given", "expected"), [("512m", 512), ("1g", 1024), (384, 384), ("300", 300), ("1GB", 1024)])
def test_a_heap_may_be_given_as_the_field_writes_it(given: str | int, expected: int) -> None:
    assert heap_megabytes(given, memory=8 * GIB) == expected


@pytest.mark.parametrize("given", ["", "lots", "-1m", "64m", "9g", 0, True, "1.5g"])
def test_a_heap_that_cannot_be_is_refused_with_the_range(given: str | int) -> None:
    with pytest.raises(OptionError, match="from 128m to this machine's 8192m"):
        heap_megabytes(given, memory=8 * GIB)


def test_a_small_heap_gets_the_serial_collector_and_a_usual_one_does_not() -> None:
    assert heap_options(256) == "-Xms256m -Xmx256m -XX:-UseG1GC -XX:+UseSerialGC -XX:-AlwaysPreTouch"
    assert heap_options(512) == "-Xms512m -Xmx512m"


def test_the_limit_of_a_container_counts_and_the_memory_of_its_host_does_not(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{GIB}\n")
    assert machine_bytes({}, (str(limit),)) == GIB
    assert machine_bytes({"MEM_LIMIT": str(GIB // 2)}, (str(limit),)) == GIB // 2


def test_a_container_without_a_limit_has_the_memory_of_the_machine(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("max\n")
    assert machine_bytes({}, (str(limit), str(tmp_path / "absent"))) == machine_bytes({}, ())
