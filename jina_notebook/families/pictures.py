"""Pictures on their way into a model: read and fitted before anything is computed, so that a bad file is known early.

Fitted pixels are small, but thousands of them are not: beyond a budget they are let go and read again when their turn
comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jina_notebook.images import described, open_image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels = NDArray[np.uint8]
    Fit = Callable[[Image, str], Pixels]

__all__ = ["Picture", "read_picture", "read_pictures"]

KEPT_BYTES = 512 * 2**20  # about 600 pictures for jina-clip-v2, 280 pages for jina-embeddings-v4


@dataclass(slots=True)
class Picture:
    """One picture fitted to a model. `what` names it in an error, with its position."""

    source: Any
    what: str
    fit: Fit
    height: int = 0
    width: int = 0
    kept: Pixels | None = None

    def pixels(self) -> Pixels:
        """Uint8 `(height, width, 3)`.

        Raises `InputError` naming position and file, where it cannot be read or has a shape that the model cannot take.
        """
        if self.kept is not None:
            return self.kept
        return self.fit(open_image(self.source, self.what), described(self.source, self.what))


def read_picture(source: Any, what: str, fit: Fit) -> Picture:
    """One picture, its fitted pixels kept.

    `fit` takes an upright image and the words that name it, and gives uint8 `(height, width, 3)`. Raises `InputError`
    beginning with `what` where it cannot be used.
    """
    picture = Picture(source, what, fit)
    picture.kept = picture.pixels()
    picture.height, picture.width = picture.kept.shape[:2]
    return picture


def read_pictures(sources: Iterable[tuple[int, Any]], fit: Fit, *, what: str = "Input") -> dict[int, Picture]:
    """The pictures of a call, by position.

    Raises `InputError` for the first one that cannot be used.
    """
    pictures: dict[int, Picture] = {}
    room = KEPT_BYTES
    for position, source in sources:
        picture = read_picture(source, f"{what} {position}", fit)
        room -= 0 if picture.kept is None else picture.kept.nbytes
        if room < 0:
            picture.kept = None
        pictures[position] = picture
    return pictures
