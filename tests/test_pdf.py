"""Pages of a PDF come as pictures with their text; what cannot be read is one sentence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import jina_notebook as jn
from jina_notebook.errors import InputError, OptionError

LETTER, STRIP = (612, 792), (200, 100)


def pdf(*pages: tuple[str, tuple[int, int], str]) -> bytes:
    """A PDF by hand: for each page its text, its size in points and more entries of its dictionary."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, (text, (width, height), more) in enumerate(pages):
        drawn = f"0 0 1 rg 0 0 {width // 2} {height // 2} re f 0 g BT /F 24 Tf 20 {height // 2 + 10} Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {5 + 2 * number} 0 R "
            f"/Resources << /Font << /F 3 0 R >> >> {more} >>"
        )
        objects.append(f"<< /Length {len(drawn.encode('cp1252'))} >>\nstream\n{drawn}\nendstream")
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n"
    )
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode()


REPORT = pdf(("Grüße, page one", LETTER, ""), ("", LETTER, ""), ("a strip", STRIP, ""))


def test_pages_have_numbers_texts_and_pictures(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(REPORT)
    for source in (file, str(file), REPORT):
        pages = jn.pdf_pages(source)
        assert [page.number for page in pages] == [1, 2, 3]
        assert [page.text for page in pages] == ["Grüße, page one", "", "a strip"]
        assert [page.image.size for page in pages] == [(1224, 1584), (1224, 1584), (400, 200)]
        assert [(page.width, page.height) for page in pages] == [LETTER, LETTER, STRIP]


def test_a_page_looks_as_a_viewer_shows_it() -> None:
    image = jn.pdf_pages(pdf(("", STRIP, "")), dpi=72)[0].image
    assert image.mode == "RGB"
    assert image.size == STRIP
    assert image.getpixel((20, 80)) == (0, 0, 255)
    assert image.getpixel((20, 20)) == image.getpixel((150, 80)) == (255, 255, 255)


def test_a_rotated_page_stands_upright() -> None:
    image = jn.pdf_pages(pdf(("", STRIP, "/Rotate 90")), dpi=72)[0].image
    assert image.size == STRIP[::-1]
    assert image.getpixel((20, 20)) == (0, 0, 255)


@pytest.mark.parametrize("dpi", [36, 72, 100.5, 300])
def test_the_resolution_is_that_asked_for(dpi: float) -> None:
    width, height = jn.pdf_pages(pdf(("x", STRIP, "")), dpi=dpi)[0].image.size
    assert abs(width - STRIP[0] * dpi / 72) <= 1
    assert abs(height - STRIP[1] * dpi / 72) <= 1


@pytest.mark.parametrize("dpi", [0, -72, 10_000, "144", True, None, float("nan")])
def test_a_resolution_that_makes_no_sense_is_refused(dpi: object) -> None:
    with pytest.raises(OptionError, match=r"dpi=.* is not a number from 18 to 1200"):
        jn.pdf_pages(REPORT, dpi=dpi)  # type: ignore[arg-type]


def test_a_page_that_is_too_large_to_draw_is_named() -> None:
    with pytest.raises(InputError, match=r"Page 2 of .* pixels at 1200 dpi"):
        jn.pdf_pages(pdf(("", STRIP, ""), ("", (14_000, 14_000), "")), dpi=1200)


def test_a_picture_is_drawn_anew_and_belongs_to_the_caller() -> None:
    page = jn.pdf_pages(REPORT)[2]
    first = page.image
    first.paste((255, 0, 0), (0, 0, *first.size))
    assert not np.array_equal(np.asarray(first), np.asarray(page.image))
    assert np.array_equal(np.asarray(page.image), np.asarray(page.image))


def test_pages_outlive_their_file_and_may_be_drawn_in_threads(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(REPORT)
    pages = jn.pdf_pages(file)
    file.unlink()
    alone = [np.asarray(page.image) for page in pages]
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda page: np.asarray(page.image), pages * 8))
    assert all(np.array_equal(image, alone[i % 3]) for i, image in enumerate(drawn))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"", ["0 bytes", "no PDF"]),
        (b"\x89PNG\r\n\x1a\n", ["no PDF", "pathlib.Path"]),
        (b"%PDF-1.7\n1 0 obj", ["damaged"]),
        ("gone.pdf", ["gone.pdf"]),
        (7, ["7 is no path"]),
    ],
    ids=["empty", "image", "cut", "missing", "number"],
)
def test_what_is_no_pdf_is_one_sentence(source: object, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        jn.pdf_pages(source)  # type: ignore[arg-type]
    assert all(word in str(caught.value) for word in words)
    assert caught.value.hint


@pytest.mark.parametrize(("password", "words"), [(None, "asks for a password"), ("wrong", "does not open with this")])
def test_a_locked_file_says_so(password: str | None, words: str) -> None:
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'ab' * 32}> /U <{'cd' * 32}> /P -4 >> /ID [<00> <00>]"
    locked = REPORT.replace(b"/Root 1 0 R", b"/Root 1 0 R " + lock.encode())
    with pytest.raises(InputError, match=words) as caught:
        jn.pdf_pages(locked, password=password)
    assert "password=" in str(caught.value.hint)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="directory"):
        jn.pdf_pages(tmp_path)


def test_a_scan_made_by_pillow_has_its_picture_and_no_text(tmp_path: Path) -> None:
    scan = Image.new("RGB", (300, 200), (10, 120, 200))
    scan.save(tmp_path / "scan.pdf", resolution=72)
    (page,) = jn.pdf_pages(tmp_path / "scan.pdf", dpi=72)
    assert page.text == ""
    assert page.image.size == (300, 200)
    assert np.abs(np.asarray(page.image).astype(int) - (10, 120, 200)).max() <= 3


def test_a_page_says_what_it_is() -> None:
    assert repr(jn.pdf_pages(REPORT)[2]) == (
        f"<page 3 of the PDF of {len(REPORT):,} bytes, 200 x 100 points, 7 characters of text>"
    )
