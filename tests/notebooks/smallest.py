"""A notebook at its smallest, in indices of its own."""

from __future__ import annotations

import json
import urllib.request
import uuid
from pathlib import Path

from jina_notebook import report
from tests.conftest import delete_indices

__all__ = ["smallest_run"]


def smallest_run(notebook: str, folder: Path, url: str, **parameters: str) -> report.Outcome:
    """Runs it with `size="tiny"`; its indices have to be gone afterwards, and are, whatever happens."""
    index = f"test-{notebook}-{uuid.uuid4().hex[:8]}"
    try:
        outcome = report.run(notebook, folder, parameters={"size": "tiny", "index": index, **parameters})
        with urllib.request.urlopen(f"{url}/_cat/indices/{index}*?format=json") as answer:  # noqa: S310
            assert json.load(answer) == []
    finally:
        delete_indices(url, index)
    return outcome
