"""Where documents stood before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError
from jina_notebook.plots.canvas import (
    MARKERS,
    MOST_LINES,
    PALETTE,
    beside,
    described,
    labelled,
    named,
    sheet,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jina_notebook.results import Hits, Ranking

__all__ = ["rank_changes"]


def rank_changes(before: Ranking | Hits | Sequence[Any], after: Ranking | Hits | Sequence[Any]) -> Figure:
    """Where each document stood before and after reranking: a line from its old rank to its new one.

    `before` and `after` are hits, rankings or lists of ids, best first. A ranking of hits is compared by the hits' ids,
    a ranking of other documents by their positions.

    Raises `InputError` where they have no document in common.
    """
    first, second = _places(before), _places(after)
    both = [key for key in second if key in first][:MOST_LINES]
    if not both:
        raise InputError(
            "The two orders have no document in common.",
            hint="Compare the hits of a search with a ranking of those hits.",
        )
    figure, axes = sheet(width=6.0, height=max(2.4, 0.6 + 0.3 * len(both)))
    told = []
    for i, key in enumerate(both):
        old, new = first[key], second[key]
        better = old > new
        colour = PALETTE[0] if better else PALETTE[5] if old < new else "#777777"
        style = "-" if better else "--" if old < new else ":"
        axes.plot([0, 1], [old, new], color=colour, linestyle=style, marker=MARKERS[i % len(MARKERS)], markersize=5)
        beside(axes, 0, old, f"{old}", right=False)
        beside(axes, 1, new, f"{new}  {labelled(key)}", right=True)
        told.append(f"{named(key)} from {old} to {new}")
    axes.invert_yaxis()
    axes.set_xticks([0, 1], ["before", "after"])
    axes.set_xlim(-0.2, 1.8)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    up = sum(first[key] > second[key] for key in both)
    down = sum(first[key] < second[key] for key in both)
    title = f"Ranks before and after: {up} up (solid), {down} down (dashed)"
    return described(figure, axes, title, f"Line chart of ranks. {title}. {'; '.join(told)}.")


def _places(order: Ranking | Hits | Sequence[Any]) -> dict[Any, int]:
    """Rank by id: of hits, of ranked hits, else of the entry itself; ranked documents without an id by position."""
    return {_key(item): rank for rank, item in reversed(list(enumerate(order, 1)))}


def _key(item: Any) -> Any:
    document = getattr(item, "document", item)
    if hasattr(document, "id"):
        return document.id
    return item.index if hasattr(item, "relevance_score") else item
