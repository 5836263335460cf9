"""Gallery: pictures or pages with their scores, and the ones that were picked back in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from jina_notebook.errors import InputError
from jina_notebook.render.blocks import Bar, Cell, Column, Page, Table
from jina_notebook.render.clean import clip, counted, one_line
from jina_notebook.widgets.base import STATIC, Act, JinaWidget, refuse_unknown
from jina_notebook.widgets.thumbnails import as_picture, encoded, opened

if TYPE_CHECKING:
    import pandas as pd

    from jina_notebook.widgets.jobs import Job

__all__ = ["Gallery"]

MOST = 300
SIDE, LARGE, SMALL = 192, 1200, 96  # pixels: in the gallery, enlarged, in the static form
SHOWN = 24  # pictures in the static form
CAPTION = 120


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture: the caller's own object, what to open, its caption and its score."""

    item: Any
    source: Any
    caption: str
    score: float | None


class Gallery(JinaWidget):
    """Shows up to 300 pictures to compare and pick from.

    `items`: PIL images, paths, encoded bytes, pages of a PDF, dicts with a field `image`, `Hits` or a `Ranking` of
    such. `captions` and `scores`: one per item, where the items have none of their own. `image`: the field of dicts and
    hits that holds the picture or its path. `.selection` are the ones that are picked.

    Raises `InputError` naming the position of what is no picture.

    >>> gallery = jn.widgets.Gallery(jn.pdf_pages("report.pdf"))
    >>> gallery.selection["item"]
    """

    _esm = STATIC / "gallery.js"
    _css = STATIC / "gallery.css"

    images = traitlets.List(traitlets.Bytes()).tag(sync=True)  # JPEG
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    scores = traitlets.List(traitlets.Float(allow_none=True)).tag(sync=True)
    selected = traitlets.List(traitlets.Int()).tag(sync=True)
    enlarged: Any = traitlets.Dict({"position": -1}).tag(sync=True)

    def __init__(
        self,
        items: Any,
        *,
        captions: Sequence[str] | None = None,
        scores: Sequence[float] | None = None,
        image: str = "image",
        **unknown: Any,
    ) -> None:
        refuse_unknown(type(self), unknown)
        given = _listed(items)
        _check_counts(given, captions=captions, scores=scores)
        tiles = [_tile(item, position, image) for position, item in enumerate(given)]
        self._tiles = tuple(
            Tile(
                tile.item,
                tile.source,
                tile.caption if captions is None else _caption(captions[position]),
                tile.score if scores is None else float(scores[position]),
            )
            for position, tile in enumerate(tiles)
        )
        super().__init__(
            images=[encoded(_opened(tile, position, SIDE)) for position, tile in enumerate(self._tiles)],
            captions=[tile.caption for tile in self._tiles],
            scores=[tile.score for tile in self._tiles],
        )

    def __len__(self) -> int:
        return len(self._tiles)

    @property
    def selection(self) -> pd.DataFrame:
        """One row per picked picture: `position`, `caption`, `score`, and your own `item`."""
        import pandas as pd

        rows = [(i, self._tiles[i].caption, self._tiles[i].score, self._tiles[i].item) for i in self.selected]
        return pd.DataFrame(rows, columns=["position", "caption", "score", "item"])

    def page(self) -> Page:
        """The first pictures as a table, best first where they have scores."""
        scored = any(score is not None for score in self.scores)
        order = sorted(range(len(self)), key=lambda i: -(self._tiles[i].score or 0.0)) if scored else range(len(self))
        numbers = [score for score in self.scores if score is not None]
        low, high = min([0.0, *numbers]), max([1.0, *numbers])
        columns = (
            Column("position", "#", "right"),
            Column("picture", "picture"),
            Column("caption", "caption", yields=True),
            *((Column("score", "score"),) if scored else ()),
        )
        rows = []
        for i in list(order)[:SHOWN]:
            tile = self._tiles[i]
            small = as_picture(_opened(tile, i, SMALL), tile.caption or f"picture {i}")
            bar: Cell = None if tile.score is None else Bar(tile.score, low, high)
            rows.append((i, small, tile.caption, *((bar,) if scored else ())))
        table = Table(columns, tuple(rows), empty="no pictures", total=len(self))
        return Page("gallery", counted(len(self), "picture"), (), (table,))

    def acts(self) -> Mapping[str, Act]:
        return {"enlarge": self._enlarge}

    def _enlarge(self, content: Mapping[str, Any]) -> None:
        position = int(content["position"])
        if 0 <= position < len(self):
            self._begin("Opening", lambda job: self._large(position, job))

    def _large(self, position: int, job: Job) -> Any:
        data = encoded(_opened(self._tiles[position], position, LARGE))
        job.check()

        def show() -> str:
            self.enlarged = {"position": position, "image": data}
            return ""

        return show


def _listed(items: Any) -> list[Any]:
    from jina_notebook.images import is_image

    given = [items] if isinstance(items, str) or is_image(items) else list(items)
    if len(given) > MOST:
        raise InputError(f"There are {len(given):,} pictures; a gallery shows at most {MOST}.", hint="Give fewer.")
    return given


def _check_counts(given: Sequence[Any], **columns: Sequence[Any] | None) -> None:
    for name, values in columns.items():
        if values is not None and len(values) != len(given):
            raise InputError(f"There are {len(given)} pictures and {len(values)} {name}.", hint="Give one for each.")


def _tile(item: Any, position: int, field: str) -> Tile:
    """What to open of an item, and what it says of itself."""
    score = getattr(item, "relevance_score", getattr(item, "score", None))
    held = getattr(item, "document", item)  # a ranked document holds the caller's own
    record = getattr(held, "source", held)
    if isinstance(record, Mapping):
        if record.get(field) is None:
            raise InputError(
                f"Item {position} has no field {field!r}; it has {', '.join(map(str, record)) or 'none'}.",
                hint="Name the field that holds the picture: image=…",
            )
        caption = next((record[key] for key in ("caption", "title", "text") if record.get(key)), "")
        name = getattr(held, "id", "") or record.get("id", record.get("_id", ""))
        return Tile(item, record[field], _caption(caption or name), _number(score))
    if hasattr(held, "number") and hasattr(held, "image"):  # a page of a PDF
        return Tile(item, held.image, f"page {held.number}", _number(score))
    name = held.name if isinstance(held, Path) else Path(held).name if isinstance(held, str) else ""
    return Tile(item, held, _caption(name or Path(getattr(held, "filename", "") or "").name), _number(score))


def _number(score: Any) -> float | None:
    return None if score is None else float(score)


def _caption(text: Any) -> str:
    return clip(one_line(str(text)), CAPTION)


def _opened(tile: Tile, position: int, side: int) -> Any:
    try:
        return opened(tile.source, side)
    except InputError as error:
        raise InputError(f"Item {position}: {error.message}", hint=error.hint) from None
