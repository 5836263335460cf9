"""Files beside a corpus take the place of their names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jina_notebook import data
from jina_notebook.data.attachments import ATTACHMENTS, attached
from jina_notebook.data.beir import Collection


def collection(name: str, path: Path, *records: dict[str, Any]) -> Collection:
    return Collection(name=name, corpus=list(records), queries={}, qrels={}, query_fields={}, path=path)


def test_texts_and_json_become_content_and_null_stays_null(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>Müsli</p>", encoding="utf-8")
    (tmp_path / "a.json").write_text('{"name": "Müsli"}', encoding="utf-8")
    record = {"_id": "a", "html": "a.html", "data": "a.json", "schema": None}

    (read,) = attached(collection("pages", tmp_path, record)).corpus

    assert read == {"_id": "a", "html": "<p>Müsli</p>", "data": {"name": "Müsli"}, "schema": None}
    assert record["html"] == "a.html"


@pytest.mark.parametrize(("name", "field"), [("pictures", "image"), ("documents", "pdf")])
def test_pictures_and_pdfs_become_absolute_paths(
    name: str, field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    (read,) = attached(collection(name, Path("here"), {"_id": "a", field: "files/a.bin"})).corpus

    assert read[field] == str(tmp_path / "here" / "files" / "a.bin")
    assert isinstance(read[field], str)
    assert os.path.isabs(read[field])  # noqa: PTH117 - it is a text, and that is the point


def test_a_collection_without_files_is_handed_back_as_it_is(tmp_path: Path) -> None:
    given = collection("support", tmp_path, {"_id": "a", "html": "a.html"})

    assert attached(given) is given


def test_every_corpus_that_keeps_files_exists() -> None:
    assert set(ATTACHMENTS) <= set(data.names())
