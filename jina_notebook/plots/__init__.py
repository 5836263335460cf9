"""Figures of reports and evaluations, for readers of every kind of sight.

Each function returns a matplotlib Figure that shows itself in a notebook, with its text alternative in `alt_text`;
nothing global in matplotlib is changed, no window opens. Colours are Okabe and Ito's, told apart in every kind of
colour blindness, and never carry meaning alone: bars have values, lines have markers.
"""

from __future__ import annotations

from jina_notebook.plots.canvas import PALETTE, canvas
from jina_notebook.plots.charts import index_trade_offs, lines, metric_bars, recall_by_dimensions
from jina_notebook.plots.grids import heat_map, late_interaction, pictures
from jina_notebook.plots.ranks import rank_changes

__all__ = [
    "PALETTE",
    "canvas",
    "heat_map",
    "index_trade_offs",
    "late_interaction",
    "lines",
    "metric_bars",
    "pictures",
    "rank_changes",
    "recall_by_dimensions",
]
