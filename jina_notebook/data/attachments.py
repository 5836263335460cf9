"""What a corpus keeps in files of its own, because it is no line of JSON: pictures, PDFs, web pages.

In `corpus.jsonl` such a field holds a file's name, relative to the corpus, or null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jina_notebook.data.beir import Collection

__all__ = ["ATTACHMENTS", "attached"]

Reader = Callable[[Path], Any]


def _place(path: Path) -> str:
    """For what other programs open: the absolute path."""
    return str(path)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _json(path: Path) -> Any:
    return json.loads(_text(path))


ATTACHMENTS: Mapping[str, Mapping[str, Reader]] = {
    "documents": {"pdf": _place},
    "pages": {"html": _text, "markdown": _text, "data": _json, "schema": _json},
    "pictures": {"image": _place},
}
"""Per corpus the fields that name files, and how each is handed out."""


def attached(collection: Collection) -> Collection:
    """The collection with its files in place of their names; as it is where it keeps none."""
    readers = ATTACHMENTS.get(collection.name, {})
    if not readers:
        return collection
    folder = collection.path.absolute()
    corpus = [
        {key: readers[key](folder / value) if key in readers and value else value for key, value in record.items()}
        for record in collection.corpus
    ]
    return replace(collection, corpus=corpus)
