"""`jn.pdf_pages`: the pages of a PDF as pictures with their text layer."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError, OptionError
from jina_notebook.unicode import well_formed

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Page", "pdf_pages"]

POINTS = 72  # per inch
LOWEST, HIGHEST = 18, 1200
MOST_PIXELS = 178_956_970  # where Pillow takes a picture for a bomb, with its own switches
_PDFIUM = threading.Lock()  # the library knows no threads


class Page:
    """One page: `number` from 1, `text` of its text layer ("" for a scan), `width` and `height` in points.

    `image` is drawn anew at every access, so that a long document does not fill the memory.
    """

    __slots__ = ("_data", "_name", "_password", "dpi", "height", "number", "text", "width")

    def __init__(
        self,
        number: int,
        *,
        size: tuple[float, float],
        text: str,
        dpi: float,
        data: bytes,
        name: str,
        password: str | None,
    ) -> None:
        self.number = number
        self.width, self.height = size
        self.text = text
        self.dpi = dpi
        self._data = data
        self._name = name
        self._password = password

    @property
    def image(self) -> Image:
        """The page as a viewer shows it, RGB, at the document's `dpi`.

        Raises `InputError` for a page that cannot be drawn.
        """
        import pypdfium2

        with _opened(self._data, self._name, self._password) as document:
            if document.get_formtype():
                document.init_forms()
            try:
                bitmap = document[self.number - 1].render(scale=self.dpi / POINTS)
                drawn: Image = bitmap.to_pil()
                return drawn.convert("RGB")  # a copy: the pixels still belong to the library
            except pypdfium2.PdfiumError as cause:
                raise _unreadable(self._name, self.number, cause) from None

    def __repr__(self) -> str:
        size = f"{self.width:.0f} x {self.height:.0f} points"
        return f"<page {self.number} of {self._name}, {size}, {len(self.text):,} characters of text>"


def pdf_pages(path: str | os.PathLike[str] | bytes, *, dpi: float = 144, password: str | None = None) -> list[Page]:
    """The pages of a PDF, each with `.number` (from 1), `.image` (a PIL image in RGB) and `.text` (its text layer).

    `path`: a file, or the bytes of one. `dpi`: resolution of the images; 144 gives a letter page 1,224 x 1,584 pixels,
    more than jina-embeddings-v4 and jina-reranker-m0 look at.

    Raises `InputError` for a file that is missing, no PDF, damaged or locked, and for a page too large to draw,
    `OptionError` for `dpi`.

    >>> documents = ({"page": page.number, "image": page.image} for page in jn.pdf_pages("report.pdf"))
    """
    if isinstance(dpi, bool) or not isinstance(dpi, (int, float)) or not LOWEST <= dpi <= HIGHEST:
        raise OptionError(f"dpi={dpi!r} is not a number from {LOWEST} to {HIGHEST}.", hint="144 reads well.")
    data, name = _read(path)
    pages = []
    with _opened(data, name, password) as document:
        for index in range(len(document)):
            size, text = _content(document, index, name)
            pixels = math.ceil(size[0] * dpi / POINTS) * math.ceil(size[1] * dpi / POINTS)
            if pixels > MOST_PIXELS:
                raise InputError(
                    f"Page {index + 1} of {name} has {pixels:,} pixels at {dpi:g} dpi; {MOST_PIXELS:,} are the most.",
                    hint="Lower dpi.",
                )
            pages.append(Page(index + 1, size=size, text=text, dpi=dpi, data=data, name=name, password=password))
    return pages


def _read(path: Any) -> tuple[bytes, str]:
    if isinstance(path, (bytes, bytearray)):
        return bytes(path), f"the PDF of {len(path):,} bytes"
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(f"{path!r} is no path of a PDF.", hint="Give a path, or the bytes of a file.")
    file = Path(os.fspath(path)).expanduser()
    try:
        return file.read_bytes(), repr(str(file))
    except FileNotFoundError:
        raise InputError(f"There is no file {str(file)!r}.", hint="The path counts from the working folder.") from None
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or cause
        raise InputError(f"{str(file)!r} cannot be opened: {reason}.") from None


@contextmanager
def _opened(data: bytes, name: str, password: str | None) -> Iterator[Any]:
    """The document, opened and closed while nobody else is in the library."""
    import pypdfium2

    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data, password=password)
        except pypdfium2.PdfiumError as cause:
            raise _refusal(data, name, password, cause) from None
        try:
            yield document
        finally:
            document.close()


def _refusal(data: bytes, name: str, password: str | None, cause: Exception) -> InputError:
    if "password" in str(cause).lower():
        state = "asks for a password" if password is None else "does not open with this password"
        return InputError(f"{_start(name)} {state}.", hint="Pass password=.")
    if b"%PDF" not in data[:1024]:
        return InputError(f"{_start(name)} is no PDF.", hint="An image file is embedded as it is: pathlib.Path(name).")
    return InputError(f"{_start(name)} is damaged: {_reason(cause)}.", hint="Fetch it again.")


def _content(document: Any, index: int, name: str) -> tuple[tuple[float, float], str]:
    """Size in points and text layer of one page."""
    import pypdfium2

    try:
        page = document[index]
        text = page.get_textpage().get_text_bounded()
    except pypdfium2.PdfiumError as cause:
        raise _unreadable(name, index + 1, cause) from None
    return page.get_size(), well_formed(text.replace("\r\n", "\n").replace("\r", "\n"))


def _unreadable(name: str, number: int, cause: Exception) -> InputError:
    return InputError(f"Page {number} of {name} cannot be read: {_reason(cause)}.", hint="Fetch the file again.")


def _reason(cause: Exception) -> str:
    return str(cause).rstrip(".")


def _start(name: str) -> str:
    return name[0].upper() + name[1:]
