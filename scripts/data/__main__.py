"""`python -m scripts.data [pictures|documents]`: writes the pictures and PDFs of the package anew."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.data.documents import write_documents
from scripts.data.pictures import write_pictures

DATA = Path(__file__).parents[2] / "jina_notebook" / "data"


def main(wanted: list[str]) -> None:
    """Writes what is named, by itself everything."""
    if not wanted or "pictures" in wanted:
        print(write_pictures(DATA / "pictures"))
    if not wanted or "documents" in wanted:
        print(write_documents(DATA / "documents"))


if __name__ == "__main__":
    main(sys.argv[1:])
