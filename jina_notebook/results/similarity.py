"""Which part of a picture answers to which word of a query."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.render.blocks import Bar, Column, Page, Picture, Table
from jina_notebook.render.clean import one_line
from jina_notebook.render.display import Displayed
from jina_notebook.render.heat import heat
from jina_notebook.results.contents import labelled, quoted, stand_in_notes

if TYPE_CHECKING:
    import pandas as pd
    from PIL.Image import Image

__all__ = ["SimilarityMap"]

SMALL, LARGE = 200, 768  # pixels of the longer side: in a table, alone
ROWS = 32


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class SimilarityMap(Displayed):
    """A grid of similarities for every token of a query.

    `grid`: float32 `(tokens, rows, columns)`, the cosine of every query token with every patch of the picture, whose
    upper left is `grid[:, 0, 0]`. `tokens`: the text of each token, the task's prefix first, as the model reads it.
    `image`: the picture as the model saw it, upright.
    """

    query: str
    image: Image
    tokens: tuple[str, ...]
    grid: NDArray[np.float32]
    model: str
    revision: str
    stand_in: bool = False

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def score(self) -> float:
        """The sum over tokens of their best patch: the late-interaction score of the patches alone."""
        return float(self.grid.max(axis=(1, 2)).sum())

    def picture(self, token: int | str | None = None, *, size: int = LARGE) -> Image:
        """The image with the similarities of one token laid over it, or of all tokens on average.

        `token`: a position, or a word of the query (the mean of its tokens). Raises `OptionError` for another.
        """
        if token is None:
            values = self.grid.mean(axis=0)
            return heat(self.image, values, low=float(np.median(values)), high=float(values.max()), size=size)
        low, high = self._scale()
        return heat(self.image, self.grid[self._positions(token)].mean(axis=0), low=low, high=high, size=size)

    def _positions(self, token: int | str) -> list[int]:
        if isinstance(token, (int, np.integer)) and not isinstance(token, bool):
            if -len(self) <= token < len(self):
                return [int(token)]
            raise OptionError(f"There is no token {token}; the query has {len(self)}.")
        words: dict[str, list[int]] = {}
        for word, positions in self.words():
            words.setdefault(word, positions)
        names = [name.strip() for name in self.tokens]
        for known in (words, {name: [names.index(name)] for name in names}):
            if str(token).strip() in known:
                return known[str(token).strip()]
        raise OptionError(
            f"The query has no word {token!r}; its words are {', '.join(map(repr, words))}.",
            hint=did_you_mean(str(token), words) or "Give a word or a token's position.",
        )

    def words(self) -> list[tuple[str, list[int]]]:
        """The words that the tokens make up, each with the positions of its tokens."""
        words: list[tuple[str, list[int]]] = []
        before = ""
        for position, token in enumerate(self.tokens):
            if before[-1:].isalnum() and token[:1].isalnum():
                words[-1] = (words[-1][0] + token.strip(), [*words[-1][1], position])
            elif token.strip():
                words.append((token.strip(), [position]))
            before = token
        return words

    def _scale(self) -> tuple[float, float]:
        """One scale for all tokens, so that a token without a match stays pale."""
        return float(np.median(self.grid)), float(self.grid.max())

    def to_frame(self) -> pd.DataFrame:
        """One row per token: `token`, `similarity` of its best patch, and that patch's `row` and `column`."""
        import pandas as pd

        best = self.grid.reshape(len(self), -1).argmax(axis=1)
        rows, columns = np.divmod(best, self.grid.shape[2])
        highest = self.grid.max(axis=(1, 2))
        return pd.DataFrame(
            {"token": list(self.tokens), "similarity": highest, "row": rows, "column": columns},
            columns=["token", "similarity", "row", "column"],
        )

    def _repr_png_(self) -> bytes:
        return _png(self.picture())

    def page(self) -> Page:
        """The picture under all tokens and under each of them."""
        _, rows, columns = self.grid.shape
        highest = [float(value) for value in self.grid.max(axis=(1, 2))]
        low, high = min([0.0, *highest]), max([1.0, *highest])
        table = Table(
            (Column("position", "#", "right"), Column("token", "token"), Column("similarity", "best patch"),
             Column("picture", "where", yields=True)),
            (
                (None, "all tokens", None, self._shown(None)),
                *(
                    (i, one_line(token) or "blank", Bar(highest[i], low, high), self._shown(i))
                    for i, token in enumerate(self.tokens[:ROWS])
                ),
            ),
            total=len(self) + 1,
        )  # fmt: skip
        facts = (
            ("model", labelled(self.model, self.stand_in)),
            ("revision", self.revision[:12]),
            ("patches", f"{rows} x {columns}"),
            ("score", f"{self.score:.3f}"),
        )
        title = f"Where the picture answers to {quoted(self.query)}"
        return Page("similarity-map", title, facts, (table,), stand_in_notes(self.stand_in))

    def _shown(self, token: int | None) -> Picture:
        small = self.picture(token, size=SMALL)
        what = "all tokens" if token is None else f"the token {one_line(self.tokens[token])!r}"
        values = self.grid.mean(axis=0) if token is None else self.grid[token]
        rows, columns = values.shape
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        alt = f"similarity to {what}: highest in row {row + 1} of {rows}, column {column + 1} of {columns}"
        return Picture(_png(small), alt, small.width, small.height)


def _png(image: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format="PNG", optimize=True)
    return stream.getvalue()
