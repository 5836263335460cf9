"""Several searches at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from jina_notebook.render.blocks import Block, Page, Prose, Table
from jina_notebook.render.clean import counted
from jina_notebook.render.display import Displayed
from jina_notebook.results.hits import Hits

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Searches"]


@dataclass(frozen=True, eq=False, repr=False)
class Searches(Displayed, Sequence[Hits]):
    """The hits of several queries, in the order of the queries."""

    items: tuple[Hits, ...]

    @overload
    def __getitem__(self, key: int) -> Hits: ...
    @overload
    def __getitem__(self, key: slice) -> Searches: ...
    def __getitem__(self, key: int | slice) -> Hits | Searches:
        return Searches(self.items[key]) if isinstance(key, slice) else self.items[key]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Hits]:
        return iter(self.items)

    def to_frame(self) -> pd.DataFrame:
        """The rows of every `Hits.to_frame()`, after a column `query`."""
        import pandas as pd

        frames = []
        for hits in self.items:
            frame = hits.to_frame()
            frame.insert(0, "query", [hits.query] * len(frame), allow_duplicates=True)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["query"])

    def page(self) -> Page:
        """One table per query."""
        pages = [hits.page() for hits in self.items]
        blocks = tuple(_titled(block, page.title) for page in pages for block in page.blocks)
        notes = tuple(dict.fromkeys(note for page in pages for note in page.notes))
        facts = pages[0].facts[:3] if pages else ()
        return Page("searches", counted(len(pages), "search", "searches"), facts, blocks, notes)


def _titled(block: Block, title: str) -> Block:
    return (
        Table(block.columns, block.rows, title, block.empty, block.total) if isinstance(block, Table) else Prose(title)
    )
