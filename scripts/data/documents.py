"""All PDFs, and the corpus that lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from scripts.data import annual_report, article, manual, price_list
from scripts.data.sheets import Sheet, write_pdf

__all__ = ["DOCUMENTS", "Document", "write_documents"]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A PDF: its name, one sentence about it, its pages, and a scanned page at its end if it has one."""

    id: str
    title: str
    text: str
    draw: Callable[[], Sequence[Sheet]]
    scan: Callable[[], Image.Image] | None = None
    lang: str = "en"


DOCUMENTS = (
    Document(
        id="manual",
        title=manual.TITLE,
        text="Instructions of an espresso machine: safety, parts, use, cleaning, error codes, a scanned warranty card.",
        draw=manual.manual,
        scan=manual.warranty_card,
    ),
    Document(
        id="report",
        title=annual_report.TITLE,
        text="Annual report of a company: letter, figures, charts, and the scanned letter of its auditor.",
        draw=annual_report.annual_report,
        scan=annual_report.auditor,
    ),
    Document(
        id="prices",
        title=price_list.TITLE,
        text="Preisliste mit Geräten, Ersatzteilen, Pflegemitteln und Leistungen der Werkstatt.",
        draw=price_list.price_list,
        lang="de",
    ),
    Document(
        id="article",
        title=article.TITLE,
        text="Scientific article in two columns about predicting the demand for rental bicycles.",
        draw=article.article,
    ),
)


def write_documents(folder: Path, documents: Iterable[Document] = DOCUMENTS) -> Path:
    """Writes PDFs into `folder/files` and lists them in `folder/corpus.jsonl`; returns the list."""
    records = []
    for document in documents:
        sheets = document.draw()
        scan = document.scan() if document.scan else None
        name = f"files/{document.id}.pdf"
        write_pdf(folder / name, sheets, title=document.title, scan=scan)
        records.append(
            {
                "_id": document.id,
                "title": document.title,
                "text": document.text,
                "lang": document.lang,
                "pages": len(sheets) + (scan is not None),
                "pdf": name,
            }
        )
    corpus = folder / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return corpus
