"""Shaded tables and pictures side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError
from jina_notebook.plots.canvas import (
    LINE,
    LONG,
    PALETTE,
    are_wide,
    described,
    figure_class,
    labelled,
    listed,
    named,
    sheet,
)
from jina_notebook.render.clean import counted, one_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["heat_map", "late_interaction", "pictures"]


def heat_map(values: Any, *, label: str, title: str = "", rows: str = "", columns: str = "") -> Figure:
    """A table of numbers as shaded cells, each with its number: languages by languages, tasks by tasks.

    `values`: row to column to number, or a DataFrame; a cell that is missing or NaN stays empty. `label` says what the
    numbers are, `rows` and `columns` what stands on the two sides.

    Raises `InputError` for nothing to draw.
    """
    import numpy as np

    table: dict[Any, Mapping[Any, Any]] = dict(values.to_dict("index") if hasattr(values, "to_dict") else values)
    names = list(dict.fromkeys(column for row in table.values() for column in row))
    grid = np.array([[row.get(name, np.nan) for name in names] for row in table.values()], dtype=np.float64)
    if not grid.size or np.isnan(grid).all():
        raise InputError("There are no values to draw.", hint="Give a table such as {'en': {'de': 0.71, 'es': 0.84}}.")
    figure, axes = sheet(width=min(2.6 + 0.75 * len(names), 12.0), height=min(1.6 + 0.42 * len(table), 12.0))
    image = axes.imshow(grid, cmap="cividis", aspect="auto")
    middle = (np.nanmin(grid) + np.nanmax(grid)) / 2
    for (row, column), value in np.ndenumerate(grid):
        if not np.isnan(value):
            colour = "black" if value > middle else "white"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
    slant: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if are_wide(names) else {}
    axes.set_xticks(range(len(names)), [labelled(name) for name in names], **slant)
    axes.set_yticks(range(len(table)), [labelled(name) for name in table])
    axes.set_xlabel(labelled(columns, LONG))
    axes.set_ylabel(labelled(rows, LONG))
    figure.colorbar(image, ax=axes, label=labelled(label, LONG))
    told = [f"{named(row)}: {listed({c: v for c, v in cells.items() if v == v})}" for row, cells in table.items()]
    title = title or f"{label} by {rows or 'row'} and {columns or 'column'}"
    return described(figure, axes, title, f"Heat map, {title}. {'; '.join(told)}.")


def late_interaction(scores: Any, *, query_tokens: Sequence[str], document_tokens: Sequence[str]) -> Figure:
    """A heat map of token similarities, `(query tokens, document tokens)`; each row's best match has a frame.

    Raises `InputError` where the shape does not fit the tokens.
    """
    import numpy as np
    from matplotlib.patches import Rectangle

    grid = np.asarray(scores, dtype=np.float32)
    if grid.shape != (len(query_tokens), len(document_tokens)) or not grid.size:
        raise InputError(
            f"The scores have the shape {grid.shape} for {counted(len(query_tokens), 'query token')} and "
            f"{counted(len(document_tokens), 'document token')}."
        )
    rows, columns = grid.shape
    figure, axes = sheet(width=min(2.0 + 0.35 * columns, 16.0), height=min(1.6 + 0.35 * rows, 12.0))
    image = axes.imshow(grid, cmap="cividis", aspect="auto")
    best = grid.argmax(axis=1)
    for row, column in enumerate(best):
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=PALETTE[5], linewidth=2))
    axes.set_xticks(range(columns), [labelled(token) for token in document_tokens], rotation=90)
    axes.set_yticks(range(rows), [labelled(token) for token in query_tokens])
    figure.colorbar(image, ax=axes, label="similarity")
    told = [
        f"{named(query_tokens[row])} best matches {named(document_tokens[column])} ({grid[row, column]:.2f})"
        for row, column in enumerate(best)
    ]
    title = f"Late interaction, sum of maxima {float(grid.max(axis=1).sum()):.2f}"
    return described(figure, axes, title, f"Heat map of token similarities. {'; '.join(told)}.")


def pictures(
    images: Sequence[Any],
    captions: Sequence[str] = (),
    *,
    boxes: Sequence[Sequence[Sequence[float]]] = (),
    columns: int = 5,
    width: float = 2.3,
) -> Figure:
    """Pictures side by side, each under its caption, `width` inches for each.

    `images`: whatever `jn.read_image` reads. `boxes`: for each picture the rectangles to frame on it, `(left, top,
    width, height)` in its pixels.

    Raises `InputError` for no picture, one that cannot be read, and captions or boxes for more or fewer of them.
    """
    import textwrap

    from matplotlib.patches import Rectangle

    from jina_notebook.images import as_rgb, read_image

    if not len(images):
        raise InputError("There are no pictures to draw.", hint="Give a list of images, paths or bytes.")
    for what, given in (("captions", captions), ("boxes", boxes)):
        if len(given) not in {0, len(images)}:
            raise InputError(f"There are {len(given)} {what} for {counted(len(images), 'picture')}.")
    across = min(columns, len(images))
    down = -(-len(images) // across)
    figure: Any = figure_class()(
        figsize=(width * across, (width + 0.3) * down), layout="constrained", facecolor="white"
    )
    cells = list(figure.subplots(down, across, squeeze=False).flat)
    for axes in cells[len(images) :]:
        axes.set_axis_off()
    for i, (axes, image) in enumerate(zip(cells, images, strict=False)):
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("#cccccc")
        axes.imshow(as_rgb(read_image(image), alpha="white"))
        if captions:
            axes.set_title("\n".join(textwrap.wrap(one_line(captions[i]), LINE)[:3]).replace("$", r"\$"), fontsize=8)
        for left, top, *size in boxes[i] if boxes else ():
            look: dict[str, Any] = {"fill": False, "edgecolor": PALETTE[5], "linewidth": 2, "clip_on": False}
            axes.add_patch(Rectangle((left, top), *size, **look))
    told = "; ".join(one_line(caption) for caption in captions)
    figure.alt_text = counted(len(images), "picture") + (f": {told}." if told else ".")
    shown: Figure = figure
    return shown
