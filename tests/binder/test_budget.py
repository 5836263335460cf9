"""JupyterLab, a kernel with the stand-in and Elasticsearch stay under Binder's 2 GB together, measured."""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

import psutil
import pytest

from benchmarks.binder import BUDGET, CASES, ROLES, Peak, cells, measure, row

pytestmark = pytest.mark.timeout(600)


@pytest.mark.slow
@pytest.mark.server
def test_a_session_with_the_stand_in_stays_under_two_gigabytes() -> None:
    with tempfile.TemporaryDirectory(prefix="jina-binder-") as scratch:  # pytest's own is closed to the server's user
        few = CASES["stand-in"]._replace(size="tiny")  # memory goes by the batch, not by their number
        peak = measure(few, Path(scratch), Path(scratch) / "weights")

    assert set(peak.rss) == set(ROLES)
    assert all(peak.rss[role] > 50_000_000 for role in ROLES)
    assert peak.uss < peak.total < BUDGET
    commands = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert [command for command in commands if scratch in command] == []


def test_the_cells_are_the_quickstarts_with_parameters_of_ones_own() -> None:
    found = list(cells(CASES["nano"], {"size": "tiny", "weights": "/some/where"}))

    names = [name for name, _ in found]
    assert names[:3] == ["parameters", "given", "check"]
    assert names[-1] == "rerank"
    assert {"load", "connect", "index", "search"} < set(names)
    assert found[1][1] == "size = 'tiny'\nweights = '/some/where'"
    assert all(ast.parse("\n".join(line for line in source.splitlines() if line[:1] != "%")) for _, source in found)
    assert 'size == "full"' in dict(found)["index"]


def test_a_row_says_whether_it_fits() -> None:
    rss = {"JupyterLab": 100_000_000, "kernel": 900_000_000, "Elasticsearch": 500_000_000}

    assert row("small", Peak(rss, "rerank", 1_300_000_000)) == (
        "| small | 100 | 900 | 500 | **1,500** | 1,300 | rerank | yes |"
    )
    assert row("large", Peak({**rss, "kernel": 1_400_000_000}, "load", 1)).endswith("| load | no |")
