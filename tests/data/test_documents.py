"""The PDFs have the pages, the text layers and the scans that the corpus says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import jina_notebook as jn
from jina_notebook import data
from scripts.data import price_list
from scripts.data.documents import DOCUMENTS, write_documents

SCANNED = {"manual#8", "report#6"}


@pytest.fixture(scope="module")
def documents() -> data.Collection:
    return data.load("documents")


@pytest.fixture(scope="module")
def pages(documents: data.Collection) -> dict[str, str]:
    """The text layer of each page, by the key that judgments use."""
    return {
        f"{document['_id']}#{page.number}": page.text
        for document in documents.corpus
        for page in jn.pdf_pages(document["pdf"])
    }


def test_four_documents_of_four_to_eight_pages(documents: data.Collection, pages: dict[str, str]) -> None:
    assert {document["_id"]: document["pages"] for document in documents.corpus} == {
        "manual": 8,
        "report": 6,
        "prices": 4,
        "article": 4,
    }
    assert len(pages) == 22


def test_every_document_is_an_absolute_path_of_a_small_file(documents: data.Collection) -> None:
    for document in documents.corpus:
        assert set(document) == {"_id", "title", "text", "lang", "pages", "pdf"}
        assert isinstance(document["pdf"], str)
        path = Path(document["pdf"])
        assert path.is_absolute()
        assert path.read_bytes().startswith(b"%PDF")
        assert path.stat().st_size < 400_000, path.name
    assert {path.name for path in (documents.path / "files").iterdir()} == {
        Path(document["pdf"]).name for document in documents.corpus
    }


def test_two_pages_are_scans_and_all_others_have_text(pages: dict[str, str]) -> None:
    assert {key for key, text in pages.items() if not text.strip()} == SCANNED
    covers = {"manual#1", "report#1"}
    assert [key for key, text in pages.items() if key not in SCANNED | covers and len(text) < 300] == []


def test_every_page_can_be_drawn_and_is_not_empty(documents: data.Collection) -> None:
    for document in documents.corpus:
        for page in jn.pdf_pages(document["pdf"], dpi=36):
            levels = np.asarray(page.image.convert("L"))
            assert int(levels.max()) - int(levels.min()) > 60, (document["_id"], page.number)
            assert page.height > page.width


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("manual#7", "E-417"),
        ("manual#3", "Portafilter, 58 mm"),
        ("report#3", "Operating result, million euros"),
        ("prices#3", "Dichtung der Brühgruppe, Silikon, 8,5 mm"),
        ("article#3", "Poisson regression"),
    ],
)
def test_the_text_layer_has_the_words_in_one_piece(pages: dict[str, str], page: str, words: str) -> None:
    assert words in pages[page]


def test_no_letter_of_the_text_layer_is_a_ligature_or_unknown(pages: dict[str, str]) -> None:
    for key, text in pages.items():
        assert not set(text) & set("\ufb00\ufb01\ufb02\ufffd\x00"), key


def test_judgments_name_pages_that_exist(documents: data.Collection, pages: dict[str, str]) -> None:
    assert len(documents.queries) == 24
    assert set(documents.qrels) == set(documents.queries)
    for judged in documents.qrels.values():
        assert set(judged) <= set(pages)
        assert max(judged.values()) == 2


def test_some_queries_can_only_be_answered_by_looking(documents: data.Collection) -> None:
    scans = [query for query, fields in documents.query_fields.items() if fields["kind"] == "scan"]
    answers = {name for query in scans for name, grade in documents.qrels[query].items() if grade == 2}
    assert answers == SCANNED
    assert {fields["kind"] for fields in documents.query_fields.values()} == {"text", "table", "picture", "scan"}


def test_the_corpus_says_what_the_generators_say(documents: data.Collection) -> None:
    assert [(document["_id"], document["title"], document["lang"]) for document in documents.corpus] == [
        (made.id, made.title, made.lang) for made in DOCUMENTS
    ]


def test_a_generator_writes_what_is_committed(pages: dict[str, str], tmp_path: Path) -> None:
    (wanted,) = [document for document in DOCUMENTS if document.title == price_list.TITLE]

    listed = write_documents(tmp_path, [wanted])

    (record,) = [json.loads(line) for line in listed.read_text("utf-8").splitlines()]
    written = jn.pdf_pages(tmp_path / record["pdf"])
    assert [page.text for page in written] == [pages[f"prices#{page.number}"] for page in written]
