"""All pictures, and the corpus that lists them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from scripts.data.charts import CHARTS
from scripts.data.drawing import Picture, save
from scripts.data.invoices import INVOICES
from scripts.data.scans import SCANS
from scripts.data.scenes import SCENES
from scripts.data.slides import SLIDES

__all__ = ["PICTURES", "write_pictures"]

PICTURES: tuple[Picture, ...] = (*CHARTS, *SLIDES, *INVOICES, *SCANS, *SCENES)


def write_pictures(folder: Path, pictures: Iterable[Picture] = PICTURES) -> Path:
    """Draws pictures into `folder/files` and lists them in `folder/corpus.jsonl`; returns the list."""
    records = []
    for picture in pictures:
        save(picture.draw(), folder / picture.file)
        records.append(
            {
                "_id": picture.id,
                "title": picture.title,
                "text": picture.text,
                "kind": picture.kind,
                "lang": picture.lang,
                "image": picture.file,
            }
        )
    corpus = folder / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return corpus
